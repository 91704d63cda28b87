import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const BUSY = `kernel.hooks.userRegistered.tapPromise('busy', async ({ trx }) => { await trx.raw('SELECT pg_sleep(0.05)'); });
  kernel.hooks.routes.tap('busy', (routes) => routes.get('/busy', { summary: 'x', auth: 'none' }, async () => {
    await kernel.database.knex.raw('SELECT pg_sleep(0.03)');
    return null;
  }));
  kernel.hooks.start.tapPromise('busy', () => new Promise((resolve) => setTimeout(resolve, 60)));`;

describe('what plugins cost', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    folder = await writePlugins({ busy: { apply: BUSY }, idle: {} });
    kernel = await startCopy({ sources: folder.sources });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
    await kernel.get('/api/busy');
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  it('is told per hook and in all: time in the database, statements, waiting for connections', async () => {
    const { hooks, usage } = (await kernel.get('/api/admin/plugins/busy', { as: admin })).body.data;
    const hook = hooks.find(({ hook: name }: { hook: string }) => name === 'userRegistered');
    assert.ok(hook.databaseMs >= 45 && hook.statements === 1, JSON.stringify(hook));
    assert.ok(usage.databaseMs >= 75 && usage.statements >= 2 && usage.calls >= 2 && usage.errors === 0, JSON.stringify(usage));
    assert.ok(usage.connections.waits >= 1 && usage.connections.p99 !== null);
    const idle = (await kernel.get('/api/admin/plugins/idle', { as: admin })).body.data.usage;
    assert.deepEqual([idle.statements, idle.databaseMs, idle.connections.waits], [0, 0, 0]);
  });

  it('is told of the start, as a tree whose parts make the whole', async () => {
    const { status, body } = await kernel.get('/api/admin/boot', { as: admin });
    assert.equal(status, 200, JSON.stringify(body));
    const { milliseconds, steps } = body.data as { milliseconds: number; steps: { name: string; milliseconds: number; steps: { name: string; milliseconds: number; steps: { name: string; milliseconds: number }[] }[] }[] };
    assert.deepEqual(steps.map(({ name }) => name), ['schema', 'accounts', 'queue', 'plugins', 'storage', 'credits', 'notifications', 'realtime', 'listen', 'cluster']);
    assert.ok(Math.abs(steps.reduce((sum, step) => sum + step.milliseconds, 0) - milliseconds) < 1);
    const plugins = steps.find(({ name }) => name === 'plugins');
    const busy = plugins?.steps.find(({ name }) => name === 'busy');
    assert.deepEqual(busy?.steps.map(({ name }) => name), ['load', 'migrate', 'start', 'register']);
    assert.ok((busy.steps.find(({ name }) => name === 'start')?.milliseconds ?? 0) >= 55);
    assert.ok((plugins?.milliseconds ?? 0) >= busy.milliseconds);
    assert.equal((await kernel.get('/api/admin/boot', { as: await kernel.signUp() })).status, 403);
  });

  it('is among the metrics', async () => {
    const { body } = await kernel.get('/metrics');
    assert.match(body, /musclemap_boot_seconds\{step="plugins",plugin="busy"\} 0\.\d+/);
    assert.match(body, /musclemap_database_wait_seconds_count\{plugin="busy"\} [1-9]/);
    assert.match(body, /musclemap_database_wait_seconds_bucket\{plugin="kernel",le="\+Inf"\} [1-9]/);
    assert.match(body, /musclemap_plugin_database_seconds_total\{plugin="busy",where="hook userRegistered"\} 0\.\d+/);
  });
});
