import { ApiError, invalid, violatedConstraint, type PluginKernel, type Transaction } from 'musclemap';
import { WorkoutFileError } from '../import/errors.ts';
import { readWorkouts, type ReadOptions } from '../import/read.ts';
import type { Catalogue } from '../models/catalogue.ts';
import { withOwnExercises } from '../models/own-exercises.ts';
import { findExerciseNames, nameKey } from '../models/exercise-names.ts';
import {
  appendChunk,
  beginAttempt,
  countImported,
  countImportedWorkouts,
  countLater,
  createImport,
  deleteImported,
  dropOldFiles,
  failImport,
  findImport,
  findStalled,
  finishImport,
  forgetOldImports,
  importedPages,
  lockImport,
  lockImports,
  markReceived,
  readChunks,
  removeImport,
  reportProgress,
  setImportState,
  takeImport,
  type ImportRow,
} from '../models/imports.ts';
import { tellChanged, tellImported, type FitnessHooks } from '../moments.ts';
import { decideNames } from './decide-names.ts';
import { findNames } from './exercise-names.ts';
import { TooManyNamesError } from './exercise-resolver.ts';
import type { ImportReport, ImportSettings } from './import-report.ts';
import { ImportRun, TooManyRowsError } from './import-run.ts';
import { beginUpload, piecesOf, type Upload } from './upload.ts';

/** Larger files are imported in the background. */
const LARGEST_AT_ONCE = 1024 * 1024;
/** More workouts than these are deleted in the background. */
const MOST_UNDONE_AT_ONCE = 1000;
const UNDONE_PER_STATEMENT = 250;
const MOST_ATTEMPTS = 5;
const PROGRESS_MS = 300;
const KEEP_FILES_DAYS = 90;
const KEEP_REPORTS_DAYS = 730;
/** Each takes its mark off every workout it brought. */
const MOST_FORGOTTEN_AT_ONCE = 20;

export interface ImportsContext {
  kernel: PluginKernel;
  hooks: FitnessHooks;
  catalogue: (trx?: Transaction) => Promise<Catalogue>;
}

/** What became of a file that was answered at once; `id` is null when there is nothing to undo. */
export interface ImmediateImport {
  id: string | null;
  report: ImportReport;
}

/** Carries the report of a dry run out of the transaction that it rolls back. */
class DryRunEnd extends Error {
  override name = 'DryRunEnd';
  readonly report: ImportReport;

  constructor(report: ImportReport) {
    super('A dry run ends with a rollback.');
    this.report = report;
  }
}

class CanceledError extends Error {
  override name = 'CanceledError';
}

/**
 * The files that members bring. Each is imported in one transaction: it is there as a whole or not at all, whatever is
 * killed when; a run that died is started again from the stored file.
 */
export class Imports {
  readonly #context: ImportsContext;

  constructor(context: ImportsContext) {
    this.#context = context;
  }

