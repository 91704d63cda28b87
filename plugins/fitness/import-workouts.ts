import { Readable } from 'node:stream';
import type { PluginKernel, Transaction } from 'musclemap';
import { ApiError } from 'musclemap';
import { WorkoutFileError } from './import/errors.ts';
import { ExerciseMatcher, type ExerciseMatch } from './import/match.ts';
import { readWorkouts, type ReadOptions, type WorkoutReading } from './import/read.ts';
import type { ImportedExercise, ImportedSession } from './import/session.ts';
import type { Catalogue } from './models/catalogue.ts';
import { findImportedKeys, insertImported, lockImports, type ImportedWorkout, type WorkoutExercise } from './models/workouts.ts';
import { tellImported, type FitnessHooks } from './moments.ts';
import { trainingEffect } from './training-units.ts';

const SESSIONS_AT_ONCE = 100;
const MOST_REPORTED = 200;

export interface ImportOptions extends ReadOptions {
  dryRun: boolean;
  isPublic: boolean;
}

/** What an import did, or would do. */
export interface ImportReport {
  format: string;
  dryRun: boolean;
  /** New ones. */
  workouts: number;
  sets: number;
  /** Σ weight × reps over the sets of the new ones, in kilograms. */
  volumeKg: number;
  totalTU: number;
  /** Workouts that had been imported before. */
  duplicates: number;
  skipped: { line: number; reason: string }[];
  unmatched: { name: string; suggestions: { exerciseId: string; name: string; score: number }[] }[];
}

/** Reads a file of workouts and stores the new ones in one transaction, free of charge. */
export async function importWorkouts(
  { kernel, hooks, catalogue }: { kernel: PluginKernel; hooks: FitnessHooks; catalogue: Catalogue },
  userId: string,
  file: Buffer,
  options: ImportOptions,
): Promise<ImportReport> {
  const reading = await openFile(file, options);
  return kernel.database.transaction(async (trx) => {
    await lockImports(trx, userId);
    const batch = new ImportBatch(trx, hooks, catalogue, userId, reading, options);
    const report = await readingErrors(() => batch.run());
    const { workouts, totalTU } = report;
    if (workouts > 0 && !options.dryRun) {
      kernel.events.emit(trx, 'workouts.imported', { userId, batchId: null, workouts, totalTU });
    }
    return report;
  });
}

async function openFile(file: Buffer, options: ReadOptions): Promise<WorkoutReading> {
  return readingErrors(() => readWorkouts(Readable.from([file]), options));
}

async function readingErrors<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof WorkoutFileError) throw new ApiError('UNPROCESSABLE', error.message, { cause: error });
    throw error;
  }
}

class ImportBatch {
  readonly #trx: Transaction;
  readonly #hooks: FitnessHooks;
  readonly #catalogue: Catalogue;
  readonly #userId: string;
  readonly #reading: WorkoutReading;
  readonly #options: ImportOptions;
  readonly #matcher: ExerciseMatcher;
  readonly #matches = new Map<string, ExerciseMatch>();
  readonly #seen = new Set<string>();
  readonly #report: ImportReport;

  constructor(
    trx: Transaction,
    hooks: FitnessHooks,
    catalogue: Catalogue,
    userId: string,
    reading: WorkoutReading,
    options: ImportOptions,
  ) {
    this.#trx = trx;
    this.#hooks = hooks;
    this.#catalogue = catalogue;
    this.#userId = userId;
    this.#reading = reading;
    this.#options = options;
    this.#matcher = new ExerciseMatcher(catalogue.exercises);
    const totals = { workouts: 0, sets: 0, volumeKg: 0, totalTU: 0, duplicates: 0 };
    const { description: format } = reading.format;
    this.#report = { format, dryRun: options.dryRun, ...totals, skipped: [], unmatched: [] };
  }

