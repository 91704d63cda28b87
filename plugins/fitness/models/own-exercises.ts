import type { Knex } from 'knex';
import { violatedConstraint, type Rows, type Transaction } from 'musclemap';
import { normalizeExerciseName } from '../catalogue/names.ts';
import type { Catalogue } from './catalogue.ts';
import { ACTIVATIONS, EXERCISE_COLUMNS, PRIMARY, type ExerciseRow } from './exercises.ts';

/** What a member says of an exercise of their own. Percent by muscle id. */
export interface OwnExercise {
  name: string;
  type: string;
  difficulty: number;
  description: string | null;
  cues: string | null;
  equipmentRequired: readonly string[];
  equipmentOptional: readonly string[];
  locations: readonly string[];
  isCompound: boolean;
  estimatedSeconds: number;
  restSeconds: number;
  movementPattern: string | null;
  activations: Readonly<Record<string, number>>;
}

export const MOST_OWN_EXERCISES = 200;

/** What is taken for all that a member does not say. */
export const USUAL_EXERCISE: Omit<OwnExercise, 'name'> = {
  type: 'strength',
  difficulty: 2,
  description: null,
  cues: null,
  equipmentRequired: [],
  equipmentOptional: [],
  locations: ['gym'],
  isCompound: false,
  estimatedSeconds: 45,
  restSeconds: 60,
  movementPattern: null,
  activations: {},
};

export type OwnExerciseRow = ExerciseRow &
  Omit<OwnExercise, 'activations'> & { activations: readonly { muscleId: string; activation: number }[] };

/** The name is that of another exercise of the member's own. */
export class NameTakenError extends Error {
  override name = 'NameTakenError';
}

/** The member's own exercises by name, those first that are most like `search` when there is one. */
export async function findOwnExercises(
  knex: Knex,
  userId: string,
  filter: { id?: string; search?: string | undefined; after?: readonly [string, string] | undefined; limit: number },
): Promise<OwnExerciseRow[]> {
  const { rows } = await knex.raw<Rows<OwnExerciseRow>>(
    `SELECT ${EXERCISE_COLUMNS}, ${ACTIVATIONS}
     FROM own_exercises o JOIN exercises e ON e.id = o.exercise_id
     WHERE o.user_id = :userId AND o.retired_at IS NULL AND (:id::TEXT IS NULL OR e.id = :id)
       AND (:search::TEXT IS NULL OR word_similarity(:search, o.name) > 0.3)
       AND (:after::TEXT IS NULL OR (e.name, e.id) > (:after, :afterId))
     ORDER BY e.name, e.id LIMIT :limit`,
    {
      userId,
      id: filter.id ?? null,
      search: filter.search === undefined ? null : normalizeExerciseName(filter.search),
      after: filter.after?.[0] ?? null,
      afterId: filter.after?.[1] ?? null,
      limit: filter.limit,
    },
  );
  return rows;
}

/** Names of all exercises that a member ever made, by id. */
export async function findOwnNames(knex: Knex, userId: string): Promise<Map<string, string>> {
  const { rows } = await knex.raw<Rows<{ id: string; name: string }>>(
    'SELECT e.id, e.name FROM own_exercises o JOIN exercises e ON e.id = o.exercise_id WHERE o.user_id = ?',
    [userId],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The ids of a member's own exercises that are not retired, by the form of their names that is compared. */
export async function findOwnIds(knex: Knex, userId: string): Promise<Map<string, string>> {
  const { rows } = await knex.raw<Rows<{ id: string; name: string }>>(
    'SELECT exercise_id AS id, name FROM own_exercises WHERE user_id = ? AND retired_at IS NULL',
    [userId],
  );
  return new Map(rows.map(({ id, name }) => [name, id]));
}

/** How many a member has; with a lock that keeps two requests from both being the last that is allowed. */
export async function countOwnExercises(trx: Transaction, userId: string): Promise<number> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`fitness:own-exercises:${userId}`]);
  const { rows } = await trx.raw<Rows<{ count: number }>>(
    'SELECT count(*) AS count FROM own_exercises WHERE user_id = ? AND retired_at IS NULL',
    [userId],
  );
  return rows[0]?.count ?? 0;
}

/** @throws NameTakenError */
export async function insertOwnExercise(trx: Transaction, userId: string, exercise: OwnExercise): Promise<string> {
  const { rows } = await trx.raw<Rows<{ id: string }>>(
    `INSERT INTO exercises (id, name, type, difficulty, description, cues, primary_muscles, equipment_required,
       equipment_optional, locations, is_compound, estimated_seconds, rest_seconds, movement_pattern)
     VALUES ('own_' || time_ordered_uuid(), :name, :type, :difficulty, :description, :cues, :primaryMuscles, :equipmentRequired,
       :equipmentOptional, :locations, :isCompound, :estimatedSeconds, :restSeconds, :movementPattern)
     RETURNING id`,
    bindingsOf(exercise),
  );
  const id = rows[0]?.id ?? '';
  await naming(
    trx.raw('INSERT INTO own_exercises (exercise_id, user_id, name) VALUES (?, ?, ?)', [
      id,
      userId,
      normalizeExerciseName(exercise.name),
    ]),
  );
  await insertActivations(trx, id, exercise.activations);
  return id;
}

