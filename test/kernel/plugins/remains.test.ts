import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const SECRET = 'x'.repeat(40);
/** Has something of everything that a plugin can leave: tables, files, work that waits, an entry in the ledger. */
const SHED: PluginFiles = {
  manifest: { config: { type: 'object', properties: { key: { type: 'string', secret: true } } } },
  apply: `kernel.hooks.migrations.tap(kernel.id, (m) => m.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.creditActions.tap(kernel.id, (a) => a.add({ id: kernel.id + '.store', name: 'Store', defaultCost: 3 }));
    kernel.hooks.jobs.tap(kernel.id, (j) => j.add('later', {}, () => {}));
    kernel.hooks.routes.tap(kernel.id, (routes) => {
      routes.get('/' + kernel.id, { summary: 'All things', auth: 'none' }, () => kernel.database.knex('things').pluck('name'));
      routes.post('/' + kernel.id, { summary: 'Stores', body: Type.Object({}), priced: kernel.id + '.store' }, async ({ trx }) => {
        await trx('things').insert({ name: 'rake' });
        const { id } = await kernel.storage.put([Buffer.from('a picture of it')], { maxBytes: 100 });
        await kernel.storage.keep(trx, [id]);
        await kernel.jobs.enqueue('later', {}, { startAfterSeconds: 3600 });
        return null;
      });
    });`,
  files: {
    'migrations/0001_things.ts': `
      export const up = (knex) => knex.raw('CREATE TABLE things (name TEXT); CREATE VIEW named AS SELECT name FROM things');
      export const down = (knex) => knex.raw('DROP VIEW named; DROP TABLE things');`,
  },
};
const PLACES: Record<string, [table: string, column: string]> = {
  ...Object.fromEntries(['plugin_migrations', 'plugin_versions', 'plugin_states', 'plugin_routes', 'job_schedules', 'plugin_subscriptions'].map((table) => [table, [table, 'plugin_id']])),
  'installed plugins': ['installed_plugins', 'id'],
  schemas: ['pg_namespace', 'nspname'],
  functions: ['pg_proc', 'proname'],
  jobs: ['pgboss.job', 'singleton_key'],
};

