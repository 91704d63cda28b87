import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';
import { inTransaction } from '../../database/transaction.ts';
import { schemaOf } from '../database/access-function.ts';
import { readDataPlaces } from '../database/data-place.ts';
import { viewFor } from '../database/view-for.ts';
import { OPEN, type DatabaseView } from '../database/views.ts';
import type { PluginHost } from '../host.ts';
import type { EditContext } from './edits.ts';
import { loadMigrations, undoMigrations } from './schema.ts';

/** A table with its schema. */
export interface Table {
  schema: string;
  name: string;
}

class LookedEnough extends Error {}

/**
 * The tables of a plugin: those of its schema, and for a bundled one those that are gone when its migrations are undone, which
 * is tried and taken back.
 */
export async function tablesOf(host: PluginHost, context: EditContext, id: string): Promise<Table[]> {
  const { knex } = host.services;
  if (await hasOwnSchema(knex, context, id)) {
    const schema = schemaOf(id);
    return (await allTables(knex)).filter((table) => table.schema === schema).map(({ name }) => ({ schema, name }));
  }
  const code = context.codes.get(id) ?? context.discovery.found.get(id);
  if (code?.isConfined !== false) return [];
  const migrations = await loadMigrations(host, code, context.plugins.get(id)?.config ?? null);
  let tables: Table[] = [];
  try {
    await inTransaction(knex, async (trx) => {
      const before = await allTables(trx);
      await undoMigrations(host, trx, id, migrations);
      const after = new Set((await allTables(trx)).map(({ oid }) => oid));
      tables = before.filter(({ oid }) => !after.has(oid)).map(({ schema, name }) => ({ schema, name }));
      throw new LookedEnough();
    });
  } catch (error) {
    if (!(error instanceof LookedEnough)) throw error;
  }
  return tables;
}

async function allTables(knex: Knex): Promise<(Table & { oid: number })[]> {
  const { rows } = await knex.raw<Rows<Table & { oid: number }>>(
    `SELECT c.oid::BIGINT AS oid, n.nspname AS schema, c.relname AS name
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema|pgboss)' ORDER BY c.oid`,
  );
  return rows;
}

/** How the kernel looks at a plugin's tables: as the plugin does, since reading may run what the plugin has put there. */
export async function viewOfTables(knex: Knex, context: EditContext, id: string): Promise<DatabaseView> {
  return (await hasOwnSchema(knex, context, id)) ? viewFor({ id, scopes: ['database'] }, true) : OPEN;
}

/** By where its tables lie; before it has any, by where its code does. */
async function hasOwnSchema(knex: Knex, { discovery }: EditContext, id: string): Promise<boolean> {
  const place = (await readDataPlaces(knex)).get(id);
  return place === undefined ? discovery.found.get(id)?.isConfined !== false : place === 'own';
}

/** How many rows each table holds. */
export async function countRows(knex: Knex, tables: readonly Table[]): Promise<{ table: string; rows: number }[]> {
  if (tables.length === 0) return [];
  const counts = tables.map(() => 'SELECT ?::TEXT AS "table", count(*)::INTEGER AS rows FROM ??.??').join(' UNION ALL ');
  const { rows } = await knex.raw<Rows<{ table: string; rows: number }>>(
    counts,
    tables.flatMap(({ schema, name }) => [name, schema, name]),
  );
  return rows;
}
