import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const SECRET = 'x'.repeat(40);
const notes = (version: string, more: { route?: string; files?: Record<string, string>; manifest?: object; apply?: string } = {}): PluginFiles => ({
  manifest: { version, ...more.manifest },
  files: {
    'answer.ts': `export const answer = () => ({ version: '${version}' });`,
    'index.ts': `import { definePlugin, Type } from 'musclemap';
      import { answer } from './answer.ts';
      export default definePlugin({ apply(kernel) {
        kernel.hooks.migrations.tap('notes', (m) => m.directory(import.meta.dirname, 'migrations'));
        kernel.hooks.creditActions.tap('notes', (a) => a.add({ id: 'notes.write', name: 'Write', defaultCost: 3 }));
        kernel.hooks.routes.tap('notes', (routes) => {
          routes.get('/notes', { summary: 'The version', auth: 'none' }, answer);
          routes.post('/notes', { summary: 'Writes', body: Type.Object({}), priced: 'notes.write' }, async ({ trx, charge }) => {
            await trx('notes').insert({ text: 'Ä note', at: new Date(0), size: '12345678901234567890.5' });
            return charge.amount;
          });
          ${more.route ?? ''}
        });
        ${more.apply ?? ''}
      } });`,
    'migrations/0001_notes.ts': `
      export const up = (knex) => knex.raw('CREATE TABLE notes (id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY, text TEXT, at TIMESTAMPTZ, size NUMERIC)');
      export const down = (knex) => knex.raw('DROP TABLE notes');`,
    ...more.files,
  },
});
const SECOND = notes('1.1.0', {
  route: `routes.delete('/notes', { summary: 'Forgets', auth: 'admin' }, () => null);`,
  apply: `kernel.hooks.jobs.tap('notes', (jobs) => jobs.add('sweep', { cron: '0 3 * * *' }, () => {}));
    kernel.hooks.events.tap('notes', (events) => events.on('workout.logged', () => {}));
    kernel.hooks.price.tap('notes', (price) => price);`,
  manifest: { config: { type: 'object', properties: { depth: { type: 'integer' } } } },
  files: {
    'migrations/0002_tags.ts': `
      export async function up(knex) {
        await knex.raw('CREATE TABLE tags (note BIGINT REFERENCES notes (id), tag TEXT)');
        await knex.raw('ALTER TABLE notes ADD COLUMN stars INTEGER DEFAULT 0');
      }
      export const down = (knex) => knex.raw('DROP TABLE tags; ALTER TABLE notes DROP COLUMN stars');`,
  },
});

