import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';
import { train, untilMilestone } from './training.ts';

const PLUGINS = fileURLToPath(new URL('../../../plugins', import.meta.url));

/** Counts glasses of water, and makes a condition, a trigger and an insight of them. */
const WATER = `
  const { hooks, database } = kernel;
  const tips = kernel.plugin('tips');
  const count = async (ids) => new Map((await database.knex('glasses').whereIn('user_id', ids).groupBy('user_id')
    .select('user_id').count({ n: '*' })).map(({ user_id, n }) => [user_id, Number(n)]));
  hooks.migrations.tap('water', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
  hooks.routes.tap('water', (routes) => {
    routes.post('/water', { summary: 'Drinks a glass', transaction: true, status: 204 }, async ({ user, trx }) => {
      await trx('glasses').insert({ user_id: user.id });
      await tips.services.milestones.recheck(trx, user.id);
    });
  });
  tips.hooks.conditions.tap('water', (types) => [...types, { type: 'water.glasses', summary: 'Glasses of water' }]);
  tips.hooks.conditionMeasured.tapPromise('water', async ({ type, userIds }) => type === 'water.glasses' ? count(userIds) : undefined);
  tips.hooks.triggers.tap('water', (types) => [...types, { type: 'water.level', summary: 'dry or wet' }]);
  tips.hooks.triggerValues.tapPromise('water', async ({ type, userId }) =>
    type === 'water.level' ? [(await count([userId])).has(userId) ? 'wet' : 'dry'] : undefined);
  tips.hooks.insights.tapPromise('water', async (insights, { userId }) => {
    const glasses = (await count([userId])).get(userId) ?? 0;
    return [...insights, { rule: 'water.glasses', subject: null, severity: 'info', title: 'Water', message: glasses + ' glasses so far.', numbers: { glasses } }];
  });`;
const TABLE = `export const up = (knex) => knex.raw('CREATE TABLE glasses (user_id TEXT)');
  export const down = (knex) => knex.raw('DROP TABLE glasses');`;
/** Fails wherever it is asked. */
const LEAK = `
  const tips = kernel.plugin('tips');
  for (const name of ['conditions', 'triggers', 'insights']) tips.hooks[name].tap('leak', () => { throw new Error(name); });
  for (const name of ['conditionMeasured', 'triggerValues']) tips.hooks[name].tapPromise('leak', async () => { throw new Error(name); });`;

describe('what other plugins add to tips', () => {
  let kernel: TestKernel;
  let folder: PluginFolder;
  let admin: TestUser;
  let member: TestUser;
  before(async () => {
    const manifest = { requires: { tips: '^1.0.0' } };
    folder = await writePlugins(
      { leak: { manifest, apply: LEAK }, water: { manifest, apply: WATER, files: { 'migrations/0001_glasses.ts': TABLE } } },
      [PLUGINS],
    );
    kernel = await startCopy({ sources: folder.sources });
    admin = await kernel.signUp({ roles: ['admin'] });
    member = await kernel.signUp();
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const drink = async (): Promise<void> => {
    assert.equal((await kernel.post('/api/water', { as: member })).status, 204);
  };

  it('conditions are measured, also when another plugin fails, and move when they are rechecked', async () => {
    await drink();
    const body = { name: 'Two Glasses', category: 'variety', conditionType: 'water.glasses', conditionValue: { target: 2, size: 'large' }, rewardCredits: 1 };
    assert.equal((await kernel.post('/api/admin/milestones', { as: admin, body })).status, 201);
    await untilMilestone(kernel, member, 'Two Glasses', ({ progress, completedAt }) => progress === 1 && completedAt === null);
    await drink();
    await untilMilestone(kernel, member, 'Two Glasses', ({ completedAt }) => completedAt !== null);
    await train(kernel, member);
    await untilMilestone(kernel, member, 'Day One', ({ completedAt }) => completedAt !== null);
  });

  it('triggers bring tips to those whom they fit', async () => {
    for (const [value, title] of [['dry', 'Drink something'], ['wet', 'Well watered']] as const) {
      const body = { triggerType: 'water.level', triggerValue: value, category: 'nutrition', title, content: 'A glass of water with each meal.', priority: 100 };
      assert.equal((await kernel.post('/api/admin/tips', { as: admin, body })).status, 201);
    }
    const titles = async (as: TestUser): Promise<string[]> =>
      (await kernel.get('/api/tips/contextual', { as })).body.data.map(({ title }: { title: string }) => title);
    const dry = await kernel.signUp();
    assert.ok((await titles(dry)).includes('Drink something'));
    const wet = await titles(member);
    assert.ok(wet.includes('Well watered') && !wet.includes('Drink something'));
  });

  it('insights are shown beside our own', async () => {
    const { data } = (await kernel.get('/api/insights', { as: member })).body;
    assert.deepEqual(data.find(({ rule }: { rule: string }) => rule === 'water.glasses')?.numbers, { glasses: 2 });
  });

  it('go with the plugin that brought them', async () => {
    assert.equal((await kernel.post('/api/admin/plugins/water/disable', { as: admin })).status, 200);
    const body = { name: 'Three', category: 'variety', conditionType: 'water.glasses', conditionValue: { target: 3 } };
    assert.equal((await kernel.post('/api/admin/milestones', { as: admin, body })).status, 400);
    assert.equal((await kernel.get('/api/insights', { as: member })).status, 200);
    const names = (await kernel.get('/api/milestones', { as: member })).body.data.map(({ name }: { name: string }) => name);
    assert.ok(names.includes('Two Glasses'), 'what was completed stays');
  });

  it('what is kept of a member is exported, and gone when it is erased', async () => {
    await kernel.post('/api/archetypes/select', { as: member, body: { archetypeId: 'runner' } });
    await train(kernel, member, { sets: 60 });
    const answer = await kernel.get('/api/users/me/export', { as: member });
    assert.equal(answer.status, 200);
    const document = JSON.stringify(answer.body);
    for (const text of ['Day One', 'First Five', 'Well watered']) assert.ok(document.includes(text), `${text} is missing`);
    const { composition } = kernel.kernel.plugins;
    await until(async () => (await kernel.knex('user_milestone_progress').where({ user_id: member.id })).length > 0, 'progress');
    await kernel.kernel.plugins.services.knex.transaction(async (trx) => {
      for (const data of composition.exporters) if (['tips', 'archetypes'].includes(data.owner)) await data.erase(trx, member.id);
    });
    for (const table of ['user_milestone_progress', 'tips_chosen', 'user_tips_seen', 'levels_reached']) {
      assert.deepEqual(await kernel.knex(table).where({ user_id: member.id }), [], table);
    }
  });
});
