import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { daysAgo, train } from './training.ts';

interface ShownInsight {
  rule: string;
  subject: string | null;
  message: string;
  numbers: Record<string, number | string>;
}

describe('GET /api/insights', () => {
  let kernel: TestKernel;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
  });
  beforeEach(async () => {
    member = await kernel.signUp();
  });
  after(() => kernel.stop());

  const insights = async (rule: string): Promise<ShownInsight[]> => {
    const answer = await kernel.get('/api/insights', { as: member });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const all: ShownInsight[] = answer.body.data;
    for (const { message, numbers } of all) {
      for (const value of Object.values(numbers)) assert.ok(!Number.isNaN(value), message);
    }
    return all.filter((insight) => insight.rule === rule);
  };

  it('has nothing to say to who has not trained', async () => {
    assert.deepEqual((await kernel.get('/api/insights', { as: member })).body.data, []);
    assert.equal((await kernel.get('/api/insights')).status, 401);
  });

  it('sees pushing without pulling, with the sets of both', async () => {
    for (const ago of [1, 5, 9, 13]) await train(kernel, member, { exerciseId: 'bench_press', sets: 14, reps: 8 }, daysAgo(ago));
    const found = (await insights('imbalance')).find(({ subject }) => subject === 'push-pull');
    assert.ok(found);
    assert.ok(Number(found.numbers.strongPercent) >= 2 * Number(found.numbers.weakPercent));
    assert.ok(found.message.includes(`${String(found.numbers.strongPercent)} %`) && found.message.includes('pulling muscles'));
    for (const ago of [2, 6, 10, 14]) await train(kernel, member, { exerciseId: 'barbell_row', sets: 10, reps: 8 }, daysAgo(ago));
    assert.ok(!(await insights('imbalance')).some(({ subject }) => subject === 'push-pull'));
  });

  it('names large muscles that got next to nothing', async () => {
    for (const ago of [1, 5, 9, 13]) await train(kernel, member, { exerciseId: 'bench_press', sets: 5, reps: 8 }, daysAgo(ago));
    const found = await insights('neglected-muscle');
    assert.equal(found.length, 3);
    assert.ok(found.some(({ subject }) => subject === 'latissimus_dorsi'));
    for (const { numbers, message } of found) {
      assert.ok(Number(numbers.sets) < 0.15 * Number(numbers.optimalSets));
      assert.ok(message.includes(String(numbers.optimalSets)));
    }
  });

  it('warns of a week that is half as much again as usual, and not of a usual one', async () => {
    for (const ago of [8, 15, 22, 29]) await train(kernel, member, { sets: 10 }, daysAgo(ago));
    await train(kernel, member, { sets: 14 }, daysAgo(1));
    assert.deepEqual(await insights('overreaching'), []);
    await train(kernel, member, { sets: 6 }, daysAgo(0));
    const [found] = await insights('overreaching');
    assert.equal(found?.numbers.percent, 200);
    assert.ok(found.message.includes('200 %'));
  });

  it('sees a lift that stands still although it is trained', async () => {
    await train(kernel, member, { reps: 5, weight: 120 }, daysAgo(60));
    for (const ago of [50, 40, 30, 20]) await train(kernel, member, { reps: 5, weight: 110 }, daysAgo(ago));
    assert.deepEqual(await insights('plateau'), []);
    await train(kernel, member, { reps: 5, weight: 115 }, daysAgo(10));
    const [found] = await insights('plateau');
    assert.deepEqual([found?.subject, found?.numbers.bestKg, found?.numbers.sessions, found?.numbers.days], ['back_squat', 140, 5, 60]);
    await train(kernel, member, { reps: 5, weight: 125 }, daysAgo(1));
    assert.deepEqual(await insights('plateau'), []);
  });

  it('speaks of a break while it lasts, and in the week after it', async () => {
    await train(kernel, member, {}, daysAgo(40));
    const [away] = await insights('return-after-break');
    assert.deepEqual([away?.numbers.days, away?.numbers.lastDate], [40, daysAgo(40)]);
    await train(kernel, member, {}, daysAgo(3));
    await train(kernel, member, {}, daysAgo(1));
    const [back] = await insights('return-after-break');
    assert.deepEqual(back?.numbers, { days: 37, lastDate: daysAgo(40), backSince: daysAgo(3), workoutsSince: 2 });
  });

  it('reminds of a streak that ends today, until it is kept', async () => {
    for (const ago of [3, 2, 1]) await train(kernel, member, {}, daysAgo(ago));
    const [found] = await insights('streak-at-risk');
    assert.deepEqual(found?.numbers, { streak: 3, longest: 3, lastDate: daysAgo(1) });
    await train(kernel, member, {}, daysAgo(0));
    assert.deepEqual(await insights('streak-at-risk'), []);
  });
});
