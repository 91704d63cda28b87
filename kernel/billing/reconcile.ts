import type Stripe from 'stripe';
import type { Rows } from '../database/connect.ts';
import { inTransaction } from '../database/transaction.ts';
import { isUnknownToStripe, requireStripe, type BillingContext } from './billing.ts';
import { HANDLED_EVENTS, learnOfSession, storeEvent, workDueEvents, workEvent } from './events.ts';
import { learn } from './purchases.ts';
import { storeSubscription, syncSubscription } from './subscriptions.ts';

/** What a reconciliation found. */
export interface Reconciliation {
  /** Events that had never arrived. */
  eventsFound: number;
  /** Stored events that were worked on now, found ones included, and those that failed again. */
  eventsWorked: number;
  eventsFailed: number;
  /** Unfinished purchases that Stripe was asked about, and those that turned out to be over. */
  purchasesAsked: number;
  purchasesChanged: number;
  subscriptionsAsked: number;
}

/** Stripe keeps its events this long. */
export const EVENTS_KEPT_DAYS = 30;
/** A page to pay on is open for a day. */
const UNSTARTED_HOURS = 25;
const MOST_EVENTS_AT_ONCE = 1000;

/**
 * Compares with Stripe: events that were lost on the way are fetched, unfinished purchases and all subscriptions are asked
 * about. Running it twice, or on two instances at once, changes nothing twice.
 */
export async function reconcile(
  context: BillingContext,
  sinceDays: number,
  onProgress: (what: string) => void = () => undefined,
): Promise<Reconciliation> {
  const stripe = requireStripe(context);
  const found = await fetchMissedEvents(context, stripe, sinceDays, onProgress);
  const eventsWorked = found.worked + (await workDueEvents(context, MOST_EVENTS_AT_ONCE, false));
  const waiting = await context.knex.raw<Rows<{ count: number }>>(
    'SELECT count(*) AS count FROM stripe_events WHERE processed_at IS NULL',
  );
  const purchases = await askAboutPurchases(context, stripe, onProgress);
  const subscriptionsAsked = await askAboutSubscriptions(context, stripe, onProgress);
  return {
    eventsFound: found.stored,
    eventsWorked,
    eventsFailed: waiting.rows[0]?.count ?? 0,
    ...purchases,
    subscriptionsAsked,
  };
}

async function fetchMissedEvents(
  context: BillingContext,
  stripe: Stripe,
  sinceDays: number,
  onProgress: (what: string) => void,
): Promise<{ stored: number; worked: number }> {
  const days = Math.min(sinceDays, EVENTS_KEPT_DAYS);
  const since = Math.floor(context.clock.now().getTime() / 1000) - days * 86_400;
  const count = { stored: 0, worked: 0 };
  let read = 0;
  for await (const event of stripe.events.list({ created: { gte: since }, types: [...HANDLED_EVENTS], limit: 100 })) {
    read += 1;
    if (read % 100 === 0) onProgress(`${String(read)} events read`);
    if (!(await storeEvent(context, event))) continue;
    count.stored += 1;
    if (await workEvent(context, event.id)) count.worked += 1;
  }
  return count;
}

async function askAboutPurchases(
  context: BillingContext,
  stripe: Stripe,
  onProgress: (what: string) => void,
): Promise<{ purchasesAsked: number; purchasesChanged: number }> {
  const { knex } = context;
  const { rows } = await knex.raw<Rows<{ id: string; sessionId: string | null; isOld: boolean }>>(
    `SELECT id, stripe_session_id AS "sessionId", created_at < NOW() - :hours * INTERVAL '1 hour' AS "isOld"
     FROM purchases WHERE status = 'pending' ORDER BY created_at`,
    { hours: UNSTARTED_HOURS },
  );
  let changed = 0;
  for (const [index, { id, sessionId, isOld }] of rows.entries()) {
    onProgress(`purchase ${String(index + 1)} of ${String(rows.length)}`);
    const session = sessionId === null ? undefined : await findSession(stripe, sessionId);
    if (session === undefined && !isOld) continue;
    await inTransaction(knex, (trx) =>
      session === undefined ? learn(trx, id, { kind: 'failed', sessionId: sessionId ?? '' }) : learnOfSession(trx, session),
    );
    const now = await knex.raw<Rows<{ status: string }>>('SELECT status FROM purchases WHERE id = ?', [id]);
    if (now.rows[0]?.status !== 'pending') changed += 1;
  }
  return { purchasesAsked: rows.length, purchasesChanged: changed };
}

async function findSession(stripe: Stripe, id: string): Promise<Stripe.Checkout.Session | undefined> {
  try {
    return await stripe.checkout.sessions.retrieve(id);
  } catch (error) {
    if (!isUnknownToStripe(error)) throw error;
    return undefined;
  }
}

async function askAboutSubscriptions(
  { knex }: BillingContext,
  stripe: Stripe,
  onProgress: (what: string) => void,
): Promise<number> {
  let asked = 0;
  for await (const subscription of stripe.subscriptions.list({ status: 'all', limit: 100 })) {
    await storeSubscription(knex, subscription);
    asked += 1;
    if (asked % 100 === 0) onProgress(`${String(asked)} subscriptions read`);
  }
  return asked;
}

/** Asks about subscriptions whose period is over by what we know: the news of the next one may have been lost. */
export async function askAboutLapsed(context: BillingContext, limit: number): Promise<number> {
  const { knex, clock } = context;
  const stripe = requireStripe(context);
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    `SELECT stripe_subscription_id AS id FROM subscriptions
     WHERE status = 'active' AND current_period_end BETWEEN :now::TIMESTAMPTZ - INTERVAL '3 days' AND :now
       AND stripe_subscription_id IS NOT NULL
     ORDER BY current_period_end LIMIT :limit`,
    { now: clock.now(), limit },
  );
  for (const { id } of rows) await inTransaction(knex, (trx) => syncSubscription(trx, stripe, id));
  return rows.length;
}

/**
 * Ends the subscriptions of members who leave: with their period while the account can still come back, at once when it is
 * erased. Nobody pays for an account that is gone.
 */
export async function endSubscriptionsOfLeavers(context: BillingContext, limit: number): Promise<number> {
  const { knex } = context;
  const stripe = requireStripe(context);
  const { rows } = await knex.raw<Rows<{ id: string; isErased: boolean }>>(
    `SELECT s.stripe_subscription_id AS id, e.erased_at IS NOT NULL AS "isErased"
     FROM account_erasures e JOIN subscriptions s ON s.user_id = e.user_id
     WHERE s.status IN ('active', 'past_due', 'unpaid') AND s.stripe_subscription_id IS NOT NULL
       AND (e.erased_at IS NOT NULL OR NOT s.cancel_at_period_end)
     ORDER BY e.due_at LIMIT ?`,
    [limit],
  );
  for (const { id, isErased } of rows) {
    const subscription = isErased
      ? await stripe.subscriptions.cancel(id)
      : await stripe.subscriptions.update(id, { cancel_at_period_end: true });
    await storeSubscription(knex, subscription);
  }
  return rows.length;
}
