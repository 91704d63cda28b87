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

/** What is read of a workout. */
export const WORKOUT_COLUMNS = `
  id, user_id AS "userId", date, total_tu AS "totalTU", credits_used AS "creditsUsed", notes, is_public AS "isPublic",
  exercise_data AS "exerciseData", muscle_activations AS "muscleActivations", created_at AS "createdAt"`;

export async function insertWorkout(trx: Transaction, workout: NewWorkout): Promise<Workout> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `INSERT INTO workouts (user_id, date, total_tu, credits_used, notes, is_public, exercise_data, muscle_activations)
     VALUES (:userId, :date, :totalTU, :creditsUsed, :notes, :isPublic, :exerciseData, :muscleActivations)
     RETURNING ${WORKOUT_COLUMNS}`,
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

export async function findWorkouts(
  knex: Knex,
  userId: string,
  filter: { from?: string | undefined; to?: string | undefined },
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<Workout[]> {
  const { rows } = await knex.raw<Rows<Workout>>(
    `SELECT ${WORKOUT_COLUMNS} FROM workouts
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
    `SELECT ${WORKOUT_COLUMNS} FROM workouts WHERE id = :id AND (user_id = :readerId OR is_public)`,
    { id, readerId: readerId ?? null },
  );
  return rows[0];
}

/** The workouts of several members in a window of days, oldest first, by user id. */
export async function findWorkoutsBetween(
  knex: Knex,
  userIds: readonly string[],
  window: { from: string; to: string },
): Promise<Map<string, Workout[]>> {
  const { rows } = await knex.raw<Rows<Workout>>(
    `SELECT ${WORKOUT_COLUMNS} FROM workouts
     WHERE user_id = ANY (:userIds) AND date BETWEEN :from AND :to ORDER BY user_id, date, id`,
    { userIds: [...userIds], from: window.from, to: window.to },
  );
  const found = new Map<string, Workout[]>();
  for (const row of rows) found.set(row.userId, [...(found.get(row.userId) ?? []), row]);
  return found;
}

/** A workout of the member's own, held until the end of the transaction. */
export async function lockWorkout(trx: Transaction, id: string, userId: string): Promise<Workout | undefined> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `SELECT ${WORKOUT_COLUMNS} FROM workouts WHERE id = :id AND user_id = :userId FOR UPDATE`,
    { id, userId },
  );
  return rows[0];
}

export async function updateWorkout(trx: Transaction, workout: Workout): Promise<Workout> {
  const { rows } = await trx.raw<Rows<Workout>>(
    `UPDATE workouts SET date = :date, total_tu = :totalTU, notes = :notes, is_public = :isPublic,
       exercise_data = :exerciseData, muscle_activations = :muscleActivations
     WHERE id = :id RETURNING ${WORKOUT_COLUMNS}`,
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
    `DELETE FROM workouts WHERE id = :id AND user_id = :userId RETURNING ${WORKOUT_COLUMNS}`,
    { id, userId },
  );
  return rows[0];
}
