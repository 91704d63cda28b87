import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import { TestKernel, type TestAnswer, type TestUser } from '../../../kernel/testing.ts';
import { packedPlugin, packEntries, packFiles, type ArchiveEntry } from '../../support/archives.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const SECRET = 'x'.repeat(40);
const NODE_MODULES = join(import.meta.dirname, '../../../node_modules');

/** A plugin with a table; `stars` is what its second version adds. */
const lockers = (version: string, more: Parameters<typeof packedPlugin>[3] = {}): Record<string, string> => {
  const apply = `globalThis.lockersApplied = (globalThis.lockersApplied ?? 0) + 1;
    kernel.hooks.migrations.tap('lockers', (m) => m.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.routes.tap('lockers', (r) => r.get('/lockers', { summary: 'The version', auth: 'none' }, () => ({ version: '${version}' })));`;
  const migration = (statement: string, back: string): string => `export const up = (knex) => knex.raw('${statement}'); export const down = (knex) => knex.raw('${back}');`;
  const files = {
    'migrations/0001_lockers.js': migration('CREATE TABLE lockers (id INTEGER)', 'DROP TABLE lockers'),
    ...(version !== '1.0.0' && { 'migrations/0002_stars.js': migration('ALTER TABLE lockers ADD stars INTEGER', 'ALTER TABLE lockers DROP stars') }),
    ...more.files,
  };
  return packedPlugin('lockers', version, apply, { ...more, files });
};
const hello = (id: string, more: Parameters<typeof packedPlugin>[3] = {}): Record<string, string> =>
  packedPlugin(id, '1.0.0', `kernel.hooks.routes.tap('${id}', (r) => r.get('/${id}', { summary: 'x', auth: 'none' }, () => ({ hello: '${id}' })));`, more);

/** A plugin that would be fine, with one more entry. */
const withEntry = (entry: ArchiveEntry): Buffer =>
  packEntries([...Object.entries(hello('hostile')).map(([path, text]) => ({ path: `package/${path}`, text })), entry]);
const without = (files: Record<string, string>, ...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)));

