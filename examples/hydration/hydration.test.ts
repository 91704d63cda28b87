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
});
