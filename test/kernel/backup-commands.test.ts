import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestKernel } from '../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../support/command-line.ts';
import { createDatabase, startCopy } from '../support/setup.ts';

const exec = promisify(execFile);

describe('what musclemap backup and restore say', function () {
  this.timeout(90_000);
  let kernel: TestKernel;
  let directory: string;
  let variables: Record<string, string>;
  let file: string;
  before(async () => {
    kernel = await startCopy();
    await kernel.signUp();
    directory = await mkdtemp(join(tmpdir(), 'musclemap-backup-commands-'));
    file = join(directory, 'all.backup');
    variables = { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: randomBytes(32).toString('hex'), MUSCLEMAP_HOME: directory, LOG_LEVEL: 'silent' };
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true });
  });

  const run = (...args: string[]): Promise<CommandResult> => runMusclemap(args, variables);
  /** Runs a command where its errors go to a terminal and its result into a file; answers both. */
  const runAtTerminal = async (...args: string[]): Promise<{ shown: string; out: string }> => {
    const out = join(directory, `out-${randomBytes(4).toString('hex')}`);
    const command = `'${process.execPath}' kernel/cli/musclemap.mjs ${args.join(' ')} > ${out}`;
    const { stdout } = await exec('script', ['-q', '-e', '-c', command, '/dev/null'], { env: { PATH: process.env.PATH, ...variables } });
    return { shown: stdout, out: await readFile(out, 'utf8') };
  };

  it('is one JSON document with --json, and nothing beside it', async () => {
    const { code, out, err } = await run('backup', file, '--json');
    assert.deepEqual([code, err], [0, '']);
    const written = JSON.parse(out) as Record<string, unknown>;
    assert.deepEqual(Object.keys(written), ['file', 'bytes', 'tables', 'rows', 'files', 'missing']);
    assert.deepEqual([written.file, written.bytes, written.missing], [file, (await stat(file)).size, 0]);
    const tried = await run('restore', file, '--test', '--json');
    assert.deepEqual([tried.code, tried.err], [0, '']);
    const { isTest, version, madeAt, rows, tables } = JSON.parse(tried.out) as Record<string, unknown>;
    assert.deepEqual([isTest, typeof version, Number.isNaN(Date.parse(String(madeAt))), rows, tables], [true, 'string', false, written.rows, written.tables]);
  });

  it('tells of a restore the same way', async () => {
    const empty = await createDatabase();
    try {
      const { code, out, err } = await runMusclemap(['restore', file, '--json'], { ...variables, DATABASE_URL: empty.url });
      assert.equal(code, 0, err);
      const restored = JSON.parse(out) as Record<string, unknown>;
      assert.deepEqual([err, restored.isTest, Number(restored.rows) > 0], ['', false, true]);
    } finally {
      await empty.drop();
    }
  });

  it('says on the error output what went wrong, with --json too, and leaves the result empty', async () => {
    const again = await run('backup', file, '--json');
    assert.deepEqual([again.code, again.out], [1, '']);
    assert.match(again.err, /is there already\. To replace it, say --force\.\n$/);
    const unknown = await run('restore', join(directory, 'none.backup'), '--json');
    assert.deepEqual([unknown.code, unknown.out], [1, '']);
    assert.match(unknown.err, /none\.backup/);
  });

  it('shows on a terminal how far it is, in one line that is written over, and keeps the JSON apart', async function () {
    if (process.platform !== 'linux') {
      console.log('      left out: script makes a terminal for a command in this way on Linux only');
      this.skip();
    }
    const { shown, out } = await runAtTerminal('backup', file, '--force', '--json');
    assert.equal((JSON.parse(out) as { file: string }).file, file);
    const lines = shown.split('\r\u001b[2K');
    assert.ok(lines.length > 10 && lines.some((line) => line.includes('users')), shown);
    assert.equal(lines.slice(1, -1).some((line) => line.includes('\n')), false);
    const tried = await runAtTerminal('restore', file, '--test');
    assert.match(tried.out, /^The backup is good\. It gives back \d+ rows of \d+ tables/);
    assert.ok(tried.shown.split('\r\u001b[2K').length > 10, tried.shown);
  });

  it('shows nothing of that where nobody looks', async () => {
    const { code, out, err } = await run('backup', file, '--force');
    assert.deepEqual([code, err], [0, '']);
    assert.match(out, /^\S+all\.backup: \d+ rows of \d+ tables and 0 files in \d+ bytes\./);
  });
});
