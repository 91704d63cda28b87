import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { readConfig } from '../../../config/environment.ts';
import { connect } from '../../../database/connect.ts';
import { migrateKernel } from '../../../database/kernel-schema.ts';
import { openDatabase } from '../../../database/open.ts';
import { bisect, type Suspect } from '../../../plugins/health/bisect.ts';
import { runCheck, startTrial } from '../../../plugins/health/trial.ts';
import { createLogger } from '../../../telemetry/logger.ts';
import { CommandFailure } from '../../plugin-command.ts';
import { printJson, printLine } from '../../terminal.ts';
import { sourcesOf } from './asking.ts';

/** npx musclemap plugin bisect */
export function registerBisectCommand(plugin: Command): void {
  plugin
    .command('bisect')
    .description('find the enabled plugin that makes the server bad, by starting it with half of them each time')
    .option('--run <command>', 'decides whether a start is good by its exit code; the address is in MUSCLEMAP_URL')
    .option('--json', 'print the result as JSON')
    .action(async ({ run, json }: { run?: string; json?: boolean }) => {
      const suspects = await findSuspects();
      const result = await bisect(suspects, async (ids) => {
        const isGood = await tryWith(ids, run);
        if (json !== true) printLine(`${isGood ? 'good' : 'bad '}  ${ids.join(', ')}`);
        return isGood;
      });
      if (json === true) printJson(result);
      else if (result.culprit !== undefined) printLine(`${result.culprit} is to blame, found in ${String(result.boots)} starts.`);
      if (result.culprit === undefined) throw new CommandFailure(`No plugin is to blame by itself, after ${String(result.boots)} starts.`);
    });
}

/** The enabled plugins that are not in quarantine. The database is closed again: each trial opens it itself. */
async function findSuspects(): Promise<Suspect[]> {
  const config = readConfig();
  const database = await openDatabase(config, createLogger({ ...config, logLevel: 'error' }));
  const knex = connect(database.url, { poolMax: 1, applicationName: 'musclemap-cli' });
  try {
    await migrateKernel(knex);
    const enabled = await knex('installed_plugins')
      .where({ enabled: true })
      .whereNotIn('id', knex('plugin_quarantines').select('plugin_id'))
      .orderBy('id')
      .pluck<string[]>('id');
    const { found } = await sourcesOf({ config, knex }).discover(knex);
    return enabled
      .filter((id) => found.has(id))
      .map((id) => ({ id, requires: Object.keys(found.get(id)?.manifest.requires ?? {}) }));
  } finally {
    await knex.destroy();
    await database.close();
  }
}

/** A server that does not come up is bad; one that does is judged by the command, else by who asked, else it is good. */
async function tryWith(ids: readonly string[], run: string | undefined): Promise<boolean> {
  const trial = await startTrial(ids);
  try {
    if (trial.url === undefined) return false;
    if (run !== undefined) return await runCheck(run, trial.url);
    return process.stdin.isTTY ? await ask(ids, trial.url) : true;
  } finally {
    await trial.stop();
  }
}

async function ask(ids: readonly string[], url: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = await terminal.question(`${url} runs with ${ids.join(', ')}. Is it good? [y/n] `);
      if (/^(y|yes)$/i.test(answer.trim())) return true;
      if (/^(n|no)$/i.test(answer.trim())) return false;
    }
  } finally {
    terminal.close();
  }
}
