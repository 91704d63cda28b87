import type { Command } from 'commander';
import type { CheckReport } from '../../../testing/check/report.ts';
import { CommandFailure } from '../../plugin-command.ts';
import { endProgress, printJson, printLine, showProgress } from '../../terminal.ts';

const MARKS = { passed: '✔', failed: '✘', skipped: '–' };

/** npx musclemap plugin check: whether a plugin behaves as one. */
export function registerPluginCheck(group: Command): void {
  group
    .command('check [folder]')
    .description('look whether a plugin behaves: manifest, apply, routes, migrations, traces, time and memory')
    .option('--with <folders...>', 'folders of plugins that it works with; the bundled ones are there')
    .option('--json', 'print the result as JSON')
    .action(async (folder: string = '.', { with: neighbours = [], json }: { with?: string[]; json?: boolean }) => {
      const report = await check(folder, neighbours);
      if (json === true) printJson(report);
      else print(report);
      if (!report.isSound) throw new CommandFailure(`${report.plugin ?? folder} does not pass.`);
    });
}

/** The kit is loaded only here: no other command needs a kernel for tests. */
async function check(folder: string, neighbours: readonly string[]): Promise<CheckReport> {
  const { startCachedServer } = await import('../../../testing/cached-server.ts');
  const { migrateForTests } = await import('../../../testing.ts');
  const { checkPlugin } = await import('../../../testing/check/check-plugin.ts');
  const server = await startCachedServer(migrateForTests);
  try {
    return await checkPlugin(folder, { server, neighbours, begun: (name) => { showProgress(`looking at: ${name}`); } });
  } finally {
    endProgress();
    await server.stop();
  }
}

function print({ checks }: CheckReport): void {
  for (const { check: name, state, milliseconds, problems } of checks) {
    printLine(`${MARKS[state]} ${name}${state === 'skipped' ? ' (not looked at)' : ` (${String(milliseconds)} ms)`}`);
    for (const problem of problems) printLine(`    ${problem}`);
  }
}
