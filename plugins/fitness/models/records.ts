import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import type { PersonalRecord } from '../hooks.ts';

export interface RecordFilter {
  exerciseId?: string | undefined;
  limit: number;
  /** The date, exercise and kind of the last record of the page before. */
  after?: readonly [string, string, string] | undefined;
}

/** The best of each exercise and kind, the latest records first. */
export async function findRecords(knex: Knex, userId: string, filter: RecordFilter): Promise<PersonalRecord[]> {
  const { rows } = await knex.raw<Rows<PersonalRecord>>(
    `SELECT p.exercise_id AS "exerciseId", coalesce(e.name, p.exercise_id) AS "exerciseName", p.kind, p.value, p.weight,
       p.reps, p.workout_id AS "workoutId", p.date
     FROM personal_records p LEFT JOIN exercises e ON e.id = p.exercise_id
     WHERE p.user_id = :userId AND (:exerciseId::TEXT IS NULL OR p.exercise_id = :exerciseId)
       AND (:date::DATE IS NULL OR p.date < :date OR (p.date = :date AND (p.exercise_id, p.kind) > (:exercise, :kind)))
     ORDER BY p.date DESC, p.exercise_id, p.kind LIMIT :limit`,
    {
      userId,
      exerciseId: filter.exerciseId ?? null,
      date: filter.after?.[0] ?? null,
      exercise: filter.after?.[1] ?? null,
      kind: filter.after?.[2] ?? null,
      limit: filter.limit,
    },
  );
  return rows;
}

/** One time that a member did an exercise. */
export interface PastExercise {
  workoutId: string;
  position: number;
  date: string;
  sets: number;
  reps: number;
  seconds: number;
  volumeKg: number;
  weight: number | null;
  estimatedOneRepMax: number | null;
}

/** The times that a member did an exercise, newest first. */
export async function findExerciseHistory(
  knex: Knex,
  userId: string,
  exerciseId: string,
  after: readonly [string, string, number] | undefined,
  limit: number,
): Promise<PastExercise[]> {
  const { rows } = await knex.raw<Rows<PastExercise>>(
    `SELECT workout_id AS "workoutId", position, date, sets, reps, seconds,
       round(volume_grams / 1000.0, 2)::FLOAT8 AS "volumeKg", weight, one_rep_max AS "estimatedOneRepMax"
     FROM workout_exercises
     WHERE user_id = :userId AND exercise_id = :exerciseId
       AND (:date::DATE IS NULL OR (date, workout_id) < (:date, :workoutId)
         OR ((date, workout_id) = (:date, :workoutId) AND position > :position))
     ORDER BY date DESC, workout_id DESC, position LIMIT :limit`,
    {
      userId,
      exerciseId,
      date: after?.[0] ?? null,
      workoutId: after?.[1] ?? null,
      position: after?.[2] ?? null,
      limit,
    },
  );
  return rows;
}
