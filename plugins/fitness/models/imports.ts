import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import type { ImportReport, ImportSettings } from '../history/import-report.ts';
import { WORKOUT_COLUMNS, type NewWorkout, type Workout } from './workouts.ts';

export const IMPORT_STATES = ['receiving', 'waiting', 'running', 'done', 'failed', 'canceled', 'undoing', 'undone'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

/** A file that a member has brought. */
export interface ImportRow {
  id: string;
  userId: string;
  state: ImportState;
  settings: ImportSettings;
  bytes: number;
  bytesRead: number;
  attempts: number;
  report: ImportReport | null;
  error: string | null;
  createdAt: Date;
  finishedAt: Date | null;
}

/** What the file says of an exercise and `exercise_data` has no place for; `sets` in the order of its set details. */
export interface SourceExercise {
  exerciseId: string;
  name: string;
  sets: { notes?: string | undefined; supersetId?: string | undefined }[];
}

/** A workout from a file, with the key of its content. */
export interface ImportedWorkout extends NewWorkout {
  contentKey: string;
  title: string | null;
  startedAt: string | null;
  durationSeconds: number | null;
  details: { exercises: SourceExercise[]; unitSource: string };
}

/** A stored workout with what is known of where it came from. */
export interface SourcedWorkout {
  id: string;
  date: string;
  notes: string | null;
  isPublic: boolean;
  exerciseData: Workout['exerciseData'];
  contentKey: string | null;
  importId: string | null;
  title: string | null;
  startedAt: string | null;
  durationSeconds: number | null;
  details: { exercises: SourceExercise[] } | null;
}

const WORKOUTS_PER_PAGE = 500;

const COLUMNS = `
  id, user_id AS "userId", state, settings, bytes, bytes_read AS "bytesRead", attempts, report, error,
  created_at AS "createdAt", finished_at AS "finishedAt"`;

const SOURCED_COLUMNS = `
  w.id, w.date, w.notes, w.is_public AS "isPublic", w.exercise_data AS "exerciseData", s.content_key AS "contentKey", s.import_id AS "importId", s.title,
  s.started_at AS "startedAt", s.duration_seconds AS "durationSeconds", s.details`;

export async function createImport(
  knex: Knex,
  given: { userId: string; state: 'receiving' | 'done'; settings: ImportSettings },
): Promise<string> {
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    'INSERT INTO workout_imports (user_id, state, settings) VALUES (:userId, :state, :settings) RETURNING id',
    { ...given, settings: JSON.stringify(given.settings) },
  );
  return rows[0]?.id ?? '';
}

export async function removeImport(knex: Knex, id: string): Promise<void> {
  await knex('workout_imports').where({ id }).delete();
}

export async function appendChunk(knex: Knex, importId: string, position: number, content: Buffer): Promise<void> {
  await knex('workout_import_chunks').insert({ import_id: importId, position, content });
}

/** The file, piece by piece; only one piece is held at a time. */
export async function* readChunks(knex: Knex, importId: string): AsyncGenerator<Buffer> {
  for (let position = 0; ; position += 1) {
    const { rows } = await knex.raw<Rows<{ content: Buffer }>>(
      'SELECT content FROM workout_import_chunks WHERE import_id = ? AND position = ?',
      [importId, position],
    );
    const [chunk] = rows;
    if (chunk === undefined) return;
    yield chunk.content;
  }
}

/** The whole file has arrived. */
export async function markReceived(trx: Transaction, id: string, bytes: number): Promise<boolean> {
  const changed = await trx('workout_imports')
    .where({ id, state: 'receiving' })
    .update({ state: 'waiting', bytes, updated_at: trx.fn.now() });
  return changed > 0;
}

/** Says how far the import is; false when it was canceled. */
export async function reportProgress(knex: Knex, id: string, bytesRead: number, report: ImportReport): Promise<boolean> {
  const { rowCount } = await knex.raw<Rows<object>>(
    `UPDATE workout_imports SET state = 'running', bytes_read = :bytesRead, report = :report, updated_at = NOW()
     WHERE id = :id AND state IN ('waiting', 'running')`,
    { id, bytesRead, report: JSON.stringify(report) },
  );
  return (rowCount ?? 0) > 0;
}

