import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';

const PLUGINS = fileURLToPath(new URL('../../../plugins', import.meta.url));

/** Writes down what it hears of levels, as a stranger's plugin would. */
const LISTENER = `
  kernel.hooks.migrations.tap('listener', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
  kernel.hooks.events.tap('listener', (events) => {
    events.on('level.reached', async (event) => {
      await kernel.database.knex.raw('INSERT INTO heard VALUES (?, ?) ON CONFLICT DO NOTHING', [event.id, JSON.stringify(event.payload)]);
    });
  });
  kernel.hooks.routes.tap('listener', (routes) => {
    routes.get('/heard', { summary: 'What was heard', auth: 'none', response: Type.Array(Type.Unknown()) }, async () =>
      (await kernel.database.knex.raw('SELECT payload FROM heard')).rows.map(({ payload }) => payload));
  });`;

describe('levels of an archetype', () => {
  let kernel: TestKernel;
  let folder: PluginFolder;
  before(async () => {
    const migration = `export const up = (knex) => knex.raw('CREATE TABLE heard (id TEXT PRIMARY KEY, payload JSONB)');
      export const down = (knex) => knex.raw('DROP TABLE heard');`;
    folder = await writePlugins({ listener: { apply: LISTENER, files: { 'migrations/0001_heard.ts': migration } } }, [PLUGINS]);
    kernel = await startCopy({ sources: folder.sources });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const select = (as: TestUser, archetypeId: string): ReturnType<TestKernel['post']> =>
    kernel.post('/api/archetypes/select', { as, body: { archetypeId } });
  let keys = 0;
  const squat = (as: TestUser, sets: number): ReturnType<TestKernel['post']> =>
    kernel.post('/api/workouts', { as, key: `k${String(++keys)}`, body: { exercises: [{ exerciseId: 'back_squat', sets, reps: 5, weight: 100 }] } });
  const journey = async (as: TestUser): Promise<TestAnswer['body']> => (await kernel.get('/api/journey', { as })).body.data;
  const heard = async (userId: string): Promise<{ level: number; levelName: string; totalTU: number }[]> =>
    (await kernel.get('/api/heard')).body.data
      .filter((payload: { userId: string }) => payload.userId === userId)
      .sort((a: { level: number }, b: { level: number }) => a.level - b.level);

  it('equal a recomputation from the workouts after many were logged, edited and deleted at random and at once', async () => {
    const members = await Promise.all(['runner', 'powerlifter', 'climber'].map(async (archetype) => {
      const member = await kernel.signUp({ credits: 10_000 });
      await select(member, archetype);
      return member;
    }));
    const random = (below: number): number => Math.floor(Math.random() * below);
    const body = (): object => ({ exercises: [{ exerciseId: 'back_squat', sets: 1 + random(40), reps: 5, weight: 100 }] });
    const lives = Array.from({ length: 45 }, async (_, index) => {
      const as = members[index % members.length] as TestUser;
      const logged = await kernel.post('/api/workouts', { as, key: `random${String(index)}`, body: body() });
      assert.equal(logged.status, 201);
      const path = `/api/workouts/${String(logged.body.data.id)}`;
      if (random(2) === 0) assert.equal((await kernel.request('PATCH', path, { as, body: body() })).status, 200);
      if (random(3) === 0) assert.equal((await kernel.request('DELETE', path, { as })).status, 204);
    });
    await Promise.all(lives);
    const { rows } = await kernel.knex.raw(`
      SELECT u.id, u.current_level AS level, max(l.level) AS earned
      FROM users u JOIN archetype_levels l ON l.archetype_id = u.current_archetype_id
      WHERE u.id = ANY (?) AND l.total_tu <= coalesce((SELECT sum(total_tu) FROM workouts WHERE user_id = u.id), 0) GROUP BY u.id`,
      [members.map(({ id }) => id)]);
    assert.equal(rows.length, members.length);
    for (const { id, level, earned } of rows) assert.equal(level, earned, id);
    assert.ok(rows.some(({ level }: { level: number }) => level > 1));
  });

  it('start at 1 for a member without a history', async () => {
    const member = await kernel.signUp();
    const chosen = await select(member, 'runner');
    assert.equal(chosen.status, 200);
    assert.deepEqual(chosen.body.data, { archetypeId: 'runner', level: 1, levelName: 'Walk and Run', totalTU: 0 });
    const me = (await kernel.get('/api/users/me', { as: member })).body.data;
    assert.deepEqual([me.currentArchetypeId, me.currentLevel], ['runner', 1]);
  });

  it('rise in the answer of the workout that earns them, and are told of once each', async () => {
    const member = await kernel.signUp();
    await select(member, 'runner');
    await squat(member, 10);
    assert.equal((await journey(member)).level, 1);
    await squat(member, 50);
    const now = await journey(member);
    assert.equal(now.level, 3);
    assert.equal(now.levelName, 'Habit Maker');
    assert.ok(now.totalTU >= 1500 && now.totalTU < 3500);
    assert.deepEqual(now.recentLevels.map(({ level, name }: { level: number; name: string }) => [level, name]), [[3, 'Habit Maker'], [2, 'First Five']]);
    assert.equal(now.nextLevelTU, 3500);
    assert.equal(now.tuToNextLevel, Math.round((3500 - now.totalTU) * 100) / 100);
    assert.equal(now.progressPercent, Math.floor(((now.totalTU - 1500) / 2000) * 1000) / 10);
    const told = await until(async () => {
      const events = await heard(member.id);
      return events.length >= 2 ? events : undefined;
    }, 'two level.reached');
    assert.deepEqual(told.map(({ level, levelName }) => [level, levelName]), [[2, 'First Five'], [3, 'Habit Maker']]);
  });

  it('fall when a workout is deleted, rise again with a new one, and are told of only the first time', async () => {
    const member = await kernel.signUp();
    await select(member, 'runner');
    const workout = (await squat(member, 60)).body.data;
    assert.equal((await journey(member)).level, 3);
    assert.equal((await kernel.request('DELETE', `/api/workouts/${workout.id}`, { as: member })).status, 204);
    const fallen = await journey(member);
    assert.deepEqual([fallen.level, fallen.totalTU, fallen.recentLevels], [1, 0, []]);
    await squat(member, 60);
    assert.equal((await journey(member)).level, 3);
    await squat(member, 60);
    assert.equal((await journey(member)).level, 4);
    await until(async () => (await heard(member.id)).some(({ level }) => level === 4), 'level.reached of level 4');
    assert.deepEqual((await heard(member.id)).map(({ level }) => level), [2, 3, 4]);
  });

  it('follow an edit in both directions', async () => {
    const member = await kernel.signUp();
    await select(member, 'runner');
    const workout = (await squat(member, 10)).body.data;
    const edit = (sets: number): ReturnType<TestKernel['request']> =>
      kernel.request('PATCH', `/api/workouts/${workout.id}`, { as: member, body: { exercises: [{ exerciseId: 'back_squat', sets, reps: 5 }] } });
    assert.equal((await edit(20)).status, 200);
    assert.equal((await journey(member)).level, 2);
    await edit(5);
    assert.equal((await journey(member)).level, 1);
  });

  it('are what the whole history has earned when another archetype is chosen', async () => {
    const member = await kernel.signUp();
    await squat(member, 100);
    assert.equal((await select(member, 'runner')).body.data.level, 3);
    assert.equal((await select(member, 'bodybuilder')).body.data.level, 2);
    const now = await journey(member);
    assert.deepEqual([now.archetype.id, now.level, now.recentLevels.length], ['bodybuilder', 2, 1]);
    assert.equal((await select(member, 'runner')).body.data.level, 3);
  });

  it('miss nothing when workouts and a choice come at once', async () => {
    const member = await kernel.signUp();
    const answers = await Promise.all([
      select(member, 'runner'),
      ...Array.from({ length: 6 }, () => squat(member, 20)),
      select(member, 'swimmer'),
      select(member, 'runner'),
    ]);
    assert.deepEqual(answers.map(({ status }) => status), [200, 201, 201, 201, 201, 201, 201, 200, 200]);
    const now = await journey(member);
    const { data: levels } = (await kernel.get(`/api/archetypes/${now.archetype.id}/levels`)).body;
    const earned = levels.filter((level: { totalTU: number }) => level.totalTU <= now.totalTU).length;
    assert.ok(earned > 1);
    assert.equal(now.level, earned);
  });

  it('refuse an archetype that there is not, with 404, and a body without one, with 400', async () => {
    const member = await kernel.signUp();
    assert.equal((await select(member, 'wizard')).body.error.code, 'NOT_FOUND');
    assert.equal((await kernel.post('/api/archetypes/select', { as: member, body: {} })).status, 400);
    assert.equal((await kernel.post('/api/archetypes/select', { body: { archetypeId: 'runner' } })).status, 401);
    assert.equal((await journey(member)).archetype, null);
  });
});
