import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { PageQuery } from '../http/route.ts';

/** An entry of the ledger as clients see it. */
export interface Entry {
  id: string;
  userId: string;
  action: string;
  amount: number;
  balanceAfter: number;
  metadata: Record<string, unknown> | null;
  createdAt: Date;
}

export interface EntryFilter {
  userId?: string | undefined;
  action?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

/** What a page of entries is found with: the position is exact where a Date would lose its microseconds. */
export type PlacedEntry = Entry & { position: string };

const COLUMNS = `
  id, user_id AS "userId", action, amount, balance_after AS "balanceAfter", created_at AS "createdAt", created_at::TEXT AS position,
  (SELECT jsonb_object_agg(key, value) FROM jsonb_each(metadata) WHERE left(key, 1) <> '_') AS metadata`;

/** Entries, newest first, and one more than the page has. Each filter has an index in this order, and so has none. */
export async function findEntries(
  knex: Knex,
  filter: EntryFilter,
  after: readonly [string, string] | undefined,
  query: Pick<PageQuery, 'limit'>,
): Promise<PlacedEntry[]> {
  const where: [condition: string, ...values: string[]][] = [];
  if (filter.userId !== undefined) where.push(['user_id = ?', filter.userId]);
  if (filter.action !== undefined) where.push(['action = ?', filter.action]);
  if (filter.from !== undefined) where.push(['created_at >= ?', filter.from]);
  if (filter.to !== undefined) where.push(['created_at < ?', filter.to]);
  const isOfAll = filter.userId === undefined && filter.action === undefined;
  if (isOfAll) {
    // An entry's id begins with its time, so the primary key finds the newest without an index of its own.
    if (filter.from !== undefined) where.push(['id >= ?', firstIdOf(filter.from, -CLOCK_SLACK_MS)]);
    if (filter.to !== undefined) where.push(['id < ?', firstIdOf(filter.to, CLOCK_SLACK_MS)]);
    if (after !== undefined) where.push(['id < ?', after[1]]);
  } else if (after !== undefined) {
    where.push(['(created_at, id) < (?::TIMESTAMPTZ, ?)', ...after]);
  }
  const { rows } = await knex.raw<Rows<PlacedEntry>>(
    `SELECT ${COLUMNS} FROM credit_ledger ${where.length === 0 ? '' : `WHERE ${where.map(([text]) => text).join(' AND ')}`}
     ORDER BY ${isOfAll ? 'id DESC' : 'created_at DESC, id DESC'} LIMIT ?`,
    [...where.flatMap(([, ...values]) => values), query.limit + 1],
  );
  return rows;
}

/** The id and the time of an entry are read from the clock one after the other. */
const CLOCK_SLACK_MS = 1000;

function firstIdOf(time: string, shiftMs: number): string {
  const hex = Math.max(0, Date.parse(time) + shiftMs).toString(16).padStart(12, '0');
  return `txn_${hex.slice(0, 8)}-${hex.slice(8)}-`;
}
