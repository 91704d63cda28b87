import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import { join } from 'node:path';
import { defaultSources, KERNEL_VERSION } from '../../../installation.ts';
import type { Kernel } from '../../../kernel.ts';
import type { CodeSources, Outcome } from '../../../plugins/lifecycle/changes.ts';
import { planCommand, runCommand, type PluginCommand } from '../../../plugins/lifecycle/commands.ts';
import { delegate } from '../../../plugins/lifecycle/delegation.ts';
import type { Plan } from '../../../plugins/lifecycle/plan.ts';
import { PluginStore } from '../../../plugins/lifecycle/store.ts';
import { PluginPackages } from '../../../plugins/packages/packages.ts';
import { withKernel, withSession, type CommandSession } from '../../session.ts';

/** The account that types, for the audit. */
export function whoTypes(): string {
  return userInfo().username;
}

/** Where plugins lie, for looking at them without loading their code. */
export function sourcesOf({ config, knex }: Pick<CommandSession, 'config' | 'knex'>): CodeSources & { packages: PluginPackages } {
  const store = new PluginStore(join(config.home, 'plugins'));
  const packages = new PluginPackages({ knex, kernelVersion: KERNEL_VERSION, sources: defaultSources(config), store });
  return { store, packages, discover: (through) => packages.discover(through) };
}

/** Has the running server do it, else does it here, in a kernel that serves nobody. */
export async function carryOut(plugin: string, command: PluginCommand): Promise<Outcome> {
  const by = whoTypes();
  const done = await withSession(({ knex }) => delegate(knex, { plugin, command, by }));
  if (done !== undefined) return done as Outcome;
  return withKernel((kernel: Kernel) => runCommand(kernel.plugins, plugin, command, { kind: 'cli', id: by }));
}

/** What a command would do, in the same place. */
export async function planOf(plugin: string, command: PluginCommand): Promise<Plan> {
  const plan = await withSession(({ knex }) => delegate(knex, { plugin, command, by: whoTypes(), isPlan: true }));
  if (plan !== undefined) return plan as Plan;
  return withKernel((kernel: Kernel) => planCommand(kernel.plugins, plugin, command));
}

/** Whether somebody sits there who can be asked. */
export function canAsk(): boolean {
  return process.stdin.isTTY && process.stderr.isTTY;
}

/** Asks on the terminal; everything but a yes is a no. */
export async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
