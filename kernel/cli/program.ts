import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config.ts';
import { EmbeddedDatabaseError } from '../database/embedded/errors.ts';
import { ApiError, type Problem } from '../http/errors.ts';
import { KERNEL_VERSION } from '../kernel.ts';
import { installPluginResolver } from '../plugins/resolver.ts';
import { registerBackupCommands } from './commands/backup.ts';
import { registerBillingCommands } from './commands/billing.ts';
import { registerCreditsCommands } from './commands/credits.ts';
import { registerKeysCommands } from './commands/keys.ts';
import { registerJobsCommands } from './commands/jobs.ts';
import { registerPluginAuthoring } from './commands/plugin-authoring.ts';
import { registerUserCommands } from './commands/user.ts';
import { registerPluginCommands } from './commands/plugin.ts';
import { CommandFailure } from './plugin-command.ts';
import { registerCommandsCommand, runPluginCommand } from './run-plugin-command.ts';

/** Every command of `npx musclemap`. Each group registers itself on the program, in a file named for it. */
export function createProgram(): Command {
  const program = new Command('musclemap')
    .description('Steers a MuscleMap server: the one that runs here, or the database that DATABASE_URL names.')
    .version(KERNEL_VERSION)
    .showHelpAfterError()
    .showSuggestionAfterError()
    .addHelpText('after', '\nPlugins bring their own: npx musclemap commands lists them, npx musclemap <plugin> --help explains.');
  registerCommandsCommand(program);
  registerCreditsCommands(program);
  registerBillingCommands(program);
  registerKeysCommands(program);
  registerBackupCommands(program);
  registerJobsCommands(program);
  registerUserCommands(program);
  registerPluginCommands(program);
  registerPluginAuthoring(program);
  return program;
}

/** Runs one command and answers the exit code: 0 done, 1 failed, 2 not understood. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  installPluginResolver();
  const program = createProgram();
  for (const command of everyCommand(program)) command.exitOverride();
  try {
    const [first, ...rest] = argv.slice(2);
    if (first !== undefined && !first.startsWith('-') && !isKnown(program, first)) await runPluginCommand(first, rest);
    else await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${describeFailure(error)}\n`);
    return error instanceof CommandFailure ? error.exitCode : 1;
  }
}

/** Whether the program has the command itself; all others belong to plugins. */
function isKnown(program: Command, name: string): boolean {
  return name === 'help' || program.commands.some((command) => command.name() === name || command.aliases().includes(name));
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** What the system says of a file that somebody has named. */
const FILE_FAILURES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'lies in something that is not a folder',
  EACCES: 'may not be opened by who runs this',
  ENOSPC: 'finds no room on the disk',
};

/** What went wrong in a sentence where it is expected, with its stack where it is a fault of the code. */
function describeFailure(error: unknown): string {
  const expected = [CommandFailure, ConfigError, EmbeddedDatabaseError, ApiError];
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ApiError && Array.isArray(error.details)) {
    const fields = (error.details as Partial<Problem>[]).filter(({ path }) => path !== undefined);
    const problems = fields.map(({ path, message = '' }) => `${path?.split('/').at(-1) ?? ''} ${message}`);
    return `${error.message} ${problems.join('; ')}`.trim();
  }
  const { path, code } = error as NodeJS.ErrnoException;
  const ofFile = path === undefined ? undefined : FILE_FAILURES[code ?? ''];
  if (ofFile !== undefined) return `${path ?? ''}: ${ofFile}.`;
  return expected.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
