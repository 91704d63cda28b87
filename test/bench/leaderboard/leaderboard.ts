/**
 * How long the leaderboard takes in a gym of a million members with ten million workouts, or with --quick a fiftieth of that:
 * node --import ./kernel/typescript/register.mjs test/bench/leaderboard/leaderboard.ts [--quick] [--json]
 */
import assert from 'node:assert/strict';
import knex, { type Knex } from 'knex';
import { databaseOf, startTestKernel, startTestServer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { installPluginResolver } from '../../../kernel/plugins/resolver.ts';
import { Boards, PERIODS } from '../../../plugins/fitness/models/boards.ts';
import { findLeaderboard, findOwnPlace } from '../../../plugins/fitness/models/leaderboard.ts';
import { atMost, isQuick, quantile, runBench, shown, tell, type Figure } from '../figure.ts';
import { build, type Size } from './build.ts';

const SIZE: Size = isQuick ? { members: 20_000, workouts: 200_000 } : { members: 1_000_000, workouts: 10_000_000 };
const RUNS = 200;

/** What is promised of a read, in the database. */
const READ_MS = 5;

/** The median and the 99th percentile of many runs. */
async function measure(what: string, run: (index: number) => Promise<unknown>, limitMs?: number): Promise<Figure[]> {
  const times: number[] = [];
  for (let index = 0; index < RUNS; index += 1) {
    const started = performance.now();
    await run(index);
    times.push(performance.now() - started);
  }
  const middle = quantile(times, 0.5);
  tell(`${what}: ${middle.toFixed(2)} ms`);
  const first = limitMs === undefined ? shown(`${what}, p50`, middle, 'ms') : atMost(`${what}, p50`, middle, 'ms', limitMs);
  return [first, shown(`${what}, p99`, quantile(times, 0.99), 'ms')];
}

/** A rank that was counted the long way, from the workouts themselves. */
async function countRank(database: Knex, userId: string, days: number | null): Promise<number> {
  const { rows } = await database.raw<{ rows: { rank: number }[] }>(
    `WITH sums AS (
       SELECT user_id, sum(round(total_tu::FLOAT8::NUMERIC * 100)) AS tu FROM workouts
       WHERE is_public AND (:days::INTEGER IS NULL OR date > (NOW() AT TIME ZONE 'UTC')::DATE - :days::INTEGER) GROUP BY user_id
     ) SELECT 1 + count(*) AS rank FROM sums WHERE tu > (SELECT tu FROM sums WHERE user_id = :userId)`,
    { userId, days },
  );
  return rows[0]?.rank ?? 0;
}

async function fillBoards(database: Knex, kernel: TestKernel): Promise<Map<string, number>> {
  const boards = new Boards(database);
  const found = new Map<string, number>();
  for (const period of PERIODS) {
    const started = performance.now();
    found.set(period, await boards.find(period, new Date()));
    tell(`board of ${period} filled: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  await database.raw('SELECT fitness_fold_moves()');
  // As autovacuum does within minutes: boards are filled, and their millions of changes folded, the day before they are read.
  await database.raw('VACUUM (ANALYZE) leaderboard_scores, leaderboard_buckets, leaderboard_moves');
  await kernel.get('/api/leaderboard');
  return found;
}

async function measureAll(kernel: TestKernel, database: Knex, member: TestUser, boards: ReadonlyMap<string, number>): Promise<Figure[]> {
  const figures: Figure[] = [];
  const { rows } = await database.raw<{ rows: { id: string; archetype: string }[] }>(
    'SELECT user_id AS id, archetype_id AS archetype FROM member_totals TABLESAMPLE SYSTEM (1) WHERE public_workouts > 0 LIMIT ?',
    [RUNS],
  );
  for (const [period, board] of boards) {
    const all = { board, archetypeId: undefined };
    figures.push(...(await measure(`first page, ${period}`, () => findLeaderboard(database, all, undefined, 21), READ_MS)));
    figures.push(...(await measure(`a page from the middle, ${period}`, () => findLeaderboard(database, all, [30_000, 'user_8'], 21), READ_MS)));
    figures.push(...(await measure(`own rank of anybody, ${period}`, (i) => findOwnPlace(database, all, rows[i % rows.length]?.id ?? ''), READ_MS)));
    const withinArchetype = (i: number): Promise<unknown> => {
      const { id = '', archetype } = rows[i % rows.length] ?? {};
      return findOwnPlace(database, { board, archetypeId: archetype }, id);
    };
    figures.push(...(await measure(`own rank within an archetype, ${period}`, withinArchetype, READ_MS)));
    for (const { id } of rows.slice(0, 2)) {
      const place = await findOwnPlace(database, all, id);
      if (place === null) continue;
      const days = { week: 7, month: 30, all: null }[period] ?? null;
      assert.equal(place.rank, await countRank(database, id, days), `${period} ${id}`);
    }
  }
  const body = { exercises: [{ exerciseId: 'bench_press', sets: 3 }, { exerciseId: 'back_squat', sets: 3 }] };
  return [
    ...figures,
    ...(await measure('POST /api/workouts over HTTP', (i) => kernel.post('/api/workouts', { as: member, key: String(i), body }))),
    ...(await measure('GET /api/leaderboard over HTTP, with meta.me', () => kernel.get('/api/leaderboard', { as: member }))),
    ...(await measure('GET /api/leaderboard?period=week over HTTP', () => kernel.get('/api/leaderboard?period=week', { as: member }))),
  ];
}

async function benchLeaderboard(): Promise<Figure[]> {
  installPluginResolver();
  const server = await startTestServer();
  const kernel = await startTestKernel({ server });
  const name = new URL(kernel.databaseUrl).pathname.slice(1);
  const database = knex({ client: 'pg', connection: databaseOf(server, name), pool: { min: 1, max: 1 } });
  try {
    const member = await kernel.signUp({ credits: 100_000 });
    const started = performance.now();
    await build(database, SIZE, tell);
    const boards = await fillBoards(database, kernel);
    const seconds = (performance.now() - started) / 1000;
    return [shown(`${SIZE.workouts.toLocaleString('en')} workouts built in`, seconds, 's'), ...(await measureAll(kernel, database, member, boards))];
  } finally {
    await database.destroy();
    await kernel.stop();
    await server.stop();
  }
}

await runBench(benchLeaderboard);
