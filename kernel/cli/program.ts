import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config.ts';
import { EmbeddedDatabaseError } from '../database/embedded/errors.ts';
import { ApiError, type Problem } from '../http/errors.ts';
import { KERNEL_VERSION } from '../installation.ts';
import { installPluginResolver } from '../plugins/resolver.ts';
import { CommandFailure } from './plugin-command.ts';
import { runPluginCommand } from './run-plugin-command.ts';

type Register = (program: Command) => void;

/**
 * The commands by the words that they begin with, each group in a file named for it, in the order of the help. Reading what a group
 * works with takes longer than most commands, so none is read for the words of another.
 */
const GROUPS: readonly { words: readonly string[]; load: () => Promise<readonly Register[]> }[] = [
  { words: ['commands'], load: async () => [(await import('./run-plugin-command.ts')).registerCommandsCommand] },
  { words: ['credits'], load: async () => [(await import('./commands/credits.ts')).registerCreditsCommands] },
  { words: ['billing'], load: async () => [(await import('./commands/billing.ts')).registerBillingCommands] },
  { words: ['keys'], load: async () => [(await import('./commands/keys.ts')).registerKeysCommands] },
  { words: ['backup', 'restore'], load: async () => [(await import('./commands/backup.ts')).registerBackupCommands] },
  { words: ['jobs'], load: async () => [(await import('./commands/jobs.ts')).registerJobsCommands] },
  { words: ['user'], load: async () => [(await import('./commands/user.ts')).registerUserCommands] },
  {
    words: ['plugin'],
    load: async () => [(await import('./commands/plugin.ts')).registerPluginCommands, (await import('./commands/plugin-authoring.ts')).registerPluginAuthoring],
  },
];

/** `npx musclemap` with the commands that begin with a word; with all of them when none does. */
async function createProgram(word: string | undefined): Promise<Command> {
  const named = GROUPS.filter(({ words }) => word !== undefined && words.includes(word));
  const program = new Command('musclemap')
    .description('Steers a MuscleMap server: the one that runs here, or the database that DATABASE_URL names.')
    .version(KERNEL_VERSION)
    .showHelpAfterError()
    .showSuggestionAfterError()
    .addHelpText('after', '\nPlugins bring their own: npx musclemap commands lists them, npx musclemap <plugin> --help explains.');
  for (const { load } of named.length > 0 ? named : GROUPS) for (const register of await load()) register(program);
  return program;
}

/** Runs one command and answers the exit code: 0 done, 1 failed, 2 not understood. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  installPluginResolver();
  try {
    const [first, ...rest] = argv.slice(2);
    if (first !== undefined && !first.startsWith('-') && !isKnown(first)) {
      await runPluginCommand(first, rest);
      return 0;
    }
    const program = await createProgram(first);
    for (const command of everyCommand(program)) command.exitOverride();
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${describeFailure(error)}\n`);
    return error instanceof CommandFailure ? error.exitCode : 1;
  }
}

/** Whether the program has the command itself; all others belong to plugins. */
function isKnown(word: string): boolean {
  return word === 'help' || GROUPS.some(({ words }) => words.includes(word));
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
