import { ApiError, Reply, Type, cursorPosition, invalid, page, type RouteRegistrar } from 'musclemap';
import { Errors } from 'typebox/value';
import { ColumnMappingSchema, type ColumnMapping } from '../import/generic.ts';
import type { ImportReport, ImportSettings } from '../history/import-report.ts';
import { Imports, type ImportsContext } from '../history/imports.ts';
import { decideNames, OWN } from '../history/decide-names.ts';
import { forgetExerciseName, listExerciseNames } from '../models/exercise-names.ts';
import { findOwnIds } from '../models/own-exercises.ts';
import { findImport, findImports, type ImportRow } from '../models/imports.ts';
import { ExerciseNameBody, Import, ImportQuery, ImportSummary, KnownExerciseName, NamesSchema } from './import-schemas.ts';

const LARGEST_FILE = 50 * 1024 * 1024;

/** POST /workouts/import, /workouts/imports… */
export function registerImportRoutes(routes: RouteRegistrar, context: ImportsContext, imports: Imports): void {
  registerUpload(routes, context, imports);
  registerBatches(routes, context, imports);
  registerNames(routes, context);
}

function registerUpload(routes: RouteRegistrar, context: ImportsContext, imports: Imports): void {
  routes.post(
    '/workouts/import',
    {
      summary:
        'Imports a history: CSV of Strong, Hevy or FitNotes, our CSV or JSON, or any CSV with a mapping. Importing twice adds nothing. ' +
        'A file of more than 1 MiB is imported in the background (202 with Location)',
      query: ImportQuery,
      response: Import,
      mayDefer: true,
      rawBody: 'stream',
      bodyLimit: LARGEST_FILE,
      errors: ['UNPROCESSABLE', 'CONFLICT'],
    },
    async ({ user, query, rawBody }) => {
      const { dryRun = false, isPublic = true, unit = 'kg', distanceUnit, dateOrder, background = false } = query;
      const mapping = parseOption('mapping', query.mapping, ColumnMappingSchema);
      const names = parseOption('names', query.names, NamesSchema) ?? {};
      const known = await findKnownIds(context, user.id);
      for (const [name, id] of Object.entries(names)) {
        if (id !== null && !known.has(id)) throw invalid('/query/names', `gives "${name}" an exercise that does not exist: ${id}`);
      }
      const settings: ImportSettings = { dryRun, isPublic, unit, distanceUnit, dateOrder, mapping, names };
      const result = await imports.receive(user.id, rawBody, { settings, inBackground: background });
      if ('state' in result) {
        return new Reply(describe(result), { status: 202, headers: { Location: `/api/workouts/imports/${result.id}` } });
      }
      return describeImmediate(result.id, result.report, mapping);
    },
  );
}

function registerBatches(routes: RouteRegistrar, { kernel }: ImportsContext, imports: Imports): void {
  const { knex } = kernel.database;
  routes.get(
    '/workouts/imports',
    { summary: "The caller's imports, newest first", list: true, response: Type.Array(ImportSummary) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['string']);
      const rows = await findImports(knex, user.id, after?.[0], query.limit + 1);
      return page(rows.map(summarize), query, ({ id }) => [id]);
    },
  );
  routes.get(
    '/workouts/imports/:id',
    { summary: 'How far an import is, and what it did', response: Import, errors: ['NOT_FOUND'] },
    async ({ user, params }) => {
      const row = await findImport(knex, params.id ?? '', user.id);
      if (row === undefined) throw new ApiError('NOT_FOUND', 'No import of yours has this id.');
      return describe(row);
    },
  );
  routes.delete(
    '/workouts/imports/:id',
    {
      summary: 'Cancels an import that runs, or undoes one that is done; many workouts are deleted in the background (202)',
      status: 204,
      mayDefer: true,
      response: Import,
      errors: ['NOT_FOUND'],
    },
    async ({ user, params }) => {
      const row = await imports.undo(user.id, params.id ?? '');
      return row.state === 'undoing'
        ? new Reply(describe(row), { status: 202, headers: { Location: `/api/workouts/imports/${row.id}` } })
        : undefined;
    },
  );
}

