import type { Knex } from 'knex';
import { currentExecution } from '../telemetry/execution.ts';
import { Lease, type LentTransaction } from './lease.ts';
import { connectionOf, sendPlain } from './watch.ts';

/** One database transaction: what runs on it is kept or lost together. */
export type Transaction = Knex.Transaction;

/** Gathers what a transaction produces, to write it in one statement right before the commit. */
export interface Collector<Item> {
  flush(trx: Transaction, items: readonly Item[]): Promise<void>;
}

class Unit implements LentTransaction {
  readonly connection: object;
  readonly collected = new Map<Collector<never>, unknown[]>();
  readonly afterCommit: (() => void)[] = [];
  isOver = false;

  constructor(connection: object) {
    this.connection = connection;
  }

  send(sql: string): Promise<unknown> {
    return sendPlain(this.connection, sql);
  }

  mark(): () => void {
    const steps = this.afterCommit.length;
    const lengths = new Map([...this.collected].map(([collector, items]) => [collector, items.length]));
    return () => {
      this.afterCommit.length = steps;
      for (const [collector, items] of this.collected) items.length = lengths.get(collector) ?? 0;
    };
  }
}

const units = new WeakMap<Transaction, Unit>();

/** Runs `work` in one transaction: its rows, charges and events are committed together or not at all. */
export async function inTransaction<T>(knex: Knex, work: (trx: Transaction) => Promise<T>): Promise<T> {
  let unit: Unit | undefined;
  try {
    const result = await knex.transaction(async (trx) => {
      unit = new Unit(await connectionOf(trx));
      units.set(trx, unit);
      const done = await work(trx);
      for (const [collector, items] of unit.collected) await collector.flush(trx, items as never[]);
      return done;
    });
    for (const step of unit?.afterCommit ?? []) step();
    return result;
  } finally {
    if (unit !== undefined) unit.isOver = true;
  }
}

function unitOf(trx: Transaction): Unit {
  const unit = units.get(trx);
  if (unit === undefined) throw new TypeError('This transaction was not started by database.transaction().');
  currentExecution()?.lease?.refuseWhenOver(unit);
  return unit;
}

/** Adds an item to what `collector` writes before the commit; it is dropped with the stay it was added in. */
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

/** Lets somebody else use the transaction for a while; none of their statements may take longer than that. */
export function lend(trx: Transaction, statementLimitMs: number): Lease {
  return new Lease(unitOf(trx), currentExecution()?.lease, statementLimitMs);
}
