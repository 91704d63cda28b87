import type { Knex } from 'knex';
import type Stripe from 'stripe';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { idOf, isUnknownToStripe, toDate } from './billing.ts';

export interface Subscription {
  id: string;
  status: 'inactive' | 'active' | 'past_due' | 'canceled' | 'unpaid';
  currentPeriodStart: Date | null;
  currentPeriodEnd: Date | null;
  cancelAtPeriodEnd: boolean;
}

/** Stripe has eight states, we have five: a trial of Stripe's counts as active, an unpaid first bill or a pause as inactive. */
const STATUS: Record<string, Subscription['status']> = {
  active: 'active',
  trialing: 'active',
  past_due: 'past_due',
  unpaid: 'unpaid',
  canceled: 'canceled',
  incomplete_expired: 'canceled',
  incomplete: 'inactive',
  paused: 'inactive',
};

/**
 * Brings a subscription to what Stripe says of it now, not to what an event said: so the order of events does not matter.
 * Whoever comes second for the same subscription waits, and asks after the first has written. `told` is what an event said,
 * for a subscription that Stripe no longer has.
 */
export async function syncSubscription(
  trx: Transaction,
  stripe: Stripe,
  id: string,
  told?: Stripe.Subscription,
): Promise<string> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`musclemap:subscription:${id}`]);
  let current: Stripe.Subscription | undefined;
  try {
    current = await stripe.subscriptions.retrieve(id);
  } catch (error) {
    if (!isUnknownToStripe(error)) throw error;
    current = told;
  }
  if (current === undefined) return 'of no subscription';
  return storeSubscription(trx, current);
}

export async function storeSubscription(knex: Knex, subscription: Stripe.Subscription): Promise<string> {
  const customerId = idOf(subscription.customer) ?? null;
  const { rows } = await knex.raw<Rows<{ userId: string }>>(
    `SELECT user_id AS "userId" FROM stripe_customers WHERE customer_id = :customerId
     UNION ALL SELECT id FROM users WHERE id = :pointer LIMIT 1`,
    { customerId, pointer: subscription.metadata.userId ?? null },
  );
  const [owner] = rows;
  if (owner === undefined) return 'of no member';
  const [item] = subscription.items.data;
  const status = STATUS[subscription.status] ?? 'inactive';
  await knex.raw(
    `INSERT INTO subscriptions (user_id, stripe_customer_id, stripe_subscription_id, status, current_period_start,
       current_period_end, cancel_at_period_end)
     VALUES (:userId, :customerId, :id, :status, :start, :end, :cancels)
     ON CONFLICT (stripe_subscription_id) DO UPDATE SET
       status = excluded.status, current_period_start = excluded.current_period_start,
       current_period_end = excluded.current_period_end, cancel_at_period_end = excluded.cancel_at_period_end`,
    {
      userId: owner.userId,
      customerId,
      id: subscription.id,
      status,
      start: item === undefined ? null : toDate(item.current_period_start),
      end: item === undefined ? null : toDate(item.current_period_end),
      cancels: subscription.cancel_at_period_end || subscription.cancel_at !== null,
    },
  );
  return `subscription ${subscription.id}: ${status}`;
}

/** The member's subscription: the one in force, else the newest. */
export async function findSubscription(knex: Knex, userId: string): Promise<Subscription | undefined> {
  const { rows } = await knex.raw<Rows<Subscription>>(
    `SELECT id, status, current_period_start AS "currentPeriodStart", current_period_end AS "currentPeriodEnd",
       coalesce(cancel_at_period_end, FALSE) AS "cancelAtPeriodEnd"
     FROM subscriptions WHERE user_id = ?
     ORDER BY status = 'active' DESC, status = 'past_due' DESC, created_at DESC LIMIT 1`,
    [userId],
  );
  return rows[0];
}
