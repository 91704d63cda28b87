import { Command, CommanderError } from 'commander';
import { ConfigError } from '../config/config.ts';
import { EmbeddedDatabaseError } from '../database/embedded/errors.ts';
import { ApiError } from '../http/errors.ts';
import { KERNEL_VERSION } from '../kernel.ts';
import { installPluginResolver } from '../plugins/resolver.ts';
import { registerCreditsCommands } from './commands/credits.ts';
import { CommandFailure } from './terminal.ts';

/** Every command of `npx musclemap`. Each group registers itself on the program, in a file named for it. */
export function createProgram(): Command {
  const program = new Command('musclemap')
    .description('Steers a MuscleMap server: the one that runs here, or the database that DATABASE_URL names.')
    .version(KERNEL_VERSION)
    .showHelpAfterError()
    .showSuggestionAfterError();
  registerCreditsCommands(program);
  return program;
}

/** Runs one command and answers the exit code: 0 done, 1 failed, 2 not understood. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  installPluginResolver();
  const program = createProgram();
  for (const command of everyCommand(program)) command.exitOverride();
  try {
    await program.parseAsync(argv);
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    process.stderr.write(`${describeFailure(error)}\n`);
    return 1;
  }
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** What went wrong in a sentence where it is expected, with its stack where it is a fault of the code. */
function describeFailure(error: unknown): string {
  const expected = [CommandFailure, ConfigError, EmbeddedDatabaseError, ApiError];
  if (!(error instanceof Error)) return String(error);
  return expected.some((kind) => error instanceof kind) ? error.message : (error.stack ?? error.message);
}
