import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';
import { ACCESS_SCHEMA } from '../database/access-function.ts';
import { readDataPlaces } from '../database/data-place.ts';

/** What a plugin that is not installed any more has left, until it is purged. */
export interface Remains {
  /** Its own schema; null when it has none, or its tables lie among the kernel's. */
  schema: string | null;
  /** How many of them lie in it. */
  tables: number;
  files: number;
  /** What tables and files take, in bytes. */
  size: number;
  /** What can be done about it, in a sentence. */
  advice: string;
}

/** What is left of plugins that are not installed, by id. `found` tells whose code is there. */
export async function readRemains(knex: Knex, found: ReadonlyMap<string, unknown>): Promise<Map<string, Remains>> {
  const places = await readDataPlaces(knex);
  const { rows } = await knex.raw<Rows<Omit<Remains, 'advice'> & { id: string }>>(
    `WITH known AS (
       SELECT plugin_id AS id FROM plugin_migrations
       UNION SELECT plugin_id FROM stored_objects WHERE state <> 'removed'
       UNION SELECT obj_description(p.oid, 'pg_proc')::JSONB->>'id' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
         WHERE n.nspname = ? AND obj_description(p.oid, 'pg_proc') IS NOT NULL
     )
     SELECT known.id, n.nspname AS schema, coalesce(t.tables, 0)::INTEGER AS tables, f.files::INTEGER AS files, (coalesce(t.size, 0) + f.size)::FLOAT8 AS size
     FROM known LEFT JOIN pg_namespace n ON n.nspname = 'plugin_' || replace(known.id, '-', '_'),
       LATERAL (SELECT count(*) FILTER (WHERE c.relkind IN ('r', 'p')) AS tables, sum(pg_total_relation_size(c.oid)) FILTER (WHERE c.relkind IN ('r', 'm', 'S')) AS size
         FROM pg_class c WHERE c.relnamespace = n.oid) t,
       LATERAL (SELECT count(*) AS files, coalesce(sum(o.size), 0) AS size FROM stored_objects o WHERE o.plugin_id = known.id AND o.state <> 'removed') f
     WHERE known.id NOT IN (SELECT id FROM installed_plugins) ORDER BY known.id`,
    [ACCESS_SCHEMA],
  );
  return new Map(
    rows.map(({ id, ...left }) => {
      const code = found.has(id) ? 'there' : places.get(id) === 'public' ? 'needed' : 'gone';
      return [id, { ...left, advice: adviceFor(left, code) }];
    }),
  );
}

const ADVICE = {
  there: 'Enable it to go on with them, or purge it.',
  gone: 'Its code is gone: bring it back and enable it to go on with them, or purge it.',
  needed: "Its code is gone, and its tables lie among MuscleMap's own, where only its own migrations find them: put it back into plugins/.",
};

function adviceFor({ schema, tables, files }: Omit<Remains, 'advice'>, code: keyof typeof ADVICE): string {
  const counted = (count: number, what: string): string[] => (count === 0 ? [] : [`${String(count)} ${what}${count === 1 ? '' : 's'}`]);
  const parts = [...counted(tables, 'table'), ...counted(files, 'file')];
  const what = parts.length > 0 ? ` (${parts.join(', ')})` : schema === null ? '' : ' (an empty schema)';
  return `It is not installed, and its data are still there${what}. ${ADVICE[code]}`;
}