/** Counts a start; the import as it is then, or undefined when there is nothing to start. */
export async function beginAttempt(knex: Knex, id: string): Promise<ImportRow | undefined> {
  const { rows } = await knex.raw<Rows<ImportRow>>(
    `UPDATE workout_imports SET state = 'running', attempts = attempts + 1, bytes_read = 0, report = NULL, updated_at = NOW()
     WHERE id = ? AND state IN ('waiting', 'running') RETURNING ${COLUMNS}`,
    [id],
  );
  return rows[0];
}

/** Ends an import in the transaction that stores its workouts; false when it was canceled. */
export async function finishImport(trx: Transaction, id: string, report: ImportReport, bytes: number): Promise<boolean> {
  const { rowCount } = await trx.raw<Rows<object>>(
    `UPDATE workout_imports SET state = 'done', bytes = :bytes, bytes_read = :bytes, report = :report, updated_at = NOW(),
       finished_at = NOW()
     WHERE id = :id AND state IN ('running', 'done')`,
    { id, bytes, report: JSON.stringify(report) },
  );
  return (rowCount ?? 0) > 0;
}

export async function failImport(knex: Knex, id: string, error: string): Promise<void> {
  await knex.raw(
    `UPDATE workout_imports SET state = 'failed', error = :error, report = NULL, updated_at = NOW(), finished_at = NOW()
     WHERE id = :id AND state IN ('waiting', 'running')`,
    { id, error },
  );
}

export async function setImportState(knex: Knex, id: string, state: ImportState): Promise<void> {
  await knex.raw(
    `UPDATE workout_imports SET state = :state, updated_at = NOW(), finished_at = coalesce(finished_at, NOW()) WHERE id = :id`,
    { id, state },
  );
}

/** The import, held until the end of the transaction. */
export async function lockImport(trx: Transaction, id: string, userId: string): Promise<ImportRow | undefined> {
  const { rows } = await trx.raw<Rows<ImportRow>>(
    `SELECT ${COLUMNS} FROM workout_imports WHERE id = :id AND user_id = :userId FOR UPDATE`,
    { id, userId },
  );
  return rows[0];
}

export async function findImport(knex: Knex, id: string, userId: string): Promise<ImportRow | undefined> {
  const { rows } = await knex.raw<Rows<ImportRow>>(
    `SELECT ${COLUMNS} FROM workout_imports WHERE id = :id AND user_id = :userId`,
    { id, userId },
  );
  return rows[0];
}

export async function findImports(
  knex: Knex,
  userId: string,
  after: string | undefined,
  limit: number,
): Promise<ImportRow[]> {
  const { rows } = await knex.raw<Rows<ImportRow>>(
    `SELECT ${COLUMNS} FROM workout_imports
     WHERE user_id = :userId AND (:after::TEXT IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit`,
    { userId, after: after ?? null, limit },
  );
  return rows;
}

/** An import as who runs the gym sees it. */
export interface ImportLine extends Pick<ImportRow, 'id' | 'userId' | 'state' | 'error' | 'createdAt' | 'finishedAt'> {
  format: string;
  workouts: number;
  duplicates: number;
  problems: number;
}

/** The imports of everybody, the newest first. */
export async function findAllImports(
  knex: Knex,
  state: ImportState | undefined,
  after: string | undefined,
  limit: number,
): Promise<ImportLine[]> {
  const { rows } = await knex.raw<Rows<ImportLine>>(
    `SELECT id, user_id AS "userId", state, error, created_at AS "createdAt", finished_at AS "finishedAt",
       coalesce(report->>'format', '') AS format, coalesce((report->>'workouts')::INTEGER, 0) AS workouts,
       coalesce((report->>'duplicates')::INTEGER, 0) AS duplicates, coalesce((report->>'problems')::INTEGER, 0) AS problems
     FROM workout_imports
     WHERE (:state::TEXT IS NULL OR state = :state) AND (:after::TEXT IS NULL OR id < :after) ORDER BY id DESC LIMIT :limit`,
    { state: state ?? null, after: after ?? null, limit },
  );
  return rows;
}

