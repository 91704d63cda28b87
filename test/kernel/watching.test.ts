import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { TestSocket } from '../support/sockets.ts';
import { writePlugins, type PluginFolder } from '../support/plugins.ts';
import { startCopy } from '../support/setup.ts';

describe('the channel that moderators watch', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let moderator: TestUser;
  before(async () => {
    folder = await writePlugins({ lamp: {} });
    kernel = await startCopy({ sources: folder.sources });
    moderator = await kernel.signUp({ roles: ['user', 'moderator'] });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  it('tells who has joined and that plugins have changed, as it happens', async () => {
    const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, moderator.accessToken);
    await socket.opened;
    socket.send({ type: 'subscribe', channel: 'monitor' });
    await kernel.until(() => socket.heard.some(({ type }) => type === 'subscribed'), 'the subscription');
    const admin = await kernel.signUp({ roles: ['user', 'admin'] });
    const told = (event: string): Promise<unknown> => kernel.until(() => socket.heard.find((message) => message.event === event)?.data, event);
    assert.deepEqual(await told('member.joined'), { userId: admin.id });
    assert.equal((await kernel.post('/api/admin/plugins/lamp/disable', { as: admin })).status, 200);
    const { generation } = (await told('plugins.changed')) as { generation: number };
    assert.equal(generation, kernel.kernel.plugins.desired.generation);
    socket.terminate();
  });
});
