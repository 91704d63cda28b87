import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import pg from 'pg';
import { BackupError } from '../../kernel/backup/format.ts';
import { restoreBackup } from '../../kernel/backup/restore-backup.ts';
import { FileStore } from '../../kernel/storage/file-store.ts';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { makeThings } from '../security/world.ts';
import { runMusclemap, type CommandResult } from '../support/command-line.ts';
import { createDatabase, startCopy } from '../support/setup.ts';
import { SmallDisk } from '../support/small-disk.ts';

const SECRET = randomBytes(32).toString('hex');

describe('musclemap backup and restore, when something comes between', function () {
  this.timeout(120_000);
  let kernel: TestKernel;
  let member: TestUser;
  let directory: string;
  let file: string;
  let attachment: string;

  const run = (url: string, home: string, ...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, { DATABASE_URL: url, JWT_SECRET: SECRET, MUSCLEMAP_HOME: home, LOG_LEVEL: 'silent' });
  const here = (...args: string[]): Promise<CommandResult> => run(kernel.databaseUrl, join(directory, 'home'), ...args);
  const filesOf = async (home: string): Promise<string[]> => {
    const entries = await readdir(join(home, 'files'), { recursive: true, withFileTypes: true }).catch(() => []);
    return entries.filter((entry) => entry.isFile()).map(({ name }) => name).sort();
  };
  /** As the command does it, without a process of its own. */
  const restore = (databaseUrl: string, home: string, path: string, replaces = false): ReturnType<typeof restoreBackup> =>
    restoreBackup({ databaseUrl, file: path, replaces, files: new FileStore(join(home, 'files')), keepKeys: () => Promise.resolve() });
  /** A backup whose text is another, as a file that was changed on its way, or that another version wrote. */
  const rewrite = async (name: string, change: (text: string) => string): Promise<string> => {
    const path = join(directory, name);
    await writeFile(path, gzipSync(Buffer.from(change(gunzipSync(await readFile(file)).toString('latin1')), 'latin1')));
    return path;
  };
  const inDatabase = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client(url);
    await client.connect();
    return work(client).finally(() => client.end());
  };
  const onDatabase = async (work: (url: string) => Promise<void>): Promise<void> => {
    const database = await createDatabase();
    await work(database.url).finally(() => database.drop());
  };
  const countUsers = (url: string): Promise<number> =>
    inDatabase(url, async (client) => (await client.query<{ n: number }>('SELECT count(*)::INTEGER AS n FROM public.users')).rows[0]?.n ?? -1);

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-backup-'));
    file = join(directory, 'all.backup');
    kernel = await startCopy({ config: { jwtSecret: SECRET, home: join(directory, 'home') } });
    member = await kernel.signUp();
    const admin = await kernel.signUp({ roles: ['user', 'admin'] });
    ({ attachment = '' } = await makeThings(kernel, { owner: member, admin }));
    await kernel.settle();
    const { code, out, err } = await here('backup', file, '--json');
    assert.equal(code, 0, err);
    const { files, missing, rows } = JSON.parse(out) as Record<string, number>;
    assert.deepEqual([files, missing, (rows ?? 0) > 1000], [2, 0, true], out);
    assert.equal(err, '', 'progress is for terminals');
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true });
  });

  it('brings the files of plugins along, and takes those of the people away who are replaced', async () => {
    const home = join(directory, 'elsewhere');
    await onDatabase(async (url) => {
      assert.equal((await restore(url, home, file)).counts.files, 2);
      assert.deepEqual(await filesOf(home), await filesOf(join(directory, 'home')));
      for (const name of await filesOf(home)) {
        const at = (root: string): Promise<Buffer> => readFile(join(root, 'files/messaging', name.slice(5, 7), name));
        assert.deepEqual(await at(home), await at(join(directory, 'home')));
      }
      const bare = await rewrite('bare.backup', (text) => text.replace(/\{"kind":"file"[^]*?\n\\\.\n/g, '').replace(/"files":2\}\n$/, '"files":0}\n'));
      await restore(url, home, bare, true);
      assert.deepEqual(await filesOf(home), []);
    });
  });

  it('keeps no file of a restore that fails at its end, and neither person nor file of before is lost', async () => {
    const cut = await rewrite('cut.backup', (text) => text.slice(0, text.lastIndexOf('{"kind":"end"')));
    const home = join(directory, 'third');
    await onDatabase(async (url) => {
      await assert.rejects(restore(url, home, cut), /^BackupError: The file ends before the backup does\.$/);
      assert.deepEqual([await filesOf(home), await countUsers(url)], [[], 0]);
      await restore(url, home, file);
      const people = await countUsers(url);
      await assert.rejects(restore(url, home, cut, true), BackupError);
      assert.deepEqual([await filesOf(home), await countUsers(url)], [await filesOf(join(directory, 'home')), people]);
    });
  });

  it('refuses what a later version wrote: another format, or a schema that it does not know', async () => {
    const format = await rewrite('format.backup', (text) => text.replace('"format":1,"version":"', '"format":2,"version":"9.'));
    const schema = await rewrite('schema.backup', (text) => text.replace('\t0001_functions\t', '\t0001_functions_and_more\t'));
    await onDatabase(async (url) => {
      await assert.rejects(restore(url, directory, format), /BackupError: .*later version, 9\./);
      await assert.rejects(restore(url, directory, schema), /BackupError: .*later version than this one .*0001_functions_and_more/);
      assert.equal(await countUsers(url), 0, 'what was there is there');
    });
  });

  it('leaves nothing under the name of a backup that is killed while it is written, and the next one is whole', async () => {
    const path = join(directory, 'killed.backup');
    // It stands still at a table that somebody holds: in its middle, however fast the machine is.
    await inDatabase(kernel.databaseUrl, async (holder) => {
      await holder.query('BEGIN; LOCK TABLE workouts IN ACCESS EXCLUSIVE MODE');
      const child: ChildProcess = spawn(process.execPath, ['kernel/cli/musclemap.mjs', 'backup', path], {
        env: { PATH: process.env.PATH, DATABASE_URL: kernel.databaseUrl, JWT_SECRET: SECRET, MUSCLEMAP_HOME: join(directory, 'home') },
        stdio: 'ignore',
      });
      await kernel.until(async () => {
        const { rows } = await kernel.knex.raw<{ rows: object[] }>(`SELECT FROM pg_stat_activity WHERE application_name = 'musclemap-backup' AND wait_event_type = 'Lock' AND datname = current_database()`);
        return rows.length > 0;
      }, 'the backup to wait', 60_000);
      await access(`${path}.unfinished`);
      child.kill('SIGKILL');
      await once(child, 'exit');
      await assert.rejects(access(path));
      await holder.query('ROLLBACK');
    });
    const { code, err } = await here('backup', path);
    assert.equal(code, 0, err);
    assert.deepEqual((await readdir(directory)).filter((name) => name.startsWith('killed')), ['killed.backup']);
    assert.match(gunzipSync(await readFile(path)).toString('latin1'), /\n\{"kind":"end",[^\n]*\n$/);
  });

  it('says so when the disk is full, and leaves nothing on it', async function () {
    const disk = await SmallDisk.mount(1);
    if (disk === undefined) {
      console.log('      left out: a small disk of its own is mounted by root only');
      return this.skip();
    }
    try {
      await disk.fill(40 * 1024);
      const { code, err } = await here('backup', join(disk.path, 'all.backup'));
      assert.deepEqual([code, err.startsWith('There is no room left on the disk; nothing of it was kept.')], [1, true], err);
      assert.deepEqual(await readdir(disk.path), ['filler']);
      await disk.makeRoom();
      assert.equal((await here('backup', join(disk.path, 'all.backup'))).code, 0);
    } finally {
      await disk.unmount();
    }
  });

  it('says in a line that there is no database, and leaves nothing where the backup was to be', async () => {
    const path = join(directory, 'none.backup');
    const { code, err } = await run('postgres://nobody:nothing@127.0.0.1:9/none', directory, 'backup', path);
    assert.deepEqual([code, /ECONNREFUSED[^\n]*\n$/.test(err)], [1, true], err);
    assert.deepEqual((await readdir(directory)).filter((name) => name.startsWith('none')), []);
  });

  it('tells of files that the database names and that are not there', async () => {
    const path = join(directory, 'poor.backup');
    assert.equal((await kernel.get(`/api/attachments/${attachment}`, { as: member })).status, 200);
    const { code, out, err } = await run(kernel.databaseUrl, join(directory, 'empty'), 'backup', path, '--json');
    assert.equal(code, 0, err);
    const { files, missing } = JSON.parse(out) as Record<string, number>;
    assert.deepEqual([files, missing], [0, 2]);
    assert.match(err, /^2 files that the database names are not/);
  });
});
