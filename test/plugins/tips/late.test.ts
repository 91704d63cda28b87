import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { until } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';
import { milestonesOf, train, untilMilestone } from './training.ts';

const CLASSIC = resolve('..', 'shared', 'data', 'strong-classic.csv');
/** The evening of the last workout in the file. */
const THEN = new Date('2021-09-06T22:00:00.000Z');

describe('archetypes and tips that are enabled late', () => {
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    kernel = await startCopy({ clock: { now: () => THEN } });
    admin = await kernel.signUp({ roles: ['admin'] });
  });
  after(() => kernel.stop());

  const switchPlugin = (id: string, what: 'enable' | 'disable', query = ''): ReturnType<TestKernel['post']> =>
    kernel.post(`/api/admin/plugins/${id}/${what}${query}`, { as: admin });
  const importClassic = async (as: TestUser): Promise<void> => {
    const answer = await kernel.post('/api/workouts/import', { as, body: readFileSync(CLASSIC), headers: { 'Content-Type': 'text/csv' } });
    assert.deepEqual([answer.status, answer.body.data.workouts], [200, 86], JSON.stringify(answer.body));
  };
  const standing = async (as: TestUser): Promise<object> => {
    const { level, levelName, totalTU, streak, weekly, muscleBalance, recentLevels } = (await kernel.get('/api/journey', { as })).body.data;
    const milestones = (await milestonesOf(kernel, as)).map(({ id, progress, completedAt }) => [id, progress, completedAt !== null]);
    const insights = (await kernel.get('/api/insights', { as })).body.data;
    const levels = recentLevels.map((reached: { level: number }) => reached.level);
    return { level, levelName, totalTU, streak, weekly, muscleBalance, levels, milestones, insights };
  };
  const untilImported = (as: TestUser): Promise<unknown> =>
    untilMilestone(kernel, as, 'Regular', ({ completedAt }) => completedAt !== null);

  it('know of an imported history what they would have known from the start', async function () {
    this.timeout(60_000);
    if (!existsSync(CLASSIC)) {
      console.log('      skipped: the real files of ../shared/data are not here');
      this.skip();
    }
    const early = await kernel.signUp();
    const late = await kernel.signUp();
    for (const as of [early, late]) await kernel.post('/api/archetypes/select', { as, body: { archetypeId: 'powerlifter' } });
    await importClassic(early);
    await untilImported(early);
    for (const id of ['tips', 'archetypes']) assert.equal((await switchPlugin(id, 'disable')).status, 200);
    assert.equal((await kernel.get('/api/journey', { as: late })).body.error.code, 'PLUGIN_DISABLED');
    await importClassic(late);
    for (const id of ['archetypes', 'tips']) assert.equal((await switchPlugin(id, 'enable')).status, 200);
    await untilImported(late);
    const expected = (await standing(early)) as { level: number; insights: unknown[]; milestones: unknown[] };
    assert.ok(expected.level >= 5, `level ${String(expected.level)}`);
    assert.ok(expected.insights.length > 0);
    await until(async () => ((await standing(late)) as { level: number }).level === expected.level, 'the level');
    await untilMilestone(kernel, late, 'Halfway Up', ({ completedAt }) => completedAt !== null);
    assert.deepEqual(await standing(late), expected);
  });

  it('say that fitness is needed by both, and come back with it as they were', async () => {
    const member = await kernel.signUp();
    await kernel.post('/api/archetypes/select', { as: member, body: { archetypeId: 'runner' } });
    await train(kernel, member, { sets: 60 });
    const { id } = await untilMilestone(kernel, member, 'Next Floor', ({ completedAt }) => completedAt !== null);
    assert.equal((await kernel.post(`/api/milestones/${id}/claim`, { as: member, key: 'claim' })).status, 200);
    const before = await standing(member);
    const claimed = (await milestonesOf(kernel, member)).filter(({ rewardClaimed }) => rewardClaimed).map((one) => one.id);

    const refused = await switchPlugin('fitness', 'disable');
    assert.deepEqual([refused.status, refused.body.error.code], [409, 'CONFLICT']);
    const said = JSON.stringify(refused.body);
    for (const name of ['archetypes', 'tips']) assert.ok(said.includes(name), said);
    assert.equal((await kernel.get('/api/journey', { as: member })).status, 200);

    assert.equal((await switchPlugin('fitness', 'disable', '?cascade=true')).status, 200);
    for (const path of ['/api/journey', '/api/milestones', '/api/muscles']) {
      assert.equal((await kernel.get(path, { as: member })).body.error.code, 'PLUGIN_DISABLED', path);
    }
    for (const name of ['archetypes', 'tips']) assert.equal((await switchPlugin(name, 'enable')).status, 409);
    assert.equal((await switchPlugin('fitness', 'enable')).status, 200);
    for (const name of ['archetypes', 'tips']) assert.equal((await switchPlugin(name, 'enable')).status, 200);
    assert.deepEqual(await standing(member), before);
    assert.deepEqual((await milestonesOf(kernel, member)).filter(({ rewardClaimed }) => rewardClaimed).map((one) => one.id), claimed);
  });
});
