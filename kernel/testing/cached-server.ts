import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../database/embedded/embedded-database.ts';
import { DatabaseInUseError } from '../database/embedded/errors.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SLOTS = 16;
/** The database that every test's own is copied from. */
export const TEMPLATE = 'musclemap_template';

export interface CachedServer {
  adminUrl: string;
  stop(): Promise<void>;
}

/** Settings of a server whose data nobody will miss. */
export const CARELESS = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

/**
 * Starts a database server that is kept from run to run, with a migrated database to copy: the first run on a version of the
 * migrations makes both. Runs at the same time take one each.
 *
 * @param migrate Brings an empty database to what the kernel and its plugins need.
 */
export async function startCachedServer(migrate: (databaseUrl: string) => Promise<void>): Promise<CachedServer> {
  const server = await takeSlot(join(tmpdir(), `musclemap-testing-${String(userInfo().uid)}`, await checksumOfMigrations()));
  const adminUrl = server.adminConnectionString;
  try {
    await prepare(adminUrl, migrate);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return { adminUrl, stop: () => server.stop() };
}

async function takeSlot(parent: string): Promise<EmbeddedDatabase> {
  for (let slot = 0; ; slot++) {
    const directory = join(parent, `server-${String(slot)}`);
    await mkdir(directory, { recursive: true, mode: 0o755 });
    try {
      return await startEmbeddedDatabase({ directory, log: () => undefined, settings: CARELESS });
    } catch (error) {
      if (!(error instanceof DatabaseInUseError) || slot === SLOTS) throw error;
    }
  }
}

/** Drops what an interrupted run left and makes the template, under another name until it is complete. */
async function prepare(adminUrl: string, migrate: (databaseUrl: string) => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const names = rows.map(({ datname }) => datname);
    const making = `${TEMPLATE}_making`;
    for (const name of names.filter((name) => name.startsWith('test_') || name === making)) {
      await client.query(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    }
    const roles = await client.query<{ rolname: string }>(`SELECT rolname FROM pg_roles WHERE rolname ~ '^test_[0-9a-f]+_plugin_'`);
    for (const { rolname } of roles.rows) await client.query(`DROP ROLE ${pg.escapeIdentifier(rolname)}`);
    if (names.includes(TEMPLATE)) return;
    await client.query(`CREATE DATABASE ${making}`);
    const url = new URL(adminUrl);
    url.pathname = `/${making}`;
    await migrate(url.href);
    await client.query(`ALTER DATABASE ${making} RENAME TO ${TEMPLATE}`);
  } finally {
    await client.end();
  }
}

/** Changes with every migration of the kernel and of the bundled plugins. */
async function checksumOfMigrations(): Promise<string> {
  const plugins = (await readdir(join(root, 'plugins'))).sort();
  const folders = [join(root, 'migrations'), ...plugins.map((plugin) => join(root, 'plugins', plugin, 'migrations'))];
  const hash = createHash('sha256');
  for (const folder of folders) {
    for (const file of (await readdir(folder).catch(() => [])).sort()) {
      hash.update(file).update(await readFile(join(folder, file)));
    }
  }
  return hash.digest('hex').slice(0, 16);
}
