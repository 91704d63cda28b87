import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

/** One exercise of a stored workout. Weights are kilograms; `setDetails` says more where it is known. */
export interface WorkoutExercise {
  exerciseId: string;
  sets: number;
  reps: number | null;
  weight: number | null;
  duration: number | null;
  notes: string | null;
  setDetails?: readonly SetDetail[];
}

export interface SetDetail {
  type: 'normal' | 'warmup' | 'drop' | 'failure';
  reps?: number | undefined;
  weight?: number | undefined;
  unit?: 'kg' | 'lb' | undefined;
  /** Seconds. */
  duration?: number | undefined;
  /** Metres. */
  distance?: number | undefined;
  rpe?: number | undefined;
}

export interface NewWorkout {
  userId: string;
  date: string;
  totalTU: number;
  creditsUsed: number;
  notes: string | null;
  isPublic: boolean;
  exerciseData: readonly WorkoutExercise[];
  muscleActivations: Record<string, number>;
}

export interface Workout extends NewWorkout {
  id: string;
  createdAt: Date;
}

/** A workout from a file, with the key of its content. */
export interface ImportedWorkout extends NewWorkout {
  contentKey: string;
  title: string | null;
  startedAt: string | null;
  durationSeconds: number | null;
}

const COLUMNS = `
  id, user_id AS "userId", date, total_tu AS "totalTU", credits_used AS "creditsUsed", notes, is_public AS "isPublic",
  exercise_data AS "exerciseData", muscle_activations AS "muscleActivations", created_at AS "createdAt"`;

export async function insertWorkout(trx: Transaction, workout: NewWorkout): Promise<Workout> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `INSERT INTO workouts (user_id, date, total_tu, credits_used, notes, is_public, exercise_data, muscle_activations)
     VALUES (:userId, :date, :totalTU, :creditsUsed, :notes, :isPublic, :exerciseData, :muscleActivations)
     RETURNING ${COLUMNS}`,
    {
      ...workout,
      exerciseData: JSON.stringify(workout.exerciseData),
      muscleActivations: JSON.stringify(workout.muscleActivations),
    },
  );
  const [inserted] = rows;
  if (inserted === undefined) throw new TypeError('INSERT … RETURNING answered no row.');
  return inserted;
}

/** Stores those workouts of a file that are new to the user, in one statement, and answers their ids by content key. */
export async function insertImported(
  trx: Transaction,
  userId: string,
  workouts: readonly ImportedWorkout[],
): Promise<Map<string, string>> {
  if (workouts.length === 0) return new Map();
  const { rows } = await trx.raw<Rows<{ contentKey: string; id: string }>>(
    `WITH given AS (
       SELECT 'workout_' || time_ordered_uuid() AS id, g.* FROM jsonb_to_recordset(:workouts::JSONB) AS g(
         "contentKey" TEXT, date DATE, "totalTU" REAL, notes TEXT, "isPublic" BOOLEAN, "exerciseData" JSONB,
         "muscleActivations" JSONB, title TEXT, "startedAt" TEXT, "durationSeconds" INTEGER)
       WHERE NOT EXISTS (SELECT FROM workout_sources s WHERE s.user_id = :userId AND s.content_key = g."contentKey")
     ), stored AS (
       INSERT INTO workouts (id, user_id, date, total_tu, credits_used, notes, is_public, exercise_data, muscle_activations)
       SELECT id, :userId, date, "totalTU", 0, notes, "isPublic", "exerciseData", "muscleActivations" FROM given
     )
     INSERT INTO workout_sources (workout_id, user_id, content_key, title, started_at, duration_seconds)
     SELECT id, :userId, "contentKey", title, "startedAt", "durationSeconds" FROM given
     RETURNING content_key AS "contentKey", workout_id AS id`,
    { userId, workouts: JSON.stringify(workouts) },
  );
  return new Map(rows.map(({ contentKey, id }) => [contentKey, id]));
}

/** Which of the keys the user has imported before. */
export async function findImportedKeys(knex: Knex, userId: string, keys: readonly string[]): Promise<Set<string>> {
  const { rows } = await knex.raw<Rows<{ contentKey: string }>>(
    `SELECT content_key AS "contentKey" FROM workout_sources WHERE user_id = :userId AND content_key = ANY (:keys)`,
    { userId, keys: [...keys] },
  );
  return new Set(rows.map(({ contentKey }) => contentKey));
}

/** Holds a user's imports apart, so that the same file sent twice at once is stored once. */
export async function lockImports(trx: Transaction, userId: string): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`fitness:import:${userId}`]);
}

export async function findWorkouts(
  knex: Knex,
  userId: string,
  filter: { from?: string | undefined; to?: string | undefined },
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<Workout[]> {
  const { rows } = await knex.raw<Rows<Workout>>(
    `SELECT ${COLUMNS} FROM workouts
     WHERE user_id = :userId
       AND (:from::DATE IS NULL OR date >= :from)
       AND (:to::DATE IS NULL OR date <= :to)
       AND (:afterDate::DATE IS NULL OR (date, id) < (:afterDate, :afterId))
     ORDER BY date DESC, id DESC LIMIT :limit`,
    {
      userId,
      from: filter.from ?? null,
      to: filter.to ?? null,
      afterDate: after?.[0] ?? null,
      afterId: after?.[1] ?? null,
      limit,
    },
  );
  return rows;
}

/** A workout that the reader may see: their own or a public one. */
export async function findWorkout(knex: Knex, id: string, readerId: string | undefined): Promise<Workout | undefined> {
  const { rows } = await knex.raw<Rows<Workout>>(
    `SELECT ${COLUMNS} FROM workouts WHERE id = :id AND (user_id = :readerId OR is_public)`,
    { id, readerId: readerId ?? null },
  );
  return rows[0];
}

/** A workout of the member's own, held until the end of the transaction. */
export async function lockWorkout(trx: Transaction, id: string, userId: string): Promise<Workout | undefined> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `SELECT ${COLUMNS} FROM workouts WHERE id = :id AND user_id = :userId FOR UPDATE`,
    { id, userId },
  );
  return rows[0];
}

export async function updateWorkout(trx: Transaction, workout: Workout): Promise<Workout> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `UPDATE workouts SET date = :date, total_tu = :totalTU, notes = :notes, is_public = :isPublic,
       exercise_data = :exerciseData, muscle_activations = :muscleActivations
     WHERE id = :id RETURNING ${COLUMNS}`,
    {
      ...workout,
      exerciseData: JSON.stringify(workout.exerciseData),
      muscleActivations: JSON.stringify(workout.muscleActivations),
    },
  );
  const [updated] = rows;
  if (updated === undefined) throw new TypeError('A workout that was held is gone.');
  return updated;
}

/** Deletes a workout of the member's own and answers what it was. */
export async function deleteWorkout(trx: Transaction, id: string, userId: string): Promise<Workout | undefined> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `DELETE FROM workouts WHERE id = :id AND user_id = :userId RETURNING ${COLUMNS}`,
    { id, userId },
  );
  return rows[0];
}
