import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { daysAgo, milestonesOf, train, untilMilestone } from './training.ts';

const isComplete = ({ completedAt }: { completedAt: string | null }): boolean => completedAt !== null;

describe('GET /api/milestones', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('has at least thirty, over every kind of condition that is measured here', async () => {
    const member = await kernel.signUp();
    const milestones = await milestonesOf(kernel, member);
    assert.ok(milestones.length >= 30);
    assert.deepEqual([...new Set(milestones.map(({ conditionType }) => conditionType))].sort(), [
      'competitions', 'days_trained', 'exercises', 'level', 'minutes', 'months_member', 'muscles_covered', 'reps', 'sets', 'streak', 'total_tu',
      'volume_kg', 'workouts',
    ]);
    assert.equal(new Set(milestones.map(({ name }) => name)).size, milestones.length);
    for (const { name, progress, completedAt, rewardClaimed } of milestones) {
      assert.deepEqual([progress, completedAt, rewardClaimed], [0, null, false], name);
    }
  });

  it('moves with what is trained: sets, repetitions, kilograms, minutes, exercises, muscles, days in a row', async () => {
    const member = await kernel.signUp();
    await train(kernel, member, { sets: 4, reps: 10, weight: 100 }, daysAgo(2));
    await train(kernel, member, { exerciseId: 'plank', sets: 3, duration: 60 }, daysAgo(1));
    await train(kernel, member, { exerciseId: 'pull_up', sets: 3, reps: 8 }, daysAgo(0));
    const streak = await untilMilestone(kernel, member, 'Hat Trick', isComplete);
    assert.deepEqual([streak.progress, streak.progressPercent], [3, 100]);
    // The third day may be seen by the event of the second: the rest comes with the last one.
    await kernel.settle();
    const byName = new Map((await milestonesOf(kernel, member)).map((one) => [one.name, one]));
    const { body: totals } = await kernel.get('/api/journey', { as: member });
    assert.equal(byName.get('Ten Thousand')?.progress, Math.floor(totals.data.totalTU));
    assert.equal(byName.get('Set in Your Ways')?.progress, 10);
    assert.equal(byName.get('Elephant')?.progress, 4000);
    assert.equal(byName.get('Curious')?.progress, 3);
    assert.equal(byName.get('Double Digits')?.progressPercent, 30);
    assert.ok((byName.get('On the Map')?.progress ?? 0) >= 5);
    assert.ok((byName.get('Thousand Strong')?.progress ?? 0) >= 64);
  });

  it('takes progress back when a workout is deleted, but nothing that was completed', async () => {
    const member = await kernel.signUp();
    const id = await train(kernel, member);
    await untilMilestone(kernel, member, 'Day One', isComplete);
    assert.equal((await kernel.request('DELETE', `/api/workouts/${id}`, { as: member })).status, 204);
    const ten = await untilMilestone(kernel, member, 'Double Digits', ({ progress }) => progress === 0);
    assert.equal(ten.completedAt, null);
    assert.equal((await milestonesOf(kernel, member)).find(({ name }) => name === 'Day One')?.progress, 1);
    await train(kernel, member);
    await untilMilestone(kernel, member, 'Double Digits', ({ progress }) => progress === 1);
  });

  it('counts the level of an archetype, also one that is chosen after the training', async () => {
    const member = await kernel.signUp();
    await train(kernel, member, { sets: 60 });
    await untilMilestone(kernel, member, 'Day One', isComplete);
    await kernel.post('/api/archetypes/select', { as: member, body: { archetypeId: 'runner' } });
    await untilMilestone(kernel, member, 'Next Floor', isComplete);
  });

  it('completes each once, however many workouts come at once', async () => {
    const member = await kernel.signUp();
    await Promise.all(Array.from({ length: 12 }, () => train(kernel, member)));
    await untilMilestone(kernel, member, 'Double Digits', isComplete);
    await untilMilestone(kernel, member, 'Regular', ({ progress }) => progress === 12);
  });
});

