import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';

/** A balance that its ledger does not explain. */
export interface Mismatch {
  userId: string;
  balance: number;
  ledgerSum: number;
  newestBalanceAfter: number | null;
}

/** The proof that every balance is the sum of its ledger and what its newest entry says. */
export interface Verification {
  users: number;
  entries: number;
  mismatches: Mismatch[];
}

/** Compares every balance with its entries, in one statement and therefore at one moment. */
export async function verifyLedger(knex: Knex): Promise<Verification> {
  const { rows } = await knex.raw<Rows<Verification>>(`
    WITH sums AS (
      SELECT user_id, sum(amount) AS total, count(*) AS entries,
        (array_agg(balance_after ORDER BY created_at DESC, id DESC))[1] AS newest
      FROM credit_ledger GROUP BY user_id
    ), compared AS (
      SELECT coalesce(b.user_id, s.user_id) AS user_id, coalesce(b.balance, 0) AS balance,
        coalesce(s.total, 0) AS total, s.newest, coalesce(s.entries, 0) AS entries
      FROM credit_balances b FULL JOIN sums s ON s.user_id = b.user_id
    )
    SELECT count(*) AS users, coalesce(sum(entries), 0)::BIGINT AS entries,
      coalesce(jsonb_agg(jsonb_build_object(
        'userId', user_id, 'balance', balance, 'ledgerSum', total, 'newestBalanceAfter', newest) ORDER BY user_id)
        FILTER (WHERE balance <> total OR balance < 0 OR balance <> coalesce(newest, 0)), '[]') AS mismatches
    FROM compared`);
  const [verification] = rows;
  if (verification === undefined) throw new TypeError('An aggregate answered no row.');
  return verification;
}