/** @throws NameTakenError */
export async function updateOwnExercise(trx: Transaction, id: string, exercise: OwnExercise): Promise<void> {
  await trx.raw(
    `UPDATE exercises SET name = :name, type = :type, difficulty = :difficulty, description = :description, cues = :cues,
       primary_muscles = :primaryMuscles, equipment_required = :equipmentRequired, equipment_optional = :equipmentOptional,
       locations = :locations, is_compound = :isCompound, estimated_seconds = :estimatedSeconds,
       rest_seconds = :restSeconds, movement_pattern = :movementPattern
     WHERE id = :id`,
    { ...bindingsOf(exercise), id },
  );
  await naming(
    trx.raw('UPDATE own_exercises SET name = ? WHERE exercise_id = ?', [normalizeExerciseName(exercise.name), id]),
  );
  await trx.raw('DELETE FROM exercise_activations WHERE exercise_id = ?', [id]);
  await insertActivations(trx, id, exercise.activations);
}

/** Deletes an exercise of the member's own, or retires it when workouts hold it; false when there is none. */
export async function removeOwnExercise(trx: Transaction, userId: string, id: string): Promise<boolean> {
  const { rowCount } = await trx.raw<Rows<unknown>>(
    'UPDATE own_exercises SET retired_at = NOW() WHERE exercise_id = :id AND user_id = :userId AND retired_at IS NULL',
    { id, userId },
  );
  if (rowCount === 0) return false;
  await trx.raw(
    `DELETE FROM exercises WHERE id = :id
       AND NOT EXISTS (SELECT FROM member_exercises WHERE user_id = :userId AND exercise_id = :id)`,
    { id, userId },
  );
  return true;
}

/** The catalogue as one member has it: with their own exercises before all others of the same name. */
export async function withOwnExercises(knex: Knex, catalogue: Catalogue, userId: string): Promise<Catalogue> {
  const { rows } = await knex.raw<Rows<{ id: string; name: string; isRetired: boolean; activations: Record<string, number> }>>(
    `SELECT e.id, e.name, o.retired_at IS NOT NULL AS "isRetired",
       coalesce(jsonb_object_agg(a.muscle_id, a.activation) FILTER (WHERE a.muscle_id IS NOT NULL), '{}') AS activations
     FROM own_exercises o JOIN exercises e ON e.id = o.exercise_id
       LEFT JOIN exercise_activations a ON a.exercise_id = e.id
     WHERE o.user_id = ? GROUP BY e.id, o.retired_at`,
    [userId],
  );
  if (rows.length === 0) return catalogue;
  const activations = new Map(catalogue.activations);
  for (const own of rows) activations.set(own.id, new Map(Object.entries(own.activations)));
  const offered = rows.filter(({ isRetired }) => !isRetired).map(({ id, name }) => ({ id, name, aliases: [] }));
  return { ...catalogue, exercises: [...offered, ...catalogue.exercises], activations };
}

/** The catalogue as one member has it, asked for only when it matters: when an id is not in the shared one. */
export async function catalogueWith(
  knex: Knex,
  catalogue: Catalogue,
  userId: string,
  used: readonly { exerciseId: string }[],
): Promise<Catalogue> {
  const isShared = used.every(({ exerciseId }) => catalogue.activations.has(exerciseId));
  return isShared ? catalogue : withOwnExercises(knex, catalogue, userId);
}

async function insertActivations(trx: Transaction, id: string, activations: OwnExercise['activations']): Promise<void> {
  await trx.raw(
    `INSERT INTO exercise_activations (exercise_id, muscle_id, activation)
     SELECT :id, key, value::INTEGER FROM jsonb_each_text(:activations::JSONB)`,
    { id, activations: JSON.stringify(activations) },
  );
}

async function naming(statement: PromiseLike<unknown>): Promise<void> {
  try {
    await statement;
  } catch (error) {
    if (violatedConstraint(error) !== 'idx_own_exercises_name') throw error;
    throw new NameTakenError('The member has an exercise of this name.', { cause: error });
  }
}

function bindingsOf({ activations, ...exercise }: OwnExercise): Record<string, string | number | boolean | string[] | null> {
  const byStrength = Object.entries(activations).sort(([, a], [, b]) => b - a);
  return {
    ...exercise,
    equipmentRequired: JSON.stringify(exercise.equipmentRequired),
    equipmentOptional: JSON.stringify(exercise.equipmentOptional),
    locations: JSON.stringify(exercise.locations),
    primaryMuscles: byStrength.filter(([, activation]) => activation >= PRIMARY).map(([muscle]) => muscle),
  };
}
