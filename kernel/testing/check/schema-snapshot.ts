import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';

const SNAPSHOT = `
  WITH ours AS (SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|pgboss|plugin_access)')
  SELECT 'schema ' || nspname AS line FROM ours WHERE nspname !~ '^plugin_'
  UNION ALL SELECT 'relation ' || c.relkind::TEXT || ' ' || nspname || '.' || relname || coalesce(' ' || pg_get_viewdef(CASE WHEN c.relkind IN ('v', 'm') THEN c.oid END), '')
    FROM pg_class c JOIN ours ON ours.oid = relnamespace WHERE c.relkind <> 'i'
  UNION ALL SELECT 'column ' || nspname || '.' || relname || '.' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attidentity::TEXT
      || coalesce(' ' || pg_get_expr(adbin, adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid JOIN ours ON ours.oid = relnamespace LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
  UNION ALL SELECT 'index ' || pg_get_indexdef(indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = indrelid JOIN ours ON ours.oid = relnamespace
  UNION ALL SELECT 'constraint ' || nspname || '.' || relname || '.' || conname || ' ' || pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid JOIN ours ON ours.oid = relnamespace
  UNION ALL SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p JOIN ours ON ours.oid = pronamespace WHERE prokind IN ('f', 'p')
  UNION ALL SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid JOIN ours ON ours.oid = relnamespace WHERE NOT tgisinternal
  UNION ALL SELECT 'type ' || nspname || '.' || typname || coalesce((SELECT ' ' || string_agg(enumlabel, ',' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), '')
    FROM pg_type t JOIN ours ON ours.oid = typnamespace WHERE typtype IN ('e', 'd')
  UNION ALL SELECT 'extension ' || extname FROM pg_extension
  ORDER BY 1`;

/** Everything that migrations can make, a line each: not the schema of a plugin, which the kernel makes. The order of columns is left out: undoing cannot bring it back. */
export async function snapshotSchema(knex: Knex): Promise<ReadonlySet<string>> {
  const { rows } = await knex.raw<Rows<{ line: string }>>(SNAPSHOT);
  return new Set(rows.map(({ line }) => line));
}

/** What is in one and not in the other, in words. */
export function diffSchemas(before: ReadonlySet<string>, after: ReadonlySet<string>): string[] {
  const only = (some: ReadonlySet<string>, others: ReadonlySet<string>): string[] => [...some].filter((line) => !others.has(line));
  return [...only(before, after).map((line) => `gone: ${line}`), ...only(after, before).map((line) => `left: ${line}`)];
}