  /** Imports a small file at once, and stores a large one to be imported by `work`. */
  async receive(
    userId: string,
    body: AsyncIterable<Buffer>,
    options: { settings: ImportSettings; inBackground: boolean },
  ): Promise<ImmediateImport | ImportRow> {
    const { settings, inBackground } = options;
    const upload = await beginUpload(body, LARGEST_AT_ONCE);
    if (upload.start.length === 0) throw invalid('/body', 'is empty; send the file itself');
    if (upload.rest === undefined && !inBackground) return this.#importNow(userId, upload.start, settings);
    // Refuses what is no file of workouts before it is stored.
    await asRefusals(() => readWorkouts(once(upload.start), this.#readOptions(settings)));
    return this.#store(userId, upload, settings);
  }

  async #importNow(userId: string, bytes: Buffer, settings: ImportSettings): Promise<ImmediateImport> {
    const { database } = this.#context.kernel;
    try {
      return await database.transaction(async (trx) => {
        await lockImports(trx, userId);
        const id = await createImport(trx, { userId, state: 'done', settings });
        const report = await asRefusals(() => this.#run(trx, { id, userId, settings }, once(bytes)));
        if (settings.dryRun) throw new DryRunEnd(report);
        if (report.workouts === 0) {
          await removeImport(trx, id);
          return { id: null, report };
        }
        await appendChunk(trx, id, 0, bytes);
        await finishImport(trx, id, report, bytes.length);
        return { id, report };
      });
    } catch (error) {
      if (error instanceof DryRunEnd) return { id: null, report: error.report };
      throw error;
    }
  }

  async #store(userId: string, upload: Upload, settings: ImportSettings): Promise<ImportRow> {
    const { database, jobs } = this.#context.kernel;
    const { knex } = database;
    const id = await createImport(knex, { userId, state: 'receiving', settings }).catch((error: unknown) => {
      if (violatedConstraint(error) !== 'idx_workout_imports_active') throw error;
      throw new ApiError('CONFLICT', 'Another import of yours is running; wait for its end or cancel it.', { cause: error });
    });
    try {
      let bytes = 0;
      let position = 0;
      for await (const piece of piecesOf(upload)) {
        await appendChunk(knex, id, position, piece);
        position += 1;
        bytes += piece.length;
      }
      await database.transaction(async (trx) => {
        if (!(await markReceived(trx, id, bytes))) throw new ApiError('CONFLICT', 'This import was canceled.');
        await jobs.enqueue('import', { importId: id }, { trx });
      });
    } catch (error) {
      await removeImport(knex, id);
      throw error;
    }
    return found(await findImport(knex, id, userId));
  }

  /** Imports a stored file; nothing happens when another does it or it is done. */
  async work(importId: string): Promise<void> {
    const { database, log } = this.#context.kernel;
    const { knex } = database;
    let row: ImportRow | undefined;
    try {
      await database.transaction(async (trx) => {
        if (!(await takeImport(trx, importId))) return;
        row = await beginAttempt(knex, importId);
        if (row === undefined) return;
        await lockImports(trx, row.userId);
        const report = await this.#run(trx, row, readChunks(knex, importId), async (bytesRead, soFar) => {
          if (!(await reportProgress(knex, importId, bytesRead, soFar))) throw new CanceledError();
        });
        if (row.settings.dryRun) throw new DryRunEnd(report);
        if (!(await finishImport(trx, importId, report, row.bytes))) throw new CanceledError();
      });
    } catch (error) {
      if (error instanceof CanceledError) return;
      if (error instanceof DryRunEnd) {
        await database.transaction((trx) => finishImport(trx, importId, error.report, row?.bytes ?? 0));
        return;
      }
      const refusal = toRefusal(error);
      if (refusal !== undefined) {
        await failImport(knex, importId, refusal.message);
        return;
      }
      if ((row?.attempts ?? 0) >= MOST_ATTEMPTS) {
        log.error({ err: error, importId }, 'an import was given up');
        await failImport(knex, importId, 'Something went wrong on our side. Nothing of the file was stored.');
      }
      throw error;
    }
  }

  async #run(
    trx: Transaction,
    given: { id: string; userId: string; settings: ImportSettings },
    source: AsyncIterable<Buffer>,
    advanced: (bytesRead: number, soFar: ImportReport) => Promise<void> = () => Promise.resolve(),
  ): Promise<ImportReport> {
    const { kernel, catalogue } = this.#context;
    const { id: importId, userId, settings } = given;
    const progress = new Progress();
    const reading = await readWorkouts(progress.counting(source), this.#readOptions(settings));
    const decisions = await this.#decisions(trx, userId, settings);
    const known = await withOwnExercises(trx, await catalogue(trx), userId);
    const nameOf = await findNames(trx, known, userId);
    const context = { trx, catalogue: known, nameOf, userId, importId, settings, decisions };
    await countLater(trx);
    const report = await new ImportRun(context, reading).run(async (soFar) => {
      if (progress.isDue()) await advanced(progress.bytes, soFar);
    });
    const { workouts, totalTU } = report;
    if (workouts > 0 && !settings.dryRun) {
      await this.#count(trx, userId, importId);
      kernel.events.emit(trx, 'workouts.imported', { userId, batchId: importId, workouts, totalTU });
    }
    return report;
  }

  /** Counts what was stored, and tells who taps the moment. From here on the member's own workouts wait for the end. */
  async #count(trx: Transaction, userId: string, importId: string): Promise<void> {
    const { hooks } = this.#context;
    await countImportedWorkouts(trx, userId, importId);
    if (!hooks.workoutsImported.isUsed()) return;
    for await (const workouts of importedPages(trx, importId)) await tellImported(hooks, trx, userId, workouts);
  }

  /** What names mean: what was decided before, and over it what comes with this file, which is remembered. */
  async #decisions(trx: Transaction, userId: string, settings: ImportSettings): Promise<Map<string, string | null>> {
    const given = Object.entries(settings.names).map(([name, exerciseId]) => ({ name, exerciseId }));
    // A dry run ends with a rollback, of this as well.
    const decided = await decideNames(trx, userId, given);
    const decisions = await findExerciseNames(trx, userId);
    for (const { name, exerciseId } of decided) decisions.set(nameKey(name), exerciseId);
    return decisions;
  }

  /**
   * Cancels an import that has not ended, and undoes one that has: its workouts are deleted, with all that was counted of
   * them. Many are deleted in the background; the import is then `undoing`.
   */
  async undo(userId: string, importId: string): Promise<ImportRow> {
    const { database, jobs } = this.#context.kernel;
    return database.transaction(async (trx) => {
      const row = found(await lockImport(trx, importId, userId));
      if (row.state === 'receiving' || row.state === 'waiting' || row.state === 'running') {
        await setImportState(trx, importId, 'canceled');
        return { ...row, state: 'canceled' };
      }
      if (row.state !== 'done') return row;
      if ((await countImported(trx, importId)) > MOST_UNDONE_AT_ONCE) {
        await setImportState(trx, importId, 'undoing');
        await jobs.enqueue('undo-import', { importId, userId }, { trx });
        return { ...row, state: 'undoing' };
      }
      await this.#deleteWorkouts(trx, userId, importId);
      return { ...row, state: 'undone' };
    });
  }

  /** Deletes the workouts of an import that is `undoing`. */
  async finishUndo(importId: string, userId: string): Promise<void> {
    await this.#context.kernel.database.transaction(async (trx) => {
      if (!(await takeImport(trx, importId))) return;
      const row = await lockImport(trx, importId, userId);
      if (row?.state === 'undoing') await this.#deleteWorkouts(trx, userId, importId);
    });
  }

  async #deleteWorkouts(trx: Transaction, userId: string, importId: string): Promise<void> {
    const { hooks, kernel } = this.#context;
    await lockImports(trx, userId);
    let workouts = 0;
    for (;;) {
      const deleted = await deleteImported(trx, importId, UNDONE_PER_STATEMENT);
      if (deleted.length === 0) break;
      workouts += deleted.length;
      await tellChanged(hooks, trx, { userId, reason: 'import-undone', changes: deleted.map((before) => ({ before })) });
    }
    await setImportState(trx, importId, 'undone');
    kernel.events.emit(trx, 'workouts.import-undone', { userId, batchId: importId, workouts });
  }

  /** Takes up what a server left when it died, and forgets old files and reports. */
  async tidy(): Promise<void> {
    const { database, jobs } = this.#context.kernel;
    for (const { id, userId, state } of await findStalled(database.knex)) {
      if (state === 'receiving') await removeImport(database.knex, id);
      else if (state === 'undoing') await jobs.enqueue('undo-import', { importId: id, userId });
      else await jobs.enqueue('import', { importId: id });
    }
    await dropOldFiles(database.knex, KEEP_FILES_DAYS);
    await forgetOldImports(database.knex, { days: KEEP_REPORTS_DAYS, most: MOST_FORGOTTEN_AT_ONCE });
  }

  #readOptions({ unit, distanceUnit, dateOrder, mapping }: ImportSettings): ReadOptions {
    return {
      unit,
      now: this.#context.kernel.clock.now(),
      ...(distanceUnit !== undefined && { distanceUnit }),
      ...(dateOrder !== undefined && { dateOrder }),
      ...(mapping !== undefined && { mapping }),
    };
  }
}

/** How much of the file was read, and when to say so next. */
class Progress {
  bytes = 0;
  #nextAt = 0;

  async *counting(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      this.bytes += chunk.length;
      yield chunk;
    }
  }

  isDue(): boolean {
    const now = performance.now();
    if (now < this.#nextAt) return false;
    this.#nextAt = now + PROGRESS_MS;
    return true;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

/** @throws ApiError UNPROCESSABLE for what is wrong with the file. */
async function asRefusals<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRefusal(error) ?? error;
  }
}

function toRefusal(error: unknown): ApiError | undefined {
  if (error instanceof ApiError && error.status < 500) return error;
  if (error instanceof WorkoutFileError) {
    const { fault, message, found } = error;
    return new ApiError('UNPROCESSABLE', message, { details: { fault, ...found }, cause: error });
  }
  if (error instanceof TooManyNamesError || error instanceof TooManyRowsError) {
    return new ApiError('UNPROCESSABLE', error.message, { details: { fault: 'too-large' }, cause: error });
  }
  return undefined;
}

function found(row: ImportRow | undefined): ImportRow {
  if (row === undefined) throw new ApiError('NOT_FOUND', 'No import of yours has this id.');
  return row;
}
