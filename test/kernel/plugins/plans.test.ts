import assert from 'node:assert/strict';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import { createLogger } from '../../../kernel/telemetry/logger.ts';
import { testConfig, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { enablePlugins, readRows } from '../../support/enabled.ts';
import { until, writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { createDatabase, startCopy } from '../../support/setup.ts';

const table = (name: string): string =>
  `export const up = (knex) => knex.raw('CREATE TABLE ${name} (id INTEGER)'); export const down = (knex) => knex.raw('DROP TABLE ${name}');`;
const route = (method: string, path: string, auth: string): string =>
  `kernel.hooks.routes.tap(kernel.id, (r) => r.${method}('${path}', { summary: 'x', auth: '${auth}' }, () => null));`;
const MIGRATIONS = `kernel.hooks.migrations.tap(kernel.id, (m) => m.directory(import.meta.dirname, 'migrations'));`;

/** What each fixture registers: one kind each, several together, and in dependence on each other. */
const FIXTURES: Record<string, PluginFiles> = {
  'only-route': { manifest: { scopes: ['routes'] }, apply: route('get', '/only', 'none') },
  'many-routes': { manifest: { scopes: ['routes'] }, apply: ['get', 'post', 'put', 'patch', 'delete'].map((m) => route(m, '/many/:id', 'admin')).join('') },
  'only-tables': { manifest: { scopes: ['database'] }, apply: MIGRATIONS, files: { 'migrations/0001_a.ts': table('a'), 'migrations/0002_b.ts': table('b') } },
  'only-hooks': { manifest: { scopes: ['credits', 'users'] }, apply: `kernel.hooks.price.tap(kernel.id, (p) => p); kernel.hooks.userRegistered.tap(kernel.id, () => {}); kernel.hooks.start.tap(kernel.id, () => {});` },
  'only-events': { manifest: { scopes: ['events'] }, apply: `kernel.hooks.events.tap(kernel.id, (e) => { e.on('a.done', () => {}); e.on('b.done', () => {}); });` },
  'only-jobs': { manifest: { scopes: ['jobs'] }, apply: `kernel.hooks.jobs.tap(kernel.id, (j) => { j.add('sweep', { cron: '0 3 * * *' }, () => {}); j.add('write', {}, () => {}); });` },
  'only-prices': { manifest: { scopes: ['credits'] }, apply: `kernel.hooks.creditActions.tap(kernel.id, (a) => { a.add({ id: 'only-prices.cheap', name: 'Cheap', defaultCost: 1 }); a.add({ id: 'only-prices.dear', name: 'Dear', defaultCost: 900 }); });` },
  'only-config': { manifest: { scopes: [], config: { type: 'object', properties: { depth: { type: 'integer' }, key: { type: 'string', secret: true } } } } },
  'only-permissions': { manifest: { scopes: ['permissions'] }, apply: `kernel.hooks.permissions.tap(kernel.id, (p) => p.add({ id: 'only-permissions.go', description: 'Goes' }));` },
  nothing: { manifest: { scopes: [] } },
  offers: { manifest: { scopes: [] }, apply: `kernel.offer({ hooks: { asked: 'decision' }, services: {} });` },
  asks: { manifest: { scopes: [], requires: { offers: '^1.0.0' } }, apply: `kernel.plugin('offers').hooks.asked.tap(kernel.id, () => undefined);` },
  everything: {
    manifest: { config: { type: 'object', properties: { size: { type: 'integer' } } } },
    apply: `${MIGRATIONS} ${route('get', '/everything', 'user')} ${route('post', '/everything', 'moderator')}
      kernel.hooks.creditActions.tap(kernel.id, (a) => a.add({ id: 'everything.go', name: 'Go', defaultCost: 7 }));
      kernel.hooks.jobs.tap(kernel.id, (j) => j.add('tick', { cron: '* * * * *' }, () => {}));
      kernel.hooks.events.tap(kernel.id, (e) => e.on('c.done', () => {}));
      kernel.hooks.entitlement.tap(kernel.id, () => undefined);`,
    files: { 'migrations/0001_e.ts': table('e') },
  },
};

interface Observed {
  scopes: string[];
  config: string[];
  routes: string[];
  hooks: string[];
  events: string[];
  jobs: string[];
  actions: string[];
}

interface Planned {
  hash: string;
  added: Observed;
  removed: Observed;
  migrations: { statements: string[] }[];
  prices: object[];
}

describe('the plan of a change', function () {
  this.timeout(120_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    folder = await writePlugins(FIXTURES);
    kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const empty = (): Observed => ({ scopes: [], config: [], routes: [], hooks: [], events: [], jobs: [], actions: [] });
  /** What is to be seen of a plugin from outside: its description, the API's, and the rows of the database. */
  const observe = async (id: string): Promise<Observed> => {
    const plugin = (await kernel.get(`/api/admin/plugins/${id}`, { as: admin })).body.data;
    if (plugin.state !== 'enabled') return empty();
    const { paths } = (await kernel.get('/api/openapi.json')).body as { paths: Record<string, Record<string, { tags: string[]; 'x-auth': string }>> };
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { tags }]) => tags.includes(id))
        .map(([method, { 'x-auth': auth }]) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')} (${auth})`),
    );
    const schedules = await kernel.knex('job_schedules').where({ plugin_id: id }).select('job', 'cron');
    const actions = await kernel.knex('credit_actions').where({ plugin_id: id, enabled: true }).pluck('id');
    return {
      scopes: [...plugin.scopes].sort(),
      config: Object.keys(plugin.configSchema?.properties ?? {}).sort(),
      routes: routes.sort(),
      hooks: plugin.hooks.map(({ hook }: { hook: string }) => hook).sort(),
      events: (await kernel.knex('plugin_subscriptions').where({ plugin_id: id }).pluck('event')).sort(),
      jobs: plugin.jobs.map((job: string) => job.replace(/ \(.*/, '')).sort().concat(schedules.map(({ job, cron }: { job: string; cron: string }) => `${job} ${cron}`)),
      actions: actions.sort(),
    };
  };
  const tables = async (id: string): Promise<string[]> => {
    const schema = `plugin_${id.replaceAll('-', '_')}`;
    return kernel.knex('pg_tables').where({ schemaname: schema }).orderBy('tablename').pluck('tablename');
  };
  const planned = async (id: string, verb: string): Promise<{ status: number; plan: Planned }> => {
    const { status, body } = await kernel.get(`/api/admin/plugins/${id}/plan?for=${verb}`, { as: admin });
    return { status, plan: body.data };
  };
  const asObserved = ({ scopes, config, routes, hooks, events, actions, jobs }: Observed): Observed => ({
    ...{ scopes, config, routes, hooks, events, actions },
    jobs: jobs.map((job) => job.replace(/ \(.*/, '')).sort(),
  });

  for (const id of Object.keys(FIXTURES)) {
    it(`is what happens: ${id}`, async () => {
      const { plan } = await planned(id, 'enable');
      const { added, removed, migrations, prices } = plan;
      assert.deepEqual(await observe(id), empty(), 'a plan changes nothing');
      assert.deepEqual(await tables(id), []);
      assert.equal((await kernel.post(`/api/admin/plugins/${id}/enable?plan=${plan.hash}`, { as: admin })).status, 200);
      await kernel.kernel.queue.lookAtSchedules();
      const seen = await observe(id);
      assert.deepEqual({ ...seen, jobs: seen.jobs.filter((job) => !job.includes(' ')) }, asObserved(added));
      assert.deepEqual(asObserved(removed), empty());
      const made = migrations.flatMap(({ statements }) => statements.flatMap((text) => /CREATE TABLE (\w+)/.exec(text)?.[1] ?? []));
      assert.deepEqual(await tables(id), made);
      const costs = await kernel.knex('credit_actions').where({ plugin_id: id }).orderBy('id').select({ action: 'id', name: 'name', cost: 'default_cost' });
      assert.deepEqual(prices, costs);

      const back = (await planned(id, 'disable')).plan;
      if (id === 'offers') return;
      assert.deepEqual([asObserved(back.removed), asObserved(back.added)], [asObserved(added), empty()]);
      assert.equal((await kernel.post(`/api/admin/plugins/${id}/disable`, { as: admin })).status, 200);
      assert.deepEqual(await observe(id), empty());
      assert.deepEqual(await tables(id), made, 'disabling keeps data');
    });
  }

  it('is checked against everything that runs: a route that is taken is named before anything is done', async () => {
    await folder.write('rival', { apply: route('get', '/only', 'none') });
    await kernel.post('/api/admin/plugins/only-route/enable', { as: admin });
    assert.equal((await planned('rival', 'enable')).status, 422);
  });
});

describe('a purge', function () {
  this.timeout(60_000);
  const WORK = `kernel.hooks.jobs.tap(kernel.id, (j) => { j.add('tick', { cron: '0 3 * * *' }, () => {}); j.add('later', {}, () => {}); });
    kernel.hooks.events.tap(kernel.id, (e) => e.on('x.done', () => {}));
    kernel.hooks.start.tapPromise(kernel.id, () => kernel.jobs.enqueue('later', {}, { startAfterSeconds: 3600 }));`;

  it('takes queued work, schedules and subscriptions along', async () => {
    const folder = await writePlugins({ works: { apply: WORK } });
    const kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
    try {
      const admin = await kernel.signUp({ roles: ['user', 'admin'] });
      assert.equal((await kernel.post('/api/admin/plugins/works/enable', { as: admin })).status, 200);
      await kernel.kernel.queue.lookAtSchedules();
      const left = async (): Promise<number[]> =>
        Promise.all([
          kernel.knex('pgboss.job').where({ singleton_key: 'works' }),
          kernel.knex('job_schedules').where({ plugin_id: 'works' }),
          kernel.knex('plugin_subscriptions').where({ plugin_id: 'works' }),
        ]).then((all) => all.map((rows) => rows.length));
      assert.deepEqual(await left(), [1, 1, 1]);
      const purge = await kernel.post('/api/admin/plugins/works/uninstall?purge=true', { as: admin, body: { confirm: 'works' } });
      assert.equal(purge.status, 200, JSON.stringify(purge.body));
      assert.deepEqual(await left(), [0, 0, 0]);
    } finally {
      await kernel.stop();
      await folder.remove();
    }
  });
});

describe('the jobs of a plugin', function () {
  this.timeout(60_000);
  const working = (job: string, options = '{}'): string => `jobs.add('${job}', ${options}, () => { globalThis.workDone = [...(globalThis.workDone ?? []), '${job}']; });`;
  const jobs = (adds: string): string => `kernel.hooks.jobs.tap(kernel.id, (jobs) => { ${adds} });`;
  const enqueuing = (job: string, options = '{}'): string =>
    `kernel.hooks.routes.tap(kernel.id, (r) => r.post('/' + kernel.id, { summary: 'x', auth: 'none' }, () => kernel.jobs.enqueue('${job}', {}, ${options}).then(() => null)));`;
  const workDone = (): string[] => (Reflect.get(globalThis, 'workDone') as string[] | undefined) ?? [];

  it('rest while it is disabled, those that wait and those that are due, and are done once it is enabled again', async () => {
    const folder = await writePlugins({
      waters: { apply: jobs(working('water') + working('rake', `{ cron: '0 3 * * *' }`)) + enqueuing('water', '{ startAfterSeconds: 3600 }') },
      neighbour: { apply: jobs(working('greet')) + enqueuing('greet') },
    });
    const kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
    try {
      const admin = await kernel.signUp({ roles: ['user', 'admin'] });
      const act = async (id: string, verb: string): Promise<void> => {
        assert.equal((await kernel.post(`/api/admin/plugins/${id}/${verb}`, { as: admin })).status, 200);
      };
      await act('waters', 'enable');
      await act('neighbour', 'enable');
      await kernel.kernel.queue.lookAtSchedules();
      assert.equal((await kernel.post('/api/waters')).status, 200);
      await act('waters', 'disable');
      assert.equal(await kernel.knex('pgboss.job').where({ singleton_key: 'waters' }).update({ start_after: new Date(0) }), 1);
      assert.equal(await kernel.knex('job_schedules').where({ plugin_id: 'waters' }).update({ next_run_at: new Date(0) }), 1);

      await kernel.kernel.queue.lookAtSchedules();
      assert.equal((await kernel.post('/api/neighbour')).status, 200);
      await until(() => workDone().length > 0, "the neighbour's job");
      assert.deepEqual(workDone(), ['greet']);

      await act('waters', 'enable');
      await kernel.settle();
      assert.deepEqual([...workDone()].sort(), ['greet', 'rake', 'water']);
    } finally {
      await kernel.stop();
      await folder.remove();
    }
  });
});

describe('the migrations of a plugin', function () {
  this.timeout(120_000);

  it('are run once when five instances start at once, and so is its install tap', async () => {
    const folder = await writePlugins({
      once: {
        apply: `${MIGRATIONS} kernel.hooks.install.tapPromise(kernel.id, ({ trx }) => trx('runs').insert({ what: 'install' }));`,
        files: {
          'migrations/0001_runs.ts': `export const up = async (knex) => { await knex.raw('CREATE TABLE runs (what TEXT)'); await knex('runs').insert({ what: 'migration' }); };
            export const down = (knex) => knex.raw('DROP TABLE runs');`,
        },
      },
    });
    const database = await createDatabase();
    const kernels: Kernel[] = [];
    try {
      await enablePlugins(database.url, ['once']);
      const config = testConfig({ databasePoolMax: 6 });
      const start = async (): Promise<void> => {
        kernels.push(await startKernel({ config, databaseUrl: database.url, log: createLogger(config, false), sources: { bundled: [], directories: [folder.directory], nodeModules: [] } }));
      };
      await Promise.all([start(), start(), start(), start(), start()]);
      assert.deepEqual(kernels.flatMap(({ plugins }) => plugins.statuses.flatMap(({ id, state, reason }) => (id === 'once' ? [reason ?? state] : []))), Array(5).fill('enabled'));
      assert.deepEqual(await readRows(database.url, 'SELECT what FROM plugin_once.runs ORDER BY what'), [{ what: 'install' }, { what: 'migration' }]);
      assert.deepEqual(await readRows(database.url, `SELECT name FROM plugin_migrations WHERE plugin_id = 'once'`), [{ name: '0001_runs' }]);
    } finally {
      for (const kernel of kernels) await kernel.stop();
      await database.drop();
      await folder.remove();
    }
  });

  it('that take too long leave everything as it was, whether they wait for the database or for nothing', async () => {
    const slow = (up: string): PluginFiles => ({ apply: MIGRATIONS, files: { 'migrations/0001_slow.ts': `export const up = ${up}; export const down = () => {};` } });
    const folder = await writePlugins({ sleeps: slow(`(knex) => knex.raw('SELECT pg_sleep(60)')`), hangs: slow(`async (knex) => { await knex.raw('CREATE TABLE half (id INT)'); await new Promise(() => {}); }`) });
    const { containment } = testConfig();
    const kernel = await startCopy({
      sources: { bundled: [], directories: [folder.directory], nodeModules: [] },
      config: { containment: { ...containment, limits: { ...containment.limits, migrations: 400 } } },
    });
    try {
      const admin = await kernel.signUp({ roles: ['user', 'admin'] });
      for (const id of ['sleeps', 'hangs']) {
        const { status, body } = await kernel.post(`/api/admin/plugins/${id}/enable`, { as: admin });
        assert.equal(status, 422);
        assert.match(body.error.message, /statement timeout|took longer than 400 ms/);
        const { rows } = await kernel.knex.raw('SELECT nspname FROM pg_namespace WHERE nspname = ?', [`plugin_${id}`]);
        assert.deepEqual(rows, []);
      }
    } finally {
      await kernel.stop();
      await folder.remove();
    }
  });
});