/** Imports that somebody should be working on and perhaps nobody is, and uploads that broke off. */
export async function findStalled(knex: Knex): Promise<Pick<ImportRow, 'id' | 'userId' | 'state'>[]> {
  const { rows } = await knex.raw<Rows<Pick<ImportRow, 'id' | 'userId' | 'state'>>>(
    `SELECT id, user_id AS "userId", state FROM workout_imports
     WHERE (state IN ('waiting', 'running', 'undoing') AND updated_at < NOW() - INTERVAL '20 seconds')
       OR (state = 'receiving' AND updated_at < NOW() - INTERVAL '10 minutes')
     ORDER BY id LIMIT 1000`,
  );
  return rows;
}

/** Forgets files that were brought long ago; what became of them stays known. */
export async function dropOldFiles(knex: Knex, days: number): Promise<void> {
  await knex.raw(
    `DELETE FROM workout_import_chunks c USING workout_imports i
     WHERE c.import_id = i.id AND i.created_at < NOW() - make_interval(days => ?) AND i.finished_at IS NOT NULL`,
    [days],
  );
}

/** Forgets what became of files that were brought longer ago, some at a time. What they brought stays, and can no longer be undone as a whole. */
export async function forgetOldImports(knex: Knex, { days, most }: { days: number; most: number }): Promise<void> {
  await knex.raw(
    `DELETE FROM workout_imports WHERE id IN (
       SELECT id FROM workout_imports
       WHERE created_at < NOW() - make_interval(days => :days) AND finished_at IS NOT NULL AND state <> 'undoing'
       ORDER BY created_at LIMIT :most FOR UPDATE SKIP LOCKED)`,
    { days, most },
  );
}

/** False when another connection works on the import; the lock goes with the transaction, however that ends. */
export async function takeImport(trx: Transaction, id: string): Promise<boolean> {
  const { rows } = await trx.raw<Rows<{ isMine: boolean }>>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended(?, 1)) AS "isMine"',
    [id],
  );
  return rows[0]?.isMine === true;
}

/** Holds a user's imports apart, so that the same file sent twice at once is stored once. */
export async function lockImports(trx: Transaction, userId: string): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`fitness:import:${userId}`]);
}

/** Stores those workouts of a file that are new to the user, in one statement, and answers their ids by content key. */
export async function insertImported(
  trx: Transaction,
  given: { userId: string; importId: string; workouts: readonly ImportedWorkout[] },
): Promise<Map<string, string>> {
  if (given.workouts.length === 0) return new Map();
  const { rows } = await trx.raw<Rows<{ contentKey: string; id: string }>>(
    `WITH given AS (
       SELECT 'workout_' || time_ordered_uuid() AS id, g.* FROM jsonb_to_recordset(:workouts::JSONB) AS g(
         "contentKey" TEXT, date DATE, "totalTU" REAL, notes TEXT, "isPublic" BOOLEAN, "exerciseData" JSONB,
         "muscleActivations" JSONB, title TEXT, "startedAt" TEXT, "durationSeconds" INTEGER, details JSONB)
       WHERE NOT EXISTS (SELECT FROM workout_sources s WHERE s.user_id = :userId AND s.content_key = g."contentKey")
     ), stored AS (
       INSERT INTO workouts (id, user_id, date, total_tu, credits_used, notes, is_public, exercise_data, muscle_activations)
       SELECT id, :userId, date, "totalTU", 0, notes, "isPublic", "exerciseData", "muscleActivations" FROM given
     )
     INSERT INTO workout_sources (workout_id, user_id, content_key, title, started_at, duration_seconds, import_id, details)
     SELECT id, :userId, "contentKey", title, "startedAt", "durationSeconds", :importId, details FROM given
     RETURNING content_key AS "contentKey", workout_id AS id`,
    { ...given, workouts: JSON.stringify(given.workouts) },
  );
  return new Map(rows.map(({ contentKey, id }) => [contentKey, id]));
}

