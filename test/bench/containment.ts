/**
 * What the mistakes of others cost a plugin that makes none, and what keeping count of them costs:
 * node --import ./kernel/typescript/register.mjs test/bench/containment.ts [--quick] [--json]
 *
 * Two servers with the same neighbour, one beside every faulty plugin that a server survives, are asked in turn, in the same run.
 */
import { once } from 'node:events';
import { Agent, get, type IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { runContained } from '../../kernel/plugins/containment.ts';
import { Metrics } from '../../kernel/telemetry/metrics.ts';
import { startTestKernel, startTestServer } from '../../kernel/testing.ts';
import { ANSWERS_TWICE, FAULTY, NEIGHBOUR } from '../kernel/faulty-plugins/kit.ts';
import { enablePlugins } from '../support/enabled.ts';
import { writePlugins } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { atMost, isQuick, median, quantile, runBench, shown, tell, type Figure } from './figure.ts';

const ROUNDS = isQuick ? 3 : 9;
const SECONDS = isQuick ? 3 : 6;
/**
 * Asked at a steady pace that leaves the processor time: how long an answer takes is the question, not how many there can be. A
 * generator that sends each second's share at once would measure how a burst is worked off.
 */
const REQUESTS_PER_SECOND = 100;
const CALLS = 200_000;
/** The runs of a plugin's code that a request of the neighbour is made of: its handler. */
const RUNS_PER_REQUEST = 1;

interface Side {
  url: string;
  /** Milliseconds that each answer took. */
  times: number[];
  /** Milliseconds of processor time for each request. */
  processor: number[];
}

async function processorSeconds(url: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_cpu_seconds_total (\S+)/m.exec(text)?.[1]);
}

/** Milliseconds that one answer took. */
async function answerTime(url: string, agent: Agent): Promise<number> {
  const started = performance.now();
  const [response] = (await once(get(url, { agent }), 'response')) as [IncomingMessage];
  await once(response.resume(), 'end');
  if (response.statusCode !== 200) throw new Error(`The neighbour failed: ${String(response.statusCode)}.`);
  return performance.now() - started;
}

async function ask(side: Side): Promise<void> {
  const before = await processorSeconds(side.url);
  const agent = new Agent({ keepAlive: true });
  const answers: Promise<number>[] = [];
  const started = performance.now();
  while (answers.length < REQUESTS_PER_SECOND * SECONDS) {
    const due = ((performance.now() - started) / 1000) * REQUESTS_PER_SECOND;
    while (answers.length < due) answers.push(answerTime(`${side.url}/api/neighbours/1`, agent));
    await delay(1);
  }
  const times = await Promise.all(answers);
  agent.destroy();
  side.times.push(...times);
  side.processor.push((((await processorSeconds(side.url)) - before) * 1000) / times.length);
}

/** Lets every faulty plugin that works at a request make its mistake. */
async function provoke(url: string): Promise<void> {
  const ids = Object.entries(FAULTY).flatMap(([id, { trigger }]) => (trigger === 'route' ? [id] : []));
  const waited = ids.map((id) => fetch(`${url}/api/${id}`, { signal: AbortSignal.timeout(6_000) }).then((answer) => answer.text()));
  await Promise.allSettled([...waited, fetch(`${url}/api/neighbours`, { method: 'POST' })]);
}

/** Nanoseconds that a run costs for being contained and counted. */
function accountingOf(rounds: number): number {
  const limits = new Proxy({}, { get: () => 1_000 }) as Metrics['limits'];
  const metrics = new Metrics(pino({ level: 'silent' }), limits);
  const work = (): number => 1;
  const time = (run: () => unknown): number => {
    const started = performance.now();
    for (let i = 0; i < CALLS; i++) run();
    return ((performance.now() - started) * 1e6) / CALLS;
  };
  const differences = Array.from({ length: rounds }, () => {
    const counted = time(() => runContained(metrics, 'neighbour', 'route GET /api/neighbours/:id', work));
    return counted - time(work);
  });
  return median(differences);
}

async function benchContainment(): Promise<Figure[]> {
  const faulty = { ...FAULTY, 'answers-twice': ANSWERS_TWICE };
  const [alone, among] = [await writePlugins({ 'a-neighbour': NEIGHBOUR }), await writePlugins({ ...faulty, 'a-neighbour': NEIGHBOUR })];
  const postgres = await startTestServer();
  const servers: ServerProcess[] = [];
  const begin = async (directory: string, ids: readonly string[]): Promise<Side> => {
    // A kernel that ends at once leaves a database that is migrated.
    const made = await startTestKernel({ server: postgres, sources: { bundled: [], directories: [], nodeModules: [] } });
    await made.kernel.stop();
    await enablePlugins(made.databaseUrl, ids);
    const server = new ServerProcess({ env: { DATABASE_URL: made.databaseUrl, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: directory } });
    servers.push(server);
    return { url: await server.url, times: [], processor: [] };
  };
  try {
    const sides = [await begin(alone.directory, ['a-neighbour']), await begin(among.directory, ['a-neighbour', ...Object.keys(faulty)])] as const;
    for (const side of sides) await ask(side);
    for (const { times, processor } of sides) for (const figures of [times, processor]) figures.length = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      await provoke(sides[1].url);
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) await ask(side);
      tell(`containment, round ${String(round)} of ${String(ROUNDS)}`);
    }
    const [without, beside] = sides;
    // Of all rounds together: six answers of one are too few to tell its p99 by.
    const [quiet, loud] = [quantile(without.times, 0.99), quantile(beside.times, 0.99)];
    const accounting = accountingOf(ROUNDS);
    return [
      shown('p99 of a neighbour alone', quiet, 'ms'),
      shown(`p99 beside ${String(Object.keys(faulty).length)} faulty plugins`, loud, 'ms'),
      atMost('p99 of a neighbour beside every faulty plugin, against alone', loud / quiet, '×', 1.2),
      shown('a run that is contained and counted costs', accounting, 'ns'),
      atMost('what containing and counting a run takes of a request', ((accounting * RUNS_PER_REQUEST) / (median(without.processor) * 1e6)) * 100, '%', 3),
    ];
  } finally {
    await Promise.all(servers.filter(({ hasEnded }) => !hasEnded).map((server) => server.end('SIGKILL')));
    await postgres.stop();
    await Promise.all([alone.remove(), among.remove()]);
  }
}

await runBench(benchContainment);
