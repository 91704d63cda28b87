import type { Knex } from 'knex';

/** One database transaction: what runs on it is kept or lost together. */
export type Transaction = Knex.Transaction;

interface Unit {
  beforeCommit: (() => Promise<void>)[];
  afterCommit: (() => void)[];
}

const units = new WeakMap<Transaction, Unit>();

/** Runs `work` in one transaction: its rows, charges and events are committed together or not at all. */
export async function inTransaction<T>(knex: Knex, work: (trx: Transaction) => Promise<T>): Promise<T> {
  const unit: Unit = { beforeCommit: [], afterCommit: [] };
  const result = await knex.transaction(async (trx) => {
    units.set(trx, unit);
    const done = await work(trx);
    for (const step of unit.beforeCommit) await step();
    return done;
  });
  for (const step of unit.afterCommit) step();
  return result;
}

function unitOf(trx: Transaction): Unit {
  const unit = units.get(trx);
  if (unit === undefined) throw new TypeError('This transaction was not started by database.transaction().');
  return unit;
}

/** Has `step` run as the last thing before the commit; a failure rolls everything back. */
export function beforeCommit(trx: Transaction, step: () => Promise<void>): void {
  unitOf(trx).beforeCommit.push(step);
}

/** Has `step` run once the commit is certain. It must not fail. */
export function afterCommit(trx: Transaction, step: () => void): void {
  unitOf(trx).afterCommit.push(step);
}

let savepoints = 0;

/** Runs `work` so that its failure undoes its own statements only; the failure is thrown on. */
export async function inSavepoint<T>(trx: Transaction, work: () => Promise<T>): Promise<T> {
  const unit = unitOf(trx);
  const [before, after] = [unit.beforeCommit.length, unit.afterCommit.length];
  const name = `tap_${String(++savepoints)}`;
  await trx.raw(`SAVEPOINT ${name}`);
  try {
    const result = await work();
    await trx.raw(`RELEASE SAVEPOINT ${name}`);
    return result;
  } catch (error) {
    await trx.raw(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
    unit.beforeCommit.length = before;
    unit.afterCommit.length = after;
    throw error;
  }
}
