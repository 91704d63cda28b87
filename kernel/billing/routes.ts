import Type from 'typebox';
import type Stripe from 'stripe';
import type { Rows } from '../database/connect.ts';
import { Batches } from '../credits/batches.ts';
import { Nullable } from '../credits/schemas.ts';
import { ApiError, invalid } from '../http/errors.ts';
import { readIdempotencyKey } from '../http/idempotency.ts';
import { cursorPosition, page } from '../http/paging.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import { requireStripe, type BillingContext } from './billing.ts';
import { Purchase, registerPurchaseAdministration } from './purchase-administration.ts';
import { openPortal, returnUrlOf, startPurchase, startSubscription } from './checkout.ts';
import { storeEvent, workEvent } from './events.ts';
import { findPricing, savePricing, PricingSchema } from './pricing.ts';
import { findSubscription } from './subscriptions.ts';

/** Each takes a connection, and may wait for Stripe. */
const EVENTS_AT_ONCE = 4;

const PriceList = Type.Object({
  /** Whether anything can be bought here. */
  enabled: Type.Boolean(),
  tiers: Type.Array(
    Type.Object({
      id: Type.String(),
      credits: Type.Integer(),
      amountCents: Type.Integer(),
      currency: Type.String(),
      popular: Type.Boolean(),
    }),
  ),
  subscription: Nullable(
    Type.Object({ name: Type.String(), amountCents: Type.Integer(), currency: Type.String(), interval: Type.String() }),
  ),
});

const returnUrl = Type.Optional(Type.String({ format: 'uri', pattern: '^https?://', maxLength: 500 }));
const Page = Type.Object({ url: Type.String() });

const Subscription = Nullable(
  Type.Object({
    id: Type.String(),
    status: Type.String(),
    currentPeriodStart: Nullable(Type.String({ format: 'date-time' })),
    currentPeriodEnd: Nullable(Type.String({ format: 'date-time' })),
    cancelAtPeriodEnd: Type.Boolean(),
  }),
);

/** /credits/pricing and /billing… */
export function registerBillingRoutes(routes: RouteRegistrar, context: BillingContext): void {
  registerPriceList(routes, context);
  registerPaying(routes, context);
  registerReading(routes, context);
  registerPurchaseAdministration(routes, context);
  registerWebhook(routes, context);
}

function registerPriceList(routes: RouteRegistrar, context: BillingContext): void {
  const { knex } = context;
  routes.get(
    '/credits/pricing',
    { summary: 'What credits and the subscription cost', auth: 'none', replica: true, response: PriceList, cacheSeconds: 30 },
    async ({ reader }) => {
      const { currency, tiers, plan } = await findPricing(reader);
      return {
        enabled: context.stripe !== undefined,
        tiers: tiers.map(({ id, credits, amountCents, popular }) => ({ id, credits, amountCents, currency, popular })),
        subscription: plan && { ...plan, currency },
      };
    },
  );
  routes.get(
    '/admin/billing/pricing',
    {
      summary: 'What is sold, with the version that a change of it needs',
      auth: 'admin',
      response: Type.Object({ ...PricingSchema.properties, version: Type.Integer() }),
    },
    () => findPricing(knex),
  );
  routes.put(
    '/admin/billing/pricing',
    {
      summary: 'Replaces what is sold, from the next checkout on',
      auth: 'admin',
      body: Type.Object({ ...PricingSchema.properties, expectedVersion: Type.Integer({ minimum: 0 }) }),
      response: Type.Object({ ...PricingSchema.properties, version: Type.Integer() }),
      errors: ['VERSION_MISMATCH'],
    },
    ({ user, body: { expectedVersion, ...pricing } }) => savePricing(knex, pricing, { expectedVersion, by: user.id }),
  );
}

