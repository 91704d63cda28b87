import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import type { PluginSources } from '../../../kernel/plugins/discovery.ts';
import { importPlugin } from '../../../kernel/plugins/lifecycle/transfer.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const SECRET = 'x'.repeat(40);
const DIARY: PluginFiles = {
  apply: `kernel.hooks.migrations.tap('diary', (m) => m.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.routes.tap('diary', (routes) => {
      routes.get('/diary', { summary: 'All lines', auth: 'none' }, () => kernel.database.knex('diary').pluck('line'));
      routes.post('/diary', { summary: 'One more line', auth: 'none' }, async () => { await kernel.database.knex('diary').insert({ line: 'Dear diary' }); return null; });
    });`,
  files: {
    'migrations/0001_diary.ts': `
      export const up = (knex) => knex.raw('CREATE TABLE diary (line TEXT)');
      export const down = (knex) => knex.raw('DROP TABLE diary');`,
  },
};
const ELSEWHERE = {
  bundled: /tables lie among MuscleMap's own.* from \S+\/diary it would see an empty schema.* back into plugins\/ .*plugin export diary FILE/,
  added: /tables lie in the schema plugin_diary.* from \S+\/diary it would look for them among MuscleMap's own.* back to where it was .*plugin purge diary/,
};

describe('a plugin whose code is moved', function () {
  this.timeout(120_000);
  let bundled: PluginFolder;
  let added: PluginFolder;
  let sources: PluginSources;
  let kernel: TestKernel;
  let admin: TestUser;
  beforeEach(async () => {
    bundled = await writePlugins({});
    added = await writePlugins({});
    sources = { bundled: [bundled.directory], directories: [added.directory], nodeModules: [] };
  });
  afterEach(async () => {
    await kernel.stop();
    await bundled.remove();
    await added.remove();
  });

  async function start(): Promise<void> {
    kernel = await startCopy({ sources, config: { jwtSecret: SECRET } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  }
  const move = (from: PluginFolder, to: PluginFolder): Promise<void> => rename(join(from.directory, 'diary'), join(to.directory, 'diary'));
  const act = (what: string, body: object = {}): Promise<TestAnswer> => kernel.post(`/api/admin/plugins/diary/${what}`, { as: admin, body });
  const done = async (what: string, body?: object): Promise<void> => {
    const answer = await act(what, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const lines = async (): Promise<unknown> => (await kernel.get('/api/diary')).body.data;
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: SECRET, MUSCLEMAP_HOME: kernel.kernel.config.home, PLUGIN_DIRS: added.directory });
  const schemas = (): Promise<string[]> => kernel.knex('pg_namespace').where('nspname', 'like', 'plugin_diary%').pluck<string[]>('nspname');
  const startAgain = (): Promise<Kernel> => {
    const { config, log } = kernel.kernel;
    return startKernel({ config: { ...config, port: 0 }, databaseUrl: kernel.databaseUrl, log, sources });
  };

  /** Both the plan and the change. */
  async function assertRefused(reason: RegExp): Promise<void> {
    for (const answer of [await kernel.get('/api/admin/plugins/diary/plan?for=enable', { as: admin }), await act('enable')]) {
      assert.equal(answer.status, 422, JSON.stringify(answer.body));
      assert.match(answer.body.error.message, reason);
    }
  }

  it('out of the folder of the bundled ones is told where its data are, and finds them when it is moved back', async () => {
    await bundled.write('diary', DIARY);
    await start();
    await kernel.post('/api/diary');
    await done('disable');
    await move(bundled, added);
    await assertRefused(ELSEWHERE.bundled);
    const file = join(added.directory, 'diary.jsonl');
    await writeFile(file, 'an export from before');
    const exported = await run('plugin', 'export', 'diary', file);
    assert.equal(exported.code, 1, exported.out);
    assert.equal(await readFile(file, 'utf8'), 'an export from before');
    assert.match(exported.err, ELSEWHERE.bundled);
    assert.deepEqual(await schemas(), []);
    await move(added, bundled);
    await done('enable');
    assert.deepEqual(await lines(), ['Dear diary']);
  });

  it('does not run when the server starts again, and the list says why', async () => {
    await bundled.write('diary', DIARY);
    await start();
    await kernel.post('/api/diary');
    await move(bundled, added);
    const again = await startAgain();
    try {
      const status = again.plugins.statuses.find(({ id }) => id === 'diary');
      assert.equal(status?.state, 'failed');
      assert.match(status.reason ?? '', ELSEWHERE.bundled);
    } finally {
      await again.stop();
    }
    assert.deepEqual(await schemas(), []);
  });

  it('into that folder brings its data along by an export, a purge and an import', async () => {
    await added.write('diary', DIARY);
    await start();
    await done('enable');
    await kernel.post('/api/diary');
    await done('disable');
    await move(added, bundled);
    await assertRefused(ELSEWHERE.added);

    await move(bundled, added);
    const file = join(added.directory, 'diary.jsonl');
    const exported = await run('plugin', 'export', 'diary', file, '--json');
    assert.deepEqual([exported.code, exported.err || JSON.parse(exported.out)], [0, { plugin: 'diary', file }]);
    await done('uninstall?purge=true', { confirm: 'diary' });
    await move(added, bundled);
    await done('enable');
    assert.deepEqual([await lines(), await schemas()], [[], []]);
    const text = Readable.from((await readFile(file, 'utf8')).split('\n'));
    assert.deepEqual(await importPlugin(kernel.kernel.plugins, 'diary', text, { replace: false }), [{ table: 'diary', rows: 1 }]);
    assert.deepEqual(await lines(), ['Dear diary']);
  });
});
