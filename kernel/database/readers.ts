import type { Knex } from 'knex';
import type { Client } from 'pg';
import type { Caller } from '../http/route.ts';
import { ReadOnlyConnection } from '../plugins/database/read-only-connection.ts';
import { createKnex, RestrictedView, type DatabaseView } from '../plugins/database/views.ts';
import type { Replica } from './replica/replica.ts';
import { ReplicaConnection, type Pool } from './replica/replica-connection.ts';

/** A knex that only reads, from the database or a replica of it. It has no transactions: each statement is on its own. */
export type Reader = Knex;

interface PairOfReaders {
  primary: Reader;
  replica: Reader | undefined;
}

/** The kernel's own reader behind each one of a plugin. */
const opened = new WeakMap<Reader, Reader>();

/** The reader as the kernel uses it, which may look at every table. */
export function openReader(reader: Reader): Reader {
  return opened.get(reader) ?? reader;
}

const READ_ONLY = new RestrictedView((real) => new ReadOnlyConnection(real));

/** What routes read with: the replica when there is one that has what the caller wrote, else the primary. */
export class Readers {
  readonly #knex: Knex;
  readonly #replica: Replica | undefined;
  readonly #pairs = new WeakMap<object, PairOfReaders>();

  constructor(knex: Knex, replica: Replica | undefined) {
    this.#knex = knex;
    this.#replica = replica;
  }

  /** The reader of one request: the same for all of its statements, so that they do not go back in time. */
  of(view: Pick<DatabaseView, 'pool'>, caller: Caller | undefined): Reader {
    let pair = this.#pairs.get(view);
    if (pair === undefined) this.#pairs.set(view, (pair = this.#pairFor(view)));
    if (pair.replica === undefined) return pair.primary;
    return this.#replica?.serves(caller) === true ? pair.replica : pair.primary;
  }

  /** Told of every member who may have written something; what it answers is awaited before they are answered. */
  wrote(userId: string): Promise<void> | undefined {
    return this.#replica?.wrote(userId);
  }

  #pairFor(view: Pick<DatabaseView, 'pool'>): PairOfReaders {
    const readerOn = (pool: Knex): Reader => {
      const reader = READ_ONLY.pool(view.pool(pool));
      opened.set(reader, READ_ONLY.pool(pool));
      return reader;
    };
    return { primary: readerOn(this.#knex), replica: this.#replica && readerOn(poolOf(this.#replica, this.#knex)) };
  }
}

/** The replica's connections; the primary's while there are none. */
function poolOf(replica: Replica, knex: Knex): Knex {
  const primary = knex.client as Pool;
  const client = {
    acquireConnection: async (): Promise<Client | ReplicaConnection> => {
      if (!replica.isUsable) return primary.acquireConnection();
      try {
        return new ReplicaConnection(replica, await (replica.pool.client as Pool).acquireConnection(), primary);
      } catch (error) {
        // A pool that is all in use is no failure.
        if (!(error instanceof Error && error.name === 'KnexTimeoutError')) replica.rest();
        replica.fellBack();
        return primary.acquireConnection();
      }
    },
    releaseConnection: (connection: Client | ReplicaConnection): Promise<void> =>
      connection instanceof ReplicaConnection ? connection.release() : primary.releaseConnection(connection),
  };
  return createKnex(client);
}
