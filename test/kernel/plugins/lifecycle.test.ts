import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const HELLO = `kernel.hooks.routes.tap(kernel.id, (routes) => {
  routes.get('/' + kernel.id, { summary: 'Says hello', auth: 'none' }, () => ({ hello: kernel.id }));
});`;
const MIGRATIONS = `kernel.hooks.migrations.tap(kernel.id, (m) => m.directory(import.meta.dirname, 'migrations'));`;
const table = (name: string): string => `
  export const up = (knex) => knex.raw('CREATE TABLE ${name} (id INTEGER)');
  export const down = (knex) => knex.raw('DROP TABLE ${name}');`;
/** Leaves a table behind in its first migration, then does what is given. */
const failing = (apply: string, more: Record<string, string> = {}): PluginFiles => ({
  apply: `${HELLO}${MIGRATIONS}${apply}`,
  files: { 'migrations/0001_half.ts': table('half_done'), ...more },
});

const PLUGINS: Record<string, PluginFiles> = {
  hello: { apply: HELLO },
  base: { apply: HELLO },
  middle: { manifest: { requires: { base: '^1.0.0' } }, apply: HELLO },
  top: { manifest: { requires: { middle: '^1.0.0' } }, apply: HELLO },
  picky: { manifest: { kernel: '^9.0.0' }, apply: HELLO },
  'needs-newer': { manifest: { requires: { base: '^2.0.0' } }, apply: HELLO },
  'needs-absent': { manifest: { requires: { absent: '^1.0.0' } }, apply: HELLO },
  'throws-apply': { apply: `throw new Error('in apply');` },
  'throws-install': failing(`kernel.hooks.install.tapPromise(kernel.id, async () => { throw new Error('in install'); });`),
  'throws-start': failing(`kernel.hooks.start.tapPromise(kernel.id, async () => { throw new Error('in start'); });`),
  'throws-migration': failing('', { 'migrations/0002_broken.ts': 'export const up = (knex) => knex.raw("NONSENSE"); export const down = () => {};' }),
  collides: { apply: `kernel.hooks.routes.tap(kernel.id, (r) => { r.get('/users/:slug', { summary: 'x', auth: 'none' }, () => 1); });` },
  counts: {
    apply: `${HELLO}${MIGRATIONS}
      const count = (what) => kernel.database.knex('counts').insert({ what });
      kernel.hooks.install.tapPromise(kernel.id, async ({ trx }) => { await trx('counts').insert({ what: 'install' }); });
      kernel.hooks.start.tapPromise(kernel.id, async () => { await kernel.database.transaction(async (trx) => { await trx('counts').insert({ what: 'start' }); }); });
      kernel.hooks.stop.tapPromise(kernel.id, async () => { await count('stop'); });
      kernel.hooks.uninstall.tapPromise(kernel.id, async ({ trx }) => { await trx('counts').insert({ what: 'uninstall' }); });`,
    files: {
      'migrations/0001_counts.ts': `
        export const up = (knex) => knex.raw('CREATE TABLE counts (what TEXT)');
        export const down = (knex) => knex.raw('DROP TABLE counts');`,
    },
  },
  greets: {
    manifest: {
      config: {
        type: 'object',
        properties: { greeting: { type: 'string', default: 'Hello' }, times: { type: 'integer', minimum: 1 }, key: { type: 'string', secret: true } },
        required: ['key'],
      },
    },
    apply: `if (kernel.config.greeting === 'throw') throw new Error('not this greeting');
      kernel.hooks.routes.tap(kernel.id, (routes) => {
        routes.get('/greets', { summary: 'Greets', auth: 'none' }, () => ({ ...kernel.config }));
      });`,
  },
  quiet: { apply: `kernel.hooks.start.tap('quiet', () => { globalThis.quietStarts = (globalThis.quietStarts ?? 0) + 1; });` },
  slow: {
    apply: `kernel.hooks.routes.tap(kernel.id, (routes) => {
      routes.get('/slow', { summary: 'Takes its time', auth: 'none' }, async () => {
        globalThis.slowIsWaiting = true;
        await new Promise((resolve) => { globalThis.finishSlow = resolve; });
        return { stopped: globalThis.slowHasStopped === true };
      });
    });
    kernel.hooks.stop.tap(kernel.id, () => { globalThis.slowHasStopped = true; });`,
  },
};

