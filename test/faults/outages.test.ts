import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { findFreePort } from '../../kernel/database/embedded/postmaster.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { TestClock, testConfig, TestKernel, type TestUser } from '../../kernel/testing.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { Proxy } from '../support/proxy.ts';
import { ServerProcess } from '../support/server-process.ts';
import { ExternalPostgres, RedisProcess } from './support/databases.ts';
import { Load } from './support/load.ts';
import { recordFault } from './support/report.ts';

const AT_ONCE = 8;
const FAULT_MS = 3_000;
const POOL = 6;

describe('the service under load, when something breaks', function () {
  this.timeout(180_000);
  let directory: string;
  let database: EmbeddedDatabase;
  let proxy: Proxy;
  let redis: RedisProcess;
  let kernel: TestKernel;
  let members: TestUser[];
  let load: Load;
  const clock = new TestClock();

  const signUpAll = (): Promise<TestUser[]> => Promise.all(Array.from({ length: 6 }, () => kernel.signUp({ credits: 1_000_000 })));

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-faults-'));
    await chmod(directory, 0o755);
    // As a gym runs it: what is acknowledged is on the disk.
    database = await startEmbeddedDatabase({ directory: join(directory, 'postgres'), log: () => undefined });
    proxy = new Proxy(new URL(database.connectionString));
    const databaseUrl = await proxy.start(database.connectionString);
    redis = new RedisProcess(await findFreePort());
    await redis.start();
    const config = testConfig({ home: directory, databasePoolMax: POOL, redisUrl: redis.url });
    kernel = new TestKernel(await startKernel({ config, databaseUrl, clock, log: createLogger(config, false) }), databaseUrl, () => Promise.resolve());
  });
  after(async () => {
    await kernel.stop();
    await proxy.stop();
    await database.stop();
    redis.kill();
    await rm(directory, { recursive: true, force: true });
  });
  beforeEach(async function () {
    members = await signUpAll();
    load = new Load(() => [kernel.kernel.url], members, this.currentTest?.title);
    load.start(AT_ONCE);
    await delay(1_000);
  });

  afterEach(() => load.stop());

  const answersDirectly = async (): Promise<boolean> => {
    const client = new pg.Client(database.connectionString);
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('SELECT 1');
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  /** The service comes back, nothing that was acknowledged is lost, and the ledger is proven. */
  const prove = async (fault: string, on: TestKernel['knex'] = kernel.knex): Promise<void> => {
    const backMs = await load.isBack();
    await delay(500);
    const row = await load.prove(on);
    recordFault({ fault, ...row, backMs });
    assert.ok(load.report.acknowledged > 20, 'there was a load');
  };

  it('kill -9 of the embedded PostgreSQL', async () => {
    const { pid } = database;
    assert.ok(pid);
    load.inject();
    process.kill(pid, 'SIGKILL');
    const killed = performance.now();
    await kernel.until(() => database.pid !== undefined && database.pid !== pid, 'PostgreSQL to be started again', 20_000);
    await kernel.until(answersDirectly, 'PostgreSQL to answer', 60_000);
    console.log(`      PostgreSQL itself was back after ${String(Math.round(performance.now() - killed))} ms`);
    await prove('kill -9 of PostgreSQL, embedded');
  });

  it('kill -9 of Redis, and Redis back empty', async () => {
    load.inject();
    redis.kill();
    await delay(FAULT_MS);
    assert.equal((await fetch(`${kernel.kernel.url}/ready`)).status, 200, 'everything works without it');
    await redis.start();
    await prove('kill -9 of Redis');
    assert.equal(load.report.refused + load.report.broken, 0);
  });

  it('the network to the database cut off', async () => {
    load.inject();
    proxy.isCut = true;
    await delay(FAULT_MS);
    assert.equal((await fetch(`${kernel.kernel.url}/ready`)).status, 503);
    assert.equal((await fetch(`${kernel.kernel.url}/health`)).status, 200);
    proxy.isCut = false;
    await prove('network cut off');
    assert.ok(load.report.refused > 0);
  });

  it('the network to the database silent', async () => {
    load.inject();
    proxy.isSilent = true;
    await delay(FAULT_MS);
    assert.equal((await fetch(`${kernel.kernel.url}/ready`)).status, 503);
    proxy.isSilent = false;
    await prove('network silent');
  });

  it('a slow database', async () => {
    load.inject();
    proxy.delayMs = 150;
    await delay(FAULT_MS);
    proxy.delayMs = 0;
    await prove('slow database');
    assert.equal(load.report.broken, 0);
  });

  it('every connection of the pool taken', async () => {
    const [hot] = members;
    assert.ok(hot);
    const held = await kernel.knex.transaction();
    await held.raw('SELECT FROM users WHERE id = ? FOR UPDATE', [hot.id]);
    load.inject();
    const waiting = Array.from({ length: POOL * 4 }, () => fetch(`${kernel.kernel.url}/api/users/me`, { method: 'PATCH', headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${hot.accessToken}` }, body: '{"displayName":"waits"}' }));
    await delay(FAULT_MS);
    await held.commit();
    const statuses = (await Promise.all(waiting)).map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 200 || status === 503), statuses.join());
    await prove('pool exhausted');
  });

  it('a clock that jumps forth and back', async () => {
    load.inject();
    for (const days of [1, -2, 365, -364]) {
      clock.advance({ days });
      await delay(FAULT_MS / 6);
    }
    await prove("the kernel's clock jumps");
    assert.equal(load.report.refused + load.report.broken, 0);
  });

  it('kill -9 of one of two instances', async () => {
    await load.stop();
    members = await signUpAll();
    const env = { DATABASE_URL: database.connectionString, JWT_SECRET: kernel.kernel.config.jwtSecret ?? '', MUSCLEMAP_HOME: directory, LOG_LEVEL: 'info', REDIS_URL: redis.url };
    const first = new ServerProcess({ env });
    let second = new ServerProcess({ env });
    const urls = [await first.url, await second.url];
    load = new Load(() => urls, members, 'instances');
    load.start(AT_ONCE);
    await delay(1_500);
    load.inject();
    await second.end('SIGKILL');
    await delay(FAULT_MS / 3);
    second = new ServerProcess({ env });
    urls[1] = await second.url;
    await prove('kill -9 of one of two instances');
    assert.ok(load.report.broken > 0, 'requests broke off with the instance');
    assert.deepEqual(await Promise.all([first.end('SIGTERM'), second.end('SIGTERM')]), [0, 0]);
  });

  it('kill -9 of an external PostgreSQL', async () => {
    await load.stop();
    const external = await ExternalPostgres.create(join(directory, 'external'));
    const config = testConfig({ home: join(directory, 'external'), databasePoolMax: POOL, redisUrl: redis.url });
    const served = await startKernel({ config, databaseUrl: external.url, log: createLogger(config, false) });
    const other = new TestKernel(served, external.url, () => Promise.resolve());
    try {
      members = await Promise.all(Array.from({ length: 6 }, () => other.signUp({ credits: 1_000_000 })));
      load = new Load(() => [served.url], members, 'external');
      load.start(AT_ONCE);
      await delay(1_000);
      load.inject();
      await external.kill();
      assert.equal((await fetch(`${served.url}/ready`)).status, 503);
      await external.start();
      await prove('kill -9 of PostgreSQL, external', other.knex);
    } finally {
      await load.stop();
      await other.stop();
      await external.stop();
    }
  });
});
