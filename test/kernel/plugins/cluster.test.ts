import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Kernel } from '../../../kernel/kernel.ts';
import { startKernel } from '../../../kernel/kernel.ts';
import { createLogger } from '../../../kernel/telemetry/logger.ts';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const HELLO = `kernel.hooks.routes.tap(kernel.id, (routes) => {
  routes.get('/' + kernel.id, { summary: 'Says hello', auth: 'none' }, () => ({ hello: kernel.id, ...kernel.config }));
});`;
const CONFIG = { config: { type: 'object', properties: { word: { type: 'string' } } } };
/** Starts on one instance of a process only. */
const CHOOSY = `${HELLO} kernel.hooks.start.tap(kernel.id, () => {
  globalThis.choosyStarts = (globalThis.choosyStarts ?? 0) + 1;
  if (globalThis.choosyStarts > 1) throw new Error('not on a second instance');
});`;
/** An upgrade that starts on one instance of a process only, and leaves a table there. */
const upgraded = (version: string, start = ''): { manifest: object; apply: string; files: Record<string, string> } => ({
  manifest: { version },
  apply: `kernel.hooks.routes.tap(kernel.id, (routes) => routes.get('/upgraded', { summary: 'x', auth: 'none' }, () => ({ version: '${version}' })));
    kernel.hooks.migrations.tap(kernel.id, (m) => m.directory(import.meta.dirname, 'migrations')); ${start}`,
  files: {
    'migrations/0001_first.ts': `export const up = (knex) => knex.raw('CREATE TABLE first (id INTEGER)'); export const down = (knex) => knex.raw('DROP TABLE first');`,
    ...(start !== '' && {
      'migrations/0002_second.ts': `export const up = (knex) => knex.raw('CREATE TABLE second (id INTEGER)'); export const down = (knex) => knex.raw('DROP TABLE second');`,
    }),
  },
});
const ONLY_ONCE = `kernel.hooks.start.tap(kernel.id, () => {
  globalThis.upgradedStarts = (globalThis.upgradedStarts ?? 0) + 1;
  if (globalThis.upgradedStarts > 1) throw new Error('one is enough');
});`;
/** Ends whatever loads it, when the file that it names is there. */
const KILLER = `import { definePlugin } from 'musclemap';
  if (process.argv.some((argument) => argument.includes('musclemap.mjs'))) process.exit(42);
  export default definePlugin({ apply(kernel) { ${HELLO} } });`;

