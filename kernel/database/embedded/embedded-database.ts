import type { ChildProcess } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makePrivateFolder, reachableBinaries, reachableFolder, serverAccount } from './account.ts';
import { findBinaries } from './binaries.ts';
import { ensureCluster, ensureDatabase, loadCredentials, type Credentials } from './cluster.ts';
import { lockFolder } from './lock.ts';
import {
  findFreePort,
  findRunningPort,
  hasEnded,
  startPostmaster,
  stopOrphan,
  stopPostmaster,
  type PostmasterOptions,
} from './postmaster.ts';

export interface EmbeddedDatabaseOptions {
  /** Holds everything: data, passwords, logs. */
  directory: string;
  log(level: 'info' | 'warn' | 'error', message: string): void;
  /** More server settings, as `{ fsync: 'off' }` for tests. */
  settings?: Record<string, string>;
}

/** A PostgreSQL server of this process's own. */
export interface EmbeddedDatabase {
  /** Of the application's database and role. */
  connectionString: string;
  /** Of the superuser. */
  adminConnectionString: string;
  /** The server's process, which changes when it has to be started again. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const LONGEST_PAUSE_MS = 5_000;

/**
 * Starts PostgreSQL on a folder: made at the first start, repaired after a crash, refused while another process has it.
 *
 * @throws EmbeddedDatabaseError that says what is wrong and what to do.
 */
export async function startEmbeddedDatabase(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  await mkdir(options.directory, { recursive: true, mode: 0o755 });
  const directory = await realpath(options.directory);
  const unlock = await lockFolder(directory);
  try {
    return await start({ ...options, directory }, unlock);
  } catch (error) {
    await unlock();
    throw error;
  }
}

/** The application's address at the server that another process runs on the folder; undefined when none does. */
export async function findRunningDatabase(directory: string): Promise<string | undefined> {
  const folder = await reachableFolder(await realpath(directory), serverAccount());
  const port = await findRunningPort(join(folder, 'data'));
  if (port === undefined) return undefined;
  const credentials = await loadCredentials(join(directory, 'credentials.json'));
  return addressOf('musclemap', credentials, port);
}

function addressOf(role: keyof Credentials, credentials: Credentials, port: number): string {
  return `postgres://${role}:${credentials[role]}@127.0.0.1:${String(port)}/${role}`;
}

async function start(options: EmbeddedDatabaseOptions, unlock: () => Promise<void>): Promise<EmbeddedDatabase> {
  const account = serverAccount();
  const folder = await reachableFolder(options.directory, account);
  const binaries = await reachableBinaries(await findBinaries(), folder, account);
  const [data, logs] = [join(folder, 'data'), join(folder, 'logs')];
  const credentials = await loadCredentials(join(options.directory, 'credentials.json'));
  await makePrivateFolder(logs, account);
  await ensureCluster(binaries, data, credentials, account);
  if (await stopOrphan(data)) options.log('warn', 'stopped a database server that an earlier process had left running');

  const port = await findFreePort();
  const server = new Supervisor(
    { binaries, data, logs, port, account, settings: options.settings ?? {} },
    options.log.bind(options),
  );
  await server.start();
  const url = (role: keyof Credentials): string => addressOf(role, credentials, port);
  try {
    await ensureDatabase(url('postgres'), credentials.musclemap);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    connectionString: url('musclemap'),
    adminConnectionString: url('postgres'),
    get pid() {
      return server.pid;
    },
    stop: async () => {
      await server.stop();
      await unlock();
    },
  };
}

/** Keeps the server running: starts it again when it dies, after a pause that grows with how often it does. */
class Supervisor {
  readonly #options: PostmasterOptions;
  readonly #log: EmbeddedDatabaseOptions['log'];
  readonly #endWithProcess = (): void => {
    this.#child?.kill('SIGINT');
  };
  #child: ChildProcess | undefined;
  readonly #stopping = new AbortController();
  #restarts: number[] = [];
  #restarting: Promise<void> | undefined;

  constructor(options: PostmasterOptions, log: EmbeddedDatabaseOptions['log']) {
    this.#options = options;
    this.#log = log;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  async start(): Promise<void> {
    process.once('exit', this.#endWithProcess);
    await this.#launch();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#restarting;
    process.removeListener('exit', this.#endWithProcess);
    if (this.#child !== undefined) await stopPostmaster(this.#child);
  }

  async #launch(): Promise<void> {
    const child = await startPostmaster(this.#options);
    this.#child = child;
    const restart = (): void => {
      if (!this.#isStopping) this.#restarting = this.#restart();
    };
    if (hasEnded(child)) restart();
    else child.once('exit', restart);
  }

  /** Tries again and again: what keeps it from running, a full disk for instance, may end at any time. */
  async #restart(): Promise<void> {
    for (;;) {
      const now = performance.now();
      this.#restarts = [...this.#restarts.filter((at) => at > now - 60_000), now];
      const pause = Math.min(LONGEST_PAUSE_MS, 100 * 2 ** this.#restarts.length);
      const again = `starting it again in ${(pause / 1000).toFixed(1)} s`;
      this.#log(pause === LONGEST_PAUSE_MS ? 'error' : 'warn', `the database server has died; ${again}`);
      try {
        await delay(pause, undefined, { signal: this.#stopping.signal });
        await this.#launch();
        return;
      } catch (error) {
        if (this.#isStopping) return;
        this.#log('warn', error instanceof Error ? error.message : String(error));
      }
    }
  }
}
