import { Command, InvalidArgumentError } from 'commander';
import type { Kernel } from '../kernel.ts';
import { runAs } from '../telemetry/execution.ts';
import { CommandFailure, type CommandInvocation, type CommandOption, type PluginCommand, type Terminal } from './plugin-command.ts';
import { withKernel } from './session.ts';
import { endProgress, printJson, printLine, printRows, showProgress } from './terminal.ts';

/** npx musclemap commands */
export function registerCommandsCommand(program: Command): void {
  program
    .command('commands')
    .description('list the commands of the enabled plugins')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await withKernel((kernel) =>
        Promise.resolve(
          kernel.plugins.composition.commands.map(({ owner, usage, options: { summary } }) => ({ plugin: owner, command: usage, summary })),
        ),
      );
      printRows(rows, ['plugin', 'command', 'summary'], { json, whenEmpty: 'No enabled plugin has commands.' });
    });
}

/** npx musclemap <plugin> <command> … */
export async function runPluginCommand(plugin: string, argv: readonly string[]): Promise<void> {
  await withKernel(async (kernel) => {
    const commands = kernel.plugins.composition.commands.filter(({ owner }) => owner === plugin);
    if (commands.length === 0) throw new CommandFailure(describeMissing(kernel, plugin), { exitCode: 2 });
    const program = new Command(`musclemap ${plugin}`).exitOverride().showHelpAfterError().showSuggestionAfterError();
    for (const command of commands) addCommand(program, command);
    await program.parseAsync(argv, { from: 'user' });
  });
}

function describeMissing({ plugins }: Kernel, plugin: string): string {
  const status = plugins.statuses.find(({ id }) => id === plugin);
  if (status === undefined) return `There is neither a command nor a plugin named ${plugin}; see npx musclemap --help.`;
  if (status.state === 'enabled') return `The plugin ${plugin} has no commands.`;
  return `The plugin ${plugin} is ${status.state}${status.reason === null ? '' : `: ${status.reason}`}.`;
}

function addCommand(program: Command, { owner, usage, options, handler }: PluginCommand): void {
  const command = program.command(usage).description(options.summary).exitOverride();
  for (const [option, declared] of Object.entries(options.options ?? {})) addOption(command, option, declared);
  command.option('--json', 'print the result as JSON').action(async () => {
    const { json, ...given } = command.opts<Record<string, unknown> & { json?: boolean }>();
    const names = command.registeredArguments.map((argument) => argument.name());
    const typed = Object.fromEntries(names.map((argument, index) => [argument, command.processedArgs[index] as unknown]));
    const interrupt = new AbortController();
    const abort = (): void => {
      interrupt.abort();
    };
    process.once('SIGINT', abort);
    const invocation = { arguments: typed, options: given, signal: interrupt.signal } as CommandInvocation;
    try {
      const result = await runAs({ owner }, () => handler(invocation, terminal(json === true)));
      if (json === true) printJson(result ?? null);
    } finally {
      process.off('SIGINT', abort);
    }
  });
}

function addOption(command: Command, name: string, { summary, type }: CommandOption): void {
  const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  if (type === 'boolean') command.option(flag, summary);
  else if (type === 'string') command.option(`${flag} <text>`, summary);
  else command.option(`${flag} <number>`, summary, readInteger);
}

function readInteger(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number)) throw new InvalidArgumentError('It is not a whole number.');
  return number;
}

const SILENT: Terminal = { print: () => undefined, table: () => undefined, progress: () => undefined };

function terminal(isJson: boolean): Terminal {
  if (isJson) return SILENT;
  return {
    print: printLine,
    table: (rows, columns, whenEmpty = 'There is nothing to show.') => {
      printRows(rows, columns, { whenEmpty });
    },
    progress: (text) => {
      if (text === '') endProgress();
      else showProgress(text);
    },
  };
}
