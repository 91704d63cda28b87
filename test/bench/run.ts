/**
 * npm run bench: every promise that is measured, each against its limit in the same run, as a table and as JSON with the
 * machine and the versions. `--quick` takes less than two minutes, `--only=credits,boot` some of them, `--only=soak` the one that
 * takes ten minutes; `--markdown` prints one table for a page. Exit code 1 when a promise is broken or a bench fails.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { isQuick, markdownOf, tableOf, tell, type Figure } from './figure.ts';

const BENCHES: Readonly<Record<string, string>> = {
  dispatch: 'dispatch.ts',
  hooks: 'hooks.ts',
  containment: 'containment.ts',
  credits: 'credits.ts',
  leaderboard: 'leaderboard/leaderboard.ts',
  boot: 'boot.ts',
  realtime: 'realtime.ts',
  accounts: 'accounts.ts',
  prescriptions: 'prescriptions.ts',
  soak: 'soak.ts',
};
/** Takes ten minutes by itself: run when it is asked for. */
const WHEN_NAMED: readonly string[] = ['soak'];
const REPORT = 'bench.json';
const LIMIT_MS = 30 * 60_000;
const isForPage = process.argv.includes('--markdown');

/** The figures of one bench, which runs in a process of its own. Its exit code says no more than they do. */
function run(file: string): Promise<Figure[]> {
  const args = ['--import', './kernel/typescript/register.mjs', '--expose-gc', join(import.meta.dirname, file), '--json', ...(isQuick ? ['--quick'] : [])];
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, { timeout: LIMIT_MS, maxBuffer: 16 * 1024 * 1024 }, (error, stdout) => {
      try {
        resolve(JSON.parse(stdout) as Figure[]);
      } catch {
        reject(new Error(error?.killed === true ? `it was not done after ${String(LIMIT_MS / 60_000)} minutes` : `it ended with ${String(error?.code)}`));
      }
    });
    child.stderr?.pipe(process.stderr);
  });
}

async function machine(): Promise<object> {
  const { version, dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { version: string; dependencies: object };
  const [processor] = cpus();
  return {
    ...{ at: new Date().toISOString(), isQuick, musclemap: version, node: process.version, platform: `${process.platform} ${process.arch}` },
    ...{ processors: cpus().length, processor: processor?.model, memoryMB: Math.round(totalmem() / 1024 ** 2), dependencies },
  };
}

function chosen(): string[] {
  const only = process.argv.find((argument) => argument.startsWith('--only='))?.slice('--only='.length).split(',');
  const unknown = only?.find((name) => !(name in BENCHES));
  if (unknown !== undefined) throw new Error(`There is no bench named ${unknown}; there are ${Object.keys(BENCHES).join(', ')}.`);
  return only ?? Object.keys(BENCHES).filter((name) => !WHEN_NAMED.includes(name));
}

const results: Record<string, Figure[]> = {};
const failed: string[] = [];
for (const name of chosen()) {
  tell(`${name} …`);
  try {
    const figures = await run(BENCHES[name] ?? '');
    results[name] = figures;
    if (!isForPage) process.stdout.write(`${name}\n${tableOf(figures)}\n`);
  } catch (error) {
    // What the others measure is not lost.
    failed.push(name);
    tell(`${name} measured nothing: ${(error as Error).message}`);
  }
}
if (isForPage) process.stdout.write(`${markdownOf(Object.values(results).flat())}\n`);
await mkdir('test/output', { recursive: true });
await writeFile(join('test/output', REPORT), `${JSON.stringify({ machine: await machine(), results, failed }, null, 2)}\n`);
const broken = Object.values(results).flat().filter(({ promise }) => promise?.isKept === false);
tell(`${String(broken.length)} promises are not kept; the figures are in test/output/${REPORT}`);
if (failed.length > 0) tell(`nothing was measured by ${failed.join(', ')}`);
process.exitCode = broken.length + failed.length > 0 ? 1 : 0;
