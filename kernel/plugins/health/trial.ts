import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { serverEnvironment } from '../../config/environment.ts';

const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
const typescript = new URL('../../typescript/register.mjs', import.meta.url).href;
const READY_LIMIT_MS = 60_000;

/** A server that is started to see whether it works, on a port of its own. */
export interface Trial {
  /** Undefined when it has ended before it listened, or did not in time. */
  url: string | undefined;
  stop(): Promise<void>;
}

/** Starts a server with only these plugins. */
export async function startTrial(plugins: readonly string[]): Promise<Trial> {
  const child = spawn(process.execPath, ['--import', typescript, main, `--only=${plugins.join(',')}`], {
    env: serverEnvironment({ PORT: '0', HOST: '127.0.0.1' }),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const url = await Promise.race([
    listens(child),
    ended.then(() => undefined),
    new Promise<undefined>((resolve) => {
      setTimeout(() => {
        resolve(undefined);
      }, READY_LIMIT_MS).unref();
    }),
  ]);
  return {
    url,
    stop: async () => {
      child.kill(url === undefined ? 'SIGKILL' : 'SIGTERM');
      await ended;
    },
  };
}

async function listens({ stdout }: ChildProcess): Promise<string | undefined> {
  if (stdout === null) return undefined;
  return new Promise((resolve) => {
    createInterface(stdout).on('line', (line) => {
      const url = /listens on (http:\S+);/.exec(line)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
}

/** Runs a command of a shell with the address in MUSCLEMAP_URL; whether it ends with 0. */
export async function runCheck(command: string, url: string): Promise<boolean> {
  const child = spawn(command, { shell: true, env: serverEnvironment({ MUSCLEMAP_URL: url }), stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0;
}
