import assert from 'node:assert/strict';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import { testConfig, type TestKernel } from '../../../kernel/testing.ts';
import { createLogger } from '../../../kernel/telemetry/logger.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const NIGHTLY = `
  kernel.hooks.migrations.tap('nightly', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
  kernel.hooks.jobs.tap('nightly', (jobs) => {
    jobs.add('sweep', { cron: '0 3 * * *' }, async ({ dueAt }, { id }) => {
      await kernel.database.knex('sweeps').insert({ id, due_at: dueAt });
    });
  });`;
const TABLE = `
export const up = (knex) => knex.raw('CREATE TABLE sweeps (id TEXT PRIMARY KEY, due_at TIMESTAMPTZ NOT NULL)');
export const down = (knex) => knex.raw('DROP TABLE sweeps');`;

describe('jobs.add with cron', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let second: Kernel;
  let now = new Date('2026-03-01T12:00:00Z');
  const clock = { now: () => now };
  const sweeps = async (): Promise<string[]> =>
    (await kernel.knex('sweeps').orderBy('due_at').pluck('due_at')).map((time: Date) => time.toISOString());
  const nextRun = async (): Promise<string> =>
    (await kernel.knex('job_schedules').where({ plugin_id: 'nightly' }).first<{ next_run_at: Date }>()).next_run_at.toISOString();
  const idle = async (): Promise<boolean> => (await kernel.knex('pgboss.job').whereIn('state', ['created', 'retry', 'active'])).length === 0;

  before(async () => {
    folder = await writePlugins({ nightly: { apply: NIGHTLY, files: { 'migrations/0001_sweeps.ts': TABLE } } });
    kernel = await startCopy({ sources: folder.sources, clock });
    const config = testConfig();
    const log = createLogger(config, false);
    second = await startKernel({ config, databaseUrl: kernel.databaseUrl, log, sources: folder.sources, clock });
    await until(() => kernel.knex('job_schedules').where({ plugin_id: 'nightly' }).first(), 'the schedule');
  });
  after(async () => {
    await second.stop();
    await kernel.stop();
    await folder.remove();
  });

  it('waits for its tick', async () => {
    assert.equal(await nextRun(), '2026-03-02T03:00:00.000Z');
    assert.deepEqual(await sweeps(), []);
  });

  it('runs once in a cluster per tick', async () => {
    now = new Date('2026-03-02T03:00:01Z');
    await until(async () => (await sweeps()).length > 0 && (await nextRun()) > '2026-03-03', 'the run');
    await Promise.all([kernel.kernel.queue.lookAtSchedules(), second.queue.lookAtSchedules()]);
    await until(idle, 'the end of the runs');
    assert.deepEqual(await sweeps(), ['2026-03-02T03:00:00.000Z']);
    assert.equal(await nextRun(), '2026-03-03T03:00:00.000Z');
  });

  it('makes up for many missed ticks with one run', async () => {
    now = new Date('2026-03-20T12:00:00Z');
    await until(async () => (await sweeps()).length === 2, 'the run');
    await Promise.all([kernel.kernel.queue.lookAtSchedules(), second.queue.lookAtSchedules()]);
    await until(idle, 'the end of the runs');
    assert.deepEqual(await sweeps(), ['2026-03-02T03:00:00.000Z', '2026-03-03T03:00:00.000Z']);
    assert.equal(await nextRun(), '2026-03-21T03:00:00.000Z');
  });
});

describe('a cron expression that is not one', () => {
  for (const cron of ['every day', '* * * *', '0 3 * * * *', '61 3 * * *', '0 0 31 2 *', '@daily']) {
    it(`refuses the plugin with "${cron}"`, async () => {
      const folder = await writePlugins({
        untimely: { apply: `kernel.hooks.jobs.tap('untimely', (jobs) => jobs.add('sweep', { cron: '${cron}' }, () => {}));` },
      });
      const kernel = await startCopy({ sources: folder.sources });
      try {
        const [status] = kernel.kernel.plugins.statuses.filter(({ id }) => id === 'untimely');
        assert.equal(status?.state, 'failed');
        assert.match(status.reason ?? '', /untimely: the job sweep: cron/);
      } finally {
        await kernel.stop();
        await folder.remove();
      }
    });
  }
});
