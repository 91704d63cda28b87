import type Stripe from 'stripe';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { idOf, isUnknownToStripe, requireStripe, type BillingContext } from './billing.ts';
import { findPurchaseOfPayment, findPurchaseOfSession, learn, type Fact } from './purchases.ts';
import { readRefundedCents } from './refunds.ts';
import { syncSubscription } from './subscriptions.ts';

/** The events that change something here; every other type is kept and left alone. */
export const HANDLED_EVENTS = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'invoice.paid',
  'invoice.payment_failed',
  'charge.refunded',
  'refund.updated',
  'refund.failed',
  'charge.dispute.created',
  'charge.dispute.updated',
  'charge.dispute.closed',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.funds_reinstated',
] as const;

const LONGEST_DELAY_SECONDS = 3600;

/** Keeps an event before anything is done with it. Answers whether it is new. */
export async function storeEvent({ knex }: BillingContext, event: Stripe.Event): Promise<boolean> {
  const { rowCount } = await knex.raw<Rows<object>>(
    `INSERT INTO stripe_events (id, type, created, payload) VALUES (:id, :type, to_timestamp(:created), :payload)
     ON CONFLICT (id) DO NOTHING`,
    { id: event.id, type: event.type, created: event.created, payload: JSON.stringify(event) },
  );
  return rowCount === 1;
}

/**
 * Claims an event, works on it and marks it done, in one transaction: a crash in between leaves it as it was. What fails is
 * tried again later, with longer and longer pauses. Answers whether it is done.
 */
export async function workEvent(context: BillingContext, id: string): Promise<boolean> {
  const { knex, log } = context;
  try {
    await inTransaction(knex, async (trx) => {
      const { rows } = await trx.raw<Rows<{ payload: Stripe.Event }>>(
        'SELECT payload FROM stripe_events WHERE id = ? AND processed_at IS NULL FOR UPDATE SKIP LOCKED',
        [id],
      );
      const [row] = rows;
      if (row === undefined) return;
      const outcome = await handle(context, trx, row.payload);
      await trx.raw(
        'UPDATE stripe_events SET processed_at = clock_timestamp(), outcome = ?, error = NULL, attempts = attempts + 1 WHERE id = ?',
        [outcome, id],
      );
    });
    return true;
  } catch (error) {
    log.warn({ event: id, err: error }, 'an event of Stripe could not be worked on; it is tried again');
    await knex.raw(
      `UPDATE stripe_events SET attempts = attempts + 1, error = :error,
         next_attempt_at = NOW() + LEAST(10 * 2 ^ LEAST(attempts, 16), :longest) * INTERVAL '1 second'
       WHERE id = :id AND processed_at IS NULL`,
      { id, error: error instanceof Error ? error.message : String(error), longest: LONGEST_DELAY_SECONDS },
    );
    return false;
  }
}

/** Works on the events that are due; answers how many are done. */
export async function workDueEvents(context: BillingContext, limit: number, isDueOnly = true): Promise<number> {
  const { rows } = await context.knex.raw<Rows<{ id: string }>>(
    `SELECT id FROM stripe_events WHERE processed_at IS NULL ${isDueOnly ? 'AND next_attempt_at <= NOW()' : ''}
     ORDER BY next_attempt_at LIMIT ?`,
    [limit],
  );
  let done = 0;
  for (const { id } of rows) if (await workEvent(context, id)) done += 1;
  return done;
}

