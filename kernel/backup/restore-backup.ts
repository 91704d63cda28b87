import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { kernelMigrationNames } from '../database/kernel-schema.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { BackupError, type BackupCounts, type Entry } from './format.ts';
import { BackupLines } from './lines.ts';
import { RestoredFiles } from './restored-files.ts';

export interface RestoreOptions {
  databaseUrl: string;
  file: string;
  /** Whether people and what they have may be replaced. */
  replaces: boolean;
  /** Where the files of plugins go; undefined when they are the bucket's to keep. */
  files: ObjectStore | undefined;
  /** Given the keys of the server that was backed up, once everything else is there. */
  keepKeys(keys: string): Promise<void>;
  progress?(text: string): void;
}

/** What a backup is of. */
export type BackupHeader = Extract<Entry, { kind: 'header' }>;

/**
 * Makes a database what it was when the backup was written, in one transaction: whatever goes wrong, it stays as it was, and so do the
 * files. The next start of the server brings an older one to what its version needs.
 */
export async function restoreBackup(options: RestoreOptions): Promise<{ header: BackupHeader; counts: BackupCounts }> {
  const files = new RestoredFiles(options.files);
  try {
    const restored = await restoreDatabase(options, files);
    await files.removeOthers();
    return restored;
  } catch (error) {
    await files.takeBack();
    throw error;
  }
}

async function restoreDatabase(options: RestoreOptions, files: RestoredFiles): Promise<{ header: BackupHeader; counts: BackupCounts }> {
  const lines = new BackupLines(options.file);
  const client = new pg.Client({ connectionString: options.databaseUrl, application_name: 'musclemap-restore' });
  try {
    const header = await readHeader(lines);
    await client.connect();
    await client.query('BEGIN');
    await client.query('SET LOCAL statement_timeout = 0; SET LOCAL check_function_bodies = off');
    await refuseUse(client, options.replaces);
    await files.lookAt(client);
    await empty(client);
    await client.query(`SET LOCAL search_path = ''`);
    const counts = await restoreEntries(client, lines, files, options);
    await refuseLaterSchema(client, header);
    await protectLedger(client);
    await client.query('COMMIT');
    files.committed();
    if (header.keys !== undefined) await options.keepKeys(header.keys);
    return { header, counts };
  } finally {
    await lines.close();
    await client.end();
  }
}

async function readHeader(lines: BackupLines): Promise<BackupHeader> {
  const header = parse(await lines.next());
  if (header?.kind !== 'header') throw new BackupError('The file is no backup of MuscleMap.');
  // A file of a later version may say something else.
  if (header.format > 1) throw new BackupError(`The backup was made by a later version, ${header.version}.`);
  return header;
}

function parse(line: Buffer): Entry | undefined {
  try {
    return JSON.parse(line.toString('utf8')) as Entry;
  } catch {
    return undefined;
  }
}

