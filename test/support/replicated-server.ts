import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import pg from 'pg';
import { give, makePrivateFolder, reachableBinaries, serverAccount } from '../../kernel/database/embedded/account.ts';
import { findBinaries } from '../../kernel/database/embedded/binaries.ts';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { findFreePort } from '../../kernel/database/embedded/postmaster.ts';
import { until } from './plugins.ts';

/** A database server and a copy of it that follows by streaming. */
export class ReplicatedServer {
  readonly primary: EmbeddedDatabase;
  readonly #directory: string;
  readonly #standbyFolder: string;
  readonly #port: number;
  #standby: ChildProcess | undefined;

  constructor(directory: string, primary: EmbeddedDatabase, port: number) {
    this.#directory = directory;
    this.#standbyFolder = join(directory, 'standby');
    this.primary = primary;
    this.#port = port;
  }

  /** The superuser's address of a database at the copy. */
  replicaUrl(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.port = String(this.#port);
    return url.href;
  }

  /** Starts the copy, with what it has, and waits until it can be read from. One that does not follow stays as old as it is. */
  async startStandby({ follows = true } = {}): Promise<void> {
    const folder = this.#standbyFolder;
    const account = serverAccount();
    const binaries = await reachableBinaries(await findBinaries(), this.#directory, account);
    const { hostname, port, username, password } = new URL(this.primary.adminConnectionString);
    const settings = {
      ...{ port: String(this.#port), listen_addresses: '127.0.0.1', unix_socket_directories: '', hot_standby: 'on', fsync: 'off' },
      ...{ max_connections: '200', shared_buffers: '32MB', wal_retrieve_retry_interval: '200ms', logging_collector: 'off' },
      primary_conninfo: follows ? `host=${hostname} port=${port} user=${username} password=${password} application_name=standby` : '',
    };
    const args = ['-D', folder, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
    const standby = spawn(join(binaries, 'bin', 'postgres'), args, { ...account, stdio: 'ignore', env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } });
    this.#standby = standby;
    process.once('exit', () => standby.kill('SIGKILL'));
    await until(() => this.onStandby('SELECT 1').then(() => true, () => false), 'the copy to answer', 30_000);
  }

  /** Ends the copy as a power cut would. */
  async killStandby(): Promise<void> {
    const standby = this.#standby;
    if (standby === undefined || standby.exitCode !== null || standby.signalCode !== null) return;
    // The postmaster's own end is what its children watch for.
    standby.kill('SIGQUIT');
    await once(standby, 'exit');
  }

  /** Puts aside what the copy has now; answers how to let the copy come back with that, and how to undo this. */
  async keepOlderStandby(): Promise<{ bringBack(): Promise<void>; undo(): Promise<void> }> {
    const [folder, older, newer] = [this.#standbyFolder, join(this.#directory, 'older'), join(this.#directory, 'newer')];
    await this.killStandby();
    await makePrivateFolder(older, serverAccount());
    await cp(folder, older, { recursive: true });
    await chownAll(older, serverAccount());
    await this.startStandby();
    return {
      bringBack: async () => {
        await this.killStandby();
        await rename(folder, newer);
        await rename(older, folder);
        await this.startStandby({ follows: false });
      },
      undo: async () => {
        await this.killStandby();
        await rename(folder, older);
        await rename(newer, folder);
        await this.startStandby();
      },
    };
  }

  /** Lets the copy lag for as long as a test wants, or catch up. */
  async pause(does: boolean): Promise<void> {
    await this.onStandby(does ? 'SELECT pg_wal_replay_pause()' : 'SELECT pg_wal_replay_resume()');
    if (does) await until(async () => (await this.onStandby('SELECT pg_get_wal_replay_pause_state() AS state'))[0]?.state === 'paused', 'the copy to pause');
  }

  async onStandby(sql: string): Promise<Record<string, unknown>[]> {
    return onServer(this.replicaUrl(this.primary.adminConnectionString), sql);
  }

  async stop(): Promise<void> {
    await this.killStandby();
    await this.primary.stop();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function onServer(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000, query_timeout: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Starts a primary and a copy of it in a temporary folder; both go when they are stopped. */
export async function startReplicatedServer(): Promise<ReplicatedServer> {
  const directory = await mkdtemp(join(tmpdir(), 'musclemap-replicated-'));
  await chmod(directory, 0o755);
  const settings = { fsync: 'off', full_page_writes: 'off', wal_level: 'replica', max_wal_senders: '4', wal_keep_size: '256MB', shared_buffers: '32MB' };
  const primary = await startEmbeddedDatabase({ directory: join(directory, 'primary'), log: () => undefined, settings });
  const server = new ReplicatedServer(directory, primary, await findFreePort());
  try {
    await copy(primary, join(directory, 'primary', 'data'), join(directory, 'standby'));
    await server.startStandby();
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** What pg_basebackup does, which the embedded server comes without. */
async function copy(primary: EmbeddedDatabase, from: string, to: string): Promise<void> {
  const account = serverAccount();
  await makePrivateFolder(to, account);
  const client = new pg.Client(primary.adminConnectionString);
  await client.connect();
  try {
    await client.query(`SELECT pg_backup_start('copy', true)`);
    await cp(from, to, { recursive: true, filter: (path) => !/^(postmaster\.(pid|opts)|pgsql_tmp.*)$/.test(basename(path)) });
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    await mkdir(join(to, 'pg_wal'), { recursive: true });
    await writeFile(join(to, 'backup_label'), rows[0]?.labelfile ?? '');
    await writeFile(join(to, 'standby.signal'), '');
  } finally {
    await client.end();
  }
  await chownAll(to, account);
}

async function chownAll(folder: string, account: { uid?: number }): Promise<void> {
  if (account.uid === undefined) return;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) await give(join(entry.parentPath, entry.name), account);
}
