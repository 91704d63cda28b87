import type Stripe from 'stripe';
import { randomUUID } from 'node:crypto';
import type { Rows } from '../database/connect.ts';
import { ApiError, invalid } from '../http/errors.ts';
import { hashRequest } from '../http/idempotency.ts';
import { askStripe, requireStripe, type BillingContext } from './billing.ts';
import { ensureCustomer } from './customers.ts';
import { findPricing, type Pricing } from './pricing.ts';
import { PURCHASE_COLUMNS, type Purchase, type PurchaseMetadata } from './purchases.ts';
import { findSubscription } from './subscriptions.ts';

export interface StartedPurchase {
  purchaseId: string;
  url: string;
  isReplay: boolean;
}

/**
 * Starts buying a tier: the purchase is written down, then Stripe is asked for a page to pay on. Credits come when Stripe says
 * that it is paid. The same key again answers the same page, whatever happened in between.
 */
export async function startPurchase(
  context: BillingContext,
  order: { userId: string; tierId: string; returnUrl: string; key: string },
): Promise<StartedPurchase> {
  const stripe = requireStripe(context);
  const purchase = await writeDownPurchase(context, order);
  const { id: purchaseId, metadata } = purchase;
  if (metadata.url !== undefined) return { purchaseId, url: metadata.url, isReplay: true };
  const customer = await ensureCustomer(context.knex, stripe, order.userId);
  const session = await askStripe(
    stripe.checkout.sessions.create(paymentSession(purchase, customer), { idempotencyKey: purchaseId }),
  );
  const url = pageOf(session);
  await context.knex.raw(
    `UPDATE purchases SET stripe_session_id = :sessionId, metadata = metadata || jsonb_build_object('url', :url::TEXT)
     WHERE id = :purchaseId`,
    { purchaseId, sessionId: session.id, url },
  );
  return { purchaseId, url, isReplay: false };
}

async function writeDownPurchase(
  { knex }: BillingContext,
  { userId, tierId, returnUrl, key }: { userId: string; tierId: string; returnUrl: string; key: string },
): Promise<Purchase> {
  const requestHash = hashRequest({ tierId, returnUrl });
  const find = async (): Promise<Purchase | undefined> => {
    const { rows } = await knex.raw<Rows<Purchase>>(
      `SELECT ${PURCHASE_COLUMNS} FROM purchases WHERE user_id = ? AND metadata->>'key' = ?`,
      [userId, key],
    );
    return rows[0];
  };
  let purchase = await find();
  if (purchase === undefined) {
    const { tiers, currency } = await findPricing(knex);
    const tier = tiers.find(({ id }) => id === tierId);
    if (tier === undefined) throw new ApiError('NOT_FOUND', `There is no tier ${tierId}.`);
    const metadata: PurchaseMetadata = { key, requestHash, currency, returnUrl };
    await knex.raw(
      `INSERT INTO purchases (user_id, tier_id, credits, amount_cents, status, metadata)
       VALUES (:userId, :tierId, :credits, :amountCents, 'pending', :metadata)
       ON CONFLICT (user_id, (metadata->>'key')) WHERE metadata->>'key' IS NOT NULL DO NOTHING`,
      { userId, tierId, credits: tier.credits, amountCents: tier.amountCents, metadata: JSON.stringify(metadata) },
    );
    purchase = await find();
  }
  if (purchase === undefined) throw new TypeError('The purchase was not written down.');
  if (purchase.metadata.requestHash !== requestHash) throw new ApiError('IDEMPOTENCY_CONFLICT');
  return purchase;
}

/** Made of the purchase's row alone, so that asking again asks for the same. */
function paymentSession(purchase: Purchase, customer: string): Stripe.Checkout.SessionCreateParams {
  const { id, userId, tierId, credits, amountCents, metadata } = purchase;
  const pointers = { purchaseId: id, userId };
  return {
    mode: 'payment',
    customer,
    client_reference_id: id,
    metadata: pointers,
    // Charges carry their payment's metadata: a refund finds its purchase even before the payment is known.
    payment_intent_data: { metadata: pointers },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: metadata.currency,
          unit_amount: amountCents,
          product_data: { name: `${String(credits)} credits`, metadata: { tierId } },
        },
      },
    ],
    success_url: withQuery(metadata.returnUrl, { purchase: id, result: 'paid' }),
    cancel_url: withQuery(metadata.returnUrl, { purchase: id, result: 'canceled' }),
  };
}

/** Starts subscribing. Clicking twice leads to the same page. @throws ApiError CONFLICT for who is subscribed. */
export async function startSubscription(context: BillingContext, userId: string, returnUrl: string): Promise<string> {
  const stripe = requireStripe(context);
  const { plan, currency } = await findPricing(context.knex);
  if (plan === null) throw new ApiError('NOT_FOUND', 'There is no subscription to be had.');
  const current = await findSubscription(context.knex, userId);
  if (current !== undefined && ['active', 'past_due', 'unpaid'].includes(current.status)) {
    throw new ApiError('CONFLICT', 'There is a subscription already; it is changed in the billing portal.');
  }
  const customer = await ensureCustomer(context.knex, stripe, userId);
  const params = subscriptionSession({ userId, customer, returnUrl, currency, plan });
  const hour = Math.floor(context.clock.now().getTime() / 3_600_000);
  const create = (suffix: string): Promise<Stripe.Checkout.Session> =>
    askStripe(stripe.checkout.sessions.create(params, { idempotencyKey: `subscribe:${hashRequest(params)}:${suffix}` }));
  const session = await create(String(hour));
  // The page of this hour may have been used up, by a subscription that has ended since.
  return pageOf(session.status === 'open' ? session : await create(randomUUID()));
}

function subscriptionSession(order: {
  userId: string;
  customer: string;
  returnUrl: string;
  currency: string;
  plan: NonNullable<Pricing['plan']>;
}): Stripe.Checkout.SessionCreateParams {
  const { userId, customer, returnUrl, currency, plan } = order;
  return {
    mode: 'subscription',
    customer,
    client_reference_id: userId,
    metadata: { userId },
    subscription_data: { metadata: { userId } },
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency,
          unit_amount: plan.amountCents,
          recurring: { interval: plan.interval },
          product_data: { name: plan.name },
        },
      },
    ],
    success_url: withQuery(returnUrl, { subscription: 'paid' }),
    cancel_url: withQuery(returnUrl, { subscription: 'canceled' }),
  };
}

/** Stripe's page on which a member changes cards, sees invoices and cancels. */
export async function openPortal(context: BillingContext, userId: string, returnUrl: string): Promise<string> {
  const stripe = requireStripe(context);
  const customer = await ensureCustomer(context.knex, stripe, userId);
  const { url } = await askStripe(stripe.billingPortal.sessions.create({ customer, return_url: returnUrl }));
  return url;
}

/** Where to come back to: what the client asks for, on this server or on a site that CORS allows; else this server. */
export function returnUrlOf(context: BillingContext, asked: string | undefined, host: string | undefined): string {
  const own = context.publicUrl ?? `http://${host ?? 'localhost'}`;
  if (asked === undefined) return `${own}/`;
  const { origin } = new URL(asked);
  if (origin !== new URL(own).origin && !context.allowedOrigins.includes(origin)) {
    throw invalid('/body/returnUrl', 'leads to a site that this server does not know');
  }
  return asked;
}

function withQuery(url: string, query: Record<string, string>): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(query)) target.searchParams.set(name, value);
  return target.href;
}

function pageOf({ url }: Stripe.Checkout.Session): string {
  if (url === null) throw new ApiError('CONFLICT', 'This purchase is over; start another.');
  return url;
}