async function refuseUse(client: pg.Client, replaces: boolean): Promise<void> {
  const { rows: others } = await client.query(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'musclemap%' AND pid <> pg_backend_pid()`,
  );
  if (others.length > 0) throw new BackupError('A server uses this database. Stop it first.');
  const { rows } = await client.query<{ name: string | null }>(`SELECT to_regclass('public.users') AS name`);
  const isInhabited = rows[0]?.name != null && (await client.query('SELECT FROM public.users LIMIT 1')).rows.length > 0;
  if (isInhabited && !replaces) throw new BackupError('There are people in this database. To replace them and all that they have, say --force.');
}

async function empty(client: pg.Client): Promise<void> {
  await client.query(`
    DO $$ DECLARE v_schema TEXT; BEGIN
      FOR v_schema IN SELECT n.nspname FROM pg_namespace n WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
        AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid)
      LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', v_schema);
      END LOOP;
    END $$`);
  await client.query('CREATE SCHEMA IF NOT EXISTS public');
  await client.query('GRANT USAGE ON SCHEMA public TO PUBLIC');
}

async function restoreEntries(client: pg.Client, lines: BackupLines, files: RestoredFiles, options: RestoreOptions): Promise<BackupCounts> {
  const counts: BackupCounts = { tables: 0, rows: 0, files: 0 };
  for (;;) {
    const entry = parse(await lines.next());
    switch (entry?.kind) {
      case 'statement':
        options.progress?.(`${String(counts.rows)} rows: ${entry.sql.slice(0, 60).replace(/\s+/g, ' ')}`);
        await run(client, entry.sql);
        break;
      case 'rows':
        options.progress?.(`${String(counts.rows)} rows: ${entry.table}`);
        counts.rows += await restoreRows(client, lines, entry);
        counts.tables += 1;
        break;
      case 'file':
        await restoreFile(lines, entry, files);
        counts.files += 1;
        break;
      case 'end':
        refuseLess(counts, entry);
        return counts;
      default:
        throw new BackupError('The file is damaged: a line of it says nothing that is known.');
    }
  }
}

async function run(client: pg.Client, sql: string): Promise<void> {
  try {
    await client.query(sql);
  } catch (error) {
    throw new BackupError(`"${sql.slice(0, 200)}" failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function restoreRows(client: pg.Client, lines: BackupLines, { table, columns }: Extract<Entry, { kind: 'rows' }>): Promise<number> {
  const copy = client.query(copyFrom(`COPY ${table} (${columns}) FROM STDIN`));
  try {
    await pipeline(Readable.from(gather(lines.data())), copy);
  } catch (error) {
    throw error instanceof BackupError ? error : new BackupError(`The rows of ${table} failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return copy.rowCount;
}

/** Rows are short: many of them go together. */
async function* gather(rows: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  let batch: Buffer[] = [];
  let size = 0;
  for await (const row of rows) {
    batch.push(row);
    size += row.length;
    if (size < 64 * 1024) continue;
    yield Buffer.concat(batch);
    [batch, size] = [[], 0];
  }
  if (size > 0) yield Buffer.concat(batch);
}

async function restoreFile(lines: BackupLines, { name, size }: Extract<Entry, { kind: 'file' }>, files: RestoredFiles): Promise<void> {
  if (!/^[a-z0-9-]+\/\w\w\/file_[0-9a-f-]{36}$/.test(name)) throw new BackupError(`The file is damaged: ${name} is no name of a file.`);
  const decode = async function* (): AsyncGenerator<Buffer> {
    for await (const line of lines.data()) yield Buffer.from(line.toString('latin1'), 'base64');
  };
  const written = await files.write(name, decode());
  if (written !== size) throw new BackupError(`The file is damaged: ${name} has ${String(written)} bytes, not ${String(size)}.`);
}

/** What a later version has made of its tables, no start of this one could work with. */
async function refuseLaterSchema(client: pg.Client, { version }: BackupHeader): Promise<void> {
  const { rows: ledgers } = await client.query<{ name: string | null }>(`SELECT to_regclass('public.knex_migrations') AS name`);
  if (ledgers[0]?.name == null) throw new BackupError('The file is no backup of a MuscleMap that has ever run: it has no migrations.');
  const { rows } = await client.query<{ name: string }>('SELECT name FROM public.knex_migrations ORDER BY name');
  const known = new Set(await kernelMigrationNames());
  const later = rows.find(({ name }) => !known.has(name));
  if (later === undefined) return;
  throw new BackupError(`The backup was made by a later version than this one (it says ${version}): its database has the migration ${later.name}. Restore it with that version.`);
}

function refuseLess(restored: BackupCounts, written: BackupCounts): void {
  for (const what of ['tables', 'rows', 'files'] as const) {
    if (restored[what] !== written[what]) {
      throw new BackupError(`The file is damaged: it has ${String(restored[what])} ${what}, and was written with ${String(written[what])}.`);
    }
  }
}

/** Everything belongs to who restores, but the ledger to the role that guards it. A backup may be older than that role. */
async function protectLedger(client: pg.Client): Promise<void> {
  await client.query('SET LOCAL search_path = public');
  const { rows } = await client.query<{ name: string | null }>(`SELECT to_regprocedure('public.protect_credit_ledger()') AS name`);
  if (rows[0]?.name != null) await client.query('SELECT public.protect_credit_ledger()');
}