  async run(): Promise<ImportReport> {
    let waiting: ImportedSession[] = [];
    for await (const item of this.#reading) {
      if (item.kind === 'problem') this.#skip(item.line, item.reason);
      else waiting.push(item);
      if (waiting.length < SESSIONS_AT_ONCE) continue;
      await this.#store(waiting);
      waiting = [];
    }
    await this.#store(waiting);
    const report = this.#report;
    report.volumeKg = round(report.volumeKg);
    report.totalTU = round(report.totalTU);
    report.unmatched = [...this.#matches.values()]
      .filter(({ exerciseId }) => exerciseId === undefined)
      .map(({ name, suggestions }) => ({ name, suggestions }));
    return report;
  }

  #skip(line: number, reason: string): void {
    if (this.#report.skipped.length < MOST_REPORTED) this.#report.skipped.push({ line, reason });
  }

  async #store(sessions: readonly ImportedSession[]): Promise<void> {
    const workouts = sessions.flatMap((session) => this.#toWorkout(session) ?? []);
    const fresh = workouts.filter(({ contentKey }) => !this.#seen.has(contentKey) && this.#seen.add(contentKey));
    const stored = this.#options.dryRun ? await this.#unknown(fresh) : await this.#insert(fresh);
    for (const workout of workouts) {
      if (!stored.delete(workout.contentKey)) this.#report.duplicates += 1;
      else this.#count(workout);
    }
  }

  async #insert(workouts: readonly ImportedWorkout[]): Promise<Set<string>> {
    const ids = await insertImported(this.#trx, this.#userId, workouts);
    const stored = workouts.flatMap((workout) => {
      const id = ids.get(workout.contentKey);
      return id === undefined ? [] : { ...workout, id };
    });
    await tellImported(this.#hooks, this.#trx, this.#userId, stored);
    return new Set(ids.keys());
  }

  async #unknown(workouts: readonly ImportedWorkout[]): Promise<Set<string>> {
    const keys = workouts.map(({ contentKey }) => contentKey);
    const known = await findImportedKeys(this.#trx, this.#userId, keys);
    return new Set(keys.filter((key) => !known.has(key)));
  }

  #count(workout: ImportedWorkout): void {
    const report = this.#report;
    report.workouts += 1;
    report.totalTU += workout.totalTU;
    for (const { setDetails = [] } of workout.exerciseData) {
      report.sets += setDetails.length;
      for (const { weight = 0, reps = 0 } of setDetails) report.volumeKg += weight * reps;
    }
  }

  /** Undefined when an exercise is unknown: the workout waits for the name to be matched, instead of losing sets. */
  #toWorkout(session: ImportedSession): ImportedWorkout | undefined {
    const matches = session.exercises.map(({ name }) => this.#match(name));
    const unknown = matches.find(({ exerciseId }) => exerciseId === undefined);
    if (unknown !== undefined) {
      this.#skip(session.firstLine, `The workout of ${session.date} has the unknown exercise "${unknown.name}".`);
      return undefined;
    }
    const exerciseData = session.exercises.map((exercise, index) => toExercise(exercise, matches[index]?.exerciseId ?? ''));
    return {
      userId: this.#userId,
      date: session.date,
      ...trainingEffect(exerciseData, this.#catalogue),
      creditsUsed: 0,
      notes: session.notes?.slice(0, 2000) ?? null,
      isPublic: this.#options.isPublic,
      exerciseData,
      contentKey: session.contentKey,
      title: session.title ?? null,
      startedAt: session.startedAt ?? null,
      durationSeconds: session.durationSeconds ?? null,
    };
  }

  #match(name: string): ExerciseMatch {
    let match = this.#matches.get(name);
    if (match === undefined) {
      match = this.#matcher.match(name);
      this.#matches.set(name, match);
    }
    return match;
  }
}

/** The heaviest set stands for the exercise; the details keep them all. */
function toExercise(exercise: ImportedExercise, exerciseId: string): WorkoutExercise {
  const heaviest = exercise.sets.reduce((best, set) => ((set.weightKg ?? 0) > (best.weightKg ?? 0) ? set : best));
  return {
    exerciseId,
    sets: exercise.sets.length,
    reps: heaviest.reps ?? null,
    weight: heaviest.weightKg ?? null,
    duration: heaviest.seconds ?? null,
    notes: exercise.notes ?? null,
    setDetails: exercise.sets.map(({ type, reps, weightKg, unit, seconds, distanceMeters, rpe }) => ({
      type,
      reps,
      weight: weightKg,
      unit,
      duration: seconds,
      distance: distanceMeters,
      rpe,
    })),
  };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