function registerPaying(routes: RouteRegistrar, context: BillingContext): void {
  routes.post(
    '/billing/checkout',
    {
      summary: 'Starts buying credits; takes an Idempotency-Key and answers the page to pay on',
      keyed: true,
      status: 201,
      body: Type.Object({ tierId: Type.String({ minLength: 1, maxLength: 40 }), returnUrl }),
      response: Type.Object({ purchaseId: Type.String(), url: Type.String() }),
      errors: ['BILLING_DISABLED', 'NOT_FOUND', 'IDEMPOTENCY_CONFLICT', 'CONFLICT', 'UNAVAILABLE'],
    },
    async ({ user, body, headers }) => {
      requireStripe(context);
      const { isReplay, ...started } = await startPurchase(context, {
        userId: user.id,
        tierId: body.tierId,
        returnUrl: returnUrlOf(context, body.returnUrl, headers.host),
        key: readIdempotencyKey(headers['idempotency-key']),
      });
      if (isReplay) return new Reply(started, { status: 200, headers: { 'Idempotency-Replayed': 'true' } });
      return new Reply(started, { status: 201, headers: { Location: `/api/billing/purchases` } });
    },
  );
  routes.post(
    '/billing/subscription/checkout',
    {
      summary: 'Starts subscribing; answers the page to pay on',
      body: Type.Object({ returnUrl }),
      response: Page,
      errors: ['BILLING_DISABLED', 'CONFLICT', 'NOT_FOUND', 'UNAVAILABLE'],
    },
    async ({ user, body, headers }) => {
      requireStripe(context);
      return { url: await startSubscription(context, user.id, returnUrlOf(context, body.returnUrl, headers.host)) };
    },
  );
  routes.post(
    '/billing/portal',
    {
      summary: 'The page on which a member changes cards, sees invoices and cancels',
      body: Type.Object({ returnUrl }),
      response: Page,
      errors: ['BILLING_DISABLED', 'UNAVAILABLE'],
    },
    async ({ user, body, headers }) => {
      requireStripe(context);
      return { url: await openPortal(context, user.id, returnUrlOf(context, body.returnUrl, headers.host)) };
    },
  );
}

function registerReading(routes: RouteRegistrar, { knex }: BillingContext): void {
  routes.get(
    '/billing/subscription',
    { summary: "The caller's subscription; null when there never was one", response: Subscription },
    async ({ user }) => (await findSubscription(knex, user.id)) ?? null,
  );
  routes.get(
    '/billing/purchases',
    { summary: "The caller's purchases of credits, newest first", list: true, response: Type.Array(Purchase) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const { rows } = await knex.raw<Rows<{ id: string; position: string }>>(
        `SELECT id, tier_id AS "tierId", credits, amount_cents AS "amountCents", metadata->>'currency' AS currency, status,
           created_at AS "createdAt", completed_at AS "completedAt", created_at::TEXT AS position
         FROM purchases
         WHERE user_id = :userId AND (:time::TIMESTAMPTZ IS NULL OR (created_at, id) < (:time, :id))
         ORDER BY created_at DESC, id DESC LIMIT :limit`,
        { userId: user.id, time: after?.[0] ?? null, id: after?.[1] ?? null, limit: query.limit + 1 },
      );
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(({ position: _position, ...purchase }) => purchase), answer.options);
    },
  );
}

function registerWebhook(routes: RouteRegistrar, context: BillingContext): void {
  const work = new Batches<string, boolean>(([id = '']) => workEvent(context, id).then((isDone) => [isDone]), {
    maxItems: 1,
    maxRunning: EVENTS_AT_ONCE,
  });
  routes.post(
    '/billing/webhook',
    {
      summary: "Stripe's events; answered once they are stored",
      auth: 'none',
      rawBody: true,
      unlimited: true,
      response: Type.Object({ received: Type.Boolean() }),
      errors: ['BILLING_DISABLED'],
    },
    async ({ rawBody, headers }) => {
      const event = readEvent(context, rawBody, headers['stripe-signature']);
      await storeEvent(context, event);
      // Stored is enough for Stripe. What fails now is tried again from what is stored.
      await work.add(event.id);
      return { received: true };
    },
  );
}

/** @throws ApiError VALIDATION_ERROR for what Stripe has not signed, or not lately. */
function readEvent(context: BillingContext, body: Buffer | undefined, signature: string | string[] | undefined): Stripe.Event {
  const stripe = requireStripe(context);
  const { webhookSecret } = context;
  if (webhookSecret === undefined) throw new ApiError('BILLING_DISABLED', 'The webhook has no secret to check signatures with.');
  if (body === undefined || typeof signature !== 'string') throw invalid('/headers/stripe-signature', 'is required');
  try {
    return stripe.webhooks.constructEvent(body, signature, webhookSecret);
  } catch (error) {
    throw new ApiError('VALIDATION_ERROR', undefined, {
      details: [{ path: '/headers/stripe-signature', message: 'does not belong to this body' }],
      cause: error,
    });
  }
}
