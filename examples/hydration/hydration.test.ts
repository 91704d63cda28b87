import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startWithPlugins, type TestKernel } from 'musclemap/testing';

const bundled = ['fitness', 'tips'].map((id) => join(import.meta.dirname, '..', '..', 'plugins', id));

describe('POST /hydration/glasses', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startWithPlugins([...bundled, import.meta.dirname]);
  });
  after(() => kernel.stop());

  it('completes a milestone that an administrator made of it, brings tips and shows an insight', async () => {
    const [admin, member] = [await kernel.signUp({ roles: ['admin'] }), await kernel.signUp()];
    const milestone = { name: 'Two Glasses', category: 'variety', conditionType: 'hydration.glasses', conditionValue: { target: 2 } };
    assert.equal((await kernel.post('/api/admin/milestones', { as: admin, body: milestone })).status, 201);
    const drink = async (): Promise<number> => (await kernel.post('/api/hydration/glasses', { as: member })).body.data.glasses;
    assert.deepEqual([await drink(), await drink()], [1, 2]);
    await kernel.until(async () => {
      const { data } = (await kernel.get('/api/milestones', { as: member })).body;
      return data.some((one: { name: string; completedAt: string | null }) => one.name === 'Two Glasses' && one.completedAt !== null);
    }, 'the milestone is completed');
    const insights = (await kernel.get('/api/insights', { as: member })).body.data;
    assert.ok(insights.some(({ rule, numbers }: { rule: string; numbers: object }) => rule === 'hydration.glasses' && JSON.stringify(numbers) === '{"glasses":2}'));
  });

  it('shows a member their glasses, and an administrator who drinks the most', async () => {
    const [admin, member] = [await kernel.signUp({ roles: ['admin'] }), await kernel.signUp()];
    const ids = async (path: string, as: typeof member): Promise<string[]> =>
      (await kernel.get(path, { as })).body.data.map(({ id }: { id: string }) => id).filter((id: string) => id.startsWith('hydration/'));
    assert.deepEqual(await ids('/api/users/me/panels', member), ['hydration/water', 'hydration/drink']);
    assert.deepEqual(await ids('/api/admin/panels', member), []);
    assert.deepEqual(await ids('/api/admin/panels', admin), ['hydration/drinkers']);
    for (let glass = 0; glass < 3; glass += 1) await kernel.post('/api/hydration/glasses', { as: member });
    assert.deepEqual((await kernel.get('/api/hydration/glasses', { as: member })).body.data, { glasses: 3, goal: 8 });
    await kernel.configure('hydration', { goal: 10 });
    assert.equal((await kernel.get('/api/hydration/glasses', { as: member })).body.data.goal, 10);
    const [first] = (await kernel.get('/api/hydration/drinkers', { as: admin })).body.data;
    assert.deepEqual([first.user.username, first.glasses, first.state], [member.username, 3, 'below']);
    const { data } = (await kernel.get('/api/admin/panels', { as: admin })).body;
    const state = data.find(({ id }: { id: string }) => id === 'hydration/drinkers').fields.find(({ field }: { field: string }) => field === 'state');
    assert.equal(state.words[first.state], 'Still thirsty', 'a code of the answer is called what people call it');
  });
});