function registerNames(routes: RouteRegistrar, context: ImportsContext): void {
  const { knex } = context.kernel.database;
  routes.get(
    '/workouts/imports/names',
    { summary: 'What names in imported files mean to the caller', list: true, response: Type.Array(KnownExerciseName) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['string']);
      const rows = await listExerciseNames(knex, user.id, after?.[0], query.limit + 1);
      const answer = page(rows, query, ({ key }) => [key]);
      return new Reply(answer.data.map(({ key: _key, ...name }) => name), answer.options);
    },
  );
  routes.post(
    '/workouts/imports/names',
    {
      summary:
        'Remembers what a name means: an exercise, "own" to make it an exercise of one’s own, or null to leave its sets out. ' +
        'The next import of the file follows it',
      body: ExerciseNameBody,
      response: ExerciseNameBody,
      transaction: true,
      errors: ['UNPROCESSABLE'],
    },
    async ({ user, body, trx }) => {
      if (body.exerciseId !== null && !(await findKnownIds(context, user.id)).has(body.exerciseId)) {
        throw invalid('/body/exerciseId', 'is neither an exercise that there is nor "own"');
      }
      const [decided] = await decideNames(trx, user.id, [body]);
      return decided;
    },
  );
  routes.delete(
    '/workouts/imports/names',
    {
      summary: 'Forgets what a name means',
      query: Type.Object({ name: Type.String({ minLength: 1, maxLength: 200 }) }),
      status: 204,
      errors: ['NOT_FOUND'],
    },
    async ({ user, query }) => {
      if (!(await forgetExerciseName(knex, user.id, query.name))) throw new ApiError('NOT_FOUND', 'This name was not remembered.');
    },
  );
}

/** What a name may be given: the ids of all exercises of the member, and the word that makes a new one. */
async function findKnownIds({ kernel, catalogue }: ImportsContext, userId: string): Promise<ReadonlySet<string>> {
  const own = await findOwnIds(kernel.database.knex, userId);
  return new Set([...(await catalogue()).activations.keys(), ...own.values(), OWN]);
}

const EMPTY: ImportReport = {
  ...{ format: '', assumptions: [], dryRun: false, rows: 0, workouts: 0, sets: 0, volumeKg: 0, totalTU: 0 },
  ...{ duplicates: 0, problems: 0, skipped: [], warnings: [], unmatched: [] },
};

function describeImmediate(id: string | null, report: ImportReport, mapping: ColumnMapping | undefined): object {
  return { id, state: 'done', percent: 100, error: null, createdAt: null, finishedAt: null, ...report, mapping: mapping ?? null };
}

function describe(row: ImportRow): object {
  const { skipped, warnings, unmatched } = row.report ?? EMPTY;
  return { ...summarize(row), skipped, warnings, unmatched };
}

function summarize(row: ImportRow): { id: string } & Record<string, unknown> {
  const { id, state, bytes, bytesRead, error, createdAt, finishedAt } = row;
  const { skipped: _skipped, warnings: _warnings, unmatched: _unmatched, ...report } = row.report ?? EMPTY;
  const percent = bytes === 0 ? 0 : Math.floor((bytesRead / bytes) * 100);
  return { id, state, percent: state === 'running' ? Math.min(percent, 99) : percent, error, createdAt, finishedAt, ...report, dryRun: row.settings.dryRun, mapping: row.settings.mapping ?? null };
}

/** An option that is JSON in a query. */
function parseOption<Schema extends typeof ColumnMappingSchema | typeof NamesSchema>(
  name: string,
  text: string | undefined,
  schema: Schema,
): Type.Static<Schema> | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(`/query/${name}`, `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const problems = Errors(schema, value);
  if (problems.length === 0) return value as Type.Static<Schema>;
  throw new ApiError('VALIDATION_ERROR', undefined, {
    details: problems.map(({ instancePath, message }) => ({ path: `/query/${name}${instancePath}`, message })),
  });
}
