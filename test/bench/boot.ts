/**
 * From an empty folder to the first answer, again, with 50 plugins more, and the memory that a server without work takes:
 * node --import ./kernel/typescript/register.mjs test/bench/boot.ts [--quick] [--json]
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';
import { startTestKernel, startTestServer } from '../../kernel/testing.ts';
import { writePlugins } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { atMost, isQuick, median, runBench, tell, type Figure } from './figure.ts';

const ROUNDS = isQuick ? 1 : 3;
const PLUGINS = 50;
const IDLE_MS = isQuick ? 3_000 : 15_000;

/** Seconds until /health answers. */
async function boot(home: string): Promise<{ server: ServerProcess; seconds: number }> {
  const started = performance.now();
  const server = new ServerProcess({ env: { MUSCLEMAP_HOME: home } });
  const { ok } = await fetch(`${await server.url}/health`);
  if (!ok) throw new Error('The server is not well.');
  return { server, seconds: (performance.now() - started) / 1000 };
}

/** Megabytes that are resident, PostgreSQL apart. */
async function residentOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

async function bootTwice(): Promise<{ first: number; again: number; megabytes: number }> {
  const home = await mkdtemp(join(tmpdir(), 'musclemap-boot-'));
  await chmod(home, 0o755);
  try {
    const first = await boot(home);
    await first.server.end('SIGTERM');
    const again = await boot(home);
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const megabytes = await residentOf(again.server.child.pid);
    await again.server.end('SIGTERM');
    return { first: first.seconds, again: again.seconds, megabytes };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** Seconds that a kernel takes to start on a database that it has migrated before. */
async function startWith(plugins: number): Promise<number> {
  const child = fork(import.meta.filename, ['start', String(plugins)]);
  const [seconds] = (await once(child, 'message')) as [number];
  await once(child, 'exit');
  return seconds;
}

async function measureStart(plugins: number): Promise<number> {
  installPluginResolver();
  const noop = Array.from({ length: plugins }, (_, n) => [`noop-${String(n)}`, {}] as const);
  const folder = await writePlugins(Object.fromEntries(noop), [join(import.meta.dirname, '../../plugins')]);
  const server = await startTestServer();
  const before = await startTestKernel({ server, sources: folder.sources });
  const template = new URL(before.databaseUrl).pathname.slice(1);
  await before.kernel.stop();
  const started = performance.now();
  const kernel = await startTestKernel({ server, template, sources: folder.sources });
  const seconds = (performance.now() - started) / 1000;
  await kernel.stop();
  await before.drop();
  await Promise.all([server.stop(), folder.remove()]);
  return seconds;
}

async function benchBoot(): Promise<Figure[]> {
  const boots: Awaited<ReturnType<typeof bootTwice>>[] = [];
  const more: number[] = [];
  for (let round = 1; round <= ROUNDS; round += 1) {
    boots.push(await bootTwice());
    const without = await startWith(0);
    more.push((await startWith(PLUGINS)) - without);
    tell(`boot, round ${String(round)} of ${String(ROUNDS)}`);
  }
  return [
    atMost('from an empty folder to the first answer', median(boots.map(({ first }) => first)), 's', 10),
    atMost('a start after the first', median(boots.map(({ again }) => again)), 's', 2),
    atMost(`${String(PLUGINS)} plugins that do nothing take longer by`, median(more), 's', 1),
    atMost('resident without work, PostgreSQL apart', median(boots.map(({ megabytes }) => megabytes)), 'MB', 150),
  ];
}

const [role, given] = process.argv.slice(2);
if (role === 'start') {
  process.send?.(await measureStart(Number(given)));
  process.disconnect();
} else {
  await runBench(benchBoot);
}
