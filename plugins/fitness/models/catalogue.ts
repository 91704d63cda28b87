import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import { EXERCISES } from '../catalogue/exercises.ts';
import { MUSCLES } from '../catalogue/muscles.ts';
import { normalizeExerciseName } from '../catalogue/names.ts';
import type { CatalogueExercise } from '../catalogue/types.ts';
import type { MuscleFacts } from '../hooks.ts';
import type { NamedExercise } from '../import/match.ts';
import type { TrainingCatalogue } from '../training-units.ts';
import { PRIMARY } from './exercises.ts';

/** Tells editions apart, by how names are compared as well. */
const EDITION = createHash('sha256')
  .update(JSON.stringify([MUSCLES, EXERCISES, EXERCISES.flatMap(({ name, aliases }) => [name, ...aliases].map(normalizeExerciseName))]))
  .digest('hex');

/** Holds whoever changes the catalogue apart. */
export async function lockCatalogue(trx: Transaction): Promise<void> {
  await trx.raw(`SELECT pg_advisory_xact_lock(hashtextextended('fitness:catalogue', 0))`);
}

/** Brings the tables to the catalogue that this version ships; instances that start together do it once. */
export async function loadCatalogue(trx: Transaction): Promise<boolean> {
  await lockCatalogue(trx);
  const { rows } = await trx.raw<Rows<{ checksum: string }>>('SELECT checksum FROM fitness_catalogue_edition');
  if (rows[0]?.checksum === EDITION) return false;
  await upsertMuscles(trx);
  await storeExercises(trx, EXERCISES);
  await trx.raw('DELETE FROM fitness_catalogue_edition');
  await trx.raw('INSERT INTO fitness_catalogue_edition VALUES (?)', [EDITION]);
  return true;
}

/** Stores exercises with their activations and names; a name that another exercise has stays with that. */
export async function storeExercises(trx: Transaction, exercises: readonly CatalogueExercise[]): Promise<void> {
  if (exercises.length === 0) return;
  await upsertExercises(trx, exercises);
  await replaceActivations(trx, exercises);
  await replaceAliases(trx, exercises);
}

async function upsertMuscles(trx: Transaction): Promise<void> {
  const rows = MUSCLES.map((muscle) => ({
    id: muscle.id,
    name: muscle.name,
    anatomical_name: muscle.anatomicalName,
    muscle_group: muscle.muscleGroup,
    bias_weight: muscle.biasWeight,
    optimal_weekly_volume: muscle.optimalWeeklyVolume,
    recovery_time: muscle.recoveryTime,
  }));
  await trx('muscles').insert(rows).onConflict('id').merge();
}

async function upsertExercises(trx: Transaction, exercises: readonly CatalogueExercise[]): Promise<void> {
  const rows = exercises.map((exercise) => ({
    id: exercise.id,
    name: exercise.name,
    type: exercise.type,
    difficulty: exercise.difficulty,
    description: exercise.description,
    cues: exercise.cues,
    primary_muscles: primaryMuscles(exercise),
    equipment_required: JSON.stringify(exercise.equipmentRequired),
    equipment_optional: JSON.stringify(exercise.equipmentOptional),
    locations: JSON.stringify(exercise.locations),
    is_compound: exercise.isCompound,
    estimated_seconds: exercise.estimatedSeconds,
    rest_seconds: exercise.restSeconds,
    movement_pattern: exercise.movementPattern,
  }));
  await trx('exercises').insert(rows).onConflict('id').merge();
}

function primaryMuscles(exercise: CatalogueExercise): string[] {
  return Object.entries(exercise.activations)
    .filter(([, activation]) => activation >= PRIMARY)
    .sort(([, a], [, b]) => b - a)
    .map(([muscle]) => muscle);
}

async function replaceActivations(trx: Transaction, exercises: readonly CatalogueExercise[]): Promise<void> {
  const ids = exercises.map(({ id }) => id);
  await trx('exercise_activations').whereIn('exercise_id', ids).delete();
  const rows = exercises.flatMap(({ id, activations }) =>
    Object.entries(activations).map(([muscle, activation]) => ({ exercise_id: id, muscle_id: muscle, activation })),
  );
  await trx.batchInsert('exercise_activations', rows, 1000);
}

async function replaceAliases(trx: Transaction, exercises: readonly CatalogueExercise[]): Promise<void> {
  const ids = exercises.map(({ id }) => id);
  await trx('exercise_aliases').whereIn('exercise_id', ids).delete();
  const rows = exercises.flatMap(({ id, name, aliases }) =>
    [...new Set([name, ...aliases].map(normalizeExerciseName))].map((alias) => ({ alias, exercise_id: id })),
  );
  await trx('exercise_aliases').insert(rows).onConflict('alias').ignore();
}

/** The catalogue in memory, for computing Training Units and matching names. */
export interface Catalogue extends TrainingCatalogue {
  exercises: readonly NamedExercise[];
  muscles: ReadonlyMap<string, MuscleFacts>;
}

/** Reads the catalogue without what members have made for themselves. */
export async function readCatalogue(knex: Knex): Promise<Catalogue> {
  const muscles = await knex.raw<Rows<MuscleFacts>>(
    `SELECT id, name, muscle_group AS "muscleGroup", bias_weight AS "biasWeight",
       optimal_weekly_volume AS "optimalWeeklyVolume", recovery_time AS "recoveryTime"
     FROM muscles ORDER BY muscle_group, id`,
  );
  const exercises = await knex.raw<Rows<NamedExercise>>(
    `SELECT e.id, e.name, coalesce(array_agg(a.alias) FILTER (WHERE a.alias IS NOT NULL), '{}') AS aliases
     FROM exercises e LEFT JOIN exercise_aliases a ON a.exercise_id = e.id
     WHERE NOT EXISTS (SELECT FROM own_exercises o WHERE o.exercise_id = e.id) GROUP BY e.id`,
  );
  const activations = await knex.raw<Rows<{ exercise_id: string; muscle_id: string; activation: number }>>(
    `SELECT * FROM exercise_activations a
     WHERE NOT EXISTS (SELECT FROM own_exercises o WHERE o.exercise_id = a.exercise_id)`,
  );
  const byExercise = new Map<string, Map<string, number>>(exercises.rows.map(({ id }) => [id, new Map()]));
  for (const row of activations.rows) byExercise.get(row.exercise_id)?.set(row.muscle_id, row.activation);
  return {
    exercises: exercises.rows,
    activations: byExercise,
    muscles: new Map(muscles.rows.map((muscle) => [muscle.id, muscle])),
    biasWeights: new Map(muscles.rows.map(({ id, biasWeight }) => [id, biasWeight])),
  };
}