describe('data that a plugin has left', function () {
  this.timeout(120_000);
  let bundled: PluginFolder;
  let added: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  let member: TestUser;
  before(async () => {
    bundled = await writePlugins({ barn: SHED });
    added = await writePlugins({ shed: SHED, hut: SHED, den: SHED, plain: { manifest: { scopes: ['routes'] } } });
    kernel = await startCopy({ sources: { bundled: [bundled.directory], directories: [added.directory], nodeModules: [] }, config: { jwtSecret: SECRET } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
    member = await kernel.signUp({ credits: 100 });
    for (const id of ['shed', 'hut', 'den', 'plain']) await done(id, 'enable');
    for (const id of ['barn', 'shed', 'hut', 'den']) {
      const { status, body } = await kernel.post(`/api/${id}`, { as: member, key: id, body: {} });
      assert.equal(status, 200, JSON.stringify(body));
    }
  });
  after(async () => {
    await kernel.stop();
    await bundled.remove();
    await added.remove();
  });

  const act = (id: string, what: string, body: object = {}): Promise<TestAnswer> => kernel.post(`/api/admin/plugins/${id}/${what}`, { as: admin, body });
  async function done(id: string, what: string, body?: object): Promise<void> {
    const answer = await act(id, what, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  }
  const purge = (id: string, confirm?: string, more = ''): Promise<TestAnswer> => act(id, `uninstall?purge=true${more}`, confirm === undefined ? {} : { confirm });
  const info = async (id: string): Promise<Record<string, unknown>> => (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data;
  const listed = async (): Promise<string[]> => (await kernel.get('/api/admin/plugins', { as: admin })).body.data.map((plugin: { id: string }) => plugin.id);
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: SECRET, MUSCLEMAP_HOME: kernel.kernel.config.home, PLUGIN_DIRS: added.directory });
  const losesFolder = (folder: PluginFolder, id: string): Promise<void> => rm(join(folder.directory, id), { recursive: true });

  /** How many rows tell of a plugin, by where. */
  async function traces(id: string): Promise<Record<string, number>> {
    await kernel.settle();
    const counted = Object.entries(PLACES).map(async ([what, [table, column]]): Promise<[string, number]> => {
      const rows = await kernel.knex(table).whereIn(column, [id, `plugin_${id}`]).select(column);
      return [what, rows.length];
    });
    const [roles, files] = [kernel.knex('pg_roles').where('rolname', 'like', `%_plugin_${id}`), kernel.knex('stored_objects').where({ plugin_id: id })];
    return { ...Object.fromEntries(await Promise.all(counted)), roles: (await roles).length, files: (await files).length };
  }
  async function assertGone(id: string): Promise<void> {
    assert.deepEqual(Object.entries(await traces(id)).filter(([, count]) => count > 0), []);
    assert.equal((await kernel.knex('credit_ledger').where({ action: `${id}.store` })).length, 1);
    assert.deepEqual(await kernel.knex('credit_actions').where({ id: `${id}.store` }).pluck('enabled'), [false]);
  }

  it('are listed once it is uninstalled, and go with a purge that repeats its id', async () => {
    assert.equal((await info('shed')).remains, null);
    await done('shed', 'uninstall');
    const { state, remains } = (await info('shed')) as { state: string; remains: { schema: string; tables: number; files: number; size: number; advice: string } };
    assert.deepEqual([state, remains.schema, remains.tables, remains.files], ['available', 'plugin_shed', 1, 1]);
    assert.ok(remains.size > 0);
    assert.match(remains.advice, /data are still there \(1 table, 1 file\)\. Enable it to go on with them, or purge it\./);

    for (const confirm of [undefined, 'hut']) {
      const unconfirmed = await purge('shed', confirm);
      assert.deepEqual([unconfirmed.status, unconfirmed.body.error.details.tables], [409, [{ table: 'things', rows: 1 }]]);
    }
    const plan = (await kernel.get('/api/admin/plugins/shed/plan?for=uninstall&purge=true', { as: admin })).body.data;
    assert.deepEqual(plan.migrations.map(({ statements }: { statements: string[] }) => statements), [['DROP SCHEMA plugin_shed CASCADE']]);
    assert.equal((await traces('shed')).schemas, 1);
    const purged = await purge('shed', 'shed');
    assert.deepEqual([purged.status, purged.body.data.changed, purged.body.data.plugin.remains], [200, ['shed'], null], JSON.stringify(purged.body));
    await assertGone('shed');
    assert.equal((await kernel.knex('audit_log').where({ action: 'plugin.uninstall', object_id: 'shed', result: 'done' })).length, 2);

    const again = await purge('shed', 'shed');
    assert.deepEqual([again.status, again.body.error.message], [409, 'shed is not installed.']);
    await done('shed', 'enable');
    assert.deepEqual((await kernel.get('/api/shed')).body.data, []);
  });

  it('are listed and purged when its code is gone as well, also on the command line', async () => {
    await done('hut', 'uninstall');
    await losesFolder(added, 'hut');
    const { state, reason } = await info('hut');
    assert.equal(state, 'missing');
    assert.match(String(reason), /Its code is gone: bring it back and enable it to go on with them, or purge it\./);
    assert.ok((await listed()).includes('hut'));
    const rows = JSON.parse((await run('plugin', 'list', '--json')).out) as { id: string; state: string; remains: { tables: number } | null }[];
    assert.deepEqual(rows.filter(({ id }) => id === 'hut').map((row) => [row.state, row.remains?.tables]), [['missing', 1]]);
    assert.match((await run('plugin', 'list')).out, /hut +missing .*data are still there \(1 table, 1 file\)/);

    const unconfirmed = await run('plugin', 'purge', 'hut');
    assert.equal(unconfirmed.code, 1);
    assert.match(unconfirmed.err, /takes away everything that hut keeps \(things: 1 row\)\. Repeat/);
    const purged = await run('plugin', 'purge', 'hut', '--confirm', 'hut', '--json');
    assert.deepEqual([purged.code, JSON.parse(purged.out).changed], [0, ['hut']], purged.err);
    await assertGone('hut');
    assert.ok(!(await listed()).includes('hut'));
    assert.equal((await purge('hut', 'hut')).status, 404);
  });

  it('go without force when its code is gone before it was uninstalled, with its configuration and the secrets in it', async () => {
    assert.equal((await kernel.request('PUT', '/api/admin/plugins/den/config', { as: admin, body: { key: 'hidden' } })).status, 200);
    await done('den', 'disable');
    await losesFolder(added, 'den');
    const uninstalled = await act('den', 'uninstall');
    assert.deepEqual([uninstalled.status, /its code is gone.*say force/.test(uninstalled.body.error.message)], [422, true]);
    const answer = await purge('den', 'den');
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    await assertGone('den');
  });

  it('stay when they lie among the tables of the server and the code that could find them is gone', async () => {
    await done('barn', 'disable');
    await losesFolder(bundled, 'barn');
    for (const more of ['', '&force=true']) {
      const answer = await purge('barn', 'barn', more);
      assert.equal(answer.status, 409);
      assert.match(answer.body.error.message, /lie among MuscleMap's own, only its own migrations find them, and its code is gone\. Put it back into plugins\//);
    }
    assert.deepEqual(await kernel.knex('things').pluck('name'), ['rake']);
    await done('barn', 'uninstall?force=true');
    assert.match(String((await info('barn')).reason), /put it back into plugins\//);
    await bundled.write('barn', SHED);
    await done('barn', 'enable');
    assert.deepEqual((await kernel.get('/api/barn')).body.data, ['rake']);
    await done('barn', 'uninstall?purge=true', { confirm: 'barn' });
    assert.equal(await kernel.knex.schema.hasTable('things'), false);
  });

  it('are none of a plugin that keeps nothing', async () => {
    await done('plain', 'uninstall');
    assert.equal((await info('plain')).remains, null);
    assert.equal((await purge('plain', 'plain')).status, 409);
  });
});
