/**
 * A route with validation among 1,000 and 5,000 routes of 100 plugins, against bare Koa answering the same bytes:
 * node --import ./kernel/typescript/register.mjs test/bench/dispatch.ts [--quick] [--json]. Each server is a process of its own.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import autocannon from 'autocannon';
import Koa from 'koa';
import { startTestKernel, startTestServer } from '../../kernel/testing.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';
import { writePlugins } from '../support/plugins.ts';
import { atLeast, isQuick, median, runBench, shown, tell, type Figure } from './figure.ts';

const PLUGINS = 100;
const SECONDS = isQuick ? 2 : 4;
const ROUNDS = isQuick ? 3 : 5;
const CONNECTIONS = 20;
const QUERY = '?limit=20&search=squat';

interface Answer {
  headers: [string, string][];
  body: string;
}

/** Routes of one plugin: each with a parameter, a query and an answer that have schemas. */
function routesOf(id: string, count: number): string {
  return `
    kernel.hooks.routes.tap('${id}', (routes) => {
      for (let n = 0; n < ${String(count)}; n += 1) {
        routes.get('/${id}/things' + n + '/:id', {
          summary: 'A thing', auth: 'none',
          params: Type.Object({ id: Type.String({ pattern: '^[a-z0-9_]{1,40}$' }) }),
          query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })), search: Type.Optional(Type.String({ maxLength: 40 })) }),
          response: Type.Object({ id: Type.String(), limit: Type.Integer(), name: Type.String() }),
        }, ({ params, query }) => ({ id: params.id, limit: query.limit ?? 20, name: 'A thing of a plugin' }));
      }
    });`;
}

async function serveKernel(routes: number): Promise<string> {
  installPluginResolver();
  const ids = Array.from({ length: PLUGINS }, (_, n) => `bench-${String(n)}`);
  const folder = await writePlugins(Object.fromEntries(ids.map((id) => [id, { apply: routesOf(id, routes / PLUGINS) }])));
  const server = await startTestServer();
  const kernel = await startTestKernel({ server, sources: folder.sources, config: { mode: 'production' } });
  process.once('disconnect', () => {
    void kernel
      .stop()
      .then(() => Promise.all([server.stop(), folder.remove()]))
      .finally(() => process.exit());
  });
  return kernel.kernel.url;
}

async function serveKoa({ headers, body }: Answer): Promise<string> {
  const app = new Koa();
  app.use((ctx) => {
    for (const [name, value] of headers) ctx.set(name, value);
    ctx.body = body;
  });
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  process.once('disconnect', () => process.exit());
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

async function start(...role: string[]): Promise<{ child: ChildProcess; url: string }> {
  const child = fork(import.meta.filename, role);
  const [url] = (await once(child, 'message')) as [string];
  return { child, url };
}

async function stop(child: ChildProcess): Promise<void> {
  child.disconnect();
  await once(child, 'exit');
}

async function answerOf(url: string): Promise<Answer> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url} answers ${String(response.status)}: ${await response.text()}`);
  const own = ['connection', 'keep-alive', 'content-length', 'date', 'transfer-encoding'];
  return { headers: [...response.headers].filter(([name]) => !own.includes(name)), body: await response.text() };
}

async function requestsPerSecond(url: string, routes: number): Promise<number> {
  const requests = Array.from({ length: 50 }, (_, n) => ({
    path: `/api/bench-${String((n * 37) % PLUGINS)}/things${String((n * 13) % (routes / PLUGINS))}/thing_${String(n)}${QUERY}`,
  }));
  const { requests: done, non2xx, errors } = await autocannon({ url, connections: CONNECTIONS, duration: SECONDS, requests });
  if (non2xx + errors > 0) throw new Error(`${String(non2xx + errors)} requests failed`);
  return done.average;
}

async function benchDispatch(): Promise<Figure[]> {
  const few = await start('kernel', '1000');
  const many = await start('kernel', '5000');
  const answer = await answerOf(`${few.url}/api/bench-1/things1/thing_1${QUERY}`);
  const koa = await start('koa', JSON.stringify(answer));
  const rounds: Record<'koa' | 'few' | 'many', number[]> = { koa: [], few: [], many: [] };
  try {
    for (let round = 0; round <= ROUNDS; round += 1) {
      const run = { koa: await requestsPerSecond(koa.url, 1000), few: await requestsPerSecond(few.url, 1000), many: await requestsPerSecond(many.url, 5000) };
      tell(`dispatch, round ${String(round)} of ${String(ROUNDS)}`);
      // The first one warms all three up.
      if (round > 0) for (const name of ['koa', 'few', 'many'] as const) rounds[name].push(run[name]);
    }
  } finally {
    await Promise.all([few, many, koa].map(({ child }) => stop(child)));
  }
  const bare = median(rounds.koa);
  return [
    shown('bare Koa', bare, 'requests/s'),
    atLeast('one of 1,000 routes, against bare Koa', median(rounds.few) / bare, '×', 0.85),
    atLeast('one of 5,000 routes, against bare Koa', median(rounds.many) / bare, '×', 0.8),
  ];
}

const [role, given = ''] = process.argv.slice(2);
if (role === 'kernel') process.send?.(await serveKernel(Number(given)));
else if (role === 'koa') process.send?.(await serveKoa(JSON.parse(given) as Answer));
else await runBench(benchDispatch);
