import { fork, type ChildProcess } from 'node:child_process';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestServer } from '../../testing.ts';
import type { CheckNews, CheckTask } from './check-process.ts';
import { completeReport, type CheckName, type CheckOutcome, type CheckReport } from './report.ts';

const PROCESS = fileURLToPath(new URL('check-process.ts', import.meta.url));
const REGISTER = new URL('../../cli/register.mjs', import.meta.url).href;
/** Of the hostile requests of a plugin with many routes. */
const LONGEST_CHECK_SECONDS = 120;
const MEMORY_MIB = 512;

export interface CheckOptions {
  server: Pick<TestServer, 'adminUrl'>;
  /** Folders of plugins that it works with, beside the bundled ones. */
  neighbours?: readonly string[];
  /** Told of each check before it runs. */
  begun?: ((check: CheckName) => void) | undefined;
  /** Seconds that one check may take; the process is ended after them. */
  limitSeconds?: number;
}

/** Looks at the plugin of a folder in a process of its own, so that one which blocks or ends the process is a finding too. */
export async function checkPlugin(folder: string, options: CheckOptions): Promise<CheckReport> {
  const directory = await realpath(folder).catch(() => resolve(folder));
  const neighbours = (options.neighbours ?? []).map((neighbour) => resolve(neighbour));
  const child = fork(PROCESS, [], {
    execArgv: ['--import', REGISTER, `--max-old-space-size=${String(MEMORY_MIB)}`],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.send({ directory, neighbours, adminUrl: options.server.adminUrl } satisfies CheckTask);
  try {
    return await follow(child, directory, options);
  } finally {
    child.kill('SIGKILL');
  }
}

function follow(child: ChildProcess, directory: string, options: CheckOptions): Promise<CheckReport> {
  const { limitSeconds = LONGEST_CHECK_SECONDS } = options;
  return new Promise((settle) => {
    let current: CheckName = 'manifest';
    let outcomes: readonly CheckOutcome[] = [];
    let errors = '';
    let timer: NodeJS.Timeout | undefined;
    const broken = (problem: string): void => {
      clearTimeout(timer);
      const failed: CheckOutcome = { check: current, state: 'failed', milliseconds: 0, problems: [problem] };
      settle(completeReport(directory, null, [...outcomes, failed]));
    };
    const watchClock = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        broken(`It did not come to an end within ${String(limitSeconds)} s.`);
      }, limitSeconds * 1000);
    };
    watchClock();
    child.stderr?.on('data', (data: Buffer) => (errors = (errors + data.toString()).slice(-10_000)));
    child.on('message', (news: CheckNews) => {
      if ('report' in news) {
        clearTimeout(timer);
        settle(news.report);
        return;
      }
      current = news.begun;
      outcomes = news.outcomes;
      options.begun?.(current);
      watchClock();
    });
    child.once('exit', (code, signal) => {
      broken(`The process ended: ${signal ?? `exit code ${String(code)}`}. ${lastError(errors)}`.trim());
    });
  });
}

function lastError(errors: string): string {
  return errors.split('\n').find((line) => /^\s*(\w*Error\b|FATAL ERROR)/.test(line))?.trim() ?? '';
}
