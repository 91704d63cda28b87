import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { BackupError } from '../../kernel/backup/format.ts';
import { restoreBackup } from '../../kernel/backup/restore-backup.ts';
import { readSchema } from '../../kernel/backup/schema.ts';
import { verifyLedger } from '../../kernel/credits/verify.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { databaseOf, dropDatabase, testConfig, TestKernel, type TestUser } from '../../kernel/testing.ts';
import { makeThings } from '../security/world.ts';
import { runMusclemap, type CommandResult } from '../support/command-line.ts';
import { startCopy, testServer } from '../support/setup.ts';

const SECRET = randomBytes(32).toString('hex');
const ROLE = `app_${randomBytes(4).toString('hex')}`;

/** What is told live, and how the server itself does, goes on all the time. */
const VOLATILE = new Set(['public.realtime_tickets', 'public.community_presence', 'public.community_picks', 'public.plugin_instances', 'pgboss.schedule', 'pgboss.version']);

describe('musclemap backup and restore', function () {
  this.timeout(90_000);
  let kernel: TestKernel;
  let member: TestUser;
  let owner: TestUser;
  let directory: string;
  let file: string;
  /** What the database held when it was written to the file. */
  let original: Awaited<ReturnType<typeof inspect>>;
  const databases: string[] = [];

  const admin = async (sql: string): Promise<void> => {
    const client = new pg.Client(testServer().adminUrl);
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  /** An empty database of a role that is no superuser, as providers of databases give one. */
  const makeDatabase = async (): Promise<string> => {
    const name = `restored_${randomBytes(6).toString('hex')}`;
    databases.push(name);
    await admin(`CREATE DATABASE ${name} OWNER ${ROLE}`);
    const url = new URL(databaseOf(testServer(), name));
    [url.username, url.password] = [ROLE, 'app'];
    return url.href;
  };
  const runAt = (home: string, url: string, ...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, { DATABASE_URL: url, JWT_SECRET: SECRET, MUSCLEMAP_HOME: home, LOG_LEVEL: 'silent' });
  const run = (url: string, ...args: string[]): Promise<CommandResult> => runAt(directory, url, ...args);
  /** How the databases and the folders of trials begin. */
  const trials = (): string =>
    `musclemap_restore_test_${createHash('md5').update(new URL(kernel.databaseUrl).pathname.slice(1)).digest('hex').slice(0, 8)}_`;

  before(async () => {
    await admin(`CREATE ROLE ${ROLE} LOGIN CREATEROLE PASSWORD 'app'`);
    directory = await mkdtemp(join(tmpdir(), 'musclemap-backup-'));
    file = join(directory, 'all.backup');
    kernel = await startCopy({ config: { jwtSecret: SECRET } });
    member = await kernel.signUp({ credits: 500 });
    owner = await kernel.signUp({ roles: ['user', 'admin'] });
    await makeThings(kernel, { owner: member, admin: owner });
    const odd = 'tab\there\\.\nand\\N\r\u2028 „quoted“ 🦾';
    await kernel.request('PATCH', '/api/users/me', { as: owner, body: { displayName: odd } });
    await kernel.settle();
    // The server goes on meanwhile: what it does of itself at that moment would be a difference between the two.
    let rows: object;
    do {
      await rm(file, { force: true });
      ({ rows } = await inspect(kernel.databaseUrl));
      const { code, out, err } = await run(kernel.databaseUrl, 'backup', file, '--json');
      assert.equal(code, 0, err);
      assert.ok((JSON.parse(out) as { rows: number }).rows > 1000);
      original = await inspect(kernel.databaseUrl);
    } while (!isDeepStrictEqual(original.rows, rows));
  });
  after(async () => {
    await kernel.stop();
    for (const name of databases) await dropDatabase(testServer(), name);
    for (const name of databases) await admin(`DROP ROLE IF EXISTS ${name}_ledger`);
    await admin(`DROP ROLE ${ROLE}`);
    await rm(directory, { recursive: true });
  });

  const inspect = async (url: string): Promise<{ schema: object; rows: Record<string, string> }> => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(`SET search_path = ''`);
    const { before, after } = await readSchema(client);
    const tables = (await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname IN ('public', 'pgboss') ORDER BY 1`,
    )).rows;
    const rows: Record<string, string> = {};
    for (const { name } of tables) {
      if (VOLATILE.has(name)) continue;
      const { rows: found } = await client.query<{ hash: string }>(`SELECT count(*) || ' ' || coalesce(md5(string_agg(t::TEXT, ',' ORDER BY t::TEXT)), '') AS hash FROM ${name} t${name === 'public.audit_log' ? " WHERE action NOT LIKE 'backup.%'" : ''}`);
      rows[name] = found[0]?.hash ?? '';
    }
    await client.end();
    return { schema: { before: [...before].sort(), after: [...after].sort() }, rows };
  };

  const deeds = async (url: string): Promise<string[]> => {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query<{ action: string }>(`SELECT action FROM public.audit_log WHERE action LIKE 'backup.%' ORDER BY id`);
    await client.end();
    return rows.map(({ action }) => action);
  };

  const restoreHere = (databaseUrl: string, path: string, replaces: boolean): ReturnType<typeof restoreBackup> =>
    restoreBackup({ databaseUrl, file: path, replaces, files: undefined, keepKeys: () => Promise.resolve() });

  let restoredUrl: string;
  before(async () => {
    restoredUrl = await makeDatabase();
    const { code, out, err } = await run(restoredUrl, 'restore', file, '--json');
    assert.equal(code, 0, err);
    assert.ok((JSON.parse(out) as { tables: number }).tables > 80);
  });

  it('bring every row, function, trigger, index and sequence to another server, as a role that is no superuser', async () => {
    const restored = await inspect(restoredUrl);
    // What was done with the backup is written down after it.
    assert.equal((await deeds(kernel.databaseUrl)).at(-1), 'backup.write');
    assert.deepEqual((await deeds(restoredUrl)).filter((action) => action !== 'backup.write'), ['backup.restore']);
    assert.deepEqual(restored.rows, original.rows);
    assert.deepEqual(restored.schema, original.schema);
  });

  it('let a server start on what was restored: members sign in, the ledger is proven and guarded, and work goes on', async () => {
    const url = restoredUrl;
    const config = testConfig({ jwtSecret: SECRET, home: directory });
    const restored = new TestKernel(await startKernel({ config, databaseUrl: url, log: createLogger(config, false) }), url, () => Promise.resolve());
    try {
      const { username, password } = member;
      assert.equal((await restored.post('/api/auth/login', { body: { username, password } })).status, 200);
      assert.equal((await restored.get('/api/users/me', { as: member })).status, 200, 'a session lives on');
      const verification = await verifyLedger(restored.knex);
      assert.deepEqual(verification.mismatches, []);
      assert.ok(verification.entries > 3);
      await assert.rejects(restored.knex('credit_ledger').update({ amount: 1_000_000 }), /permission denied|must be owner/);
      const workout = { exercises: [{ exerciseId: 'bench_press', sets: 1, reps: 5, weight: 60 }] };
      assert.equal((await restored.post('/api/workouts', { as: member, key: 'after', body: workout })).status, 201);
      await restored.settle();
    } finally {
      await restored.stop();
    }
  });

  it('refuse a database with people in it, and one that a server uses', async () => {
    const url = restoredUrl;
    const again = await run(url, 'restore', file);
    assert.deepEqual([again.code, /--force/.test(again.err)], [1, true], again.err);
    const { counts } = await restoreHere(url, file, true);
    assert.ok(counts.rows > 1000);
    await assert.rejects(restoreHere(kernel.databaseUrl, file, true), /Stop it first/);
    assert.equal((await kernel.get('/api/users/me', { as: member })).status, 200);
  });

  it('leave everything as it was when the file was cut short, damaged, or is something else', async () => {
    const url = await makeDatabase();
    const whole = await readFile(file);
    const text = gunzipSync(whole);
    const files = {
      cut: whole.subarray(0, whole.length >> 1),
      shortened: gzipSync(text.subarray(0, text.lastIndexOf('{"kind":"end"'))),
      damaged: gzipSync(Buffer.from(text.toString('latin1').replace(/\n[^\n]+\n\\\.\n/, '\n\\.\n'), 'latin1')),
      other: gzipSync('hello\n'),
      plain: Buffer.from('hello\n'),
    };
    for (const [name, bytes] of Object.entries(files)) {
      const path = join(directory, name);
      await writeFile(path, bytes);
      await assert.rejects(restoreHere(url, path, false), BackupError, name);
    }
    assert.deepEqual((await inspect(url)).rows, {});
  });

  it('are written down for the console, and a backup can be tried out while the server goes on', async () => {
    const backups = async (): Promise<{ written: { file: string } | null; tested: { file: string; at: string } | null }> =>
      (await kernel.get('/api/admin/overview', { as: owner })).body.data.data;
    const before = await backups();
    assert.deepEqual([before.written?.file, before.tested], ['all.backup', null]);
    // A server whose database and keys are elsewhere may never have had a home.
    const { code, out, err } = await runAt(join(directory, 'no', 'home'), kernel.databaseUrl, 'restore', '--test', file, '--json');
    assert.equal(code, 0, err);
    assert.deepEqual([(JSON.parse(out) as { isTest: boolean }).isTest, (JSON.parse(out) as { rows: number }).rows > 1000], [true, true]);
    const { tested } = await backups();
    assert.ok(tested?.file === 'all.backup' && Date.now() - Date.parse(tested.at) < 60_000);
    const { rows } = await kernel.knex.raw<{ rows: { left: number }[] }>(
      `SELECT ((SELECT count(*) FROM pg_database WHERE datname LIKE :name) + (SELECT count(*) FROM pg_roles WHERE rolname LIKE :name))::INTEGER AS left`,
      { name: `${trials()}%` },
    );
    assert.equal(rows[0]?.left, 0, 'nothing of the trial is left');
    assert.deepEqual(await readdir(join(directory, 'no', 'home')), []);
  });

  it('say what is wrong with a file that is tried out, and do not count it as tested', async () => {
    const path = join(directory, 'half.backup');
    const whole = await readFile(file);
    await writeFile(path, whole.subarray(0, whole.length >> 1));
    const killed = join(directory, `${trials()}0badc0de`);
    await mkdir(join(killed, 'files'), { recursive: true });
    const { code, err } = await run(kernel.databaseUrl, 'restore', '--test', path);
    assert.deepEqual([code, /damaged|cut|unexpected end/i.test(err)], [1, true], err);
    const { data } = (await kernel.get('/api/admin/overview', { as: owner })).body.data;
    assert.notEqual(data.tested?.file, 'half.backup');
    await assert.rejects(stat(killed), { code: 'ENOENT' }, 'what a trial that was killed has left is taken away');
  });

  it('keep the file to its owner, and overwrite none', async () => {
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const { code, err } = await run(kernel.databaseUrl, 'backup', file);
    assert.deepEqual([code, /--force/.test(err)], [1, true]);
  });
});
