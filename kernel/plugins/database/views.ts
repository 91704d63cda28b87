import knex, { type Knex } from 'knex';
import type { Client } from 'pg';
import type { Transaction } from '../../database/transaction.ts';
import type { PluginConnection } from './plugin-connection.ts';

/** What a plugin sees of the database: everything in place of the kernel's own transaction or pool. */
export interface DatabaseView {
  transaction(trx: Transaction): Transaction;
  pool(pool: Knex): Knex;
}

/** Nothing between the plugin and the database: for the kernel, and for plugins that own tables of the public schema. */
export const OPEN: DatabaseView = { transaction: openTransaction, pool: (pool) => pool };

/** The kernel's own transaction behind each view of one. */
const opened = new WeakMap<object, Transaction>();

interface Pool {
  acquireConnection(): Promise<Client>;
  releaseConnection(connection: Client): Promise<void>;
}

/** Makes a plugin's connection of one of the pool. */
export type Connect = (real: Client, isPluginsOwn: boolean) => PluginConnection;

/** The transaction itself, when it is a plugin's view of one. */
export function openTransaction(trx: Transaction): Transaction {
  return opened.get(trx) ?? trx;
}

/** A plugin's statements go where `connect` sends them; what it passes to the kernel are still the kernel's transactions. */
export class RestrictedView implements DatabaseView {
  readonly #connect: Connect;
  readonly #transactions = new WeakMap<Transaction, Transaction>();

  constructor(connect: Connect) {
    this.#connect = connect;
  }

  transaction(given: Transaction): Transaction {
    const trx = openTransaction(given);
    const known = this.#transactions.get(trx);
    if (known !== undefined) return known;
    let connection: PluginConnection | undefined;
    const view = createKnex({
      acquireConnection: async () => {
        // A transaction that is over would still hand out its connection, which may be somebody else's by now.
        if (trx.isCompleted()) throw new Error('The transaction is over.');
        return (connection ??= this.#connect(await (trx.client as Pool).acquireConnection(), false));
      },
      releaseConnection: () => Promise.resolve(),
      transacting: true,
    });
    const refuse = (): never => {
      throw new TypeError('This transaction ends with the call that it was given to.');
    };
    const transaction = Object.assign<Knex, object>(view, {
      isTransaction: true,
      isCompleted: () => trx.isCompleted(),
      ...{ commit: refuse, rollback: refuse },
      savepoint: (work: (trx: Knex.Transaction) => Promise<unknown>) => view.transaction(work),
    }) as Transaction;
    this.#transactions.set(trx, transaction);
    opened.set(transaction, trx);
    return transaction;
  }

  pool(pool: Knex): Knex {
    const { client } = pool as { client: Pool };
    return createKnex({
      acquireConnection: async () => this.#connect(await client.acquireConnection(), true),
      releaseConnection: (connection: PluginConnection) => client.releaseConnection(connection.real as Client),
    });
  }
}

/** A knex without connections of its own. */
export function createKnex(client: object): Knex {
  const view = knex({ client: 'pg' });
  Object.assign(view.client as object, client);
  return view;
}

/** A value of a call, its transactions turned by `turn`: those that are passed on their own, and as `trx` of an object. */
export function turnTransactions(value: unknown, turn: (trx: Transaction) => Transaction): unknown {
  if (isTransaction(value)) return turn(value);
  if (typeof value !== 'object' || value === null || !('trx' in value) || !isTransaction(value.trx)) return value;
  const turned = turn(value.trx);
  return turned === value.trx ? value : { ...value, trx: turned };
}

function isTransaction(value: unknown): value is Transaction {
  return typeof value === 'function' && 'isTransaction' in value && value.isTransaction === true;
}

/**
 * A service whose functions get the transactions that they are passed as `turn` makes them. What is not a function is looked
 * into, so that a service may hold others.
 */
export function turningTransactions<Service extends object>(service: Service, turn: (trx: Transaction) => Transaction): Service {
  return new Proxy(Object.create(null) as Service, {
    has: (_stand, name) => name in service,
    get: (_stand, name) => {
      const member: unknown = Reflect.get(service, name, service);
      if (typeof member === 'function') {
        return (...args: unknown[]): unknown =>
          Reflect.apply(member, service, args.map((value) => turnTransactions(value, turn)));
      }
      return typeof member === 'object' && member !== null ? turningTransactions(member, turn) : member;
    },
  });
}