describe('POST /api/milestones/:id/claim', () => {
  let kernel: TestKernel;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
    member = await kernel.signUp({ credits: 1000 });
  });
  after(() => kernel.stop());

  const claim = (id: string, key: string, as = member): ReturnType<TestKernel['post']> =>
    kernel.post(`/api/milestones/${id}/claim`, { as, key });
  const rewards = async (as: TestUser): Promise<number[]> =>
    (await kernel.get('/api/credits/history?action=milestone_reward', { as })).body.data.map(({ amount }: { amount: number }) => amount);

  it('pays the reward once, when two claim at the same moment and when it is sent again', async () => {
    await train(kernel, member);
    const { id, rewardCredits } = await untilMilestone(kernel, member, 'Day One', isComplete);
    const before = (await kernel.get('/api/credits/balance', { as: member })).body.data.balance;
    const answers = await Promise.all(['a', 'b', 'c', 'd'].map(async (key) => ({ key, ...(await claim(id, key)) })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409, 409]);
    const first = answers.find(({ status }) => status === 200);
    assert.deepEqual([first?.body.data.credits, first?.body.data.balance], [rewardCredits, Number(before) + rewardCredits]);
    assert.deepEqual(await rewards(member), [rewardCredits]);
    const again = await claim(id, first?.key ?? '');
    assert.equal(again.headers.get('idempotency-replayed'), 'true');
    assert.deepEqual(await rewards(member), [rewardCredits]);
    const shown = (await milestonesOf(kernel, member)).find((one) => one.id === id);
    assert.equal(shown?.rewardClaimed, true);
  });

  it('refuses what has not been reached, with 422, and what there is not, with 404', async () => {
    const far = (await milestonesOf(kernel, member)).find(({ name }) => name === 'Centurion');
    assert.equal((await claim(far?.id ?? '', 'far')).body.error.code, 'UNPROCESSABLE');
    assert.equal((await claim('ms_unknown', 'unknown')).body.error.code, 'NOT_FOUND');
    assert.equal((await kernel.post(`/api/milestones/${far?.id ?? ''}/claim`, { as: member })).status, 400);
    assert.equal((await kernel.post(`/api/milestones/${far?.id ?? ''}/claim`, { key: 'x' })).status, 401);
  });

  it("cannot be done for somebody else's milestone", async () => {
    const other = await kernel.signUp({ credits: 0 });
    const { id } = await untilMilestone(kernel, member, 'Day One', isComplete);
    assert.equal((await claim(id, 'other', other)).body.error.code, 'UNPROCESSABLE');
    assert.deepEqual(await rewards(other), []);
  });
});