async function handle(context: BillingContext, trx: Transaction, event: Stripe.Event): Promise<string> {
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return handleSession(context, trx, event.data.object, event.type);
    case 'customer.subscription.created':
    case 'customer.subscription.updated':
    case 'customer.subscription.deleted':
    case 'customer.subscription.paused':
    case 'customer.subscription.resumed':
      return syncSubscription(trx, requireStripe(context), event.data.object.id, event.data.object);
    case 'invoice.paid':
    case 'invoice.payment_failed': {
      const id = idOf(event.data.object.parent?.subscription_details?.subscription);
      return id === undefined ? 'of no subscription' : syncSubscription(trx, requireStripe(context), id);
    }
    case 'charge.refunded': {
      const { payment_intent: payment, metadata, amount_refunded: cents } = event.data.object;
      const paymentId = idOf(payment);
      return learnOfPayment(context, trx, metadata.purchaseId, { kind: 'refunded', paymentId, cents, at: event.created });
    }
    case 'refund.updated':
    case 'refund.failed':
      return learnOfRefund(context, trx, event.data.object, event.created);
    case 'charge.dispute.created':
    case 'charge.dispute.updated':
    case 'charge.dispute.closed':
    case 'charge.dispute.funds_withdrawn':
    case 'charge.dispute.funds_reinstated': {
      const { id, amount: cents, status, payment_intent: payment } = event.data.object;
      const paymentId = idOf(payment);
      return learnOfPayment(context, trx, undefined, { kind: 'disputed', paymentId, id, cents, status, at: event.created });
    }
    default:
      return 'kept';
  }
}

async function handleSession(
  context: BillingContext,
  trx: Transaction,
  session: Stripe.Checkout.Session,
  type: string,
): Promise<string> {
  if (session.mode === 'subscription') {
    const id = idOf(session.subscription);
    return id === undefined ? 'of no subscription yet' : syncSubscription(trx, requireStripe(context), id);
  }
  return learnOfSession(trx, session, type === 'checkout.session.async_payment_failed');
}

/** What a Checkout session says of its purchase. */
export async function learnOfSession(trx: Transaction, session: Stripe.Checkout.Session, hasFailed = false): Promise<string> {
  const pointer = session.client_reference_id ?? session.metadata?.purchaseId;
  const purchaseId = await findPurchaseOfSession(trx, session.id, pointer);
  if (purchaseId === undefined) return 'of no purchase';
  if (hasFailed || session.status === 'expired') return learn(trx, purchaseId, { kind: 'failed', sessionId: session.id });
  // A payment that takes days is announced when it has arrived.
  if (session.payment_status === 'unpaid') return `purchase ${purchaseId}: not paid yet`;
  return learn(trx, purchaseId, { kind: 'paid', sessionId: session.id, paymentId: idOf(session.payment_intent) });
}

async function learnOfRefund(context: BillingContext, trx: Transaction, refund: Stripe.Refund, at: number): Promise<string> {
  const { id, amount: cents, status, charge, metadata } = refund;
  const paymentId = idOf(refund.payment_intent);
  const pointer = metadata?.purchaseId;
  const outcome = await learnOfPayment(context, trx, pointer, { kind: 'refund', paymentId, id, cents, status: status ?? 'pending', at });
  const chargeId = idOf(charge);
  if (status !== 'failed' && status !== 'canceled') return outcome;
  if (chargeId === undefined) return outcome;
  return learnOfPayment(context, trx, pointer, { kind: 'refunded', paymentId, cents: await readRefundedCents(requireStripe(context), chargeId), at });
}

/** News of a payment may come before the news that it was made: then Stripe is asked which purchase it was for. */
async function learnOfPayment(
  context: BillingContext,
  trx: Transaction,
  pointer: string | undefined,
  fact: Extract<Fact, { kind: 'refund' | 'refunded' | 'disputed' }>,
): Promise<string> {
  const { paymentId } = fact;
  if (paymentId === undefined) return 'of no payment';
  const purchaseId =
    (await findPurchaseOfPayment(trx, paymentId)) ?? pointer ?? (await askForPurchase(requireStripe(context), paymentId));
  return purchaseId === undefined ? 'of no purchase' : learn(trx, purchaseId, fact);
}

async function askForPurchase(stripe: Stripe, paymentId: string): Promise<string | undefined> {
  try {
    return (await stripe.paymentIntents.retrieve(paymentId)).metadata.purchaseId;
  } catch (error) {
    if (!isUnknownToStripe(error)) throw error;
    return undefined;
  }
}
