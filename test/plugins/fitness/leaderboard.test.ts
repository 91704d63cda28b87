import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { assertBoards, assertCounted } from './counting.ts';

interface Entry {
  rank: number;
  userId: string;
  totalTU: number;
  workoutCount: number;
}

describe('GET /api/leaderboard', () => {
  let kernel: TestKernel;
  let now: Date;
  let keys = 0;
  beforeEach(async () => {
    now = new Date('2026-03-18T12:00:00Z');
    kernel = await startCopy({ clock: { now: () => now } });
  });
  afterEach(() => kernel.stop());

  const log = async (as: TestUser, sets: number, more: object = {}): Promise<string> => {
    const body = { exercises: [{ exerciseId: 'bench_press', sets }], ...more };
    const answer = await kernel.post('/api/workouts', { as, key: `k${String((keys += 1))}`, body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.data.id;
  };
  const board = async (query = '', as?: TestUser): Promise<{ data: Entry[]; meta: { nextCursor: string | null; me: Entry | null } }> => {
    const { status, body } = await kernel.get(`/api/leaderboard${query}`, { as });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const ranks = ({ data }: { data: Entry[] }): [number, string][] => data.map(({ rank, userId }) => [rank, userId]);

  it('gives members with the same Training Units the same rank, and the numbers of the view', async () => {
    const members = await Promise.all([3, 5, 3, 8, 1].map(async (sets) => {
      const member = await kernel.signUp();
      await log(member, sets);
      return member;
    }));
    const { data, meta } = await board('', members[4]);
    assert.deepEqual(data.map(({ rank }) => rank), [1, 2, 3, 3, 5]);
    assert.equal(meta.me?.rank, 5);
    const view = await kernel.knex('leaderboard').where('workout_count', '>', 0).orderBy(['rank', 'user_id']);
    const seen = data.map(({ rank, userId, totalTU, workoutCount }) => [rank, userId, totalTU, workoutCount]);
    assert.deepEqual(seen, view.map((row) => [row.rank, row.user_id, row.total_tu, row.workout_count]));
  });

  it('pages through ties without losing, doubling or misplacing anybody', async () => {
    for (const sets of [2, 2, 2, 2, 1, 1, 1, 3]) await log(await kernel.signUp(), sets);
    const all = (await board()).data;
    for (const limit of [1, 2, 3, 5]) {
      const paged: Entry[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { data, meta } = await board(`?limit=${String(limit)}${cursor && `&cursor=${cursor}`}`);
        paged.push(...data);
        cursor = meta.nextCursor;
      }
      assert.deepEqual(paged, all, `pages of ${String(limit)}`);
    }
    for (const position of [[1.5, 'user'], ['1', 'user'], [1]]) {
      const cursor = Buffer.from(JSON.stringify(position)).toString('base64url');
      assert.equal((await kernel.get(`/api/leaderboard?cursor=${cursor}`)).status, 400);
    }
  });

  it('counts ranks across buckets of every width, folded or not', async () => {
    const heavy = Array.from({ length: 20 }, () => ({ exerciseId: 'bench_press', sets: 100 }));
    for (const sets of [1, 2, 2, 4, 9, 25, 60, 100]) await log(await kernel.signUp(), sets);
    for (const count of [2, 6, 20]) await log(await kernel.signUp(), 1, { exercises: heavy.slice(0, count) });
    const expected = (await board()).data.map(({ rank, totalTU }) => [rank, totalTU]);
    assert.deepEqual(expected.map(([rank]) => rank), [1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 11]);
    const walk = async (): Promise<number[][]> => {
      const seen: number[][] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const { data, meta }: Awaited<ReturnType<typeof board>> = await board(`?limit=1${cursor && `&cursor=${cursor}`}`);
        seen.push(...data.map(({ rank, totalTU }) => [rank, totalTU]));
        cursor = meta.nextCursor;
      }
      return seen;
    };
    assert.deepEqual(await walk(), expected);
    await runJob('fold-leaderboards');
    assert.deepEqual(await walk(), expected);
    const late = await kernel.signUp();
    await log(late, 30);
    assert.equal((await board('', late)).meta.me?.rank, 6);
    await runJob('fold-leaderboards');
    assert.equal((await board('', late)).meta.me?.rank, 6);
    await assertBoards(kernel.knex);
  });

  it('ranks the last 7 and 30 days, and lets days leave as time goes by', async () => {
    const [early, late] = [await kernel.signUp(), await kernel.signUp()];
    await log(early, 9, { date: '2026-03-12' });
    await log(late, 3, { date: '2026-03-18' });
    await log(late, 9, { date: '2026-02-10' });
    assert.deepEqual(ranks(await board('?period=week')), [[1, early.id], [2, late.id]]);
    assert.deepEqual((await board('?period=month')).data.map(({ workoutCount }) => workoutCount), [1, 1]);
    assert.deepEqual(ranks(await board('?period=all')), [[1, late.id], [2, early.id]]);
    now = new Date('2026-03-19T00:00:01Z');
    assert.deepEqual(ranks(await board('?period=week')), [[1, late.id]]);
    assert.equal((await board('?period=week', early)).meta.me, null);
    now = new Date('2026-05-01T00:00:00Z');
    assert.deepEqual((await board('?period=month')).data, []);
    await assertBoards(kernel.knex);
  });

  it('has the boards of the next day ready before it comes, and clears old ones away', async () => {
    const member = await kernel.signUp();
    await log(member, 3);
    await runJob('prepare-leaderboards');
    const windows = async (): Promise<string[]> =>
      (await kernel.knex('leaderboard_boards').where({ is_ready: true }).orderBy(['period', 'after'])).map(({ period, after }) => `${String(period)} ${String(after)}`);
    assert.deepEqual((await windows()).slice(1), ['month 2026-02-16', 'month 2026-02-17', 'week 2026-03-11', 'week 2026-03-12']);
    now = new Date('2026-03-20T02:00:00Z');
    await log(member, 2);
    await runJob('prepare-leaderboards');
    assert.deepEqual((await windows()).slice(1), ['month 2026-02-18', 'month 2026-02-19', 'week 2026-03-13', 'week 2026-03-14']);
    await runJob('fold-leaderboards');
    await assertBoards(kernel.knex);
    assert.equal((await kernel.knex('leaderboard_moves')).length, 0);
    assert.equal((await board('?period=week', member)).meta.me?.workoutCount, 2);
  });

  it('leaves out whoever is banned or hidden, closes the ranks, and takes them back', async () => {
    const [first, second] = [await kernel.signUp(), await kernel.signUp()];
    await log(first, 9);
    await log(second, 3);
    const setFlags = (banned: boolean): PromiseLike<unknown> =>
      kernel.knex.raw(`UPDATE users SET flags = jsonb_set(flags, '{banned}', ?::JSONB) WHERE id = ?`, [String(banned), first.id]);
    await setFlags(true);
    assert.deepEqual(ranks(await board()), [[1, second.id]]);
    assert.equal((await board('', second)).meta.me?.rank, 1);
    await setFlags(false);
    assert.equal((await board('', second)).meta.me?.rank, 2);
    const { leaderboard } = fitness();
    await kernel.knex.transaction((trx) => leaderboard.setListed(trx, first.id, false));
    assert.deepEqual(ranks(await board()), [[1, second.id]]);
    assert.equal((await board('', first)).meta.me, null);
    const view = await kernel.knex('leaderboard').where({ user_id: second.id }).first<{ rank: number }>('rank');
    assert.equal(view.rank, 1);
    await kernel.knex.transaction((trx) => leaderboard.setListed(trx, first.id, true));
    assert.deepEqual(ranks(await board()), [[1, first.id], [2, second.id]]);
    await assertBoards(kernel.knex);
  });

  it('ranks within an archetype, and follows who changes it', async () => {
    const members = [await kernel.signUp(), await kernel.signUp(), await kernel.signUp()];
    const [archetype] = await kernel.knex('archetypes').limit(1).pluck<string[]>('id');
    for (const [index, member] of members.entries()) {
      await log(member, 9 - index);
      if (index > 0) await kernel.knex('users').where({ id: member.id }).update({ current_archetype_id: archetype });
    }
    const within = `?archetypeId=${String(archetype)}`;
    const runners = await board(within, members[2]);
    assert.deepEqual(ranks(runners), [[1, members[1]?.id], [2, members[2]?.id]]);
    assert.equal(runners.meta.me?.rank, 2);
    assert.equal((await board(within, members[0])).meta.me, null);
    await kernel.knex('users').where({ id: members[1]?.id }).update({ current_archetype_id: null });
    assert.equal((await board(within, members[2])).meta.me?.rank, 1);
    await assertBoards(kernel.knex);
  });

  it('counts public workouts only, and follows a change of that', async () => {
    const member = await kernel.signUp();
    await log(member, 3);
    const id = await log(member, 4, { isPublic: false });
    assert.equal((await board('', member)).meta.me?.workoutCount, 1);
    const patch = (isPublic: boolean): Promise<TestAnswer> => kernel.request('PATCH', `/api/workouts/${id}`, { as: member, body: { isPublic } });
    await patch(true);
    assert.equal((await board('', member)).meta.me?.workoutCount, 2);
    await patch(false);
    assert.equal((await board('', member)).meta.me?.workoutCount, 1);
    await assertCounted(kernel.knex);
    await assertBoards(kernel.knex);
  });

  const fitness = (): { leaderboard: { setListed(trx: object, userId: string, isListed: boolean): Promise<void> } } =>
    kernel.kernel.plugins.composition.activations.get('fitness')?.services as never;
  const runJob = async (name: string): Promise<void> => {
    const job = [...kernel.kernel.plugins.composition.jobs.values()].find((candidate) => candidate.name === name);
    assert.ok(job, name);
    await job.handler({}, { id: 'test' });
  };
});
