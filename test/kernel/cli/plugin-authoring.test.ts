import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runMusclemap } from '../../support/command-line.ts';

describe('npx musclemap plugin new', function () {
  this.timeout(120_000);
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-new-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('makes a plugin anywhere whose tests pass at once', async () => {
    const made = await runMusclemap(['plugin', 'new', 'gym-notes', '--dir', directory, '--json'], {});
    assert.equal(made.code, 0, made.err);
    const { files } = JSON.parse(made.out) as { files: string[] };
    assert.deepEqual(files.sort(), ['README.md', 'gym-notes.test.ts', 'index.ts', 'migrations/0001_notes.ts', 'package.json', 'plugin.json']);
    const tests = await runMusclemap(['plugin', 'test', join(directory, 'gym-notes')], {});
    assert.equal(tests.code, 0, tests.out + tests.err);
    assert.match(tests.out, /pass 2\b[\s\S]*fail 0/);
  });

  it('refuses a bad name, and a folder that is there', async () => {
    const bad = await runMusclemap(['plugin', 'new', '../Up', '--dir', directory], {});
    assert.equal(bad.code, 2);
    assert.equal((await runMusclemap(['plugin', 'new', 'gym-notes', '--dir', directory], {})).code, 1);
    assert.deepEqual(await readdir(directory), ['gym-notes']);
  });
});
