import assert from 'node:assert/strict';
import { startKernel } from '../../../kernel/kernel.ts';
import { TestKernel, testConfig, type TestAnswer, type TestUser } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const route = (path: string, body: string): string =>
  `routes.get('${path}', { summary: 'A route of this test', auth: 'none' }, async () => { ${body} });`;

const PLUGINS = {
  failing: {
    apply: `kernel.hooks.routes.tap('failing', (routes) => {
        ${route('/failing', "if (globalThis.isFailingMended) return { fine: true }; throw new Error('always');")}
        ${route('/failing/refusing', "throw new ApiError('CONFLICT', 'Not now.');")}
      });
      kernel.hooks.events.tap('failing', (events) => events.on('calls.counted', ({ payload }) => { (globalThis.failingSaw ??= []).push(payload.n); }));`,
  },
  busy: {
    apply: `let calls = 0; kernel.hooks.routes.tap('busy', (routes) => {
      ${route('/busy', "if (calls++ % 5 === 4) throw new Error('sometimes'); return { calls };")}
    });`,
  },
  neighbour: {
    apply: `let n = 0; kernel.hooks.routes.tap('neighbour', (routes) => {
      routes.post('/neighbour', { summary: 'Emits', auth: 'none', transaction: true }, ({ trx }) => { kernel.events.emit(trx, 'calls.counted', { n: n += 1 }); return { n }; });
    });`,
  },
  dependent: { manifest: { requires: { failing: '^1.0.0' } }, apply: `kernel.hooks.routes.tap('dependent', (routes) => { ${route('/dependent', 'return 1;')} });` },
};

