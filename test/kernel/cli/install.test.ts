import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Imports the installer in a folder, as `npm start` and the command line do, where `npm` is a script that ends with a code. */
async function install(folder: string, npmCode: number): Promise<{ code: number; said: string }> {
  await mkdir(join(folder, 'bin'), { recursive: true });
  await writeFile(join(folder, 'bin', 'npm'), `#!/bin/sh\necho "npm $*" >&2\nexit ${String(npmCode)}\n`);
  await chmod(join(folder, 'bin', 'npm'), 0o755);
  const script = `await import('./kernel/cli/install.mjs'); console.error('goes on');`;
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}` };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', script], { cwd: folder, env }, (error, _stdout, said) => {
      resolve({ code: Number(error?.code ?? 0), said });
    });
  });
}

describe('what npm start and npx musclemap install', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musclemap-install-'));
    await mkdir(join(folder, 'kernel', 'cli'), { recursive: true });
    await copyFile('kernel/cli/install.mjs', join(folder, 'kernel', 'cli', 'install.mjs'));
    await writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': {}, 'node_modules/koa': { version: '3.0.0' } } }));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is what the lockfile names, when something is missing, and then they go on', async () => {
    assert.deepEqual(await install(folder, 0), { code: 0, said: 'musclemap: installing the packages that package-lock.json names …\nnpm ci --no-progress\ngoes on\n' });
  });

  it('is nothing when all is there', async () => {
    await mkdir(join(folder, 'node_modules'));
    await writeFile(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: { 'node_modules/koa': { version: '3.0.0' } } }));
    assert.deepEqual(await install(folder, 0), { code: 0, said: 'goes on\n' });
  });

  it('ends them with the code of npm when npm fails', async () => {
    const { code, said } = await install(folder, 7);
    assert.equal(code, 7);
    assert.doesNotMatch(said, /goes on/);
  });
});
