import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { defaultSources } from '../../../kernel/installation.ts';
import { startCopy } from '../../support/setup.ts';

const run = promisify(execFile);
const PACKAGE = 'musclemap-plugin-lockers';
const FILES: Record<string, string> = {
  'package.json': JSON.stringify({
    ...{ name: PACKAGE, version: '1.2.0', type: 'module', license: 'MIT', keywords: ['musclemap-plugin'] },
    files: ['plugin.json', 'dist'],
  }),
  'plugin.json': JSON.stringify({
    ...{ id: 'lockers', version: '1.2.0', displayName: 'Lockers', description: 'Who has which locker', kernel: '^1.0.0' },
    ...{ scopes: ['routes', 'database'], main: 'dist/index.js' },
  }),
  'dist/index.js': `
    import { ApiError, definePlugin, Type } from 'musclemap';
    import { isLocker } from './lockers.js';
    const Locker = Type.Object({ locker: Type.Integer() });
    export default definePlugin({
      apply(kernel) {
        kernel.hooks.migrations.tap('lockers', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
        kernel.hooks.routes.tap('lockers', (routes) => {
          routes.get('/lockers', { summary: 'The lockers of the caller', response: Type.Array(Locker) }, ({ user }) =>
            kernel.database.knex('lockers').where({ user_id: user.id }).select('locker'));
          routes.post('/lockers', { summary: 'Takes a locker', body: Locker, response: Locker, status: 201, transaction: true },
            async ({ body, user, trx }) => {
              if (!isLocker(body.locker)) throw new ApiError('NOT_FOUND', 'There is no such locker.');
              await trx('lockers').insert({ locker: body.locker, user_id: user.id });
              return body;
            });
        });
      },
    });`,
  'dist/lockers.js': `export const isLocker = (locker) => locker >= 1 && locker <= 40;`,
  'dist/migrations/0001_lockers.js': `
    export const up = (knex) => knex.raw('CREATE TABLE lockers (locker INTEGER PRIMARY KEY, user_id TEXT NOT NULL)');
    export const down = (knex) => knex.raw('DROP TABLE lockers');`,
  'src/left-at-home.ts': `export const SECRET = 1;`,
};

describe('a plugin from an npm package, as JavaScript', function () {
  this.timeout(60_000);
  let directory: string;
  let installed: string;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-packed-'));
    const source = join(directory, 'source');
    for (const [path, text] of Object.entries(FILES)) {
      await mkdir(dirname(join(source, path)), { recursive: true });
      await writeFile(join(source, path), text);
    }
    installed = await packInto(source, join(directory, 'server/node_modules'));
    await addOtherPackage();
    const sources = { ...defaultSources({ pluginDirs: [] }), nodeModules: [join(directory, 'server/node_modules')] };
    kernel = await startCopy({ sources });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** What `npm install` of the packed file leaves behind, without a registry. Answers the package's folder. */
  async function packInto(source: string, nodeModules: string): Promise<string> {
    const npm = ['pack', '--pack-destination', directory, '--offline', '--json'];
    const { stdout } = await run('npm', npm, { cwd: source, shell: process.platform === 'win32' });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    const folder = join(nodeModules, PACKAGE);
    await mkdir(folder, { recursive: true });
    await run('tar', ['-xzf', join(directory, filename), '--strip-components=1', '-C', folder]);
    return folder;
  }

  /** A package that only mentions the keyword. */
  async function addOtherPackage(): Promise<void> {
    const other = join(directory, 'server/node_modules/other');
    await mkdir(other);
    await writeFile(join(other, 'package.json'), JSON.stringify({ name: 'other', description: 'not a musclemap-plugin' }));
  }

  const manage = (verb: string): Promise<TestAnswer> => kernel.post(`/api/admin/plugins/lockers/${verb}`, { as: admin, body: {} });
  const listed = async (): Promise<Record<string, unknown>> => {
    const { body } = await kernel.get('/api/admin/plugins', { as: admin });
    assert.ok(!JSON.stringify(body).includes('"other"'), 'a package without the keyword was taken for a plugin');
    return body.data.find(({ id }: { id: string }) => id === 'lockers');
  };

  it('holds only what it publishes', async () => {
    assert.deepEqual((await readdir(installed)).sort(), ['dist', 'package.json', 'plugin.json']);
    assert.match(await readFile(join(installed, 'package.json'), 'utf8'), /musclemap-plugin/);
  });

  it('is found by its keyword, off until somebody enables it', async () => {
    const { state, installedVersion, diskVersion } = await listed();
    assert.deepEqual([state, installedVersion, diskVersion], ['available', null, '1.2.0']);
    assert.equal((await kernel.get('/api/lockers', { as: admin })).status, 404);
  });

  it('is enabled, serves from its own tables, is disabled and comes back with them', async () => {
    const enabled = await manage('enable');
    assert.equal(enabled.status, 200, JSON.stringify(enabled.body));
    assert.equal((await listed()).state, 'enabled');
    assert.equal((await kernel.post('/api/lockers', { as: admin, body: { locker: 7 } })).status, 201);
    assert.equal((await kernel.post('/api/lockers', { as: admin, body: { locker: 41 } })).status, 404);
    assert.equal((await kernel.post('/api/lockers', { as: admin, body: { locker: 'x' } })).status, 400);
    assert.equal((await manage('disable')).status, 200);
    assert.equal((await kernel.get('/api/lockers', { as: admin })).body.error.code, 'PLUGIN_DISABLED');
    assert.equal((await manage('enable')).status, 200);
    assert.deepEqual((await kernel.get('/api/lockers', { as: admin })).body.data, [{ locker: 7 }]);
  });
});