/** What is wrong with each archive, and what the refusal has to say. */
const HOSTILE: Record<string, [Buffer, RegExp]> = {
  'that leaves its folder': [withEntry({ path: 'package/../../outside.txt', text: 'x' }), /outside\.txt leaves its folder/],
  'with an absolute path': [withEntry({ path: '/tmp/outside.txt', text: 'x' }), /outside\.txt leaves its folder/],
  'with a path of another system': [withEntry({ path: 'package\\..\\outside.txt', text: 'x' }), /is a name that not every machine takes/],
  'with a symbolic link': [withEntry({ path: 'package/link', type: 'SymbolicLink', linkpath: '/etc' }), /package\/link is a SymbolicLink/],
  'with a hard link': [withEntry({ path: 'package/link', type: 'Link', linkpath: '/etc/passwd' }), /package\/link is a Link/],
  'with a device': [withEntry({ path: 'package/device', type: 'CharacterDevice' }), /package\/device is a CharacterDevice/],
  'with a pipe': [withEntry({ path: 'package/pipe', type: 'FIFO' }), /package\/pipe is a FIFO/],
  'that names a file twice': [withEntry({ path: 'package/index.js', text: 'x' }), /package\/index\.js is in it twice/],
  'with a file for a folder': [withEntry({ path: 'package/index.js/x', text: 'x' }), /package\/index\.js\/x is in it twice/],
  'with a second folder': [withEntry({ path: 'other/x', text: 'x' }), /lies beside the folder package/],
  'that says it holds a file of a terabyte': [withEntry({ path: 'package/huge', size: 2 ** 40 }), /package\/huge is larger than 32 MiB/],
  'that grows when it is unpacked': [packEntries(Array.from({ length: 5 }, (_, n) => ({ path: `package/${String(n)}`, text: '\0'.repeat(30 * 1024 ** 2) }))), /holds more than 128 MiB/],
  'of too many files': [packEntries(Array.from({ length: 5_001 }, () => ({ path: 'package/deep/', type: 'Directory' }))), /holds more than 5000 files/],
  'with nothing but zeros in it': [gzipSync(Buffer.alloc(64 * 1024 ** 2)), /not a \.tgz as npm pack makes it/],
  'that is packed twice': [gzipSync(packFiles(hello('hostile'))), /packed twice/],
  'that is cut short': [packFiles(hello('hostile')).subarray(0, 300), /not a \.tgz as npm pack makes it/],
  'that is none': [Buffer.from('hello'), /not a \.tgz as npm pack makes it/],
  'without plugin.json': [packFiles(without(hello('hostile'), 'plugin.json')), /no plugin\.json at its top: does "files" in package\.json name it\?/],
  'without package.json': [packFiles(without(hello('hostile'), 'package.json')), /no package\.json at its top/],
  'without its code': [packFiles(without(hello('hostile'), 'index.js')), /index\.js is missing, which plugin\.json names as its code/],
  'with a manifest that is not valid': [packFiles(hello('hostile', { manifest: { colour: 'red' } })), /used: plugin\.json: .*unknown key "colour"/],
  'whose code lies elsewhere': [packFiles(hello('hostile', { manifest: { main: 'dist/../../../code.js' } })), /main .* leaves its folder/],
  'with a package.json that is not JSON': [packFiles({ ...hello('hostile'), 'package.json': '{' }), /package\.json is not JSON/],
  'with two versions': [packFiles(hello('hostile', { package: { version: '3.0.0' } })), /plugin\.json says version 1\.0\.0 and package\.json 3\.0\.0/],
  'for another kernel': [packFiles(hello('hostile', { manifest: { kernel: '^9.0.0' } })), /needs kernel \^9\.0\.0, this is 1\./],
  'that needs what nobody has': [packFiles(hello('hostile', { package: { dependencies: { 'left-pad-of-nobody': '^1.0.0' } } })), /needs left-pad-of-nobody, which is neither in it nor installed with the server: name it in "bundleDependencies"/],
  'that needs another version of what the server has': [packFiles(hello('hostile', { package: { dependencies: { semver: '^1.0.0' } } })), /needs semver \^1\.0\.0, and the server has 7\./],
  'that needs a path': [packFiles(hello('hostile', { package: { dependencies: { '../../kernel': '*' } } })), /"\.\.\/\.\.\/kernel", which is no name of a package/],
  'that calls itself the kernel': [packFiles(hello('kernel')), /id .*kernel.* is the kernel's own/],
};

describe('a plugin that is uploaded', function () {
  this.timeout(300_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let second: Kernel;
  let admin: TestUser;
  const homes: string[] = [];
  before(async () => {
    folder = await writePlugins({ shipped: {} });
    const sources = { bundled: [folder.directory], directories: [], nodeModules: [NODE_MODULES] };
    kernel = await startCopy({ sources, config: { jwtSecret: SECRET } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
    second = await startInstance();
  });
  after(async () => {
    await second.stop();
    await kernel.stop();
    await folder.remove();
    for (const home of homes) await rm(home, { recursive: true, force: true });
  });

  /** Another server on the same database, on a machine of its own. */
  async function startInstance(config: { takesPlugins?: boolean; safeMode?: boolean } = {}): Promise<Kernel> {
    const home = await mkdtemp(join(tmpdir(), 'musclemap-home-'));
    homes.push(home);
    const { config: own, log } = kernel.kernel;
    const sources = { bundled: [folder.directory], directories: [], nodeModules: [NODE_MODULES] };
    return startKernel({ config: { ...own, ...config, home, port: 0 }, databaseUrl: kernel.databaseUrl, log, sources });
  }

  async function upload(archive: Buffer | undefined, { to = kernel.kernel.url, as = admin, password }: { to?: string; as?: TestUser; password?: string } = {}): Promise<TestAnswer> {
    const form = new FormData();
    if (password !== undefined) form.append('currentPassword', password);
    if (archive !== undefined) form.append('archive', new Blob([new Uint8Array(archive)]), 'plugin-1.0.0.tgz');
    const answer = await fetch(`${to}/api/admin/plugins`, { method: 'POST', body: form, headers: { Authorization: `Bearer ${as.accessToken}` } });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  }
  const refused = async (answer: Promise<TestAnswer>, status: number, message: RegExp): Promise<void> => {
    const { status: given, body } = await answer;
    assert.equal(given, status, JSON.stringify(body));
    assert.match(body.error.message, message);
  };
  const act = (id: string, what: string, body: object = {}): Promise<TestAnswer> => kernel.post(`/api/admin/plugins/${id}/${what}`, { as: admin, body });
  const done = async (id: string, what: string, body?: object): Promise<void> => {
    const answer = await act(id, what, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const info = async (id: string): Promise<Record<string, unknown>> => (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data;
  const remove = (id: string): Promise<TestAnswer> => kernel.request('DELETE', `/api/admin/plugins/${id}`, { as: admin });
  const versionAt = async (url: string): Promise<string | undefined> => {
    const answer = await fetch(`${url}/api/lockers`);
    return ((await answer.json()) as { data?: { version: string } }).data?.version;
  };
  const seenBySecond = (version: string): Promise<unknown> => until(async () => (await versionAt(second.url)) === version, `version ${version} on the second instance`, 5_000);
  const packages = (): Promise<unknown[]> => kernel.knex('plugin_packages').orderBy('position').select('plugin_id', 'version');
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: SECRET, MUSCLEMAP_HOME: kernel.kernel.config.home, PLUGIN_DIRS: folder.directory });

  it('is there, off, and none of its code has run', async () => {
    const { status, body, headers } = await upload(packFiles(lockers('1.0.0')));
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(headers.get('location'), '/api/admin/plugins/lockers');
    assert.deepEqual([body.data.id, body.data.version, body.data.isNew, body.data.plugin.state], ['lockers', '1.0.0', true, 'available']);
    const { diskVersion, installedVersion, bundled, upload: about } = await info('lockers');
    assert.deepEqual([diskVersion, installedVersion, bundled], ['1.0.0', null, false]);
    assert.match((about as { sha256: string }).sha256, /^[0-9a-f]{64}$/);
    assert.equal(Reflect.get(globalThis, 'lockersApplied'), undefined);
    assert.equal((await kernel.get('/api/lockers')).status, 404);
    const [entry] = (await kernel.get('/api/admin/audit?object=lockers&action=plugin.upload', { as: admin })).body.data;
    assert.deepEqual([entry.actorId, entry.details.version, entry.details.file], [admin.id, '1.0.0', 'plugin-1.0.0.tgz']);
  });

  it('is the same when it is brought again, and is replaced as long as it has not run', async () => {
    assert.equal((await upload(packFiles(lockers('1.0.0')))).body.data.isNew, false);
    const other = packFiles(lockers('1.0.0', { files: { 'README.md': 'More' } }));
    assert.equal((await upload(other)).body.data.isNew, true);
    assert.equal((await upload(packFiles(lockers('1.0.0')))).body.data.isNew, true);
    assert.deepEqual(await packages(), [{ plugin_id: 'lockers', version: '1.0.0' }]);
  });

  it('is enabled on every instance, also on machines that it was not sent to', async () => {
    await done('lockers', 'enable');
    assert.equal(await versionAt(kernel.kernel.url), '1.0.0');
    await seenBySecond('1.0.0');
    await refused(upload(packFiles(lockers('1.0.0', { files: { 'README.md': 'More' } }))), 409, /lockers 1\.0\.0 has run here with another content: give what is new another version/);
  });

  it('waits for an upgrade in a newer version, which is planned, done everywhere and taken back', async () => {
    assert.equal((await upload(packFiles(lockers('1.1.0')))).status, 201);
    const { installedVersion, diskVersion } = await info('lockers');
    assert.deepEqual([installedVersion, diskVersion, await versionAt(kernel.kernel.url)], ['1.0.0', '1.1.0', '1.0.0']);
    const plan = (await kernel.get('/api/admin/plugins/lockers/plan?for=upgrade', { as: admin })).body.data;
    assert.deepEqual([plan.plugins, plan.migrations[0].name], [[{ id: 'lockers', from: '1.0.0', to: '1.1.0' }], '0002_stars']);
    const third = await startInstance();
    assert.equal(await versionAt(third.url), '1.0.0');
    await third.stop();
    await done('lockers', `upgrade?plan=${plan.hash}`);
    await seenBySecond('1.1.0');
    await done('lockers', 'rollback');
    await seenBySecond('1.0.0');
    await done('lockers', 'upgrade');
    assert.equal(await versionAt(kernel.kernel.url), '1.1.0');
    assert.deepEqual(await packages(), [{ plugin_id: 'lockers', version: '1.0.0' }, { plugin_id: 'lockers', version: '1.1.0' }]);
  });

  it('is removed when it is not installed, and not before', async () => {
    await refused(remove('lockers'), 409, /lockers is installed: uninstall it first/);
    await refused(remove('shipped'), 409, /shipped was not uploaded: it lies in /);
    await refused(remove('locker'), 404, /There is no plugin named locker\. /);
    await done('lockers', 'uninstall', {});
    assert.equal((await info('lockers')).state, 'available');
    assert.equal((await remove('lockers')).status, 204);
    assert.deepEqual(await packages(), []);
    assert.equal((await info('lockers')).state, 'missing');
    await done('lockers', 'uninstall?purge=true', { confirm: 'lockers' });
    assert.equal((await kernel.get('/api/admin/plugins/lockers', { as: admin })).status, 404);
    const [entry] = (await kernel.get('/api/admin/audit?object=lockers&action=plugin.remove', { as: admin })).body.data;
    assert.deepEqual(entry.details.versions.sort(), ['1.0.0', '1.1.0']);
  });

  it('leaves no code behind after a purge once the server has started again', async () => {
    await upload(packFiles(lockers('1.1.0')));
    await done('lockers', 'enable');
    await done('lockers', 'uninstall?purge=true', { confirm: 'lockers' });
    assert.equal((await remove('lockers')).status, 204);
    const store = join(kernel.kernel.config.home, 'plugins');
    assert.ok((await readdir(store)).includes('lockers'));
    const again = await startKernel({ config: { ...kernel.kernel.config, port: 0 }, databaseUrl: kernel.databaseUrl, log: kernel.kernel.log, sources: folder.sources });
    await again.stop();
    assert.ok(!(await readdir(store)).includes('lockers'));
  });

  for (const [what, [archive, message]] of Object.entries(HOSTILE)) {
    it(`is refused as an archive ${what}, and leaves nothing`, async () => {
      const { home } = kernel.kernel.config;
      const files = async (): Promise<string[]> => (await Promise.all(['plugins', 'incoming'].map((name) => readdir(join(home, name), { recursive: true }).catch(() => [])))).flat().sort();
      const before = [await packages(), await files()];
      await refused(upload(archive), 422, message);
      assert.deepEqual([await packages(), await until(async () => ((await files()).length === before[1]?.length ? files() : undefined), 'what was sent to be gone')], before);
    });
  }

  it('finds the packages that it brings, and those of the server', async () => {
    const apply = `import { definePlugin } from 'musclemap'; import { major } from 'semver'; import { answer } from 'brought';
      export default definePlugin({ apply(kernel) { kernel.hooks.routes.tap('needy', (r) => r.get('/needy', { summary: 'x', auth: 'none' }, () => ({ major: major('3.2.1'), answer }))); } });`;
    const files = {
      'index.js': apply,
      'node_modules/brought/package.json': '{ "name": "brought", "version": "1.0.0", "type": "module", "main": "index.js" }',
      'node_modules/brought/index.js': 'export const answer = 42;',
    };
    const needs = { dependencies: { semver: '^7.0.0', brought: '^1.0.0', musclemap: '^1.0.0' }, bundleDependencies: ['brought'] };
    assert.equal((await upload(packFiles(hello('needy', { files, package: needs })))).status, 201);
    await done('needy', 'enable');
    assert.deepEqual((await kernel.get('/api/needy')).body.data, { major: 3, answer: 42 });
    await until(async () => (await fetch(`${second.url}/api/needy`)).status === 200, 'the plugin on the other instance');
  });

  it('cannot take the place of one that comes with MuscleMap or lies in a folder', async () => {
    await refused(upload(packFiles(hello('shipped'))), 409, /shipped comes with MuscleMap: it cannot be uploaded/);
  });

  it('is taken from administrators only, who give their password once they have been signed in for a while', async () => {
    const archive = packFiles(hello('guarded'));
    assert.equal((await upload(archive, { as: await kernel.signUp() })).status, 403);
    assert.equal((await upload(undefined)).status, 400);
    const old = await kernel.signUp({ roles: ['user', 'admin'] });
    await kernel.knex('sessions').where({ user_id: old.id }).update({ created_at: new Date(Date.now() - 16 * 60_000) });
    const asked = await upload(archive, { as: old });
    assert.deepEqual([asked.status, asked.body.error.details], [400, [{ path: '/body/currentPassword', message: 'is needed to upload a plugin' }]]);
    assert.equal((await upload(archive, { as: old, password: 'wrong' })).status, 400);
    assert.equal((await upload(archive, { as: old, password: old.password })).status, 201);
    const audit = JSON.stringify((await kernel.get('/api/admin/audit?limit=20', { as: admin })).body.data);
    assert.ok(!audit.includes(old.password));
  });

  it('is not taken where uploads are off or the server runs in safe mode, which lists say', async () => {
    const closed = await startInstance({ takesPlugins: false });
    await refused(upload(packFiles(hello('late')), { to: closed.url }), 403, /PLUGIN_UPLOADS is off/);
    const listed = new TestKernel(closed, kernel.databaseUrl, () => Promise.resolve());
    assert.deepEqual((await listed.get('/api/admin/plugins', { as: admin })).body.meta, { takesUploads: false });
    await closed.stop();
    const safe = await startInstance({ safeMode: true });
    await refused(upload(packFiles(hello('late')), { to: safe.url }), 409, /safe mode/);
    await safe.stop();
    assert.equal((await kernel.get('/api/admin/plugins', { as: admin })).body.meta.takesUploads, true);
  });

  it('comes from the command line as well, which says how to go on', async () => {
    const file = join(kernel.kernel.config.home, 'typed-1.0.0.tgz');
    await writeFile(file, packFiles(hello('typed')));
    const first = await run('plugin', 'install', file);
    assert.equal(first.code, 0, first.err);
    assert.match(first.out, /typed 1\.0\.0 is here\. It is off: npx musclemap plugin plan typed --for enable shows .* npx musclemap plugin enable typed does it/);
    assert.equal((await info('typed')).state, 'available');
    await done('typed', 'enable');
    assert.equal((await kernel.get('/api/typed')).status, 200);
    await writeFile(file, packFiles(hello('typed', { manifest: { version: '1.1.0' }, package: { version: '1.1.0' } })));
    const newer = await run('plugin', 'install', file, '--json');
    assert.deepEqual([newer.code, JSON.parse(newer.out).isNew, (await info('typed')).diskVersion], [0, true, '1.1.0']);
    await writeFile(file, 'nonsense');
    const bad = await run('plugin', 'install', file);
    assert.deepEqual([bad.code, /^The archive cannot be used: .*npm pack/.test(bad.err)], [1, true], bad.err);
    await done('typed', 'uninstall');
    assert.match((await run('plugin', 'remove', 'typed')).out, /Changed: typed\./);
    const [entry] = (await kernel.get('/api/admin/audit?object=typed&action=plugin.upload', { as: admin })).body.data;
    assert.equal(entry.actorKind, 'cli');
  });
});
