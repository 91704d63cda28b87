import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { rankFinishers, splitPrizes } from '../../../plugins/community/competitions/prizes.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { until } from '../../support/sockets.ts';

const DAY = 86_400_000;

describe('/competitions', () => {
  let kernel: TestKernel;
  let now = Date.now();
  let creator: TestUser;
  before(async () => {
    kernel = await startCopy({ clock: { now: () => new Date(now) } });
    creator = await kernel.signUp();
  });
  after(() => kernel.stop());

  const moment = (days: number): string => new Date(now + days * DAY).toISOString();
  const make = async (more: object = {}): Promise<string> => {
    const body = { name: 'January', type: 'total_tu', startDate: moment(1), endDate: moment(8), ...more };
    const answer = await kernel.post('/api/competitions', { as: creator, body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.data.id as string;
  };
  const join = (id: string, as: TestUser, key: string = randomUUID()): Promise<TestAnswer> => kernel.post(`/api/competitions/${id}/join`, { as, key });
  const find = async (id: string): Promise<{ status: string; prizePool: number; participantCount: number }> =>
    (await kernel.get(`/api/competitions/${id}`, { as: creator })).body.data;
  const balance = async (as: TestUser): Promise<number> => (await kernel.get('/api/credits/balance', { as })).body.data.balance as number;
  const log = async (as: TestUser, sets: number, date?: string): Promise<string> => {
    const body = { exercises: [{ exerciseId: 'bench_press', sets, reps: 5, weight: 50 }], ...(date !== undefined && { date }) };
    const answer = await kernel.post('/api/workouts', { as, key: randomUUID(), body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.data.id as string;
  };
  const standings = async (id: string): Promise<{ rank: number; score: number; user: { id: string } }[]> =>
    (await kernel.get(`/api/competitions/${id}/leaderboard`, { as: creator })).body.data;
  const advance = async (): Promise<void> => {
    const { plugins } = kernel.kernel;
    const job = plugins.composition.jobs.get('community/advance-competitions');
    await job?.handler({}, { id: 'test' });
  };

  it('refuses what makes no sense, naming the field', async () => {
    const wrong: [object, string][] = [
      [{ endDate: moment(0) }, '/body/endDate'],
      [{ startDate: moment(-1) }, '/body/startDate'],
      [{ type: 'custom' }, '/body/rules/custom'],
      [{ rules: { custom: { metric: 'reps' } } }, '/body/rules/custom'],
      [{ rules: { split: [50, 30] } }, '/body/rules/split'],
      [{ rules: { split: [100], surprise: 1 } }, '/body/rules/surprise'],
      [{ type: 'custom', rules: { custom: { metric: 'steps' } } }, '/body/rules/custom/metric'],
      [{ entryFee: -1 }, '/body/entryFee'],
      [{ maxParticipants: 1 }, '/body/maxParticipants'],
      [{ name: ' ' }, '/body/name'],
    ];
    for (const [more, path] of wrong) {
      const body = { name: 'Wrong', type: 'total_tu', startDate: moment(1), endDate: moment(8), ...more };
      const answer = await kernel.post('/api/competitions', { as: creator, body });
      assert.equal(answer.status, 400, path);
      assert.ok((answer.body.error.details as { path: string }[]).some((problem) => problem.path === path), `${path}: ${JSON.stringify(answer.body)}`);
    }
  });

  it('takes fifty of two hundred who join at once: fifty fees, a pool of five hundred, and all back when it is canceled', async () => {
    const id = await make({ entryFee: 10, maxParticipants: 50 });
    const members: TestUser[] = [];
    while (members.length < 200) members.push(...(await Promise.all(Array.from({ length: 25 }, () => kernel.signUp({ credits: 100 })))));
    const answers = await Promise.all(members.map((member) => join(id, member)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 50);
    assert.ok(answers.every(({ status }) => status === 200 || status === 409), JSON.stringify(answers.find(({ status }) => status >= 500)?.body));
    const competition = await find(id);
    assert.deepEqual([competition.participantCount, competition.prizePool], [50, 500]);
    const fees = await kernel.knex('credit_ledger').where({ action: 'competition.fee' }).sum({ sum: 'amount' });
    assert.equal(Number(fees[0]?.sum), -500);

    const canceled = await kernel.post(`/api/competitions/${id}/cancel`, { as: creator, key: 'cancel' });
    assert.equal(canceled.status, 200);
    assert.deepEqual([canceled.body.data.status, canceled.body.data.prizePool], ['canceled', 0]);
    const sums = await kernel.knex.raw('SELECT min(balance) AS least, max(balance) AS most FROM credit_balances WHERE user_id = ANY (?)', [
      members.map(({ id: memberId }) => memberId),
    ]);
    assert.deepEqual(sums.rows[0], { least: 100, most: 100 });
    const proof = await kernel.get('/api/admin/credits/verify', { as: await kernel.signUp({ roles: ['admin'] }) });
    assert.deepEqual(proof.body.data.mismatches, []);
  });

  it('joins once for a request that is repeated, and refuses a second time', async () => {
    const id = await make({ entryFee: 10 });
    const member = await kernel.signUp({ credits: 25 });
    const answers = await Promise.all(Array.from({ length: 5 }, () => join(id, member, 'same')));
    assert.ok(answers.every(({ status }) => status === 200));
    assert.equal(await balance(member), 15);
    assert.equal((await join(id, member)).status, 409);
    assert.equal((await join(id, await kernel.signUp({ credits: 9 }))).status, 402);
    assert.equal((await find(id)).prizePool, 10);
  });

  it('gives the fee back to who leaves before the start, and keeps it afterwards', async () => {
    const id = await make({ entryFee: 10 });
    const [early, late] = [await kernel.signUp({ credits: 10 }), await kernel.signUp({ credits: 10 })];
    await join(id, early);
    await join(id, late);
    assert.equal((await kernel.post(`/api/competitions/${id}/leave`, { as: early, key: 'l' })).body.data.refunded, 10);
    assert.deepEqual([await balance(early), (await find(id)).prizePool], [10, 10]);
    await join(id, early);
    assert.equal(await balance(early), 0);
    now += 2 * DAY;
    await advance();
    assert.equal((await kernel.post(`/api/competitions/${id}/leave`, { as: late, key: 'l' })).body.data.refunded, 0);
    assert.deepEqual([await balance(late), (await find(id)).prizePool], [0, 20]);
  });

  it('starts, keeps the scores of what is logged, changed and deleted, ends once on several instances, and pays the pool out', async () => {
    const id = await make({ entryFee: 7, rules: { split: [60, 40] } });
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => kernel.signUp({ credits: 1000 })));
    assert.ok(first && second && third);
    for (const member of [first, second, third]) await join(id, member);
    await log(first, 9, moment(0).slice(0, 10));
    now += DAY + 1000;
    await advance();
    assert.equal((await find(id)).status, 'active');
    const today = moment(0).slice(0, 10);
    const kept = await log(first, 5, today);
    await log(second, 4, today);
    await log(third, 4, today);
    const deleted = await log(third, 4, today);
    await kernel.request('PATCH', `/api/workouts/${kept}`, { as: first, body: { exercises: [{ exerciseId: 'bench_press', sets: 8, reps: 5, weight: 50 }] } });
    await kernel.request('DELETE', `/api/workouts/${deleted}`, { as: third });
    const expected = async (): Promise<Map<string, number>> => {
      const { rows } = await kernel.knex.raw(
        `SELECT user_id, round(sum(total_tu::FLOAT8)::NUMERIC, 2)::REAL AS score FROM workouts WHERE user_id = ANY (?) AND date = ? GROUP BY 1`,
        [[first.id, second.id, third.id], today],
      );
      return new Map(rows.map((row: { user_id: string; score: number }) => [row.user_id, row.score]));
    };
    await until(async () => {
      const scores = await expected();
      return (await standings(id)).every(({ user, score }) => score === scores.get(user.id));
    });
    assert.deepEqual((await standings(id)).map(({ rank }) => rank), [1, 2, 2]);

    const before = await Promise.all([first, second, third].map(balance));
    now += 8 * DAY;
    await Promise.all([advance(), advance(), advance()]);
    assert.equal((await find(id)).status, 'completed');
    const won = await Promise.all([first, second, third].map(async (member, index) => (await balance(member)) - (before[index] ?? 0)));
    // 21 credits: 60 % to the first, the two who tie share the second's 40 %, and the credit that is left goes to the best.
    assert.deepEqual(won, [13, 4, 4]);
    const ranks = await kernel.knex('competition_participants').where({ competition_id: id }).orderBy('rank').pluck('rank');
    assert.deepEqual(ranks, [1, 2, 2]);
  });

  it('cancels at its start what too few have joined', async () => {
    const id = await make({ entryFee: 5, rules: { minParticipants: 2 } });
    const member = await kernel.signUp({ credits: 5 });
    await join(id, member);
    now += 2 * DAY;
    await advance();
    assert.deepEqual([(await find(id)).status, await balance(member)], ['canceled', 5]);
  });

  it('scores streaks, workouts and rules in JSON', async () => {
    const today = moment(0).slice(0, 10);
    const member = await kernel.signUp();
    const types = [
      { type: 'workouts' },
      { type: 'streak' },
      { type: 'custom', rules: { custom: { metric: 'reps', exerciseIds: ['bench_press'], mostPerDay: 12 } } },
      { type: 'custom', rules: { custom: { metric: 'sets', exerciseIds: ['no-such-exercise'] } } },
    ];
    const ids = await Promise.all(types.map((type) => make({ ...type, startDate: new Date(now + 1000).toISOString() })));
    now += 2000;
    await advance();
    for (const id of ids) await join(id, member);
    await log(member, 2, today);
    await log(member, 1, today);
    await until(async () => (await standings(ids[0] ?? ''))[0]?.score === 2);
    const scores = await Promise.all(ids.map(async (id) => (await standings(id))[0]?.score));
    assert.deepEqual(scores, [2, 1, 12, 0]);
  });

  it('hides a private competition from who was not asked', async () => {
    const id = await make({ isPublic: false });
    const stranger = await kernel.signUp();
    const guest = await kernel.signUp();
    for (const path of ['', '/leaderboard']) assert.equal((await kernel.get(`/api/competitions/${id}${path}`, { as: stranger })).status, 404);
    assert.equal((await join(id, stranger)).status, 404);
    const invited = await kernel.post(`/api/competitions/${id}/invitations`, { as: creator, body: { userId: guest.id } });
    assert.equal(invited.status, 201);
    const mine = await kernel.get('/api/users/me/invitations', { as: guest });
    assert.deepEqual(mine.body.data.map(({ competitionId }: { competitionId: string }) => competitionId), [id]);
    assert.equal((await join(id, guest)).status, 200);
    assert.equal((await kernel.get('/api/users/me/invitations', { as: guest })).body.data.length, 0);
  });

  it('changes terms only while nobody has joined on them', async () => {
    const id = await make({ entryFee: 5 });
    const patch = (body: object, as = creator): Promise<TestAnswer> => kernel.request('PATCH', `/api/competitions/${id}`, { as, body });
    assert.equal((await patch({ entryFee: 6 })).status, 200);
    assert.equal((await patch({ entryFee: 6 }, await kernel.signUp())).status, 403);
    await join(id, await kernel.signUp({ credits: 6 }));
    assert.equal((await patch({ entryFee: 7 })).status, 409);
    assert.equal((await patch({ name: 'February', entryFee: 6 })).status, 200);
    assert.equal((await patch({ endDate: moment(0.5) })).status, 409);
  });
});

describe('splitPrizes', () => {
  it('loses and makes no credit, whatever the pool, the split and the scores', () => {
    const split = fc.array(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), split, fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 40 }), (pool, shares, scores) => {
        const sorted = [...scores].sort((a, b) => b - a).map((score, index) => ({ userId: `u${String(index)}`, score }));
        const finishers = rankFinishers(sorted);
        const prizes = splitPrizes(pool, shares, finishers);
        assert.equal([...prizes.values()].reduce((sum, prize) => sum + prize, 0), pool);
        const of = (index: number): number => prizes.get(`u${String(index)}`) ?? 0;
        for (let index = 1; index < finishers.length; index++) {
          if (finishers[index]?.rank === finishers[index - 1]?.rank) assert.ok(Math.abs(of(index) - of(index - 1)) <= 1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
