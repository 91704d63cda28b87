import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';
import type { FoundPlugin } from '../discovery.ts';
import { schemaOf } from './access-function.ts';

/** Where the tables of a plugin lie: in a schema of its own, or among the kernel's. */
export type DataPlace = 'own' | 'public';

/**
 * Where the tables lie of each plugin that has run migrations, by id. One with a schema of its own in which nothing lies is left
 * out: its migrations made no tables, or they lie elsewhere.
 */
export async function readDataPlaces(knex: Knex): Promise<Map<string, DataPlace>> {
  const { rows } = await knex.raw<Rows<{ id: string; hasSchema: boolean; isFilled: boolean }>>(
    `SELECT m.id, n.oid IS NOT NULL AS "hasSchema", EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid) AS "isFilled"
     FROM (SELECT DISTINCT plugin_id AS id FROM plugin_migrations) m
     LEFT JOIN pg_namespace n ON n.nspname = 'plugin_' || replace(m.id, '-', '_')`,
  );
  return new Map(rows.flatMap(({ id, hasSchema, isFilled }) => (hasSchema && !isFilled ? [] : [[id, hasSchema ? 'own' : 'public']])));
}

/** Whether the code, where it lies now, looks for its tables elsewhere than they are. */
export function isMisplaced({ isConfined, manifest }: FoundPlugin, place: DataPlace | undefined): boolean {
  if (place === undefined) return false;
  return place === 'own' ? !isConfined : isConfined && manifest.scopes.includes('database');
}

/** Why a plugin does not find its tables from where its code lies now, and what can be done; undefined when it does. */
export function misplacement(found: FoundPlugin, place: DataPlace | undefined): string | undefined {
  if (!isMisplaced(found, place)) return undefined;
  const { id } = found.manifest;
  const [there, here, home] =
    place === 'public'
      ? ["among MuscleMap's own, as those of a bundled plugin do", 'it would see an empty schema of its own instead', 'into plugins/']
      : [`in the schema ${schemaOf(id)}, as those of a plugin that is not bundled do`, "it would look for them among MuscleMap's own", 'to where it was'];
  return (
    `its tables lie ${there}; from ${found.directory} ${here}. Move its code back ${home} to go on with them. To take them along, have it there ` +
    `and run npx musclemap plugin export ${id} FILE and plugin purge ${id}; then have it here, enable it and run plugin import ${id} FILE.`
  );
}
