import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import { normalizeExerciseName } from '../catalogue/names.ts';
import type { ExerciseFacts } from '../hooks.ts';

export interface ExerciseFilter {
  type?: string;
  muscle?: string;
  location?: string;
  /** What there is to train with; an exercise that needs anything else is left out. */
  equipment?: readonly string[];
  difficulty?: number;
  maxDifficulty?: number;
  compound?: boolean;
  search?: string;
}

/** An exercise `e`, as clients read it. */
export const EXERCISE_COLUMNS = `
  e.id, e.name, e.type, e.difficulty, e.description, e.cues, e.primary_muscles AS "primaryMuscles",
  e.equipment_required AS "equipmentRequired", e.equipment_optional AS "equipmentOptional", e.locations,
  e.is_compound AS "isCompound", e.estimated_seconds AS "estimatedSeconds", e.rest_seconds AS "restSeconds",
  e.movement_pattern AS "movementPattern"`;

/** From which activation on a muscle is a primary one. */
export const PRIMARY = 60;

/** The muscles of an exercise `e`, the strongest first. */
export const ACTIVATIONS = `
  coalesce((
    SELECT jsonb_agg(jsonb_build_object('muscleId', m.id, 'muscleName', m.name, 'activation', a.activation)
      ORDER BY a.activation DESC, m.id)
    FROM exercise_activations a JOIN muscles m ON m.id = a.muscle_id WHERE a.exercise_id = e.id
  ), '[]') AS activations`;

const OF_ALL = 'NOT EXISTS (SELECT FROM own_exercises o WHERE o.exercise_id = e.id)';

const FILTERS = `
  ${OF_ALL}
  AND (:type::TEXT IS NULL OR e.type = :type)
  AND (:muscle::TEXT IS NULL OR EXISTS (
    SELECT FROM exercise_activations a WHERE a.exercise_id = e.id AND a.muscle_id = :muscle AND a.activation >= 20))
  AND (:location::TEXT IS NULL OR e.locations @> to_jsonb(:location::TEXT))
  AND (:equipment::JSONB IS NULL OR e.equipment_required <@ :equipment::JSONB)
  AND (:difficulty::INTEGER IS NULL OR e.difficulty = :difficulty)
  AND (:maxDifficulty::INTEGER IS NULL OR e.difficulty <= :maxDifficulty)
  AND (:compound::BOOLEAN IS NULL OR e.is_compound = :compound)`;

/** Of a search: each word is looked for on its own, so that their order does not matter and a typo costs little. */
const RELEVANCE = `
  (SELECT max(strict_word_similarity(alias, :search) + similarity(alias, :search)
      + (SELECT avg(strict_word_similarity(word, alias)) FROM unnest(string_to_array(:search, ' ')) AS word))
   FROM exercise_aliases WHERE exercise_id = e.id)`;

const LEAST_RELEVANCE = 0.9;
/** So many of the candidates that pass the filters are weighed in earnest. */
const MOST_WEIGHED = 200;

export interface ExerciseRow {
  id: string;
  name: string;
  relevance?: number;
}

/** One page of the exercises that pass every filter: by name, or the best match first when there is a search. */
export async function findExercises(
  knex: Knex,
  filter: ExerciseFilter,
  after: readonly [string | number, string] | undefined,
  limit: number,
): Promise<ExerciseRow[]> {
  const search = filter.search === undefined ? null : normalizeExerciseName(filter.search);
  const bindings = {
    type: filter.type ?? null,
    muscle: filter.muscle ?? null,
    location: filter.location ?? null,
    equipment: filter.equipment === undefined ? null : JSON.stringify(filter.equipment),
    difficulty: filter.difficulty ?? null,
    maxDifficulty: filter.maxDifficulty ?? null,
    compound: filter.compound ?? null,
    limit,
    search,
    after: after?.[0] ?? null,
    afterId: after?.[1] ?? null,
  };
  const statement =
    search === null
      ? `SELECT ${EXERCISE_COLUMNS} FROM exercises e WHERE ${FILTERS}
           AND (:after::TEXT IS NULL OR (e.name, e.id) > (:after::TEXT, :afterId::TEXT))
         ORDER BY e.name, e.id LIMIT :limit`
      : `SELECT * FROM (
           SELECT ${EXERCISE_COLUMNS}, ${RELEVANCE}::NUMERIC(8, 5)::FLOAT AS relevance FROM (
             SELECT e.* FROM fitness_search_candidates(:search) c JOIN exercises e ON e.id = c.exercise_id
             WHERE ${FILTERS} ORDER BY c.score DESC, e.id LIMIT ${String(MOST_WEIGHED)}
           ) e
         ) e
         WHERE relevance >= ${String(LEAST_RELEVANCE)}
           AND (:after::FLOAT IS NULL OR relevance < :after::FLOAT OR (relevance = :after::FLOAT AND id > :afterId::TEXT))
         ORDER BY relevance DESC, id LIMIT :limit`;
  const { rows } = await knex.raw<Rows<ExerciseRow>>(statement, bindings);
  return rows;
}

/** One exercise with its activations; undefined when there is none. */
export async function findExercise(
  knex: Knex,
  id: string,
): Promise<(ExerciseRow & { activations: object[] }) | undefined> {
  const { rows } = await knex.raw<Rows<ExerciseRow & { activations: object[] }>>(
    `SELECT ${EXERCISE_COLUMNS}, ${ACTIVATIONS} FROM exercises e WHERE e.id = ? AND ${OF_ALL}`,
    [id],
  );
  return rows[0];
}

/** What others count with, of those exercises that exist, by id. */
export async function findExerciseFacts(knex: Knex, ids: readonly string[]): Promise<Map<string, ExerciseFacts>> {
  const { rows } = await knex.raw<Rows<ExerciseFacts>>(
    `SELECT e.id, e.name, e.type, e.movement_pattern AS "movementPattern",
       coalesce(jsonb_object_agg(a.muscle_id, a.activation) FILTER (WHERE a.muscle_id IS NOT NULL), '{}') AS activations
     FROM exercises e LEFT JOIN exercise_activations a ON a.exercise_id = e.id WHERE e.id = ANY (?) GROUP BY e.id`,
    [[...ids]],
  );
  return new Map(rows.map((exercise) => [exercise.id, exercise]));
}

const MUSCLE_COLUMNS = `
  id, name, anatomical_name AS "anatomicalName", muscle_group AS "muscleGroup", bias_weight AS "biasWeight",
  optimal_weekly_volume AS "optimalWeeklyVolume", recovery_time AS "recoveryTime"`;

export async function listMuscles(knex: Knex): Promise<{ id: string; muscleGroup: string }[]> {
  const { rows } = await knex.raw<Rows<{ id: string; muscleGroup: string }>>(
    `SELECT ${MUSCLE_COLUMNS} FROM muscles ORDER BY muscle_group, id`,
  );
  return rows;
}
