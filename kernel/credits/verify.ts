import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';

/** A balance that its ledger does not explain. */
export interface Mismatch {
  userId: string;
  balance: number;
  ledgerSum: number;
  newestBalanceAfter: number | null;
  /** Entries whose `balance_after` is not the sum up to them. */
  brokenEntries: number;
}

/** The proof that every balance is the sum of its ledger and what its newest entry says. */
export interface Verification {
  users: number;
  entries: number;
  mismatches: Mismatch[];
}

/**
 * Compares every balance with its entries, in one statement and therefore at one moment. Reads the whole ledger: seconds for
 * millions of entries, so no time limit holds.
 */
export async function verifyLedger(knex: Knex): Promise<Verification> {
  return knex.transaction(
    async (trx) => {
      await trx.raw('SET LOCAL statement_timeout = 0');
      const { rows } = await trx.raw<Rows<Verification>>(PROOF);
      const [verification] = rows;
      if (verification === undefined) throw new TypeError('An aggregate answered no row.');
      return verification;
    },
    { readOnly: true },
  );
}

const PROOF = `
  WITH running AS (
    SELECT user_id, amount, balance_after, sum(amount) OVER entries AS total, row_number() OVER entries AS place,
      lead(user_id) OVER entries IS NULL AS is_newest
    FROM credit_ledger WINDOW entries AS (PARTITION BY user_id ORDER BY created_at, id)
  ), sums AS (
    SELECT user_id, sum(amount) AS total, max(place) AS entries,
      max(balance_after) FILTER (WHERE is_newest) AS newest, count(*) FILTER (WHERE balance_after <> total) AS broken
    FROM running GROUP BY user_id
  ), compared AS (
    SELECT coalesce(b.user_id, s.user_id) AS user_id, coalesce(b.balance, 0) AS balance,
      coalesce(s.total, 0) AS total, s.newest, coalesce(s.entries, 0) AS entries, coalesce(s.broken, 0) AS broken
    FROM credit_balances b FULL JOIN sums s ON s.user_id = b.user_id
  )
  SELECT count(*) AS users, coalesce(sum(entries), 0)::BIGINT AS entries,
    coalesce(jsonb_agg(jsonb_build_object('userId', user_id, 'balance', balance, 'ledgerSum', total,
        'newestBalanceAfter', newest, 'brokenEntries', broken) ORDER BY user_id)
      FILTER (WHERE balance <> total OR balance < 0 OR balance <> coalesce(newest, 0) OR broken > 0), '[]') AS mismatches
  FROM compared`;