describe('POST /api/admin/plugins/:id', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    folder = await writePlugins(PLUGINS);
    kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const act = (id: string, what: string, body?: object): Promise<TestAnswer> =>
    kernel.post(`/api/admin/plugins/${id}/${what}`, { as: admin, ...(body && { body }) });
  const state = async (id: string): Promise<string> => (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data.state;
  const rows = async (): Promise<unknown> => {
    const [plugins, states, migrations, actions, versions] = await Promise.all(
      ['installed_plugins', 'plugin_states', 'plugin_migrations', 'credit_actions', 'plugin_versions'].map((name) => kernel.knex(name).select()),
    );
    const tables = await kernel.knex.raw(`SELECT relname FROM pg_class WHERE relkind = 'r' ORDER BY relname`);
    return { plugins, states, migrations, actions, versions, tables: tables.rows };
  };

  describe('enable and disable', () => {
    it('take effect without a restart: routes, the list of plugins and the description of the API', async () => {
      assert.equal(await state('hello'), 'available');
      assert.equal((await kernel.get('/api/hello')).status, 404);
      const { status, body } = await act('hello', 'enable');
      assert.deepEqual([status, body.data.changed, body.data.plugin.state], [200, ['hello'], 'enabled'], JSON.stringify(body));
      assert.deepEqual((await kernel.get('/api/hello')).body.data, { hello: 'hello' });
      assert.ok('/api/hello' in (await kernel.get('/api/openapi.json')).body.paths);
      assert.equal((await act('hello', 'disable')).status, 200);
      const gone = await kernel.get('/api/hello');
      assert.deepEqual([gone.status, gone.body.error.code], [404, 'PLUGIN_DISABLED']);
      assert.ok(!('/api/hello' in (await kernel.get('/api/openapi.json')).body.paths));
      assert.equal(await state('hello'), 'disabled');
    });

    it('are for administrators, and 404 for a plugin that is nowhere', async () => {
      const user = await kernel.signUp();
      assert.equal((await kernel.post('/api/admin/plugins/hello/enable', { as: user })).status, 403);
      assert.equal((await act('nowhere', 'enable')).status, 404);
      assert.equal((await act('nowhere', 'disable')).status, 404);
    });

    it('say that nothing has changed where it was like that, and neither start nor write down anything', async () => {
      const written = (): Promise<unknown> => Promise.all([kernel.knex('plugin_generation').first(), kernel.knex('audit_log').where('action', 'like', 'plugin.%').count(), Reflect.get(globalThis, 'quietStarts')]);
      for (const verb of ['enable', 'disable']) {
        assert.deepEqual((await act('quiet', verb)).body.data.changed, ['quiet']);
        const before = await written();
        const plan = (await kernel.get(`/api/admin/plugins/quiet/plan?for=${verb}`, { as: admin })).body.data;
        assert.deepEqual(plan.plugins, []);
        const again = await act('quiet', verb === 'enable' ? `enable?plan=${plan.hash}` : verb);
        assert.deepEqual([again.status, again.body.data.changed, again.body.data.generation], [200, [], (await kernel.knex('plugin_generation').first()).generation]);
        assert.deepEqual(await written(), before);
      }
    });

    it('tell in the same words, whatever was asked, that there is no such plugin, and which may have been meant', async () => {
      const ask: Record<string, [string, string, object?]> = {
        ...Object.fromEntries(['enable', 'disable', 'upgrade', 'rollback', 'uninstall', 'release'].map((verb) => [verb, ['POST', `/${verb}`, {}]])),
        ...{ config: ['PUT', '/config', {}], plan: ['GET', '/plan?for=enable'], breaker: ['GET', '/breaker'], one: ['GET', ''], remove: ['DELETE', ''] },
      };
      for (const [what, [method, path, body]] of Object.entries(ask)) {
        const { status, body: said } = await kernel.request(method, `/api/admin/plugins/helo${path}`, { as: admin, body });
        assert.deepEqual([status, said.error.message], [404, 'There is no plugin named helo. Did you mean hello?'], what);
      }
      assert.equal((await act('xyzzy', 'enable')).body.error.message, 'There is no plugin named xyzzy.');
    });

    it('name what is missing and what depends, and cascade when asked to', async () => {
      const missing = await act('top', 'enable');
      assert.equal(missing.status, 409);
      assert.match(missing.body.error.message, /top requires middle/);
      assert.deepEqual((await act('top', 'enable?cascade=true')).body.data.changed.sort(), ['base', 'middle', 'top']);
      const dependents = await act('base', 'disable');
      assert.equal(dependents.status, 409);
      assert.deepEqual(dependents.body.error.details.map(({ plugin }: { plugin: string }) => plugin).sort(), ['middle', 'top']);
      assert.equal((await act('base', 'disable?cascade=true')).status, 200);
      assert.deepEqual(await Promise.all(['base', 'middle', 'top'].map(state)), ['disabled', 'disabled', 'disabled']);
    });

    it('bring back what went off along, and nothing that somebody switched off', async () => {
      await act('base', 'enable');
      assert.deepEqual(await Promise.all(['base', 'middle', 'top'].map(state)), ['enabled', 'enabled', 'enabled']);
      await act('top', 'disable');
      await act('base', 'disable?cascade=true');
      await act('base', 'enable');
      assert.deepEqual(await Promise.all(['base', 'middle', 'top'].map(state)), ['enabled', 'enabled', 'disabled']);
    });

    it('hold to the ranges of the manifest, but for an explicit force that is written down', async () => {
      assert.match((await act('picky', 'enable')).body.error.message, /needs kernel \^9\.0\.0/);
      assert.match((await act('needs-newer', 'enable')).body.error.message, /requires base \^2\.0\.0, version 1\.0\.0 is here/);
      assert.equal((await act('picky', 'enable?force=true')).status, 200);
      const audit = (await kernel.get('/api/admin/audit?object=picky&action=plugin.enable', { as: admin })).body.data;
      assert.deepEqual([audit[0].result, audit[0].details.forced, audit[0].actorId], ['done', true, admin.id]);
      await act('picky', 'disable');
    });

    for (const [id, reason] of Object.entries({
      'throws-apply': /in apply/,
      'throws-install': /in install/,
      'throws-start': /in start/,
      'throws-migration': /0002_broken failed/,
      'needs-absent': /absent/,
      collides: /collides with \/api\/users\/:id/,
    })) {
      it(`leave everything as it was when ${id} cannot be enabled`, async () => {
        const before = await rows();
        const { status, body } = await act(id, 'enable');
        assert.ok([409, 422].includes(status), String(status));
        assert.match(body.error.message, reason);
        assert.deepEqual(await rows(), before);
        assert.equal(await state(id), 'available');
        assert.equal((await kernel.get(`/api/${id}`)).body.error.code, 'NOT_FOUND');
        assert.equal((await kernel.get('/api/base')).status, 200);
      });
    }

    it('install once, start and stop each time, and uninstall when that is asked for', async () => {
      const counts = async (): Promise<string[]> => kernel.knex('plugin_counts.counts').orderBy('what').pluck('what');
      await act('counts', 'enable');
      assert.deepEqual(await counts(), ['install', 'start']);
      await act('counts', 'disable');
      await until(async () => (await counts()).length === 3, 'the stop tap');
      await act('counts', 'enable');
      assert.deepEqual(await counts(), ['install', 'start', 'start', 'stop']);
      assert.equal((await act('counts', 'uninstall')).status, 200);
      await until(async () => (await counts()).length === 6, 'the stop and uninstall taps');
      assert.deepEqual(await counts(), ['install', 'start', 'start', 'stop', 'stop', 'uninstall']);
      assert.equal(await state('counts'), 'available');
      await act('counts', 'enable');
      assert.equal((await counts()).filter((what) => what === 'install').length, 2);
    });

    it('are written down: who did what to which plugin, also what went along with it, and no secret', async () => {
      const boss = await kernel.signUp({ roles: ['user', 'admin'] });
      const send = async (method: string, path: string, body: object = {}): Promise<void> => {
        const answer = await kernel.request(method, `/api/admin/plugins/${path}`, { as: boss, body });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
      };
      await send('PUT', 'greets/config', { key: 'a secret of greets' });
      await send('POST', 'greets/enable');
      await send('POST', 'greets/uninstall');
      await send('POST', 'base/disable?cascade=true');
      await send('POST', 'middle/enable?cascade=true');
      const entries = (await kernel.get('/api/admin/audit?objectType=plugins&isChange=true&limit=100', { as: admin })).body.data as { actorId: string; action: string; objectId: string; result: string; details: { because?: string } }[];
      const own = entries.filter(({ actorId, action }) => actorId === boss.id && action.startsWith('plugin.')).map(({ action, objectId, result, details }) => [action, objectId, result, details.because].join(' ').trim());
      assert.deepEqual(own.sort(), [
        'plugin.configure greets done',
        'plugin.disable base done',
        'plugin.disable middle done base',
        'plugin.enable base done middle',
        'plugin.enable greets done',
        'plugin.enable middle done',
        'plugin.uninstall greets done',
      ]);
      assert.ok(!JSON.stringify(entries).includes('a secret of greets'));
    });

    it('let requests under way finish before the plugin is stopped', async () => {
      const signals = globalThis as { slowIsWaiting?: boolean; finishSlow?: () => void; slowHasStopped?: boolean };
      await act('slow', 'enable');
      const answer = kernel.get('/api/slow');
      await until(() => signals.slowIsWaiting, 'the slow request');
      await act('slow', 'disable');
      assert.equal((await kernel.get('/api/slow')).status, 404);
      signals.finishSlow?.();
      assert.deepEqual((await answer).body.data, { stopped: false });
      await until(() => signals.slowHasStopped, 'the stop tap');
    });

    it('let one of two commands at the same time win, and refuse the other', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, index) => act('hello', index % 2 === 0 ? 'enable' : 'disable')));
      const won = answers.filter(({ status }) => status === 200);
      const lost = answers.filter(({ status }) => status === 409);
      assert.equal(won.length + lost.length, answers.length);
      assert.ok(won.length >= 1 && lost.length >= 1, JSON.stringify(answers.map(({ status }) => status)));
      assert.match(lost[0]?.body.error.message, /Another command is working on hello/);
      const wanted = (await kernel.knex('installed_plugins').where({ id: 'hello' }).first('enabled')).enabled;
      assert.equal(await state('hello'), wanted ? 'enabled' : 'disabled');
      assert.equal((await kernel.get('/api/hello')).status, wanted ? 200 : 404);
    });
  });

  describe('config', () => {
    const configure = (config: object): Promise<TestAnswer> => kernel.request('PUT', '/api/admin/plugins/greets/config', { as: admin, body: config });
    const SECRET = 'open sesame, 40 thieves';

    it('is validated, naming each wrong field, before anything is kept', async () => {
      assert.match((await act('greets', 'enable')).body.error.message, /key/);
      const { status, body } = await configure({ times: 0, colour: 'red' });
      assert.equal(status, 400);
      const paths = body.error.details.map(({ path }: { path: string }) => path).sort();
      assert.deepEqual(paths, ['/body/colour', '/body/key', '/body/times']);
    });

    it('is applied live, and a change that the plugin does not take leaves the old one', async () => {
      assert.equal((await configure({ key: SECRET })).status, 200);
      await act('greets', 'enable');
      assert.deepEqual((await kernel.get('/api/greets')).body.data, { greeting: 'Hello', key: SECRET });
      assert.equal((await configure({ key: SECRET, greeting: 'Moin' })).status, 200);
      assert.equal((await kernel.get('/api/greets')).body.data.greeting, 'Moin');
      assert.match((await configure({ key: SECRET, greeting: 'throw' })).body.error.message, /not this greeting/);
      assert.equal((await kernel.get('/api/greets')).body.data.greeting, 'Moin');
    });

    it('keeps secrets encrypted, shows them masked, and keeps one whose mask is sent back', async () => {
      const shown = (await kernel.get('/api/admin/plugins/greets', { as: admin })).body.data.config;
      assert.deepEqual(shown, { greeting: 'Moin', key: '********' });
      assert.equal((await configure({ ...shown, times: 2 })).status, 200);
      assert.deepEqual((await kernel.get('/api/greets')).body.data, { greeting: 'Moin', key: SECRET, times: 2 });
      for (const name of ['installed_plugins', 'plugin_states', 'audit_log', 'plugin_instances']) {
        assert.ok(!JSON.stringify(await kernel.knex(name).select()).includes(SECRET), `the secret stands in ${name}`);
      }
    });
  });

  describe('uninstall', () => {
    it('takes a plugin away whose folder is gone, when that is forced', async () => {
      await rm(join(folder.directory, 'hello'), { recursive: true });
      await act('hello', 'disable');
      assert.equal(await state('hello'), 'disabled');
      assert.match((await act('hello', 'enable')).body.error.message, /folder or package is gone/);
      assert.match((await act('hello', 'uninstall')).body.error.message, /its code is gone/);
      assert.equal((await act('hello', 'uninstall?force=true')).status, 200);
      assert.equal(await state('hello'), 'missing');
      assert.equal((await act('hello', 'uninstall?purge=true', { confirm: 'hello' })).status, 200);
      assert.equal((await kernel.get('/api/admin/plugins/hello', { as: admin })).status, 404);
    });
  });
});
