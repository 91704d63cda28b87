import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestKernel } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const manifest = (id: string, more: object = {}): object => ({
  ...{ id, version: '1.0.0', displayName: id, description: 'A plugin of this test', kernel: '^1.0.0', scopes: ['routes', 'database'] },
  ...more,
});
const HELLO = `import { definePlugin } from 'musclemap';
export default definePlugin({ apply(kernel) {
  kernel.hooks.routes.tap(kernel.id, (routes) => {
    routes.get('/' + kernel.id, { summary: 'Says hello', auth: 'none' }, () => ({ hello: kernel.id }));
  });
} });`;
const applying = (body: string): string =>
  `import { definePlugin } from 'musclemap';\nexport default definePlugin({ apply(kernel) { ${body} } });`;

/** What is wrong with each plugin, and what its reason has to name. */
const BROKEN: Record<string, { manifest: unknown; code?: string; files?: Record<string, string>; names: RegExp }> = {
  'not-json': { manifest: '{ nope', names: /not-json.plugin\.json: is not JSON/ },
  'unknown-key': { manifest: manifest('unknown-key', { colour: 'red' }), names: /plugin\.json: .*unknown key "colour"/ },
  'bad-version': { manifest: manifest('bad-version', { version: 'one' }), names: /version "one"/ },
  'needs-absent': { manifest: manifest('needs-absent', { requires: { absent: '^1.0.0' } }), code: HELLO, names: /absent/ },
  'needs-newer': { manifest: manifest('needs-newer', { kernel: '^9.0.0' }), code: HELLO, names: /kernel \^9\.0\.0/ },
  'cycle-a': { manifest: manifest('cycle-a', { requires: { 'cycle-b': '*' } }), code: HELLO, names: /cycle-a → cycle-b|cycle-b → cycle-a/ },
  'cycle-b': { manifest: manifest('cycle-b', { requires: { 'cycle-a': '*' } }), code: HELLO, names: /cycle/ },
  'syntax-error': { manifest: manifest('syntax-error'), code: 'export default {', names: /index\.ts cannot be loaded/ },
  'throwing-load': { manifest: manifest('throwing-load'), code: 'throw new Error("at load");', names: /at load/ },
  'no-plugin': { manifest: manifest('no-plugin'), code: 'export default 5;', names: /definePlugin/ },
  'throwing-apply': { manifest: manifest('throwing-apply'), code: applying('throw new Error("in apply");'), names: /in apply/ },
  'throwing-start': {
    manifest: manifest('throwing-start'),
    code: applying(`kernel.hooks.start.tapPromise(kernel.id, async () => { throw new Error('in start'); });`),
    names: /in start/,
  },
  collides: {
    manifest: manifest('collides'),
    code: applying(`kernel.hooks.routes.tap(kernel.id, (routes) => {
      routes.get('/users/:slug', { summary: 'Collides', auth: 'none' }, () => 1); });`),
    names: /collides with \/api\/users\/:id of kernel/,
  },
  'replica-writes': {
    manifest: manifest('replica-writes'),
    code: applying(`kernel.hooks.routes.tap(kernel.id, (routes) => {
      routes.post('/looks', { summary: 'No GET', replica: true }, () => 1); });`),
    names: /POST \/api\/looks is no GET that only reads, so no replica can answer it/,
  },
  'replica-transaction': {
    manifest: manifest('replica-transaction'),
    code: applying(`kernel.hooks.routes.tap(kernel.id, (routes) => {
      routes.get('/looks', { summary: 'Two at once', replica: true, transaction: true }, () => 1); });`),
    names: /GET \/api\/looks is no GET that only reads, so no replica can answer it/,
  },
  'wrong-name': { manifest: manifest('wrong-name'), code: applying(`kernel.hooks.routes.tap('kernel', () => {});`), names: /is named 'wrong-name'/ },
  'failing-migration': {
    manifest: manifest('failing-migration'),
    code: applying(`kernel.hooks.migrations.tap(kernel.id, (m) => m.directory(import.meta.dirname, 'migrations'));`),
    files: {
      'migrations/0001_fine.ts': `export async function up(knex) { await knex.raw('CREATE TABLE half_done (id INTEGER)'); }
        export async function down(knex) { await knex.raw('DROP TABLE half_done'); }`,
      'migrations/0002_broken.ts': `export async function up(knex) { await knex.raw('CREATE TABLE nope ('); }
        export async function down() {}`,
    },
    names: /migration 0002_broken failed/,
  },
};

describe('a start with broken plugins', () => {
  let kernel: TestKernel;
  let directory: string;
  let admin: Awaited<ReturnType<TestKernel['signUp']>>;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-plugins-'));
    const all: typeof BROKEN = { ...BROKEN, healthy: { manifest: manifest('healthy'), names: /none/ } };
    for (const [id, plugin] of Object.entries(all)) {
      const text = typeof plugin.manifest === 'string' ? plugin.manifest : JSON.stringify(plugin.manifest);
      const files = { 'plugin.json': text, 'index.ts': plugin.code ?? HELLO, ...plugin.files };
      for (const [path, content] of Object.entries(files)) {
        await mkdir(join(directory, id, path, '..'), { recursive: true });
        await writeFile(join(directory, id, path), content);
      }
    }
    kernel = await startCopy({ sources: { bundled: [directory], directories: [], nodeModules: [] } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it('serves the healthy plugin and the kernel', async () => {
    assert.deepEqual((await kernel.get('/api/healthy')).body, { data: { hello: 'healthy' } });
    assert.equal((await kernel.get('/health')).status, 200);
    assert.deepEqual((await kernel.get('/api/plugins')).body.data.map(({ id }: { id: string }) => id), ['healthy']);
  });

  for (const [id, { names }] of Object.entries(BROKEN)) {
    it(`names ${id} and why it does not run`, async () => {
      const { status, body } = await kernel.get(`/api/admin/plugins/${id}`, { as: admin });
      assert.equal(status, 200);
      assert.equal(body.data.state, 'failed');
      assert.match(body.data.reason, names);
    });
  }

  it('keeps nothing of a failing migration', async () => {
    assert.equal(await kernel.knex.schema.hasTable('half_done'), false);
  });
});

describe('a plugin that an administrator switched off', () => {
  it('stays off at the next start, and its routes answer 404 PLUGIN_DISABLED', async () => {
    const kernel = await startCopy();
    try {
      assert.equal((await kernel.get('/api/muscles')).status, 200);
      await kernel.knex('installed_plugins').where({ id: 'fitness' }).update({ enabled: false });
      await kernel.kernel.plugins.start();
      const { status, body } = await kernel.get('/api/muscles');
      assert.deepEqual([status, body.error.code], [404, 'PLUGIN_DISABLED']);
      const paths = Object.keys((await kernel.get('/api/openapi.json')).body.paths as object);
      assert.ok(!paths.includes('/api/muscles'));
    } finally {
      await kernel.stop();
    }
  });
});
