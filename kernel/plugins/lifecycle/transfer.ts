import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import { misplacement, readDataPlaces } from '../database/data-place.ts';
import type { DatabaseView } from '../database/views.ts';
import type { PluginHost } from '../host.ts';
import { lockPlugin } from '../installed-plugins.ts';
import { readEditContext } from './changes.ts';
import { getInstalled } from './edits.ts';
import { countRows, tablesOf, viewOfTables, type Table } from './tables.ts';

/** The first line of an export: what it holds. */
interface Header {
  format: 'musclemap plugin data 1';
  plugin: string;
  version: string;
  migrations: string[];
  tables: string[];
}

const FORMAT = 'musclemap plugin data 1';
const BATCH = 1_000;
/** How many of a table's blocks are read at a time: half a megabyte. */
const BLOCKS = 64;

/** A plugin's rows as lines of JSON, as of one moment: a header, then `{ "table": …, "rows": […] }` by the thousand. */
export async function* exportPlugin(host: PluginHost, id: string): AsyncGenerator<string> {
  const { header, tables, view } = await describe(host, id);
  const trx = await host.services.knex.transaction({ isolationLevel: 'repeatable read', readOnly: true });
  try {
    yield `${JSON.stringify(header)}\n`;
    for (const table of tables) {
      for await (const rows of readRows(view.transaction(trx), table)) yield `{"table":${JSON.stringify(table.name)},"rows":[${rows.join(',')}]}\n`;
    }
  } finally {
    await trx.rollback();
  }
}

/** The rows of a table as JSON, in the order in which they lie there. Not through a cursor: a plugin's role has none. */
async function* readRows(trx: Knex, { schema, name }: Table): AsyncGenerator<string[]> {
  const size = await trx.raw<Rows<{ blocks: number }>>(
    `SELECT pg_relation_size(format('%I.%I', ?::TEXT, ?::TEXT)::REGCLASS) / current_setting('block_size')::BIGINT AS blocks`,
    [schema, name],
  );
  const waiting: string[] = [];
  for (let block = 0; block < (size.rows[0]?.blocks ?? 0); block += BLOCKS) {
    const { rows } = await trx.raw<Rows<{ row: string }>>(
      'SELECT row_to_json(t)::TEXT AS row FROM ONLY ??.?? t WHERE ctid >= ?::TID AND ctid < ?::TID',
      [schema, name, `(${String(block)},0)`, `(${String(block + BLOCKS)},0)`],
    );
    // A line break can only stand between the parts of a JSON column, never within a string of it.
    waiting.push(...rows.map(({ row }) => row.replaceAll('\n', ' ')));
    while (waiting.length >= BATCH) yield waiting.splice(0, BATCH);
  }
  if (waiting.length > 0) yield waiting;
}

/**
 * Reads what `exportPlugin` wrote, all or nothing, and answers how many rows each table holds then.
 *
 * @throws ApiError CONFLICT for another version's data, or for tables that hold rows already and are not to be replaced.
 */
export async function importPlugin(
  host: PluginHost,
  id: string,
  lines: AsyncIterable<string>,
  options: { replace: boolean },
): Promise<{ table: string; rows: number }[]> {
  const { header, tables, view } = await describe(host, id);
  return inTransaction(host.services.knex, async (own) => {
    await lockPlugin(own, id);
    const trx = view.transaction(own);
    if (options.replace) for (const table of [...tables].reverse()) await trx.raw('DELETE FROM ??.??', [table.schema, table.name]);
    const filled = (await countRows(trx, tables)).filter(({ rows }) => rows > 0);
    if (filled.length > 0) {
      throw new ApiError('CONFLICT', `${filled.map(({ table }) => table).join(', ')} holds rows already; see --replace.`);
    }
    const byName = new Map(tables.map((table) => [table.name, table]));
    let isFirst = true;
    for await (const line of lines) {
      if (line.trim() === '') continue;
      if (isFirst) refuseOther(JSON.parse(line) as Partial<Header>, header);
      else await insertRows(trx, byName, line);
      isFirst = false;
    }
    if (isFirst) throw new ApiError('CONFLICT', 'The file is empty.');
    for (const table of tables) await moveSequences(trx, table);
    return countRows(trx, tables);
  });
}

