import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Account } from './account.ts';
import { EmbeddedDatabaseError } from './errors.ts';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 8_000;
const POLL_MS = 10;

export interface PostmasterOptions {
  binaries: string;
  data: string;
  logs: string;
  port: number;
  settings: Record<string, string>;
  account: Account;
}

/** Starts the server and waits until it takes connections. */
export async function startPostmaster(options: PostmasterOptions): Promise<ChildProcess> {
  const { data, port, account } = options;
  const settings: Record<string, string> = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    shared_buffers: '128MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    logging_collector: 'on',
    log_directory: options.logs,
    log_filename: 'postgresql-%d.log',
    log_truncate_on_rotation: 'on',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    ...options.settings,
  };
  const child = spawn(
    join(options.binaries, 'bin', 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...account, stdio: ['ignore', 'ignore', 'pipe'], env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } },
  );
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  let ended: string | undefined;
  child.once('error', (error) => (ended = error.message));
  child.once('exit', (code, signal) => (ended ??= `it ended with ${String(signal ?? code)}`));
  const deadline = performance.now() + START_LIMIT_MS;
  while (!(await isReady(data, child.pid))) {
    if (ended !== undefined || performance.now() > deadline) {
      child.kill('SIGKILL');
      throw new EmbeddedDatabaseError(`PostgreSQL did not start in ${data}: ${ended ?? 'it took too long'}. ${said.trim()}`);
    }
    await delay(POLL_MS);
  }
  return child;
}

/** Stops the server: the sessions are cut off, what was committed is on disk. */
export async function stopPostmaster(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  child.kill('SIGINT');
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(timer);
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Ends a server that outlived the process which had started it. The caller holds the folder's lock. */
export async function stopOrphan(data: string): Promise<boolean> {
  const [pid, folder] = await readPidFile(data);
  if (!isPostgres(pid, folder, data)) return false;
  const deadline = performance.now() + STOP_LIMIT_MS;
  signal(pid, 'SIGINT');
  while (isAlive(pid)) {
    if (performance.now() > deadline) signal(pid, 'SIGQUIT');
    await delay(POLL_MS);
  }
  return true;
}

/** The port of the server that runs on the folder; undefined when none takes connections. */
export async function findRunningPort(data: string): Promise<number | undefined> {
  const lines = (await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  const [pid, port] = [Number(lines[0]), Number(lines[3])];
  return lines[7]?.trim() === 'ready' && isPostgres(pid, lines[1], data) && port > 0 ? port : undefined;
}

function isPostgres(pid: number, folder: string | undefined, data: string): boolean {
  return Number.isInteger(pid) && pid > 1 && folder === data && isAlive(pid);
}

/** postmaster.pid: the process, the folder, …; the eighth line says how far it is. */
async function readPidFile(data: string): Promise<[number, string | undefined, string | undefined]> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  return [Number(lines[0]), lines[1], lines[7]?.trim()];
}

async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  const [owner, , status] = await readPidFile(data);
  return owner === pid && status === 'ready';
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended by itself.
  }
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
