import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Counts who defines names; runs before anything could keep the function that does. */
const COUNTING = `
  const { defineProperty } = Object;
  globalThis.named = 0;
  Object.defineProperty = (target, key, descriptor) => {
    if (key === 'name') globalThis.named += 1;
    return defineProperty(target, key, descriptor);
  };`;

const SOURCE = `
  interface Place { name: string }

  const make = (): (() => Place) => {
    const inner = (): Place => ({ name: inner.name });
    return inner;
  };
  class Kept { static first = 1; }
  const before = Reflect.get(globalThis, 'named') as number;
  const { name } = make()();
  const defined = (Reflect.get(globalThis, 'named') as number) - before;
  const where = new Error('here').stack ?? '';
  console.log(JSON.stringify({ defined, name, kept: Kept.name, line: /source\\.ts:(\\d+:\\d+)/.exec(where)?.[1] }));`;

describe('TypeScript as the server loads it', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musclemap-'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'counting.mjs'), COUNTING);
    await writeFile(join(folder, 'source.ts'), SOURCE);
  });
  after(() => rm(folder, { recursive: true }));

  it('makes a function without defining its name each time, and leaves names and lines as they are in the source', async () => {
    const files = ['./kernel/typescript/register.mjs', join(folder, 'counting.mjs')].flatMap((file) => ['--import', file]);
    const { stdout } = await run(process.execPath, [...files, join(folder, 'source.ts')]);
    assert.deepEqual(JSON.parse(stdout), { defined: 0, name: 'inner', kept: 'Kept', line: '12:17' });
  });
});
