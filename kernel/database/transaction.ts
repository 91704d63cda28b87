import type { Knex } from 'knex';

/** One database transaction: what runs on it is kept or lost together. */
export type Transaction = Knex.Transaction;

/** Gathers what a transaction produces, to write it in one statement right before the commit. */
export interface Collector<Item> {
  flush(trx: Transaction, items: readonly Item[]): Promise<void>;
}

interface Unit {
  collected: Map<Collector<never>, unknown[]>;
  afterCommit: (() => void)[];
}

const units = new WeakMap<Transaction, Unit>();

/** Runs `work` in one transaction: its rows, charges and events are committed together or not at all. */
export async function inTransaction<T>(knex: Knex, work: (trx: Transaction) => Promise<T>): Promise<T> {
  const unit: Unit = { collected: new Map(), afterCommit: [] };
  const result = await knex.transaction(async (trx) => {
    units.set(trx, unit);
    const done = await work(trx);
    for (const [collector, items] of unit.collected) await collector.flush(trx, items as never[]);
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

/** Adds an item to what `collector` writes before the commit; it is dropped with the savepoint it was added in. */
export function collect<Item>(trx: Transaction, collector: Collector<Item>, item: Item): void {
  const { collected } = unitOf(trx);
  const items = collected.get(collector) ?? [];
  items.push(item);
  collected.set(collector, items);
}

/** Has `step` run once the commit is certain. It must not fail. */
export function afterCommit(trx: Transaction, step: () => void): void {
  unitOf(trx).afterCommit.push(step);
}

let savepoints = 0;

/** Runs `work` so that its failure undoes its own statements, events and steps only; the failure is thrown on. */
export async function inSavepoint<T>(trx: Transaction, work: () => Promise<T>): Promise<T> {
  const unit = unitOf(trx);
  const steps = unit.afterCommit.length;
  const lengths = new Map([...unit.collected].map(([collector, items]) => [collector, items.length]));
  savepoints += 1;
  const name = `tap_${String(savepoints)}`;
  await trx.raw(`SAVEPOINT ${name}`);
  try {
    const result = await work();
    await trx.raw(`RELEASE SAVEPOINT ${name}`);
    return result;
  } catch (error) {
    await trx.raw(`ROLLBACK TO SAVEPOINT ${name}; RELEASE SAVEPOINT ${name}`);
    unit.afterCommit.length = steps;
    for (const [collector, items] of unit.collected) items.length = lengths.get(collector) ?? 0;
    throw error;
  }
}
