import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import { normalizeExerciseName } from '../catalogue/names.ts';

/** What a name in a member's files means: an exercise, or null to leave it out. */
export interface ExerciseName {
  /** As the member's file writes it. */
  name: string;
  exerciseId: string | null;
}

/** The form in which names are kept; one of signs only stays as it is. */
export function nameKey(name: string): string {
  return normalizeExerciseName(name) || name.trim();
}

/** What the member has decided, by the key of the name. */
export async function findExerciseNames(knex: Knex, userId: string): Promise<Map<string, string | null>> {
  const { rows } = await knex.raw<Rows<{ name: string; exerciseId: string | null }>>(
    `SELECT name, exercise_id AS "exerciseId" FROM exercise_names WHERE user_id = ?`,
    [userId],
  );
  return new Map(rows.map(({ name, exerciseId }) => [name, exerciseId]));
}

/** One page of the member's decisions, by name. */
export async function listExerciseNames(
  knex: Knex,
  userId: string,
  after: string | undefined,
  limit: number,
): Promise<(ExerciseName & { exerciseName: string | null; key: string })[]> {
  const { rows } = await knex.raw<Rows<ExerciseName & { exerciseName: string | null; key: string }>>(
    `SELECT n.label AS name, n.exercise_id AS "exerciseId", e.name AS "exerciseName", n.name AS key
     FROM exercise_names n LEFT JOIN exercises e ON e.id = n.exercise_id
     WHERE n.user_id = :userId AND (:after::TEXT IS NULL OR n.name > :after) ORDER BY n.name LIMIT :limit`,
    { userId, after: after ?? null, limit },
  );
  return rows;
}

export async function countExerciseNames(knex: Knex, userId: string): Promise<number> {
  const { rows } = await knex.raw<Rows<{ count: number }>>('SELECT count(*) FROM exercise_names WHERE user_id = ?', [userId]);
  return rows[0]?.count ?? 0;
}

/** Remembers the decisions, in one statement; a later one about the same name replaces the earlier. */
export async function rememberExerciseNames(trx: Transaction, userId: string, names: readonly ExerciseName[]): Promise<void> {
  if (names.length === 0) return;
  const byKey = new Map(names.map(({ name, exerciseId }) => [nameKey(name), { label: name, exerciseId }]));
  const rows = [...byKey].map(([name, { label, exerciseId }]) => ({ user_id: userId, name, label, exercise_id: exerciseId }));
  await trx('exercise_names').insert(rows).onConflict(['user_id', 'name']).merge(['label', 'exercise_id']);
}

/** Whether there was something to forget. */
export async function forgetExerciseName(knex: Knex, userId: string, name: string): Promise<boolean> {
  return (await knex('exercise_names').where({ user_id: userId, name: nameKey(name) }).delete()) > 0;
}
