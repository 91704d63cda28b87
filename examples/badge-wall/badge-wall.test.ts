import assert from 'node:assert/strict';
import { join } from 'node:path';
import { startWithPlugins, type TestKernel, type TestUser } from 'musclemap/testing';

describe('badges and the wall that shows them', () => {
  let kernel: TestKernel;
  let moderator: TestUser;
  let member: TestUser;
  before(async () => {
    kernel = await startWithPlugins([join(import.meta.dirname, '../badges'), import.meta.dirname]);
    moderator = await kernel.signUp({ roles: ['user', 'moderator'] });
    member = await kernel.signUp();
  });
  after(() => kernel.stop());

  const award = (badge: string, userId = member.id): ReturnType<TestKernel['post']> =>
    kernel.post('/api/badges', { as: moderator, body: { userId, badge } });
  const wall = async (): Promise<object[]> => (await kernel.get('/api/badge-wall')).body.data;

  it('are on the wall when the award answers, and announced once the event arrives', async () => {
    assert.equal((await award('iron-will')).status, 201);
    assert.equal((await wall()).length, 1);
    await kernel.until(async () => JSON.stringify(await wall()).includes('"isAnnounced":true'), 'the event');
    assert.deepEqual(await wall(), [{ userId: member.id, badge: 'iron-will', isAnnounced: true }]);
  });

  it('are refused a second time, and then nobody is told', async () => {
    assert.equal((await award('iron-will')).body.error.code, 'CONFLICT');
    assert.equal((await wall()).length, 1);
  });

  it('are awarded by moderators only, to members', async () => {
    const answer = await kernel.post('/api/badges', { as: member, body: { userId: member.id, badge: 'early-bird' } });
    assert.equal(answer.status, 403);
    assert.equal((await award('early-bird', 'nobody')).status, 404);
    assert.equal((await award('no-such-badge')).status, 400);
  });
});