async function describe(host: PluginHost, id: string): Promise<{ header: Header; tables: Table[]; view: DatabaseView }> {
  const { knex } = host.services;
  const context = await readEditContext(knex, host);
  const { version } = getInstalled(context, id);
  const found = context.discovery.found.get(id);
  const misplaced = found && misplacement(found, (await readDataPlaces(knex)).get(id));
  if (misplaced !== undefined) throw new ApiError('CONFLICT', `${id}: ${misplaced}`);
  const tables = await inOrderOfReferences(knex, await tablesOf(host, context, id));
  const migrations = await knex('plugin_migrations').where({ plugin_id: id }).orderBy('name').pluck<string[]>('name');
  return { header: { format: FORMAT, plugin: id, version, migrations, tables: tables.map(({ name }) => name) }, tables, view: await viewOfTables(knex, context, id) };
}

/** Tables before those that refer to them. */
async function inOrderOfReferences(knex: Knex, tables: readonly Table[]): Promise<Table[]> {
  const { rows } = await knex.raw<Rows<{ from: string; to: string }>>(
    `SELECT DISTINCT f.relname AS "from", t.relname AS "to" FROM pg_constraint c
     JOIN pg_class f ON f.oid = c.conrelid JOIN pg_class t ON t.oid = c.confrelid WHERE c.contype = 'f' AND f.oid <> t.oid`,
  );
  const ordered = new Set<Table>();
  const visit = (table: Table, path: readonly Table[]): void => {
    if (ordered.has(table) || path.includes(table)) return;
    const targets = rows.filter(({ from }) => from === table.name).map(({ to }) => to);
    for (const target of tables.filter(({ name }) => targets.includes(name))) visit(target, [...path, table]);
    ordered.add(table);
  };
  for (const table of tables) visit(table, []);
  return [...ordered];
}

function refuseOther(found: Partial<Header>, wanted: Header): void {
  if (found.format !== FORMAT) throw new ApiError('CONFLICT', 'The file was not written by plugin export.');
  if (found.plugin !== wanted.plugin) throw new ApiError('CONFLICT', `The file holds the data of ${found.plugin ?? 'no plugin'}.`);
  if (JSON.stringify(found.migrations) === JSON.stringify(wanted.migrations)) return;
  throw new ApiError('CONFLICT', `The file was written by ${wanted.plugin} ${found.version ?? ''}, whose schema is another than that of ${wanted.version}.`);
}

async function insertRows(trx: Transaction, tables: ReadonlyMap<string, Table>, line: string): Promise<void> {
  const { table: name = '', rows } = JSON.parse(line) as { table?: string; rows?: object[] };
  const table = tables.get(name);
  if (table === undefined) throw new ApiError('CONFLICT', `The file holds the table ${name}, which the plugin does not have.`);
  const columns = await trx('pg_attribute')
    .whereRaw('attrelid = format(?::TEXT, ?::TEXT, ?::TEXT)::REGCLASS', ['%I.%I', table.schema, table.name])
    .whereRaw(`attnum > 0 AND NOT attisdropped AND attgenerated = ''`)
    .orderBy('attnum')
    .pluck<string[]>('attname');
  const list = columns.map(() => '??').join(', ');
  // The text itself is handed on: numbers of PostgreSQL are finer than those of JavaScript.
  const text = rows === undefined ? '[]' : line.slice(line.indexOf('"rows":') + '"rows":'.length, line.lastIndexOf('}'));
  await trx.raw(
    `INSERT INTO ??.?? (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM json_populate_recordset(NULL::??.??, ?::JSON)`,
    [table.schema, table.name, ...columns, ...columns, table.schema, table.name, text],
  );
}

/** Sequences go on after the rows that were read. */
async function moveSequences(trx: Transaction, { schema, name }: Table): Promise<void> {
  const { rows } = await trx.raw<Rows<{ column: string; sequence: string | null }>>(
    `SELECT attname AS "column", pg_get_serial_sequence(format('%I.%I', :schema::TEXT, :name::TEXT), attname) AS sequence
     FROM pg_attribute WHERE attrelid = format('%I.%I', :schema::TEXT, :name::TEXT)::REGCLASS AND attnum > 0 AND NOT attisdropped`,
    { schema, name },
  );
  for (const { column, sequence } of rows) {
    if (sequence === null) continue;
    await trx.raw('SELECT setval(?::REGCLASS, greatest(max(??), 1), max(??) IS NOT NULL) FROM ??.??', [sequence, column, column, schema, name]);
  }
}