/** Has what this transaction stores counted by `countImportedWorkouts` instead of with each statement. */
export async function countLater(trx: Transaction): Promise<void> {
  await trx.raw(`SELECT set_config('fitness.counts_later', pg_current_xact_id()::TEXT, TRUE)`);
}

/** Counts all that an import has stored. The account is held from here to the end of the transaction. */
export async function countImportedWorkouts(trx: Transaction, userId: string, importId: string): Promise<void> {
  await trx.raw('SELECT FROM users WHERE id = ? FOR NO KEY UPDATE', [userId]);
  await trx.raw('SELECT FROM member_totals WHERE user_id = ? FOR NO KEY UPDATE', [userId]);
  for await (const workouts of importedPages(trx, importId)) {
    await trx.raw('SELECT fitness_count(?::TEXT[])', [workouts.map(({ id }) => id)]);
  }
  await trx.raw(
    `SELECT fitness_recount_days(ARRAY[:userId], ARRAY(
       SELECT DISTINCT w.date FROM workout_sources s JOIN workouts w ON w.id = s.workout_id WHERE s.import_id = :importId))`,
    { userId, importId },
  );
  await trx.raw('SELECT fitness_recount_members(ARRAY[?])', [userId]);
}

/** What an import has stored, some hundred at a time. */
export async function* importedPages(trx: Transaction, importId: string): AsyncGenerator<Workout[]> {
  for (let after = ''; ; ) {
    const { rows } = await trx.raw<Rows<Workout>>(
      `SELECT ${WORKOUT_COLUMNS} FROM workouts WHERE id = ANY (ARRAY(
         SELECT workout_id FROM workout_sources WHERE import_id = :importId AND workout_id > :after
         ORDER BY workout_id LIMIT :limit)) ORDER BY id`,
      { importId, after, limit: WORKOUTS_PER_PAGE },
    );
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last.id;
  }
}

/** A member's workouts of the given days, as they would be exported. */
export async function findSourcedOnDates(knex: Knex, userId: string, dates: readonly string[]): Promise<SourcedWorkout[]> {
  const { rows } = await knex.raw<Rows<SourcedWorkout>>(
    `SELECT ${SOURCED_COLUMNS} FROM workouts w LEFT JOIN workout_sources s ON s.workout_id = w.id
     WHERE w.user_id = :userId AND w.date = ANY (:dates::DATE[])`,
    { userId, dates: [...dates] },
  );
  return rows;
}

/** A member's workouts for an export, oldest first, page by page. */
export async function findSourcedAfter(
  knex: Knex,
  userId: string,
  question: { after: { date: string; id: string } | undefined; from?: string | undefined; to?: string | undefined; limit: number },
): Promise<SourcedWorkout[]> {
  const { after, from, to, limit } = question;
  const { rows } = await knex.raw<Rows<SourcedWorkout>>(
    `SELECT ${SOURCED_COLUMNS} FROM workouts w LEFT JOIN workout_sources s ON s.workout_id = w.id
     WHERE w.user_id = :userId AND (:from::DATE IS NULL OR w.date >= :from) AND (:to::DATE IS NULL OR w.date <= :to)
       AND (:afterDate::DATE IS NULL OR (w.date, w.id) > (:afterDate, :afterId))
     ORDER BY w.date, w.id LIMIT :limit`,
    { userId, from: from ?? null, to: to ?? null, afterDate: after?.date ?? null, afterId: after?.id ?? null, limit },
  );
  return rows;
}

/** Deletes some of the workouts that an import brought, and answers them. */
export async function deleteImported(trx: Transaction, importId: string, limit: number): Promise<Workout[]> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `DELETE FROM workouts WHERE id IN (
       SELECT workout_id FROM workout_sources WHERE import_id = :importId ORDER BY workout_id LIMIT :limit
     )
     RETURNING ${WORKOUT_COLUMNS}`,
    { importId, limit },
  );
  return rows;
}

/** How many workouts of an import are still there. */
export async function countImported(knex: Knex, importId: string): Promise<number> {
  const { rows } = await knex.raw<Rows<{ count: number }>>('SELECT count(*) FROM workout_sources WHERE import_id = ?', [importId]);
  return rows[0]?.count ?? 0;
}
