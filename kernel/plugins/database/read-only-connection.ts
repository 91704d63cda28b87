import type { QueryConfig } from 'pg';
import { answer, type PluginConnection } from './plugin-connection.ts';
import { readStatement } from './statement.ts';

/** A route that only reads sends something else. */
export class ReadOnlyError extends Error {
  override name = 'ReadOnlyError';

  constructor(command: string) {
    super(`The reader of a route only reads, each statement on its own: ${command || 'this statement'} is for kernel.database.`);
  }
}

const READS = new Set(['SELECT', 'VALUES', 'TABLE', 'SHOW', 'EXPLAIN']);
const MOST_KNOWN = 2_000;
/** What was found of each text: a handler sends the same ones again and again. */
const known = new Map<string, string | undefined>();

/**
 * A connection that refuses what would change something, wherever it leads: what works on the primary is to work on a replica.
 * A function that writes is refused by the replica alone.
 */
export class ReadOnlyConnection implements PluginConnection {
  readonly real: Pick<PluginConnection, 'query'>;

  constructor(real: Pick<PluginConnection, 'query'>) {
    this.real = real;
  }

  query(...args: unknown[]): unknown {
    const [given] = args;
    const refused = refusedCommand(typeof given === 'string' ? given : (given as QueryConfig).text);
    return refused === undefined ? this.real.query(...args) : answer(args, Promise.reject(new ReadOnlyError(refused)));
  }
}

/** The command that keeps a statement from being one that only reads; undefined when none does. */
function refusedCommand(text: string): string | undefined {
  if (known.has(text)) return known.get(text);
  const { command, hasRows, changing } = readStatement(text);
  const refused = changing ?? (hasRows && READS.has(command) ? undefined : command);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(text, refused);
  return refused;
}