describe('a plugin that keeps failing', function () {
  this.timeout(120_000);
  let kernel: TestKernel;
  let folder: PluginFolder;
  let admin: TestUser;
  before(async () => {
    folder = await writePlugins(PLUGINS);
    const { containment } = testConfig();
    const config = { containment: { ...containment, breaker: { faults: 5, windowSeconds: 60, share: 0.5 } } };
    kernel = await startCopy({ sources: folder.sources, config });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const stateOf = async (id: string): Promise<string> => (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data.state;
  const times = async (count: number, call: () => Promise<TestAnswer>): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < count; i++) statuses.push((await call()).status);
    return statuses;
  };

  it('is not quarantined for refusals, nor for a few faults among many good runs', async () => {
    assert.deepEqual(new Set(await times(30, () => kernel.get('/api/failing/refusing'))), new Set([409]));
    assert.ok((await times(50, () => kernel.get('/api/busy'))).includes(500));
    assert.deepEqual([await stateOf('failing'), await stateOf('busy')], ['enabled', 'enabled']);
  });

  it('is quarantined: its routes answer 503 UNAVAILABLE, and the administrator sees why', async () => {
    assert.deepEqual(await times(5, () => kernel.get('/api/failing')), [500, 500, 500, 500, 500]);
    await until(async () => (await stateOf('failing')) === 'quarantined', 'the quarantine');
    const { status, body, headers } = await kernel.get('/api/failing');
    assert.deepEqual([status, body.error.code, headers.get('retry-after')], [503, 'UNAVAILABLE', '60']);
    const { data } = (await kernel.get('/api/admin/plugins/failing', { as: admin })).body;
    assert.match(data.reason, /route GET \/api\/failing failed 5 times in .* of 5 runs/);
    assert.deepEqual([data.quarantine.place, data.quarantine.error], ['route GET /api/failing', 'always']);
    assert.match(data.quarantine.stack, /failing\/index\.ts/);
  });

  it('takes those that require it along, and nobody else', async () => {
    assert.deepEqual([await stateOf('dependent'), await stateOf('neighbour')], ['failed', 'enabled']);
    assert.equal((await kernel.get('/api/busy')).status, 200);
  });

  const faultsOf = async (on: TestKernel, id: string): Promise<number> => {
    const { faults } = (await on.get('/api/admin/overview', { as: admin })).body.data.plugins as { faults: { plugin: string; faults: number }[] };
    return faults.find(({ plugin }) => plugin === id)?.faults ?? 0;
  };

  it('is counted among the failures of the last 24 hours, refusals are not, and what is older is neither', async () => {
    assert.deepEqual([await faultsOf(kernel, 'failing'), await faultsOf(kernel, 'busy'), await faultsOf(kernel, 'dependent')], [5, 10, 0]);
    await kernel.knex.raw(`INSERT INTO plugin_faults SELECT 'failing', date_trunc('hour', NOW()) - n * INTERVAL '1 hour', 100 FROM generate_series(23, 24) n`);
    assert.equal(await faultsOf(kernel, 'failing'), 105);
  });

  it('stays in quarantine when the server starts again, which forgets no failure', async () => {
    const again = await startKernel({ config: kernel.kernel.config, databaseUrl: kernel.databaseUrl, sources: folder.sources, log: kernel.kernel.log });
    const second = new TestKernel(again, kernel.databaseUrl, () => Promise.resolve());
    assert.equal((await second.get('/api/failing')).status, 503);
    const before = await faultsOf(second, 'busy');
    for (let n = 0; n < 5; n += 1) await second.get('/api/busy');
    await second.stop();
    assert.equal(await faultsOf(kernel, 'busy'), before + 1);
  });

  it('gets the events that waited for it, once, when an administrator releases it', async () => {
    for (let n = 1; n <= 3; n++) assert.equal((await kernel.post('/api/neighbour')).status, 200);
    Reflect.set(globalThis, 'isFailingMended', true);
    assert.equal((await kernel.post('/api/admin/plugins/failing/release', { as: await kernel.signUp() })).status, 403);
    const { status, body } = await kernel.post('/api/admin/plugins/failing/release', { as: admin });
    assert.deepEqual([status, body.data], [200, { id: 'failing', released: true }]);
    assert.equal((await kernel.get('/api/failing')).status, 200);
    assert.deepEqual([await stateOf('failing'), await stateOf('dependent')], ['enabled', 'enabled']);
    const seen = (): number[] => (Reflect.get(globalThis, 'failingSaw') ?? []) as number[];
    await until(() => seen().length >= 3, 'the events');
    assert.deepEqual([...seen()].sort(), [1, 2, 3]);
    assert.equal((await kernel.post('/api/admin/plugins/failing/release', { as: admin })).status, 409);
  });

  it('is borne with as long as an administrator says', async () => {
    const breaker = { isOn: false, faults: 5, windowSeconds: 60, share: 0.5 };
    assert.equal((await kernel.request('PUT', '/api/admin/plugins/failing/breaker', { as: admin, body: breaker })).status, 200);
    assert.deepEqual((await kernel.get('/api/admin/plugins/failing/breaker', { as: admin })).body.data, breaker);
    Reflect.set(globalThis, 'isFailingMended', false);
    await times(20, () => kernel.get('/api/failing'));
    assert.equal(await stateOf('failing'), 'enabled');
    assert.equal((await kernel.get('/api/failing')).status, 500);
  });

  it('is released from the command line as well, which names who is not in quarantine, or nowhere', async () => {
    const run = (...args: string[]): Promise<CommandResult> =>
      runMusclemap(args, { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: 'x'.repeat(40), PLUGIN_DIRS: folder.directory, MUSCLEMAP_HOME: kernel.kernel.config.home });
    await kernel.request('PUT', '/api/admin/plugins/failing/breaker', { as: admin, body: { isOn: true, faults: 5, windowSeconds: 60, share: 0.5 } });
    await times(10, () => kernel.get('/api/failing'));
    await until(async () => (await stateOf('failing')) === 'quarantined', 'the quarantine');
    Reflect.set(globalThis, 'isFailingMended', true);
    const { code, out, err } = await run('plugin', 'release', 'failing', '--json');
    assert.equal(code, 0, err);
    const { changed, instances } = JSON.parse(out);
    assert.deepEqual([changed, instances.map(({ plugins }: { plugins: string }) => plugins)], [['failing'], ['failing: enabled']]);
    assert.equal((await kernel.get('/api/failing')).status, 200);
    const again = await run('plugin', 'release', 'failing');
    assert.deepEqual([again.code, again.err], [1, 'The plugin failing is not in quarantine.\n']);
    const nowhere = await run('plugin', 'release', 'faling');
    assert.deepEqual([nowhere.code, nowhere.err], [1, 'There is no plugin named faling. Did you mean failing?\n']);
    assert.equal((await run('plugin', 'info', 'faling')).err, nowhere.err);
    const [entry] = (await kernel.get('/api/admin/audit?object=failing&action=plugin.release', { as: admin })).body.data;
    assert.equal(entry.actorKind, 'cli');
  });
});
