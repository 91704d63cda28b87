/** An option of a command; `dryRun` is written `--dry-run`. */
export interface CommandOption {
  /** One line for --help. */
  summary: string;
  /** A boolean takes no value. */
  type: 'string' | 'integer' | 'boolean';
}

/** What `--help` says of a command, and the options that it takes. */
export interface CommandOptions {
  /** One line for --help. */
  summary: string;
  options?: Readonly<Record<string, CommandOption>>;
}

type Word<Usage extends string> = Usage extends `${infer First} ${infer Rest}` ? First | Word<Rest> : Usage;

type RequiredArgument<W extends string> = W extends `<${infer Name}>` ? (Name extends `${string}...` ? never : Name) : never;
type OptionalArgument<W extends string> = W extends `[${infer Name}]` ? (Name extends `${string}...` ? never : Name) : never;
type ListArgument<W extends string> = W extends `<${infer Name}...>` | `[${infer Name}...]` ? Name : never;

/** `import <file> [format]` gives `{ file: string; format?: string }`; `<files...>` gives `{ files: string[] }`. */
export type CommandArguments<Usage extends string> = Record<RequiredArgument<Word<Usage>>, string> &
  Partial<Record<OptionalArgument<Word<Usage>>, string>> &
  Record<ListArgument<Word<Usage>>, string[]>;

interface ValueOf {
  string: string;
  integer: number;
  boolean: boolean;
}

/** What was given for each option; undefined when it was not. */
export type CommandOptionValues<Options extends CommandOptions> = {
  [Name in keyof Options['options']]?: Options['options'][Name] extends { type: infer Type extends keyof ValueOf }
    ? ValueOf[Type]
    : never;
};

/** What was typed. */
export interface CommandInvocation<Usage extends string = string, Options extends CommandOptions = CommandOptions> {
  arguments: CommandArguments<Usage>;
  options: CommandOptionValues<Options>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Where a command speaks to a person. With --json only what the handler returns is printed. */
export interface Terminal {
  /** A line of text. */
  print(text: string): void;
  /** A table with a column per name, or `whenEmpty`. */
  table<Row extends object>(rows: readonly Row[], columns: readonly (keyof Row & string)[], whenEmpty?: string): void;
  /** How far long work is: one line that is written over; an empty text ends it. */
  progress(text: string): void;
}

/**
 * Does what the command says. What it returns is printed as JSON when --json was given; what it throws ends the command with
 * exit code 1, a CommandFailure with its own.
 */
export type CommandHandler<Usage extends string = string, Options extends CommandOptions = CommandOptions> = (
  invocation: CommandInvocation<Usage, Options>,
  terminal: Terminal,
) => Promise<unknown>;

/** Why a command did not do what it was asked to, in a sentence for the person who typed it. */
export class CommandFailure extends Error {
  override name = 'CommandFailure';
  /** 1 unless said; 2 means that the command was not understood. */
  readonly exitCode: number;

  constructor(message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Where a plugin adds commands to `npx musclemap`. */
export interface CommandRegistrar {
  /**
   * Registers `npx musclemap <plugin> <usage>`. It runs in a kernel of its own that serves nobody, also beside a running
   * server. --json and --help are there without being declared.
   *
   * @example
   * commands.add(
   *   'import <file>',
   *   { summary: 'Reads a history', options: { dryRun: { summary: 'only say what it holds', type: 'boolean' } } },
   *   async ({ arguments: { file }, options: { dryRun } }, terminal) => {
   *     const rows = await readRows(file);
   *     terminal.table(rows, ['date', 'name']);
   *     return rows;
   *   },
   * );
   */
  add<const Usage extends string, const Options extends CommandOptions>(
    usage: Usage,
    options: Options,
    handler: CommandHandler<Usage, Options>,
  ): void;
}

/** A registered command with its owner. */
export interface PluginCommand {
  owner: string;
  name: string;
  usage: string;
  options: CommandOptions;
  handler: CommandHandler;
}

const USAGE = /^[a-z][a-z0-9-]*( <[a-z][a-zA-Z0-9]*>)*( \[[a-z][a-zA-Z0-9]*\])*( [<[][a-z][a-zA-Z0-9]*\.\.\.[\]>])?$/;

/** What one plugin's taps on `commands` get. */
export function commandRegistrar(owner: string, commands: PluginCommand[], refuse: (what: string) => never): CommandRegistrar {
  return {
    add(usage, options, handler) {
      const command = { owner, name: usage.split(' ')[0] ?? '', usage, options, handler: handler as CommandHandler };
      const wrong = commandProblem(command);
      if (wrong !== undefined) refuse(`the command "${usage}" ${wrong}`);
      if (commands.some(({ owner: other, name }) => other === owner && name === command.name)) {
        refuse(`the command ${command.name} is registered twice.`);
      }
      commands.push(command);
    },
  };
}

function commandProblem({ usage, options, handler }: PluginCommand): string | undefined {
  if (!USAGE.test(usage)) return "is not written like 'verb <required> [optional] [more...]'.";
  if (typeof options.summary !== 'string' || options.summary === '') return 'has no summary.';
  if (typeof handler !== 'function') return 'has no handler.';
  const wrong = Object.keys(options.options ?? {}).find((name) => !/^[a-z][a-zA-Z0-9]*$/.test(name) || /^(json|help)$/.test(name));
  return wrong === undefined ? undefined : `cannot have the option "${wrong}".`;
}
