import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import { ApiError } from '../http/errors.ts';
import type { KernelHooks } from '../plugins/contract.ts';

/** What an action costs a user right now. */
export interface ChargeTerms {
  price: number;
  /** Why the user pays nothing; null for who pays. */
  unlimitedReason: string | null;
}

interface TermsRow {
  hasSubscription: boolean;
  isOnTrial: boolean;
  cost: number | null;
}

const ENTITLED = `
  EXISTS (
    SELECT FROM subscriptions s
    WHERE s.user_id = u.id AND s.status = 'active' AND (s.current_period_end IS NULL OR s.current_period_end > :now)
  ) AS "hasSubscription",
  coalesce(u.trial_ends_at > :now, FALSE) AS "isOnTrial"`;

/**
 * What plugins make of the catalogue's price and of who is entitled.
 *
 * @throws ApiError NOT_FOUND for an action that is unknown or disabled, or for an unknown user.
 */
export async function findChargeTerms(
  knex: Knex,
  hooks: KernelHooks,
  question: { userId: string; action: string; now: Date },
): Promise<ChargeTerms> {
  const { userId, action, now } = question;
  const { rows } = await knex.raw<Rows<TermsRow>>(
    `SELECT ${ENTITLED}, (SELECT default_cost FROM credit_actions a WHERE a.id = :action AND a.enabled) AS cost
     FROM users u WHERE u.id = :userId`,
    { userId, action, now },
  );
  const [row] = rows;
  if (row === undefined) throw new ApiError('NOT_FOUND', 'No user has this id.');
  if (row.cost === null) throw new ApiError('NOT_FOUND', 'There is no such credit action.');
  const price = hooks.price.isUsed() ? await hooks.price.promise(row.cost, { userId, action }) : row.cost;
  if (!Number.isSafeInteger(price) || price < 0) throw new TypeError(`The price of ${action} is not a whole number.`);
  return { price, unlimitedReason: await reasonOf(row, hooks, userId) };
}

/** Why a user pays nothing: an active subscription, else the trial, else what a plugin says; null for who pays. */
export async function findUnlimitedReason(
  knex: Knex,
  hooks: KernelHooks,
  userId: string,
  now: Date,
): Promise<string | null> {
  const { rows } = await knex.raw<Rows<TermsRow>>(`SELECT ${ENTITLED} FROM users u WHERE u.id = :userId`, { userId, now });
  return rows[0] === undefined ? null : reasonOf(rows[0], hooks, userId);
}

async function reasonOf(row: TermsRow, hooks: KernelHooks, userId: string): Promise<string | null> {
  if (row.hasSubscription) return 'subscription';
  if (row.isOnTrial) return 'trial';
  if (!hooks.entitlement.isUsed()) return null;
  return (await hooks.entitlement.promise({ userId }))?.reason ?? null;
}
