import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makePrivateFolder, serverAccount } from '../../../kernel/database/embedded/account.ts';
import { findBinaries } from '../../../kernel/database/embedded/binaries.ts';
import { ensureCluster, ensureDatabase } from '../../../kernel/database/embedded/cluster.ts';
import { findFreePort, startPostmaster } from '../../../kernel/database/embedded/postmaster.ts';
import { until } from '../../support/plugins.ts';

const DEBIAN = '/usr/lib/postgresql';

/** A PostgreSQL server that is nobody's child: whoever runs it starts it again, not MuscleMap. */
export class ExternalPostgres {
  readonly url: string;
  readonly #start: () => Promise<ChildProcess>;
  #process: ChildProcess;

  private constructor(url: string, start: () => Promise<ChildProcess>, process: ChildProcess) {
    this.url = url;
    this.#start = start;
    this.#process = process;
  }

  /** Debian's server where there is one, else the binaries that come with MuscleMap. */
  static async create(directory: string): Promise<ExternalPostgres> {
    const account = serverAccount();
    const [version] = (await readdir(DEBIAN).catch(() => [])).sort((a, b) => Number(b) - Number(a));
    const binaries = version === undefined ? await findBinaries() : join(DEBIAN, version);
    const [data, logs] = [join(directory, 'data'), join(directory, 'logs')];
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await makePrivateFolder(logs, account);
    const credentials = { postgres: randomBytes(8).toString('hex'), musclemap: randomBytes(8).toString('hex') };
    await ensureCluster(binaries, data, credentials, account);
    const port = await findFreePort();
    const start = (): Promise<ChildProcess> => startPostmaster({ binaries, data, logs, port, account, settings: {} });
    const process = await start();
    await ensureDatabase(`postgres://postgres:${credentials.postgres}@127.0.0.1:${String(port)}/postgres`, credentials.musclemap);
    return new ExternalPostgres(`postgres://musclemap:${credentials.musclemap}@127.0.0.1:${String(port)}/musclemap`, start, process);
  }

  async kill(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exit;
  }

  /** Starts it again; its last backends may hold the shared memory for a moment. */
  async start(): Promise<void> {
    this.#process = await until(() => this.#start().catch(() => undefined), 'PostgreSQL to start again', 30_000);
  }

  async stop(): Promise<void> {
    const exit = once(this.#process, 'exit');
    this.#process.kill('SIGINT');
    await exit;
  }
}

/** A Redis that keeps nothing on the disk. */
export class RedisProcess {
  readonly port: number;
  readonly #bind: string;
  #process: ChildProcess | undefined;

  constructor(port: number, bind = '127.0.0.1') {
    this.port = port;
    this.#bind = bind;
  }

  get url(): string {
    return `redis://${this.#bind}:${String(this.port)}`;
  }

  async start(): Promise<void> {
    const args = ['--port', String(this.port), '--bind', this.#bind, '--protected-mode', 'no', '--save', '', '--appendonly', 'no'];
    this.#process = spawn('redis-server', args, { stdio: 'ignore' });
    await once(this.#process, 'spawn');
  }

  kill(): void {
    this.#process?.kill('SIGKILL');
  }
}