describe('versions of a plugin', function () {
  this.timeout(120_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  let member: TestUser;
  before(async () => {
    folder = await writePlugins({ notes: notes('1.0.0') });
    kernel = await startCopy({
      sources: { bundled: [], directories: [folder.directory], nodeModules: [] },
      config: { jwtSecret: SECRET },
    });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
    member = await kernel.signUp({ credits: 100 });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const act = async (what: string, body?: object): Promise<TestAnswer> =>
    kernel.post(`/api/admin/plugins/notes/${what}`, { as: admin, ...(body && { body }) });
  const done = async (what: string, body?: object): Promise<void> => {
    const answer = await act(what, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const version = async (): Promise<string> => (await kernel.get('/api/notes')).body.data.version;
  const schema = async (): Promise<unknown> => {
    const sql = `SELECT table_schema, table_name, column_name, data_type, column_default FROM information_schema.columns
      WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2, 3`;
    const indexes = `SELECT schemaname, tablename, indexdef FROM pg_indexes WHERE schemaname <> 'pg_catalog' ORDER BY 1, 2, 3`;
    return Promise.all([sql, indexes].map(async (text) => (await kernel.knex.raw(text)).rows));
  };
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, {
      ...{ DATABASE_URL: kernel.databaseUrl, JWT_SECRET: SECRET, PLUGIN_DIRS: folder.directory },
      MUSCLEMAP_HOME: kernel.kernel.config.home,
    });

  it('are upgraded while the server runs, all files anew, and rolled back with their schema', async () => {
    await done('enable');
    assert.equal(await version(), '1.0.0');
    const [first, columns] = [await schema(), await kernel.knex('plugin_migrations').where({ plugin_id: 'notes' }).pluck('name')];
    assert.equal((await kernel.post('/api/notes', { as: member, key: 'a', body: {} })).status, 200);
    assert.equal((await act('upgrade')).status, 409);
    await folder.write('notes', SECOND);
    assert.equal(await version(), '1.0.0');
    await done('upgrade');
    assert.equal(await version(), '1.1.0');
    assert.match(JSON.stringify(await schema()), /stars/);
    await done('rollback');
    assert.equal(await version(), '1.0.0');
    assert.deepEqual(await schema(), first);
    assert.deepEqual(await kernel.knex('plugin_migrations').where({ plugin_id: 'notes' }).pluck('name'), columns);
    assert.equal((await kernel.post('/api/notes', { as: member, key: 'b', body: {} })).status, 200);
  });

  it('stay disabled when a disabled one is rolled back', async () => {
    await done('upgrade');
    await done('disable');
    await done('rollback');
    assert.equal((await kernel.get('/api/notes')).status, 404);
    await done('enable');
    assert.equal(await version(), '1.0.0');
  });

  it('ask again before they get more scopes', async () => {
    await kernel.knex('plugin_states').where({ plugin_id: 'notes' }).update({ scopes: JSON.stringify(['routes']) });
    assert.match((await act('upgrade')).body.error.message, /asks for more scopes: database/);
    assert.equal(await version(), '1.0.0');
    await done('upgrade?acceptScopes=true');
    await done('rollback');
  });

  it('leave the old one when the new one cannot run', async () => {
    const before = await schema();
    const bad = 'export const up = (knex) => knex.raw("NONSENSE"); export const down = () => {};';
    await folder.write('notes', { ...SECOND, files: { ...SECOND.files, 'migrations/0003_bad.ts': bad } });
    assert.match((await act('upgrade')).body.error.message, /0003_bad failed going up/);
    assert.equal(await version(), '1.0.0');
    assert.deepEqual(await schema(), before);
    await rm(join(folder.directory, 'notes', 'migrations', '0003_bad.ts'));
  });

  it('are planned: what a plan says is what happens, and another plan is refused', async () => {
    const planned = (await kernel.get('/api/admin/plugins/notes/plan?for=upgrade', { as: admin })).body.data;
    assert.deepEqual(planned.plugins, [{ id: 'notes', from: '1.0.0', to: '1.1.0' }]);
    assert.deepEqual(planned.added.routes, ['DELETE /api/notes (admin)']);
    assert.deepEqual([planned.added.jobs, planned.added.events, planned.added.hooks], [['sweep (0 3 * * *)'], ['workout.logged'], ['price']]);
    assert.deepEqual([planned.added.config, planned.removed.routes], [['depth'], []]);
    assert.deepEqual(planned.migrations.map(({ name }: { name: string }) => name), ['0002_tags']);
    assert.match(planned.migrations[0].statements.join(), /CREATE TABLE tags.*ADD COLUMN stars/s);
    assert.equal(await version(), '1.0.0');
    assert.match((await act('upgrade?plan=another')).body.error.message, /not what the plan says/);
    await done(`upgrade?plan=${planned.hash}`);
    assert.equal(await version(), '1.1.0');
    const back = (await kernel.get('/api/admin/plugins/notes/plan?for=rollback', { as: admin })).body.data;
    assert.deepEqual([back.removed.routes, back.migrations[0].direction], [['DELETE /api/notes (admin)'], 'down']);
  });

  it('give their data, and take them again into an empty schema, row for row', async () => {
    const file = join(folder.directory, 'notes.jsonl');
    const exported = await run('plugin', 'export', 'notes', file);
    assert.equal(exported.code, 0, exported.err);
    const text = await readFile(file, 'utf8');
    assert.match(text, /12345678901234567890\.5/);
    const unconfirmed = await act('uninstall?purge=true');
    assert.equal(unconfirmed.status, 409);
    assert.deepEqual(unconfirmed.body.error.details.tables.find(({ table }: { table: string }) => table === 'notes'), { table: 'notes', rows: 2 });
    await done('uninstall?purge=true', { confirm: 'notes' });
    await done('enable');
    const again = await run('plugin', 'import', 'notes', file, '--json');
    assert.deepEqual(JSON.parse(again.out).find(({ table }: { table: string }) => table === 'notes'), { table: 'notes', rows: 2 });
    const second = join(folder.directory, 'again.jsonl');
    await run('plugin', 'export', 'notes', second);
    assert.equal(await readFile(second, 'utf8'), text);
    assert.equal((await kernel.post('/api/notes', { as: member, key: 'c', body: {} })).status, 200);
  });

  it('leave nothing when they are purged but the ledger and the names of its actions', async () => {
    const ledger = await kernel.knex('credit_ledger').where({ action: 'notes.write' }).count({ n: '*' });
    await done('uninstall?purge=true', { confirm: 'notes' });
    for (const name of ['installed_plugins', 'plugin_states', 'plugin_migrations', 'plugin_versions', 'plugin_routes']) {
      const column = name === 'installed_plugins' ? 'id' : 'plugin_id';
      assert.deepEqual(await kernel.knex(name).where({ [column]: 'notes' }), [], name);
    }
    assert.ok(!/"table(_)?name":"(notes|tags)"/.test(JSON.stringify(await schema())));
    assert.deepEqual(await kernel.knex('credit_ledger').where({ action: 'notes.write' }).count({ n: '*' }), ledger);
    assert.deepEqual(await kernel.knex('credit_actions').where({ id: 'notes.write' }).pluck('enabled'), [false]);
    await done('enable');
    assert.deepEqual(await kernel.knex('credit_actions').where({ id: 'notes.write' }).pluck('enabled'), [true]);
  });
});
