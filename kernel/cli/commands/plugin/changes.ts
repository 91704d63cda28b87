import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ApiError } from '../../../http/errors.ts';
import { releaseByName } from '../../../plugins/health/release.ts';
import type { Outcome } from '../../../plugins/lifecycle/changes.ts';
import type { PluginCommand } from '../../../plugins/lifecycle/commands.ts';
import { disableByName, readOverview } from '../../../plugins/lifecycle/overview.ts';
import { unknownPlugin } from '../../../plugins/unknown-plugin.ts';
import { CommandFailure } from '../../plugin-command.ts';
import { withSession } from '../../session.ts';
import { printJson } from '../../terminal.ts';
import { ask, canAsk, carryOut, planOf, sourcesOf, whoTypes } from './asking.ts';
import { printPlan } from './reading.ts';
import { reportChange } from './reporting.ts';

interface Options {
  json?: boolean;
  yes?: boolean;
  cascade?: boolean;
  force?: boolean;
  restore?: boolean;
  acceptScopes?: boolean;
  confirm?: string;
  to?: string;
}

/** plugin enable, disable, config, upgrade, rollback, release, uninstall and purge. */
export function registerPluginChanges(plugin: Command): void {
  const verb = (usage: string, description: string): Command =>
    plugin.command(usage).description(description).option('--json', 'print what was done as JSON').option('-y, --yes', 'do not ask');
  verb('enable <plugin>', 'turn a plugin on; installs it the first time')
    .option('--cascade', 'with the plugins that it requires')
    .option('--force', 'outside the ranges of its manifest')
    .option('--no-restore', 'leave off what was taken along when it was disabled')
    .action((id: string, options: Options) => changeAfterPlan(id, { verb: 'enable', ...pick(options, ['cascade', 'force', 'restore']) }, options));
  verb('disable <plugin>', 'turn a plugin off; its data stay, and no code of any plugin is loaded for it')
    .option('--cascade', 'with the plugins that require it')
    .action(disableFromTerminal);
  registerConfig(verb('config <plugin> [values...]', 'show the configuration, or change it: name=value, or --file'));
  verb('upgrade <plugin>', 'go to the version that is on disk')
    .option('--force', 'outside the ranges of its manifest, or to an older version')
    .option('--accept-scopes', 'agree to more scopes')
    .action((id: string, options: Options) => changeAfterPlan(id, { verb: 'upgrade', ...pick(options, ['force', 'acceptScopes']) }, options));
  verb('rollback <plugin>', 'go back to the version that ran before, its schema with it')
    .option('--to <version>', 'that version instead of the one before')
    .action((id: string, options: Options) => changeAfterPlan(id, { verb: 'rollback', version: options.to }, options));
  verb('release <plugin>', 'start a plugin again that kept failing and is in quarantine')
    .action(async (id: string, options: Options) => {
      const generation = await withSession(({ knex }) => releaseByName(knex, id, { kind: 'cli', id: whoTypes() }));
      await reportChange({ generation, changed: [id] }, options);
    });
  verb('uninstall <plugin>', 'take a plugin away; its data stay')
    .option('--cascade', 'turn off the plugins that require it')
    .option('--force', 'even if its own code cannot clean up')
    .action((id: string, options: Options) => finish(id, { verb: 'uninstall', ...pick(options, ['cascade', 'force']) }, options));
  verb('purge <plugin>', 'take a plugin away with everything that it keeps, or what an uninstalled one has left; the ledger stays')
    .option('--cascade', 'turn off the plugins that require it')
    .option('--force', 'even if its own code cannot clean up')
    .option('--confirm <plugin>', 'its id once more')
    .action((id: string, options: Options) =>
      finish(id, { verb: 'uninstall', purge: true, ...pick(options, ['cascade', 'force', 'confirm']) }, options),
    );
}

function pick<Key extends keyof Options>(options: Options, keys: Key[]): Pick<Options, Key> {
  return Object.fromEntries(keys.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]]))) as Pick<Options, Key>;
}

/** Shows the plan and asks, where somebody sits there; what was shown is what happens. */
async function changeAfterPlan(id: string, command: PluginCommand, options: Options): Promise<void> {
  if (!canAsk() || options.yes === true || options.json === true) {
    await finish(id, command, options);
    return;
  }
  const plan = await planOf(id, command);
  printPlan(plan);
  if (!(await ask('Do this?'))) throw new CommandFailure('Nothing was changed.');
  await finish(id, command.verb === 'enable' || command.verb === 'upgrade' ? { ...command, plan: plan.hash } : command, options);
}

async function finish(id: string, command: PluginCommand, options: Options): Promise<void> {
  await reportChange(await cascading(options, (cascade) => carryOut(id, cascade ? ({ ...command, cascade } as PluginCommand) : command)), options);
}

async function disableFromTerminal(id: string, options: Options): Promise<void> {
  const outcome = await cascading(options, (cascade) =>
    withSession((session) =>
      disableByName(session.knex, sourcesOf(session), id, {
        cascade: cascade || options.cascade,
        actor: { kind: 'cli', id: whoTypes() },
      }),
    ),
  );
  await reportChange(outcome, options);
}

/** Tries, and once more with the plugins that go along when whoever sits there says so. */
async function cascading(options: Options, work: (cascade: boolean) => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work(false);
  } catch (error) {
    const names = error instanceof ApiError && error.code === 'CONFLICT' ? namesIn(error.details) : [];
    if (names.length === 0 || options.cascade === true || !canAsk() || options.yes === true) throw error;
    if (!(await ask(`${error instanceof Error ? error.message : ''} ${names.join(', ')} as well?`))) throw error;
    return work(true);
  }
}

function namesIn(details: unknown): string[] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((detail: { plugin?: unknown }) => (typeof detail.plugin === 'string' ? [detail.plugin] : []));
}

function registerConfig(command: Command): void {
  command
    .option('--file <path>', 'a JSON document that replaces the configuration')
    .action(async (id: string, values: string[], options: Options & { file?: string }) => {
      const all = await withSession((session) => readOverview(session.knex, sourcesOf(session)));
      const current = all.find((row) => row.id === id);
      if (current === undefined) throw unknownPlugin(id, all.map((row) => row.id));
      if (options.file === undefined && values.length === 0) {
        printJson(current.config);
        return;
      }
      const config = options.file === undefined ? { ...current.config, ...Object.fromEntries(values.map(readAssignment)) } : await readDocument(options.file);
      await finish(id, { verb: 'configure', config }, options);
    });
}

/** The configuration that a file holds. */
async function readDocument(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8');
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return document as Record<string, unknown>;
  } catch (error) {
    throw new CommandFailure(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`, { exitCode: 2, cause: error });
  }
  throw new CommandFailure(`${path} holds no JSON object.`, { exitCode: 2 });
}

/** `name=value`, the value as JSON where it is that, else as text. */
function readAssignment(text: string): [string, unknown] {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new CommandFailure(`"${text}" is not like name=value.`, { exitCode: 2 });
  try {
    return [name, JSON.parse(value) as unknown];
  } catch {
    return [name, value];
  }
}
