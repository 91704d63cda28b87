import { AsyncLocalStorage } from 'node:async_hooks';
import type { Knex } from 'knex';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import type { Composition } from '../composition.ts';
import type { PluginDatabase } from '../contract.ts';
import type { DatabaseView } from '../database/views.ts';

const storage = new AsyncLocalStorage<{ transition: Transition; isInSavepoint: boolean }>();

/**
 * A change of the plugins that is not decided yet. What a plugin's `install` and `start` do meanwhile belongs to it: they see
 * the next composition, and their statements are kept with the change or undone with it.
 */
export class Transition {
  #composition: Composition | undefined;
  #trx: Transaction | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(composition: Composition, trx: Transaction | undefined) {
    this.#composition = composition;
    this.#trx = trx;
  }

  /** Undefined once the change is decided: a timer that was set meanwhile uses what serves then. */
  get composition(): Composition | undefined {
    return this.#composition;
  }

  get trx(): Transaction | undefined {
    return this.#trx;
  }

  /** Runs `work` as part of the change. */
  run<T>(work: () => T): T {
    return storage.run({ transition: this, isInSavepoint: false }, work);
  }

  /** Ends the change: nothing is part of it any more. */
  end(): void {
    this.#composition = undefined;
    this.#trx = undefined;
  }

  /** What is a transaction of its own otherwise is a savepoint here; one after the other, since they share a connection. */
  async inSavepoint<T>(trx: Transaction, work: (trx: Transaction) => Promise<T>): Promise<T> {
    if (storage.getStore()?.isInSavepoint === true) return work(trx);
    const part = (): Promise<T> => inSavepoint(trx, () => work(trx));
    const run = this.#queue.then(() => storage.run({ transition: this, isInSavepoint: true }, part));
    this.#queue = run.catch(() => undefined);
    return run;
  }
}

let savepoints = 0;

/** Runs `work` so that its failure undoes its own statements only; the failure is thrown on. */
export async function inSavepoint<T>(trx: Transaction, work: () => Promise<T>): Promise<T> {
  savepoints += 1;
  const name = `part_${String(savepoints)}`;
  await trx.raw(`SAVEPOINT ${name}`);
  try {
    const result = await work();
    await trx.raw(`RELEASE SAVEPOINT ${name}`);
    return result;
  } catch (error) {
    await trx.raw(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
    throw error;
  }
}

/** The change that the running code is part of. */
export function currentTransition(): Transition | undefined {
  return storage.getStore()?.transition;
}

/** A plugin's database: its pool, and within a change of the plugins the transaction of that. */
export function pluginDatabase(pool: Knex, view: DatabaseView): PluginDatabase {
  return {
    knex: followTransition(pool, view),
    transaction: (work) => {
      const transition = currentTransition();
      const seen = (trx: Transaction): ReturnType<typeof work> => work(view.transaction(trx));
      return transition?.trx === undefined ? inTransaction(pool, seen) : transition.inSavepoint(transition.trx, seen);
    },
  };
}

function followTransition(pool: Knex, view: DatabaseView): Knex {
  const own = view.pool(pool);
  const current = (): Knex => {
    const trx = currentTransition()?.trx;
    return trx === undefined ? own : view.transaction(trx);
  };
  return new Proxy(own, {
    apply: (_pool, _self, args) => Reflect.apply(current(), undefined, args) as unknown,
    get: (_pool, name) => Reflect.get(current(), name) as unknown,
  });
}