describe('/api/admin/milestones', () => {
  let kernel: TestKernel;
  let admin: TestUser;
  let member: TestUser;
  before(async () => {
    kernel = await startCopy();
    admin = await kernel.signUp({ roles: ['admin'] });
    member = await kernel.signUp();
    for (let i = 0; i < 3; i++) await train(kernel, member);
    await untilMilestone(kernel, member, 'Day One', isComplete);
  });
  after(() => kernel.stop());

  const THREE = { name: 'Three of Them', category: 'consistency', conditionType: 'workouts', conditionValue: { target: 3 }, rewardCredits: 7 };

  it('adds one that counts what was done before, and removes it again', async () => {
    const answer = await kernel.post('/api/admin/milestones', { as: admin, body: THREE });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('location'), `/api/admin/milestones/${String(answer.body.data.id)}`);
    const { id } = await untilMilestone(kernel, member, 'Three of Them', isComplete);
    assert.match(id, /^ms_[0-9a-f-]{36}$/);
    assert.equal((await kernel.request('DELETE', `/api/admin/milestones/${id}`, { as: admin })).status, 204);
    assert.equal((await milestonesOf(kernel, member)).some((one) => one.id === id), false);
    assert.equal((await kernel.request('DELETE', `/api/admin/milestones/${id}`, { as: admin })).status, 404);
  });

  it('measures anew when the target changes, and takes nothing from who had completed it', async () => {
    const { id } = (await kernel.post('/api/admin/milestones', { as: admin, body: { ...THREE, name: 'Four', conditionValue: { target: 4 } } })).body.data;
    await untilMilestone(kernel, member, 'Four', ({ progress }) => progress === 3);
    const patch = (body: object): ReturnType<TestKernel['request']> => kernel.request('PATCH', `/api/admin/milestones/${String(id)}`, { as: admin, body });
    assert.equal((await patch({ conditionValue: { target: 2 } })).status, 200);
    await untilMilestone(kernel, member, 'Four', isComplete);
    assert.equal((await patch({ conditionValue: { target: 100 }, name: 'Hundred' })).status, 200);
    const other = await kernel.signUp();
    await train(kernel, other);
    await untilMilestone(kernel, other, 'Hundred', ({ progress, completedAt }) => progress === 1 && completedAt === null);
    assert.equal(isComplete(await untilMilestone(kernel, member, 'Hundred', () => true)), true);
  });

  it('names what is wrong with one', async () => {
    const wrong: [object, string][] = [
      [{ ...THREE, conditionType: 'wishes' }, '/body/conditionType'],
      [{ ...THREE, conditionValue: { target: 3, extra: 1 } }, '/body/conditionValue/extra'],
      [{ ...THREE, conditionValue: { target: 0 } }, '/body/conditionValue/target'],
      [{ ...THREE, rewardCredits: -1 }, '/body/rewardCredits'],
      [{ ...THREE, category: 'other' }, '/body/category'],
    ];
    for (const [body, path] of wrong) {
      const answer = await kernel.post('/api/admin/milestones', { as: admin, body });
      assert.equal(answer.status, 400, path);
      assert.ok(answer.body.error.details.some((problem: { path: string }) => problem.path === path), JSON.stringify(answer.body));
    }
  });

  it('is paged, and for administrators only', async () => {
    const seen = new Set<string>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer: TestAnswer = await kernel.get(`/api/admin/milestones?limit=7${query}`, { as: admin });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      for (const { id } of answer.body.data) assert.ok(!seen.has(id) && seen.add(id));
      cursor = answer.body.meta.nextCursor;
    }
    assert.equal(seen.size, (await kernel.knex('milestones').pluck('id')).length);
    assert.equal((await kernel.get('/api/admin/milestones', { as: member })).status, 403);
    assert.equal((await kernel.post('/api/admin/milestones', { as: member, body: THREE })).status, 403);
  });

  it('keeps what an administrator has edited or deleted when a later edition is loaded', async () => {
    const all = (await kernel.get('/api/admin/milestones?conditionType=streak', { as: admin })).body.data;
    const [edited, removed] = all;
    assert.ok(edited && removed);
    await kernel.request('PATCH', `/api/admin/milestones/${edited.id}`, { as: admin, body: { name: 'Our own words' } });
    await kernel.request('DELETE', `/api/admin/milestones/${removed.id}`, { as: admin });
    await kernel.knex('shipped_tips_edition').update({ checksum: 'an older one' });
    for (const what of ['disable', 'enable']) {
      assert.equal((await kernel.post(`/api/admin/plugins/tips/${what}`, { as: admin })).status, 200);
    }
    assert.notEqual((await kernel.knex('shipped_tips_edition').first()).checksum, 'an older one');
    const after = (await kernel.get('/api/admin/milestones?conditionType=streak', { as: admin })).body.data;
    assert.deepEqual(after.map(({ id }: { id: string }) => id).sort(), all.map(({ id }: { id: string }) => id).filter((id: string) => id !== removed.id).sort());
    assert.equal(after.find(({ id }: { id: string }) => id === edited.id).name, 'Our own words');
  });
});
