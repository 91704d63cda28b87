import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { testConfig, TestKernel } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';
import { SmallDisk } from '../support/small-disk.ts';
import { BACK_WITHIN_MS, Load } from './support/load.ts';
import { recordFault, skipFault } from './support/report.ts';
import { pdf, sendFiles, signUpSender } from './support/uploads.ts';

const MEBIBYTE = 1024 * 1024;
const FILE_BYTES = 3 * MEBIBYTE;
/** What is left to a database that is to find its disk full at the next segment of its log. */
const LEFT_BYTES = MEBIBYTE;

const WHY = 'a disk of its own can be mounted by root only (mount -t tmpfs)';
const filesBelow = async (path: string): Promise<string[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map(({ name }) => name).sort();
};

describe('a full disk', function () {
  this.timeout(180_000);

  it('of uploads is named as what it is, leaves no half file, and disturbs nobody else', async function () {
    const disk = (await SmallDisk.mount(8)) ?? skipFault(this, WHY);
    const kernel = await startCopy({ config: { home: disk.path } });
    try {
      const { url } = kernel.kernel;
      const sender = await signUpSender(url);
      const members = await Promise.all([1, 2, 3].map(() => kernel.signUp({ credits: 1_000_000 })));
      assert.equal((await sendFiles(url, sender, [pdf(1000)])).status, 201);
      const before = await filesBelow(join(disk.path, 'files'));
      assert.equal(before.length, 1);
      const load = new Load(() => [url], members, 'disk');
      load.start(3);
      load.inject();

      // There is room for what arrives, and none for its copy in the store; then none for what arrives.
      const refusals: number[] = [];
      for (const left of [FILE_BYTES * 1.5, FILE_BYTES / 2]) {
        await disk.fill(left);
        const key = `disk-${String(left)}`;
        const response = await sendFiles(url, sender, [pdf(FILE_BYTES)], key);
        refusals.push(response.status);
        const { error } = (await response.json()) as { error: { code: string; message: string } };
        assert.equal(error.code, 'STORAGE_FULL', JSON.stringify(error));
        assert.match(error.message, /disk of the server is full/);
        assert.equal(response.headers.get('retry-after'), '60');
        assert.deepEqual(await filesBelow(join(disk.path, 'incoming')), [], 'nothing is left of what arrived');
        assert.deepEqual(await filesBelow(join(disk.path, 'files')), before, 'no half file');
        assert.equal((await kernel.knex('stored_objects').whereNot({ state: 'kept' })).length, 0);
        await disk.makeRoom();
        const started = performance.now();
        assert.equal((await sendFiles(url, sender, [pdf(FILE_BYTES / 3)], `${key}-again`)).status, 201, 'it is back by itself');
        const tookMs = Math.round(performance.now() - started);
        assert.ok(tookMs < BACK_WITHIN_MS, `the next upload took ${String(tookMs)} ms`);
        before.push(...(await filesBelow(join(disk.path, 'files'))).filter((name) => !before.includes(name)));
        before.sort();
      }
      assert.deepEqual(refusals, [507, 507]);
      const backMs = await load.isBack();
      const row = await load.prove(kernel.knex);
      recordFault({ fault: 'full disk of uploads', ...row, backMs, note: 'two uploads refused with 507' });
      assert.deepEqual([load.report.refused, load.report.broken], [0, 0], 'workouts were logged meanwhile');
    } finally {
      await kernel.stop();
      await disk.unmount();
    }
  });

  it('of the embedded database refuses writes, and the database is back when there is room', async function () {
    const disk = (await SmallDisk.mount(140)) ?? skipFault(this, WHY);
    let database: EmbeddedDatabase | undefined;
    let kernel: TestKernel | undefined;
    const home = await mkdtemp(join(tmpdir(), 'musclemap-home-'));
    await chmod(home, 0o755);
    try {
      const settings = { wal_recycle: 'off', min_wal_size: '32MB', max_wal_size: '48MB' };
      database = await startEmbeddedDatabase({ directory: join(disk.path, 'postgres'), log: () => undefined, settings });
      const config = testConfig({ home });
      const served = await startKernel({ config, databaseUrl: database.connectionString, log: createLogger(config, false) });
      kernel = new TestKernel(served, database.connectionString, () => Promise.resolve());
      const on = kernel;
      const members = await Promise.all([1, 2, 3].map(() => on.signUp({ credits: 1_000_000 })));
      const load = new Load(() => [served.url], members, 'database disk');
      load.start(3);
      await delay(500);
      load.inject();
      await disk.fill(LEFT_BYTES);
      // The next segment of its log has no room: PostgreSQL stops rather than lose anything.
      const admin = new pg.Client({ connectionString: database.adminConnectionString });
      admin.on('error', () => undefined);
      await admin.connect();
      for (let segment = 0; segment < 4; segment++) {
        await admin.query(`SELECT pg_logical_emit_message(false, 'fill', 'x'), pg_switch_wal()`).catch(() => undefined);
      }
      await admin.end().catch(() => undefined);
      await on.until(() => load.report.refused > 3, 'writes to be refused', 30_000);
      assert.equal((await fetch(`${served.url}/health`)).status, 200);
      await disk.makeRoom();
      const backMs = await load.isBack();
      const row = await load.prove(on.knex);
      recordFault({ fault: 'full disk of the embedded database', ...row, backMs });
    } finally {
      await kernel?.stop();
      await database?.stop();
      await disk.unmount();
      await rm(home, { recursive: true, force: true });
    }
  });
});
