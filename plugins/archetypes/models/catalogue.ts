import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import { ARCHETYPES, levelsOf } from '../catalogue/archetypes.ts';
import type { MuscleTargets } from '../catalogue/types.ts';

const LEVELS = ARCHETYPES.flatMap((archetype) =>
  levelsOf(archetype).map((level) => ({ archetypeId: archetype.id, ...level })),
);
const EDITION = createHash('sha256').update(JSON.stringify([ARCHETYPES, LEVELS])).digest('hex');

/** Brings the tables to the archetypes that this version ships; instances that start together do it once. */
export async function loadArchetypes(trx: Transaction): Promise<boolean> {
  await trx.raw(`SELECT pg_advisory_xact_lock(hashtextextended('archetypes:catalogue', 0))`);
  const { rows } = await trx.raw<Rows<{ checksum: string }>>('SELECT checksum FROM archetypes_edition');
  if (rows[0]?.checksum === EDITION) return false;
  const archetypes = ARCHETYPES.map(({ id, name, philosophy, description, focusAreas }) => ({
    id,
    name,
    philosophy,
    description,
    focus_areas: JSON.stringify(focusAreas),
  }));
  const levels = LEVELS.map(({ archetypeId, level, name, totalTU, description, muscleTargets }) => ({
    archetype_id: archetypeId,
    level,
    name,
    total_tu: totalTU,
    description,
    muscle_targets: JSON.stringify(muscleTargets),
  }));
  await trx('archetypes').insert(archetypes).onConflict('id').merge();
  await trx('archetype_levels').insert(levels).onConflict(['archetype_id', 'level']).merge();
  await trx.raw('DELETE FROM archetypes_edition');
  await trx.raw('INSERT INTO archetypes_edition VALUES (?)', [EDITION]);
  return true;
}

export interface Archetype {
  id: string;
  name: string;
  philosophy: string | null;
  description: string | null;
  focusAreas: string[];
  iconUrl: string | null;
  levels: number;
}

export interface Level {
  level: number;
  name: string;
  totalTU: number;
  description: string | null;
  muscleTargets: MuscleTargets;
}

/** All archetypes, or the one with an id, by name. */
export async function findArchetypes(knex: Knex, id: string | null = null): Promise<Archetype[]> {
  const { rows } = await knex.raw<Rows<Archetype>>(
    `SELECT id, name, philosophy, description, coalesce(focus_areas, '[]') AS "focusAreas", icon_url AS "iconUrl",
       (SELECT count(*) FROM archetype_levels l WHERE l.archetype_id = a.id) AS levels
     FROM archetypes a WHERE :id::TEXT IS NULL OR id = :id ORDER BY name`,
    { id },
  );
  return rows;
}

/** From the first level up; empty for an archetype that there is not. */
export async function findLevels(knex: Knex, archetypeId: string): Promise<Level[]> {
  const { rows } = await knex.raw<Rows<Level>>(
    `SELECT level, name, total_tu AS "totalTU", description, coalesce(muscle_targets, '{}') AS "muscleTargets"
     FROM archetype_levels WHERE archetype_id = ? ORDER BY level`,
    [archetypeId],
  );
  return rows;
}

/** The Training Units of an archetype's levels, from the first up, by archetype id. */
export type Thresholds = ReadonlyMap<string, readonly number[]>;

export async function findThresholds(knex: Knex): Promise<Thresholds> {
  const { rows } = await knex.raw<Rows<{ archetypeId: string; thresholds: number[] }>>(
    `SELECT archetype_id AS "archetypeId", array_agg(total_tu ORDER BY level) AS thresholds
     FROM archetype_levels GROUP BY archetype_id`,
  );
  return new Map(rows.map(({ archetypeId, thresholds }) => [archetypeId, thresholds]));
}
