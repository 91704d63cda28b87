import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

/** Turns of 30 ms, with an await before each, that leave the loop a moment for others. */
const HOG = `let isOn = false;
  const turn = async () => {
    while (isOn) {
      await new Promise((resolve) => setTimeout(resolve, 3));
      const end = performance.now() + 30;
      while (performance.now() < end);
    }
  };
  kernel.hooks.start.tap('hog', () => { isOn = true; void turn(); });
  kernel.hooks.stop.tap('hog', () => { isOn = false; });`;
const route = (path: string, body: string): string =>
  `routes.post('${path}', { summary: 'A route of this test', auth: 'none' }, async () => { ${body} });`;
const HOARDER = `kernel.hooks.migrations.tap('hoarder', (m) => m.directory(import.meta.dirname, 'migrations'));
  kernel.hooks.routes.tap('hoarder', (routes) => {
    ${route('/hoarder/rows', `await kernel.database.knex.raw("INSERT INTO things SELECT repeat('x', 1000) FROM generate_series(1, 4000)"); return {};`)}
  });`;
const FILER = `kernel.hooks.routes.tap('filer', (routes) => {
    ${route('/filer/file', `return kernel.storage.put([Buffer.alloc(600_000)], { maxBytes: 1e6 });`)}
  });`;
const THINGS = `export const up = (knex) => knex.raw('CREATE TABLE things (text TEXT)');
  export const down = (knex) => knex.raw('DROP TABLE things');`;

describe('a plugin', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;

  before(async () => {
    folder = await writePlugins({ hog: { apply: HOG }, idle: {}, hoarder: { apply: HOARDER, files: { 'migrations/0001_things.ts': THINGS } }, filer: { apply: FILER } });
    const { containment } = testConfig();
    kernel = await startCopy({
      sources: { bundled: [], directories: [folder.directory], nodeModules: [] },
      config: {
        containment: {
          ...containment,
          processor: { everyMs: 200, busyShare: 0.3, sampleMs: 300, looks: 2, limit: 0.2 },
          disk: { everyMs: 100, limitBytes: 2 * 1024 ** 2 },
        },
      },
    });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
    for (const id of ['idle', 'hoarder', 'filer']) assert.equal((await act(id, 'enable')).status, 200);
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const act = (id: string, what: string): Promise<TestAnswer> => kernel.post(`/api/admin/plugins/${id}/${what}`, { as: admin });
  const look = async (id: string): Promise<TestAnswer['body']> => (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data;
  const metrics = async (): Promise<string> => (await kernel.get('/metrics')).body as string;

  it('is quarantined when it keeps the processor to itself, though each of its turns is short', async () => {
    assert.equal((await act('hog', 'enable')).status, 200);
    const shares: (number | null)[] = [];
    const { reason, quarantine } = await until(async () => {
      const seen = await look('hog');
      shares.push(seen.usage.processor as number | null);
      return seen.state === 'quarantined' && seen;
    }, 'the quarantine', 30_000);
    assert.match(reason, /takes \d+ % of a processor, more than the 20 % that a plugin may, in 2 looks in a row/);
    assert.equal(quarantine.place, 'processor');
    assert.ok(shares.every((share) => share === null || (share > 0 && share <= 1)), String(shares));
    const idle = await look('idle');
    assert.deepEqual([idle.state, idle.usage.processor ?? 0], ['enabled', 0]);
  });

  it('is shown with what its tables and files take', async () => {
    const usage = await until(async () => {
      const seen = (await look('hoarder')).usage;
      return seen.tableBytes !== null && seen;
    }, 'the first look');
    assert.ok(usage.tableBytes < 100_000 && usage.fileBytes === 0, JSON.stringify(usage));
    assert.match(await metrics(), /musclemap_plugin_disk_bytes\{plugin="hoarder",kind="tables"\} \d+/);
  });

  it('is quarantined when its tables outgrow what the operator gives it', async () => {
    assert.equal((await kernel.post('/api/hoarder/rows')).status, 200);
    const { reason } = await until(async () => {
      const seen = await look('hoarder');
      return seen.state === 'quarantined' && seen;
    }, 'the quarantine');
    assert.match(reason, /its tables and files take [2-9]\.\d MB, more than the 2\.0 MB that they may/);
    assert.equal((await kernel.post('/api/hoarder/rows')).status, 503);
  });

  it('stays in quarantine without anything being composed anew at every look', async () => {
    await kernel.knex('stored_objects').insert({ id: 'file_of_this_test', plugin_id: 'idle', state: 'kept', size: 0 });
    const lookAgain = async (size: number): Promise<void> => {
      await kernel.knex('stored_objects').where({ id: 'file_of_this_test' }).update({ size });
      await until(async () => (await look('idle')).usage.fileBytes === size, 'the next look');
    };
    // The second of two looks begins once the first has done what it has to.
    for (const size of [1, 2]) await lookAgain(size);
    const { composition } = kernel.kernel.plugins;
    for (const size of [3, 4]) await lookAgain(size);
    assert.ok(kernel.kernel.plugins.composition === composition);
  });

  it('may store no file more once it has used up what it has', async () => {
    let refused: TestAnswer;
    let count = 0;
    while ((refused = await kernel.post('/api/filer/file')).status === 200 && count < 10) count += 1;
    assert.equal(refused.status, 503);
    // Four fit. One that is stored while the tables are looked at counts twice until the next look.
    assert.ok(count === 4 || count === 3, String(count));
    assert.match(refused.body.error.message, /filer has used up the 2\.0 MB|not available/);
    const late = Readable.from([Buffer.alloc(1)]);
    await assert.rejects(kernel.kernel.storage.serviceFor('filer').put(late, { maxBytes: 1 }), /used up the 2\.0 MB/);
    assert.ok(late.destroyed, 'whatever it was read from is closed');
  });
});
