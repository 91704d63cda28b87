import type { Command } from 'commander';
import { recordAudit } from '../../audit/audit.ts';
import { deleteDeadLetters, listDeadLetters, readWorkStates, replayDeadLetters, type DeadLetterChoice } from '../../events/dead-letters.ts';
import { tellWorkers } from '../../events/queue.ts';
import { CommandFailure } from '../plugin-command.ts';
import { withSession } from '../session.ts';
import { printJson, printLine, printRows } from '../terminal.ts';

interface ChoiceOptions {
  plugin?: string;
  json?: boolean;
}

/** npx musclemap jobs … */
export function registerJobsCommands(program: Command): void {
  const jobs = program.command('jobs').description('background work: events on their way, jobs, and what kept failing');
  jobs
    .command('list')
    .description('how much work each plugin has waiting, running and failed')
    .option('--json', 'print it as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const states = await withSession(({ knex }) => readWorkStates(knex));
      const columns = ['plugin', 'waiting', 'running', 'failed', 'waitingSince'] as const;
      printRows(states, columns, { json, whenEmpty: 'There is no background work.' });
    });
  jobs
    .command('dead-letters')
    .description('the newest events and jobs that kept failing')
    .option('--plugin <id>', 'only those of one plugin')
    .option('--limit <number>', 'how many', '50')
    .option('--json', 'print them, with their data, as JSON')
    .action(async ({ plugin, limit, json }: ChoiceOptions & { limit: string }) => {
      if (!/^[1-9]\d{0,3}$/.test(limit)) throw new CommandFailure('--limit is a number from 1 to 9999.', { exitCode: 2 });
      const letters = await withSession(({ knex }) => listDeadLetters(knex, { plugin, limit: Number(limit) }));
      printRows(letters, ['id', 'plugin', 'name', 'attempts', 'failedAt', 'error'], { json, whenEmpty: 'There are no dead letters.' });
    });
  registerChange(jobs, 'replay', 'queue a dead letter, or all of a plugin, again', replayDeadLetters);
  registerChange(jobs, 'delete', 'delete a dead letter, or all of a plugin', deleteDeadLetters);
}

function registerChange(jobs: Command, verb: string, description: string, change: typeof deleteDeadLetters): void {
  jobs
    .command(`${verb} [id]`)
    .description(description)
    .option('--plugin <id>', 'all of this plugin')
    .option('--json', 'print the result as JSON')
    .action(async (id: string | undefined, { plugin, json }: ChoiceOptions) => {
      const choice = chooseOne(id, plugin);
      const affected = await withSession(async ({ knex }) => {
        const count = await knex.transaction(async (trx) => {
          const done = await change(trx, choice);
          const entry = { action: `dead-letters.${verb}`, objectType: 'dead-letters', objectId: id, result: 'done' };
          await recordAudit(trx, { actor: { kind: 'cli' }, ...entry, details: { plugin, affected: done } });
          return done;
        });
        await tellWorkers(knex);
        return count;
      });
      if (json === true) printJson({ affected });
      else printLine(`${String(affected)} dead letters.`);
      if (affected === 0) throw new CommandFailure('There is no such dead letter.');
    });
}

function chooseOne(id: string | undefined, plugin: string | undefined): DeadLetterChoice {
  if (id !== undefined && plugin === undefined && /^[0-9a-f-]{36}$/.test(id)) return { id };
  if (id === undefined && plugin !== undefined) return { plugin };
  throw new CommandFailure('Name one dead letter by its id, or a plugin with --plugin.', { exitCode: 2 });
}
