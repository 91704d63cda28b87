import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { verifyLedger } from '../credits/verify.ts';
import { connect } from '../database/connect.ts';
import { FileStore } from '../storage/file-store.ts';
import { BackupError, type BackupCounts } from './format.ts';
import { restoreBackup, type BackupHeader } from './restore-backup.ts';

export interface TestOptions {
  /** The database whose server has room for a second one; nothing of it is read or changed. */
  databaseUrl: string;
  file: string;
  /** Where the files of the backup are written to for the while. */
  directory: string;
  progress?: (text: string) => void;
}

export interface TestedBackup {
  header: BackupHeader;
  counts: BackupCounts;
  /** Entries of the ledger, every balance of which was proven. */
  entries: number;
}

const ONE_AT_A_TIME = 'musclemap:restore-test';
const PREFIX = 'musclemap_restore_test_';

/**
 * Restores a backup beside the database, proves its books, and takes away what was made. So a backup is known to be good before it is
 * needed, while the server goes on.
 */
export async function testRestore(options: TestOptions): Promise<TestedBackup> {
  const client = new pg.Client({ connectionString: options.databaseUrl, application_name: 'musclemap-restore-test' });
  // A connection that is lost while nothing is asked is told of by the next question.
  client.on('error', () => undefined);
  await client.connect();
  try {
    await refuseSecond(client);
    const { rows } = await client.query<{ mark: string }>('SELECT left(md5(current_database()), 8) AS mark');
    const prefix = `${PREFIX}${rows[0]?.mark ?? ''}_`;
    await removeLeftOvers(client, options.directory, prefix);
    return await inDatabase(client, prefix + randomBytes(4).toString('hex'), options);
  } finally {
    await client.end();
  }
}

async function refuseSecond(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ isFree: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS "isFree"', [ONE_AT_A_TIME]);
  if (rows[0]?.isFree !== true) throw new BackupError('A backup is being tested already.');
}

/** A test that was killed could not take away its own. */
async function removeLeftOvers(client: pg.Client, directory: string, prefix: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE datname ~ $1', [`^${prefix}[0-9a-f]{8}$`]);
  for (const { name } of rows) await drop(client, name);
  const folders = (await readdir(directory).catch(() => [])).filter((name) => name.startsWith(prefix));
  for (const name of folders) await rm(join(directory, name), { recursive: true, force: true });
}

async function inDatabase(client: pg.Client, name: string, { databaseUrl, file, directory, progress }: TestOptions): Promise<TestedBackup> {
  await client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE template0`).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new BackupError(`There is no database to restore into: ${why}. The user of DATABASE_URL needs the right CREATEDB, or restore into an empty database of your own.`, { cause: error });
  });
  const folder = join(directory, name);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const url = new URL(databaseUrl);
    url.pathname = `/${encodeURIComponent(name)}`;
    const restored = await restoreBackup({
      ...{ databaseUrl: url.href, file, replaces: false, files: new FileStore(folder) },
      keepKeys: () => Promise.resolve(),
      ...(progress && { progress }),
    });
    return { ...restored, entries: await proveBooks(url.href) };
  } finally {
    await rm(folder, { recursive: true, force: true });
    await drop(client, name);
  }
}

async function proveBooks(databaseUrl: string): Promise<number> {
  const knex = connect(databaseUrl, { poolMax: 1, applicationName: 'musclemap-restore-test' });
  try {
    const { entries, mismatches } = await verifyLedger(knex);
    if (mismatches.length > 0) throw new BackupError(`The backup can be read, but ${String(mismatches.length)} balances in it are not the sum of their entries.`);
    return entries;
  } finally {
    await knex.destroy();
  }
}

/** The database, and the role that guards the ledger in it. */
async function drop(client: pg.Client, name: string): Promise<void> {
  await client.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`);
  await client.query(`DROP ROLE IF EXISTS ${pg.escapeIdentifier(`${name}_ledger`)}`);
}
