import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { assertCounted } from './counting.ts';

const NOW = new Date('2026-03-18T12:00:00Z');
const BENCH = { exerciseId: 'bench_press', sets: 3, reps: 5, weight: 100 };

describe('/api/workouts', () => {
  let kernel: TestKernel;
  let member: TestUser;
  let keys = 0;
  before(async () => {
    kernel = await startCopy({ clock: { now: () => NOW } });
  });
  beforeEach(async () => {
    member = await kernel.signUp();
  });
  after(() => kernel.stop());

  const log = (body: object, as = member): Promise<TestAnswer> =>
    kernel.post('/api/workouts', { as, key: `k${String((keys += 1))}`, body });
  const logged = async (body: object): Promise<{ id: string; totalTU: number }> => {
    const { status, body: answer } = await log(body);
    assert.equal(status, 201, JSON.stringify(answer));
    return answer.data;
  };
  const read = async (path: string, as: TestUser | undefined = member): Promise<TestAnswer['body']> => {
    const { status, body } = await kernel.get(path, { as });
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };

  it('keeps what is known of each set, and counts no warm-up', async () => {
    const setDetails = [
      { type: 'warmup', reps: 10, weight: 20 },
      { reps: 5, weight: 100, rpe: 8.5 },
      { type: 'failure', reps: 3, weight: 104.33, unit: 'lb' },
    ];
    const detailed = await logged({ exercises: [{ exerciseId: 'bench_press', sets: 3, setDetails }] });
    const plain = await logged({ exercises: [{ exerciseId: 'bench_press', sets: 2 }] });
    assert.equal(detailed.totalTU, plain.totalTU);
    const { exerciseData } = (await read(`/api/workouts/${detailed.id}`)).data;
    assert.deepEqual(exerciseData[0], {
      exerciseId: 'bench_press', sets: 3, reps: 3, weight: 104.33, duration: null, notes: null,
      setDetails: [setDetails[0], { type: 'normal', reps: 5, weight: 100, rpe: 8.5 }, setDetails[2]],
    });
  });

  it('refuses set details that are not as many as the sets, naming the field', async () => {
    const { status, body } = await log({ exercises: [BENCH, { exerciseId: 'plank', sets: 2, setDetails: [{ duration: 30 }] }] });
    assert.equal(status, 400);
    assert.deepEqual(body.error.details, [{ path: '/body/exercises/1/sets', message: 'is not the number of setDetails' }]);
  });

  it('refuses a day that is not one, lies in the future or before anybody trained', async () => {
    for (const date of ['2026-02-30', '2026-03-20', '0000-01-01', 'yesterday']) {
      assert.equal((await log({ exercises: [BENCH], date })).status, 400, date);
    }
    assert.equal((await kernel.get('/api/workouts?from=0000-01-01', { as: member })).status, 400);
  });

  it('edits a workout: other exercises mean other Training Units, and nothing is charged', async () => {
    const payer = await kernel.signUp({ credits: 60 });
    member = payer;
    const { id } = await logged({ exercises: [BENCH], notes: 'mine' });
    const answer = await kernel.request('PATCH', `/api/workouts/${id}`, {
      as: payer,
      body: { exercises: [{ ...BENCH, sets: 6 }], isPublic: false, notes: null, date: '2026-03-10' },
    });
    const twice = (await kernel.post('/api/workouts/preview', { as: payer, body: { exercises: [{ ...BENCH, sets: 6 }] } })).body.data.totalTU;
    const { totalTU, notes, isPublic, date, creditsUsed } = answer.body.data;
    assert.deepEqual({ totalTU, notes, isPublic, date, creditsUsed }, { totalTU: twice, notes: null, isPublic: false, date: '2026-03-10', creditsUsed: 25 });
    assert.equal((await read('/api/credits/balance')).data.balance, 35);
    await assertCounted(kernel.knex);
  });

  it('changes only what a PATCH names, and refuses an empty one', async () => {
    const { id, totalTU } = await logged({ exercises: [BENCH], notes: 'mine' });
    const answer = await kernel.request('PATCH', `/api/workouts/${id}`, { as: member, body: { isPublic: false } });
    assert.deepEqual([answer.body.data.notes, answer.body.data.totalTU, answer.body.data.isPublic], ['mine', totalTU, false]);
    assert.equal((await kernel.request('PATCH', `/api/workouts/${id}`, { as: member, body: {} })).status, 400);
  });

  it('deletes a workout with everything that was counted of it', async () => {
    const { id } = await logged({ exercises: [BENCH] });
    assert.equal((await kernel.request('DELETE', `/api/workouts/${id}`, { as: member })).status, 204);
    assert.equal((await kernel.request('DELETE', `/api/workouts/${id}`, { as: member })).status, 404);
    const { all, streak } = (await read('/api/workouts/stats')).data;
    assert.deepEqual([all.workouts, all.totalTU, all.exercises, streak.current, streak.longest], [0, 0, 0, 0, 0]);
    assert.deepEqual((await read('/api/workouts/records')).data, []);
    await assertCounted(kernel.knex);
  });

  it('shows a public workout to anybody, a private one to its owner, and lets nobody else change either', async () => {
    const other = await kernel.signUp();
    const { id } = await logged({ exercises: [BENCH] });
    const { id: hidden } = await logged({ exercises: [BENCH], isPublic: false });
    assert.equal((await kernel.get(`/api/workouts/${id}`)).status, 200);
    assert.equal((await kernel.get(`/api/workouts/${hidden}`)).status, 404);
    assert.equal((await kernel.get(`/api/workouts/${hidden}`, { as: other })).status, 404);
    for (const [method, body] of [['PATCH', { notes: 'x' }], ['DELETE', undefined]] as const) {
      assert.equal((await kernel.request(method, `/api/workouts/${id}`, { as: other, body })).status, 404, method);
      assert.equal((await kernel.request(method, `/api/workouts/${id}`, { body })).status, 401, method);
    }
  });

  it('sums the last 7 and 30 days and all time, and counts the days in a row', async () => {
    for (const date of ['2026-03-18', '2026-03-17', '2026-03-17', '2026-03-12', '2026-03-11', '2026-02-17', '2026-02-16', '2026-02-15', '2026-02-14']) {
      await logged({ exercises: [BENCH], date });
    }
    const { week, month, all, streak, weeks } = (await read('/api/workouts/stats')).data;
    assert.deepEqual([week.workouts, week.daysTrained, month.workouts, all.workouts, all.daysTrained], [4, 3, 6, 9, 8]);
    assert.deepEqual([week.sets, week.reps, week.volumeKg], [12, 60, 6000]);
    assert.deepEqual(streak, { current: 2, longest: 4, lastDate: '2026-03-18' });
    assert.deepEqual([all.firstDate, all.lastDate, all.exercises], ['2026-02-14', '2026-03-18', 1]);
    assert.deepEqual(weeks.slice(-2).map(({ week: day, workouts }: { week: string; workouts: number }) => [day, workouts]), [['2026-03-09', 2], ['2026-03-16', 3]]);
    assert.equal(weeks.length, 12);
  });

  it('lets a streak end when neither today nor yesterday has a workout', async () => {
    await logged({ exercises: [BENCH], date: '2026-03-15' });
    await logged({ exercises: [BENCH], date: '2026-03-16' });
    const { streak } = (await read('/api/workouts/stats')).data;
    assert.deepEqual([streak.current, streak.longest], [0, 2]);
  });

  it('holds the best of each exercise, and finds the next best when it goes', async () => {
    const { id: best } = await logged({ exercises: [{ ...BENCH, weight: 120, reps: 1 }], date: '2026-03-01' });
    await logged({ exercises: [BENCH, { exerciseId: 'assisted_pull_up', sets: 3, reps: 8, weight: 40 }], date: '2026-03-02' });
    await logged({ exercises: [{ ...BENCH, reps: 13 }], date: '2026-03-03' });
    const records = async (): Promise<unknown[]> =>
      (await read('/api/workouts/records')).data.map((r: Record<string, unknown>) => [r.exerciseId, r.kind, r.value, r.date]);
    assert.deepEqual(await records(), [
      ['bench_press', 'reps', 13, '2026-03-03'],
      ['assisted_pull_up', 'reps', 8, '2026-03-02'],
      ['bench_press', 'estimated-one-rep-maximum', 120, '2026-03-01'],
      ['bench_press', 'weight', 120, '2026-03-01'],
    ]);
    await kernel.request('DELETE', `/api/workouts/${best}`, { as: member });
    assert.deepEqual((await records()).slice(1), [
      ['assisted_pull_up', 'reps', 8, '2026-03-02'],
      ['bench_press', 'estimated-one-rep-maximum', 116.67, '2026-03-02'],
      ['bench_press', 'weight', 100, '2026-03-02'],
    ]);
    await assertCounted(kernel.knex);
  });

  it('pages through the records and through the history of an exercise without losing or doubling one', async () => {
    for (const day of ['01', '02', '02', '03']) await logged({ exercises: [BENCH, BENCH, { exerciseId: 'plank', sets: 1, duration: 60 }], date: `2026-03-${day}` });
    for (const [path, expected] of [['/api/exercises/bench_press/history', 8], ['/api/workouts/records', 4]] as const) {
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const { data, meta } = await read(`${path}?limit=3${cursor && `&cursor=${cursor}`}`);
        seen.push(...data.map((row: object) => JSON.stringify(row)));
        cursor = meta.nextCursor;
      }
      assert.equal(seen.length, expected, path);
      assert.equal(new Set(seen).size, expected, path);
    }
  });

  it('fills a calendar with the days trained and how hard they were', async () => {
    await logged({ exercises: [{ ...BENCH, sets: 1 }], date: '2026-03-01' });
    await logged({ exercises: [{ ...BENCH, sets: 10 }], date: '2026-03-05' });
    const { data } = await read('/api/workouts/calendar');
    assert.deepEqual(data.map(({ date, level, sets }: Record<string, unknown>) => [date, level, sets]), [['2026-03-01', 1, 1], ['2026-03-05', 4, 10]]);
    assert.equal((await kernel.get('/api/workouts/calendar?from=2024-01-01&to=2026-01-01', { as: member })).status, 400);
    assert.equal((await kernel.get('/api/workouts/calendar?from=2026-02-01&to=2026-01-01', { as: member })).status, 400);
  });

  it('weighs each muscle against its weekly volume and its recovery', async () => {
    await logged({ exercises: [{ ...BENCH, sets: 30 }], date: '2026-03-17' });
    await logged({ exercises: [{ ...BENCH, sets: 30 }], date: '2026-03-10' });
    const { data } = await read('/api/workouts/muscles');
    const { length } = await kernel.knex('muscles');
    assert.equal(data.length, length);
    const chest = data.find(({ muscleId }: { muscleId: string }) => muscleId === 'pectoralis_major');
    const { lastTrainedAt, effectiveSets, optimalSets, balance, recoveredPercent, colorTier } = chest;
    assert.deepEqual({ lastTrainedAt, effectiveSets, optimalSets, balance, recoveredPercent, colorTier }, {
      lastTrainedAt: '2026-03-17T12:00:00.000Z', effectiveSets: 25.5, optimalSets: 14, balance: 'overworked', recoveredPercent: 33, colorTier: 5,
    });
    const neck = data.find(({ muscleId }: { muscleId: string }) => muscleId === 'neck');
    assert.deepEqual([neck.effectiveSets, neck.recoveredPercent, neck.colorTier, neck.lastTrainedAt], [0, 100, 0, null]);
    const fortnight = (await read('/api/workouts/muscles?days=14')).data.find(({ muscleId }: { muscleId: string }) => muscleId === 'pectoralis_major');
    assert.deepEqual([fortnight.effectiveSets, fortnight.optimalSets], [51, 28]);
  });
});
