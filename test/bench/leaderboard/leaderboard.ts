/**
 * How long the leaderboard takes in a gym of a million members with ten million workouts:
 *
 *     npm run bench:leaderboard
 *     MEMBERS=20000 WORKOUTS=200000 npm run bench:leaderboard
 */
import assert from 'node:assert/strict';
import knex, { type Knex } from 'knex';
import { databaseOf, startTestKernel, startTestServer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { installPluginResolver } from '../../../kernel/plugins/resolver.ts';
import { Boards, PERIODS } from '../../../plugins/fitness/models/boards.ts';
import { findLeaderboard, findOwnPlace } from '../../../plugins/fitness/models/leaderboard.ts';
import { build, type Size } from './build.ts';

const SIZE: Size = { members: Number(process.env.MEMBERS ?? 1_000_000), workouts: Number(process.env.WORKOUTS ?? 10_000_000) };
const RUNS = 200;

function tell(what: string): void {
  process.stdout.write(`${what}\n`);
}

async function measure(what: string, run: (index: number) => Promise<unknown>, runs = RUNS): Promise<void> {
  const times: number[] = [];
  for (let index = 0; index < runs; index += 1) {
    const started = performance.now();
    await run(index);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.min(runs - 1, Math.floor(runs * share))] ?? 0).toFixed(2);
  tell(`${what.padEnd(52)} p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`);
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
  await database.raw('ANALYZE leaderboard_scores; ANALYZE leaderboard_buckets');
  await kernel.get('/api/leaderboard');
  return found;
}

async function measureAll(kernel: TestKernel, database: Knex, member: TestUser, boards: ReadonlyMap<string, number>): Promise<void> {
  const { rows } = await database.raw<{ rows: { id: string; archetype: string }[] }>(
    'SELECT user_id AS id, archetype_id AS archetype FROM member_totals TABLESAMPLE SYSTEM (1) WHERE public_workouts > 0 LIMIT ?',
    [RUNS],
  );
  for (const [period, board] of boards) {
    const all = { board, archetypeId: undefined };
    await measure(`first page, ${period}`, () => findLeaderboard(database, all, undefined, 21));
    await measure(`a page from the middle, ${period}`, () => findLeaderboard(database, all, [30_000, 'user_8'], 21));
    await measure(`own rank of anybody, ${period}`, (i) => findOwnPlace(database, all, rows[i % rows.length]?.id ?? ''));
    await measure(`own rank within an archetype, ${period}`, (i) => {
      const { id = '', archetype } = rows[i % rows.length] ?? {};
      return findOwnPlace(database, { board, archetypeId: archetype }, id);
    });
    for (const { id } of rows.slice(0, 2)) {
      const place = await findOwnPlace(database, all, id);
      if (place === null) continue;
      const days = { week: 7, month: 30, all: null }[period] ?? null;
      assert.equal(place.rank, await countRank(database, id, days), `${period} ${id}`);
    }
  }
  const body = { exercises: [{ exerciseId: 'bench_press', sets: 3 }, { exerciseId: 'back_squat', sets: 3 }] };
  await measure('POST /api/workouts over HTTP', (i) => kernel.post('/api/workouts', { as: member, key: String(i), body }));
  await measure('GET /api/leaderboard over HTTP, with meta.me', () => kernel.get('/api/leaderboard', { as: member }));
  await measure('GET /api/leaderboard?period=week over HTTP', () => kernel.get('/api/leaderboard?period=week', { as: member }));
}

installPluginResolver();
const server = await startTestServer();
const kernel = await startTestKernel({ server });
const name = new URL(kernel.databaseUrl).pathname.slice(1);
const database = knex({ client: 'pg', connection: databaseOf(server, name), pool: { min: 1, max: 1 } });
try {
  const member = await kernel.signUp();
  const started = performance.now();
  await build(database, SIZE, tell);
  const boards = await fillBoards(database, kernel);
  tell(`built in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  await measureAll(kernel, database, member, boards);
} finally {
  await database.destroy();
  await kernel.stop();
  await server.stop();
}
