import type { Command } from 'commander';
import { registerBisectCommand } from './plugin/bisect.ts';
import { registerPluginChanges } from './plugin/changes.ts';
import { registerPluginPackages } from './plugin/packages.ts';
import { registerPluginReading } from './plugin/reading.ts';
import { registerPluginTransfer } from './plugin/transfer.ts';

/** npx musclemap plugin …: one file for each group of verbs. */
export function registerPluginCommands(program: Command): void {
  const plugin = program.command('plugin').description('plugins: what is there, what would happen, and changes of it');
  registerPluginReading(plugin);
  registerPluginChanges(plugin);
  registerPluginPackages(plugin);
  registerPluginTransfer(plugin);
  registerBisectCommand(plugin);
}
