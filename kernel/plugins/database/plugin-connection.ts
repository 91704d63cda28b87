import type { Client, QueryConfig } from 'pg';
import { withValues } from './literals.ts';
import { toAnswered, type AnswerLine, type Answered } from './rows.ts';
import { accessFunction } from './access-function.ts';
import { readStatement } from './statement.ts';

type Callback = (error: unknown, result?: unknown) => void;

const BEGINNING = /^BEGIN(?: TRANSACTION(?: ISOLATION LEVEL (?:SERIALIZABLE|REPEATABLE READ|READ COMMITTED|READ UNCOMMITTED))?(?: READ ONLY)?)?;$/i;
const ENDING = /^(?:COMMIT|ROLLBACK);?$/;
const SAVEPOINT = /^(SAVEPOINT|RELEASE SAVEPOINT|RELEASE|ROLLBACK TO SAVEPOINT|ROLLBACK TO) (trx\d+);?$/;

/** A connection as a plugin gets it: its queries do what the plugin may. */
export interface PluginConnection {
  query(...args: unknown[]): unknown;
  /** The connection of the pool that it stands for. */
  readonly real: object;
}

/** Refuses every statement, for a plugin that has not asked for the database. */
export function closedConnection(real: object, refuse: () => Error): PluginConnection {
  return { real, query: (...args) => answer(args, Promise.reject(refuse())) };
}

/**
 * Sends a plugin's statements with the rights of its role. Each goes through a function of the database that runs as that role,
 * in which PostgreSQL lets nobody take on another one: whatever the statement is, it cannot get out.
 */
export class ConfinedConnection implements PluginConnection {
  readonly real: Client;
  readonly #call: QueryConfig;
  readonly #isPluginsOwn: boolean;
  readonly #savepoints = new Set<string>();

  /** @param isPluginsOwn Whether the plugin begins and ends its transactions itself. */
  constructor(real: Client, pluginId: string, isPluginsOwn: boolean) {
    this.real = real;
    this.#isPluginsOwn = isPluginsOwn;
    this.#call = { name: `plugin ${pluginId}`, text: `SELECT line, names, types, affected FROM ${accessFunction(pluginId)}($1, $2)` };
  }

  query(...args: unknown[]): unknown {
    const [given, values] = args;
    const { text, values: bound = [] } =
      typeof given === 'string' ? { text: given, values: Array.isArray(values) ? values : [] } : (given as QueryConfig);
    return answer(args, this.#send(text, bound));
  }

  async #send(text: string, values: readonly unknown[]): Promise<unknown> {
    if (this.#isControl(text)) return this.real.query(text);
    const statement = readStatement(text);
    const sql = values.length === 0 ? text : withValues(statement, values);
    const { rows } = await this.real.query<AnswerLine>({ ...this.#call, values: [sql, statement.hasRows] });
    return toAnswered(statement.command, rows) satisfies Answered;
  }

  /** What knex sends around a transaction, and to savepoints within one. */
  #isControl(text: string): boolean {
    if (this.#isPluginsOwn && (BEGINNING.test(text) || ENDING.test(text))) return true;
    const [, what, savepoint = ''] = SAVEPOINT.exec(text) ?? [];
    if (what === 'SAVEPOINT') this.#savepoints.add(savepoint);
    return this.#savepoints.has(savepoint);
  }
}

/** Answers through the last argument when that is a callback, else by a promise. */
export function answer(args: readonly unknown[], result: Promise<unknown>): unknown {
  const last = args.at(-1);
  if (typeof last !== 'function') return result;
  const callback = last as Callback;
  result.then((value) => {
    callback(null, value);
  }, callback);
  return undefined;
}
