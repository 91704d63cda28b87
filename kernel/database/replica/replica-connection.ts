import { DatabaseError, type Client } from 'pg';
import { isConnectionFailure } from '../connect.ts';
import type { Replica } from './replica.ts';

/** Where connections come from and go back to, as knex keeps them. */
export interface Pool {
  acquireConnection(): Promise<Client>;
  releaseConnection(client: Client): Promise<void>;
}

type Callback = (error: unknown, result?: unknown) => void;

/**
 * A connection of the replica, and one of the primary for the statement that fails there: because the replica goes away, because
 * it has to replay what the statement looks at, or because it does not have a table yet.
 */
export class ReplicaConnection {
  readonly #replica: Replica;
  readonly #client: Client;
  readonly #primary: Pool;
  #other: Client | undefined;

  constructor(replica: Replica, client: Client, primary: Pool) {
    this.#replica = replica;
    this.#client = client;
    this.#primary = primary;
  }

  query(...args: unknown[]): unknown {
    const last = args.at(-1);
    if (typeof last !== 'function') return this.#run(args);
    const callback = last as Callback;
    this.#run(args.slice(0, -1)).then((result) => {
      callback(null, result);
    }, callback);
    return undefined;
  }

  async release(): Promise<void> {
    const { pool } = this.#replica;
    await (pool.client as Pool).releaseConnection(this.#client);
    if (this.#other !== undefined) await this.#primary.releaseConnection(this.#other);
  }

  async #run(args: unknown[]): Promise<unknown> {
    if (this.#other !== undefined) return send(this.#other, args);
    try {
      return await this.#replica.run(this.#client, () => send(this.#client, args));
    } catch (error) {
      if (!isWorthRepeating(error)) throw error;
      if (isConnectionFailure(error)) this.#replica.rest();
      this.#replica.fellBack();
      this.#other ??= await this.#primary.acquireConnection();
      return send(this.#other, args);
    }
  }
}

function send(client: Client, args: unknown[]): Promise<unknown> {
  return (client.query as (...args: unknown[]) => Promise<unknown>)(...args);
}

/**
 * Whether the primary may answer what the replica would not. What took too long there is not begun again, what writes is refused by
 * both, and values that are wrong are wrong everywhere.
 */
function isWorthRepeating(error: unknown): boolean {
  if (!(error instanceof DatabaseError)) return true;
  return !/^(22|25006|57014)/.test(error.code ?? '');
}
