import assert from 'node:assert/strict';
import { appendFile, chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { findFreePort } from '../../kernel/database/embedded/postmaster.ts';
import { defaultSources } from '../../kernel/installation.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { testConfig, TestKernel, type TestUser } from '../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { RedisProcess } from './support/databases.ts';
import { Load } from './support/load.ts';
import { Namespace } from './support/namespace.ts';
import { recordFault, skipFault } from './support/report.ts';

const CUT_MS = 8_000;
const JOBS = 12;
const STEPS = {
  files: {
    'migrations/0001_steps.ts': `export async function up(knex) {
      await knex.raw('CREATE TABLE steps (job TEXT PRIMARY KEY, attempts INTEGER NOT NULL DEFAULT 0, done INTEGER NOT NULL DEFAULT 0)');
    }
    export async function down(knex) { await knex.raw('DROP TABLE steps'); }`,
  },
  apply: `
    kernel.hooks.migrations.tap(kernel.id, (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.jobs.tap(kernel.id, (jobs) => jobs.add('step', {}, async (data, { id }) => {
      const { knex } = kernel.database;
      await knex.raw('INSERT INTO steps (job, attempts) VALUES (?, 1) ON CONFLICT (job) DO UPDATE SET attempts = steps.attempts + 1', [id]);
      await new Promise((resolve) => setTimeout(resolve, 2000));
      await knex.raw('UPDATE steps SET done = done + 1 WHERE job = ? AND done = 0', [id]);
    }));
    kernel.hooks.routes.tap(kernel.id, (routes) => routes.post('/steps', { auth: 'admin', summary: 'Queues the steps' }, async () => {
      for (let n = 0; n < ${String(JOBS)}; n++) await kernel.jobs.enqueue('step', {});
      return {};
    }));`,
};

describe('an instance that is cut off by the network', function () {
  this.timeout(240_000);
  let directory: string;
  let space: Namespace<'http' | 'postgres' | 'redis'>;
  let database: EmbeddedDatabase;
  let redis: RedisProcess;
  let plugins: PluginFolder;
  let kernel: TestKernel;
  let instance: ServerProcess | undefined;
  let url: string;
  let members: TestUser[];
  before(async function () {
    const made = await Namespace.create(['http', 'postgres', 'redis'] as const);
    if (made === undefined) return skipFault(this, 'a namespace of the network can be made by root only (ip netns add)');
    space = made;
    directory = await mkdtemp(join(tmpdir(), 'musclemap-partition-'));
    await chmod(directory, 0o755);
    const settings = { listen_addresses: `127.0.0.1,${space.here('postgres')}` };
    database = await startEmbeddedDatabase({ directory: join(directory, 'postgres'), log: () => undefined, settings });
    await appendFile(join(directory, 'postgres', 'data', 'pg_hba.conf'), `host all all ${space.there('postgres')}/32 scram-sha-256\n`);
    const admin = new pg.Client({ connectionString: database.adminConnectionString });
    await admin.connect();
    await admin.query('SELECT pg_reload_conf()');
    await admin.end();
    redis = new RedisProcess(await findFreePort(), space.here('redis'));
    await redis.start();
    plugins = await writePlugins({ steps: STEPS });
    const config = testConfig({ home: directory, redisUrl: redis.url, pluginDirs: [plugins.directory] });
    const options = { config, databaseUrl: database.connectionString, log: createLogger(config, false), sources: defaultSources(config) };
    kernel = new TestKernel(await startKernel(options), database.connectionString, () => Promise.resolve());
    const there = new URL(database.connectionString);
    there.hostname = space.here('postgres');
    instance = new ServerProcess({
      command: space.command,
      env: {
        ...{ DATABASE_URL: there.href, JWT_SECRET: config.jwtSecret ?? '', MUSCLEMAP_HOME: directory, REDIS_URL: redis.url },
        ...{ HOST: space.there('http'), PLUGIN_DIRS: plugins.directory },
      },
    });
    url = await instance.url;
  });
  after(async () => {
    await instance?.end('SIGTERM');
    await (kernel as TestKernel | undefined)?.stop();
    await (database as EmbeddedDatabase | undefined)?.stop();
    (redis as RedisProcess | undefined)?.kill();
    await (space as typeof space | undefined)?.remove();
    await (plugins as PluginFolder | undefined)?.remove();
    await rm(directory, { recursive: true, force: true });
  });

  const underLoad = async (name: string): Promise<{ cutOff: Load; other: Load }> => {
    const all = await Promise.all(Array.from({ length: 6 }, () => kernel.signUp({ credits: 1_000_000 })));
    members = all.slice(0, 3);
    const cutOff = new Load(() => [url], members, name);
    const other = new Load(() => [kernel.kernel.url], all.slice(3), `${name} beside`);
    for (const load of [cutOff, other]) load.start(3);
    await delay(1_000);
    return { cutOff, other };
  };
  const prove = async (fault: string, { cutOff, other }: { cutOff: Load; other: Load }): Promise<void> => {
    const backMs = await cutOff.isBack();
    await delay(500);
    recordFault({ fault, ...(await cutOff.prove(kernel.knex)), backMs });
    await other.prove(kernel.knex);
    assert.deepEqual([other.report.refused, other.report.broken], [0, 0], 'the other instance noticed nothing');
    assert.ok(other.report.acknowledged > 5, 'there was a load');
  };

  it('from PostgreSQL: says so, is back by itself, and the other goes on', async () => {
    const loads = await underLoad('from postgres');
    loads.cutOff.inject();
    await space.pull('postgres');
    const started = performance.now();
    assert.equal((await fetch(`${url}/ready`)).status, 503);
    assert.equal((await fetch(`${url}/health`)).status, 200);
    assert.equal((await fetch(`${kernel.kernel.url}/ready`)).status, 200);
    await delay(CUT_MS - (performance.now() - started));
    await space.plugIn('postgres');
    await prove('an instance cut off from PostgreSQL', loads);
  });

  it('from Redis: goes on without it', async () => {
    const loads = await underLoad('from redis');
    loads.cutOff.inject();
    await space.pull('redis');
    await delay(CUT_MS / 2);
    assert.equal((await fetch(`${url}/ready`)).status, 200);
    await space.plugIn('redis');
    await prove('an instance cut off from Redis', loads);
    assert.deepEqual([loads.cutOff.report.refused, loads.cutOff.report.broken], [0, 0]);
  });

  it('in the middle of its jobs: another does them, each has one effect, and nothing of it stays locked', async () => {
    const admin = await kernel.signUp({ roles: ['user', 'admin'] });
    const enabled = await kernel.post('/api/admin/plugins/steps/enable', { as: admin });
    assert.equal(enabled.status, 200, JSON.stringify(enabled.body));
    const { rows } = await kernel.knex.raw<{ rows: { name: string }[] }>(`SELECT oid::REGCLASS::TEXT AS name FROM pg_class WHERE relname = 'steps' AND relkind = 'r'`);
    const table = rows[0]?.name ?? '';
    const counts = async (): Promise<{ begun: number; done: number }> => {
      const found = await kernel.knex.raw<{ rows: { begun: number; done: number }[] }>(`SELECT count(*)::INTEGER AS begun, coalesce(sum(done), 0)::INTEGER AS done FROM ${table}`);
      return found.rows[0] ?? { begun: 0, done: 0 };
    };
    const queue = async (): Promise<boolean> => {
      const { status } = await fetch(`${url}/api/steps`, { method: 'POST', headers: { Authorization: `Bearer ${admin.accessToken}` } });
      assert.ok(status === 200 || status === 404, String(status));
      return status === 200;
    };
    await kernel.until(queue, 'the instance to have the plugin as well');
    await kernel.until(async () => (await counts()).begun >= 6, 'both instances to work');
    await space.pull('postgres');
    const started = performance.now();
    // Its end of the connection is asked after, its lock is gone, its work is taken by who is left.
    await kernel.until(async () => (await counts()).done === JOBS, 'the other to do all', 90_000);
    const takenOverMs = Math.round(performance.now() - started);
    await space.plugIn('postgres');
    await kernel.until(async () => (await fetch(`${url}/ready`)).status === 200, 'it to be back', 30_000);
    await kernel.until(async () => {
      const left = await kernel.knex('pgboss.job').whereRaw(`name = 'work' AND singleton_key = 'steps' AND state <= 'active'`);
      return left.length === 0;
    }, 'nothing to be left', 60_000);
    assert.deepEqual(await counts(), { begun: JOBS, done: JOBS });
    recordFault({ fault: 'an instance cut off in the middle of its jobs', sent: JOBS, acknowledged: JOBS, lostAcknowledged: 0, backMs: takenOverMs, isVerified: true });
  });
});