describe('several instances', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let second: Kernel;
  let admin: TestUser;
  before(async () => {
    folder = await writePlugins({ shared: { manifest: CONFIG, apply: HELLO }, choosy: { apply: CHOOSY } });
    await folder.write('upgraded', upgraded('1.0.0'));
    await folder.write('killer', { files: { 'index.ts': KILLER } });
    const sources = { bundled: [], directories: [folder.directory], nodeModules: [] };
    kernel = await startCopy({ sources, config: { jwtSecret: 'x'.repeat(40) } });
    const { config, log } = kernel.kernel;
    second = await startKernel({ config: { ...config, port: 0 }, databaseUrl: kernel.databaseUrl, log: createLogger({ logLevel: log.level as 'silent' }, false), sources });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await second.stop();
    await kernel.stop();
    await folder.remove();
  });

  const act = (id: string, what: string): Promise<{ status: number; body: { error: { message: string } } }> =>
    kernel.post(`/api/admin/plugins/${id}/${what}`, { as: admin });
  const there = async (path: string): Promise<{ status: number; body: { data?: Record<string, unknown> } }> => {
    const answer = await fetch(`${second.url}/api${path}`);
    return { status: answer.status, body: (await answer.json()) as { data?: Record<string, unknown> } };
  };
  const instances = async (id: string): Promise<{ state: string; reason: string | null; isCurrent: boolean }[]> =>
    (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data.instances;
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, {
      ...{ DATABASE_URL: kernel.databaseUrl, JWT_SECRET: 'x'.repeat(40), PLUGIN_DIRS: folder.directory },
      MUSCLEMAP_HOME: kernel.kernel.config.home,
    });

  it('hear within two seconds what one of them was told: on, another configuration, off', async () => {
    await act('shared', 'enable');
    await until(async () => (await there('/shared')).status === 200, 'the plugin on the other instance', 2_000);
    await kernel.request('PUT', '/api/admin/plugins/shared/config', { as: admin, body: { word: 'peace' } });
    await until(async () => (await there('/shared')).body.data?.word === 'peace', 'its configuration', 2_000);
    await act('shared', 'disable');
    await until(async () => (await there('/shared')).status === 404, 'its end', 2_000);
  });

  it('acknowledge what they have applied, and one that could not says why', async () => {
    await act('choosy', 'enable');
    const seen = await until(async () => {
      const all = await instances('choosy');
      return all.every(({ isCurrent }) => isCurrent) ? all : undefined;
    }, 'the acknowledgements');
    assert.deepEqual(seen.map(({ state }) => state).sort(), ['enabled', 'failed']);
    assert.match(seen.find(({ state }) => state === 'failed')?.reason ?? '', /not on a second instance/);
    assert.equal((await there('/choosy')).status, 404);
    assert.equal((await kernel.get('/api/choosy')).status, 200);
  });

  it('go back all together when one of them cannot run an upgrade', async () => {
    await act('upgraded', 'enable');
    await until(async () => (await there('/upgraded')).status === 200, 'the plugin on the other instance');
    await folder.write('upgraded', upgraded('2.0.0', ONLY_ONCE));
    const { status, body } = await act('upgraded', 'upgrade');
    assert.equal(status, 422);
    assert.match(body.error.message, /cannot run it: .*one is enough.* Every instance runs upgraded 1\.0\.0 again/);
    assert.deepEqual((await kernel.get('/api/upgraded')).body.data, { version: '1.0.0' });
    await until(async () => (await there('/upgraded')).body.data?.version === '1.0.0', 'the version before on the other instance');
    const { rows } = await kernel.knex.raw(`SELECT relname FROM pg_class WHERE relnamespace = 'plugin_upgraded'::REGNAMESPACE AND relkind = 'r'`);
    assert.deepEqual(rows, [{ relname: 'first' }]);
    const seen = await until(async () => ((await instances('upgraded')).every(({ isCurrent }) => isCurrent) ? instances('upgraded') : undefined), 'the acknowledgements');
    assert.deepEqual(seen.map(({ state }) => state), ['enabled', 'enabled']);
  });

  it('catch up by looking when they have missed what was told', async () => {
    await kernel.knex('installed_plugins').where({ id: 'shared' }).update({ enabled: true });
    await kernel.knex.raw('UPDATE plugin_generation SET generation = generation + 1');
    await until(async () => (await there('/shared')).status === 200, 'the plugin', 10_000);
  });

  it('do what the command line asks for, and it reports who has applied it', async () => {
    const unclear = await run('plugin', 'config', 'shared', 'quiet');
    assert.deepEqual([unclear.code, unclear.err], [2, '"quiet" is not like name=value.\n']);
    const absent = await run('plugin', 'config', 'shared', '--file', join(folder.directory, 'absent.json'));
    assert.deepEqual([absent.code, absent.err], [1, `${join(folder.directory, 'absent.json')}: there is no such file.\n`]);
    const noJson = await run('plugin', 'config', 'shared', '--file', join(folder.directory, 'shared/index.ts'));
    assert.deepEqual([noJson.code, noJson.err.split(':')[0]], [2, `${join(folder.directory, 'shared/index.ts')} is not JSON`]);
    const { code, out, err } = await run('plugin', 'config', 'shared', 'word="quiet"', '--json');
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out).instances.length, 2);
    assert.equal((await there('/shared')).body.data?.word, 'quiet');
    const audit = (await kernel.get('/api/admin/audit?object=shared&action=plugin.configure', { as: admin })).body.data;
    assert.equal(audit[0].actorKind, 'cli');
  });

  it('are told by the command line to drop a plugin that would end any process that loads it', async () => {
    assert.equal((await act('killer', 'enable')).status, 200);
    const { code, err } = await run('plugin', 'disable', 'killer');
    assert.equal(code, 0, err);
    assert.equal((await kernel.get('/api/killer')).status, 404);
    assert.equal((await there('/killer')).status, 404);
    assert.match((await run('plugin', 'list')).out, /killer +disabled/);
  });
});
