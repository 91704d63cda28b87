import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
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

/** Says which modules of typebox are loaded, one a line. */
const LISTING = `
  import { appendFileSync } from 'node:fs';
  export function load(url, context, next) {
    if (url.includes('/typebox/')) appendFileSync(new URL('loaded', import.meta.url), url + '\\n');
    return next(url, context);
  }`;

describe('TypeScript as the server loads it', () => {
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musclemap-'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(join(folder, 'counting.mjs'), COUNTING);
    await writeFile(join(folder, 'source.ts'), SOURCE);
    await writeFile(join(folder, 'listing.mjs'), LISTING);
    await writeFile(join(folder, 'listed.mjs'), `import { register } from 'node:module'; register('./listing.mjs', import.meta.url);`);
    const names = ['typebox', 'typebox/value'].map((name) => JSON.stringify(import.meta.resolve(name)));
    await writeFile(join(folder, 'library.ts'), `import Type from ${names[0] ?? ''}; import { Check } from ${names[1] ?? ''};
      console.log(Check(Type.Object({ n: Type.Integer() }), { n: 1 }), Check(Type.Object({ n: Type.Integer() }), { n: 'one' }));`);
  });
  after(() => rm(folder, { recursive: true }));

  it('makes a function without defining its name each time, and leaves names and lines as they are in the source', async () => {
    const files = ['./kernel/typescript/register.mjs', join(folder, 'counting.mjs')].flatMap((file) => ['--import', file]);
    const { stdout } = await run(process.execPath, [...files, join(folder, 'source.ts')]);
    assert.deepEqual(JSON.parse(stdout), { defined: 0, name: 'inner', kept: 'Kept', line: '12:17' });
  });
  it('takes a library of hundreds of modules as one for each of its entries', async () => {
    const files = ['./kernel/typescript/register.mjs', join(folder, 'listed.mjs')].flatMap((file) => ['--import', file]);
    const { stdout } = await run(process.execPath, [...files, join(folder, 'library.ts')]);
    assert.equal(stdout, 'true false\n');
    const loaded = (await readFile(join(folder, 'loaded'), 'utf8')).trim().split('\n');
    assert.equal(loaded.length, 2, loaded.slice(0, 5).join('\n'));
  });
});
