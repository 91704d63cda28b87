import type Stripe from 'stripe';
import { inTransaction } from '../database/transaction.ts';
import { ApiError, invalid } from '../http/errors.ts';
import { requireStripe, toApiError, type BillingContext } from './billing.ts';
import { stripeLibrary } from './library.ts';
import { findPurchase, learn } from './purchases.ts';

export interface RefundOrder {
  purchaseId: string;
  /** What is left of the payment unless said. */
  amountCents: number | undefined;
  reason: string;
  /** The client's Idempotency-Key: with it, Stripe gives the money back once. */
  key: string;
  /** The administrator. */
  by: string;
}

/**
 * Asks Stripe to give the money of a purchase back, and takes the credits along as when Stripe tells of a refund by itself. Dying in
 * between loses nothing: the same key again answers the same refund, and Stripe's events tell of it as well.
 * @throws ApiError NOT_FOUND, CONFLICT when there is nothing to give back, VALIDATION_ERROR for more than is left, UNAVAILABLE.
 */
export async function refundPurchase(context: BillingContext, order: RefundOrder): Promise<void> {
  const stripe = requireStripe(context);
  const purchase = await findPurchase(context.knex, order.purchaseId);
  if (purchase === undefined) throw new ApiError('NOT_FOUND', 'No purchase has this id.');
  const paymentId = purchase.stripePaymentId;
  if (paymentId === null) throw new ApiError('CONFLICT', 'Nothing was paid for this purchase.');
  const { id, amount: cents, created: at, status, charge } = await askForRefund(stripe, paymentId, order);
  await inTransaction(context.knex, async (trx) => {
    const { reason, by } = order;
    await learn(trx, purchase.id, { kind: 'refund', paymentId, id, cents, status: status ?? 'pending', at, reason, by });
    if (typeof charge === 'object' && charge !== null) await learn(trx, purchase.id, { kind: 'refunded', paymentId, cents: charge.amount_refunded, at });
  });
}

/** Stripe alone knows what is left: it is asked, and its refusals are told as ours. */
async function askForRefund(stripe: Stripe, paymentId: string, { purchaseId, amountCents, key, by }: RefundOrder): Promise<Stripe.Refund> {
  const asked = stripe.refunds.create(
    {
      ...{ payment_intent: paymentId, reason: 'requested_by_customer', metadata: { purchaseId, by }, expand: ['charge'] },
      ...(amountCents !== undefined && { amount: amountCents }),
    },
    { idempotencyKey: `refund:${purchaseId}:${key}` },
  );
  try {
    return await asked;
  } catch (error) {
    throw toRefusal(error) ?? toApiError(error);
  }
}

function toRefusal(error: unknown): ApiError | undefined {
  const { errors } = stripeLibrary();
  if (error instanceof errors.StripeIdempotencyError) return new ApiError('IDEMPOTENCY_CONFLICT');
  if (!(error instanceof errors.StripeInvalidRequestError)) return undefined;
  if (error.code === 'charge_already_refunded') return new ApiError('CONFLICT', 'All of it has been given back already.');
  if (error.code === 'charge_disputed') return new ApiError('CONFLICT', 'The payer disputes this payment: Stripe decides about the money.');
  return error.param === 'amount' ? invalid('/body/amountCents', 'is more than what is left of the payment') : undefined;
}

/** A refund can fail days later, as when the card is gone: then Stripe says what is still given back. */
export async function readRefundedCents(stripe: Stripe, chargeId: string): Promise<number> {
  return (await stripe.charges.retrieve(chargeId)).amount_refunded;
}
