import type { Knex } from 'knex';
import { changeCredits, ledgerKey } from '../credits/ledger.ts';
import { clawBackCredits, restoreCredits } from '../credits/movements.ts';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';

/** What is known of a purchase's money, beside its row. */
export interface PurchaseMetadata {
  /** The client's Idempotency-Key, and what it asked for. */
  key: string;
  requestHash: string;
  currency: string;
  returnUrl: string;
  url?: string;
  /** All that was given back, as Stripe's charge has it. */
  refund?: { cents: number; at: number };
  /** Each time that it was given back, by Stripe's id. */
  refunds?: Record<string, RefundStatement>;
  disputes?: Record<string, { cents: number; status: string; at: number }>;
  /** Credits that the money's way back has taken along so far, owed ones included. */
  takenBack?: number;
  /** Counts the times that `takenBack` changed; part of each entry's key. */
  adjustments?: number;
  /** Credits that could not be taken back when the money went; flagged for the administrator. */
  shortfall?: number;
}

/** What Stripe says of one refund, and for one that was asked for here why and by whom. */
export interface RefundStatement {
  cents: number;
  /** Stripe's word: `pending`, `requires_action`, `succeeded`, `failed` or `canceled`. */
  status: string;
  at: number;
  reason?: string;
  by?: string;
}

export interface Purchase {
  id: string;
  userId: string;
  tierId: string;
  credits: number;
  amountCents: number;
  status: 'pending' | 'completed' | 'failed' | 'refunded';
  stripePaymentId: string | null;
  stripeSessionId: string | null;
  metadata: PurchaseMetadata;
  createdAt: Date;
  completedAt: Date | null;
}

/** Something that Stripe says about a purchase. `at` is when Stripe said it: an older statement never overrides a newer one. */
export type Fact =
  | { kind: 'paid'; sessionId: string; paymentId: string | undefined }
  | { kind: 'failed'; sessionId: string }
  | { kind: 'refunded'; paymentId: string | undefined; cents: number; at: number }
  | ({ kind: 'refund'; paymentId: string | undefined; id: string } & RefundStatement)
  | { kind: 'disputed'; paymentId: string | undefined; id: string; cents: number; status: string; at: number };

export const PURCHASE_COLUMNS = `
  id, user_id AS "userId", tier_id AS "tierId", credits, amount_cents AS "amountCents", status,
  stripe_payment_id AS "stripePaymentId", stripe_session_id AS "stripeSessionId", metadata, created_at AS "createdAt",
  completed_at AS "completedAt"`;

/** The purchase that a Checkout session is for; `pointer` is what the session says of itself. */
export async function findPurchaseOfSession(knex: Knex, sessionId: string, pointer: string | undefined): Promise<string | undefined> {
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    `SELECT id FROM purchases WHERE stripe_session_id = :sessionId OR (id = :pointer AND stripe_session_id IS NULL)`,
    { sessionId, pointer: pointer ?? null },
  );
  return rows[0]?.id;
}

export async function findPurchase(knex: Knex, id: string): Promise<Purchase | undefined> {
  const { rows } = await knex.raw<Rows<Purchase>>(`SELECT ${PURCHASE_COLUMNS} FROM purchases WHERE id = ?`, [id]);
  return rows[0];
}

export async function findPurchaseOfPayment(knex: Knex, paymentId: string): Promise<string | undefined> {
  const { rows } = await knex.raw<Rows<{ id: string }>>('SELECT id FROM purchases WHERE stripe_payment_id = ?', [paymentId]);
  return rows[0]?.id;
}

/**
 * Adds a fact to a purchase and brings its credits to what all facts together say. Facts may come in any order and any
 * number of times; the row is locked, so that each changes the credits once.
 */
export async function learn(trx: Transaction, purchaseId: string, fact: Fact): Promise<string> {
  const { rows } = await trx.raw<Rows<Purchase>>(`SELECT ${PURCHASE_COLUMNS} FROM purchases WHERE id = ? FOR UPDATE`, [purchaseId]);
  const [before] = rows;
  if (before === undefined) return 'of no purchase';
  const known = withFact(before, fact);
  if (known.status === 'completed' && before.status !== 'completed' && before.completedAt === null) await grant(trx, known);
  const settled = known.status === 'completed' || known.status === 'refunded' ? await settle(trx, known) : known;
  await trx.raw(
    `UPDATE purchases SET status = :status, stripe_payment_id = :stripePaymentId, stripe_session_id = :stripeSessionId,
       metadata = :metadata, completed_at = CASE WHEN :isPaid THEN coalesce(completed_at, NOW()) END
     WHERE id = :id`,
    {
      id: settled.id,
      status: settled.status,
      stripePaymentId: settled.stripePaymentId,
      stripeSessionId: settled.stripeSessionId,
      metadata: JSON.stringify(settled.metadata),
      isPaid: settled.status === 'completed' || settled.status === 'refunded',
    },
  );
  return `purchase ${settled.id}: ${settled.status}`;
}

/** The purchase as it is known with one more fact, before any credits move. */
function withFact(purchase: Purchase, fact: Fact): Purchase {
  const { metadata } = purchase;
  const isUnpaid = purchase.status === 'pending' || purchase.status === 'failed';
  switch (fact.kind) {
    case 'paid':
      return {
        ...purchase,
        stripeSessionId: fact.sessionId,
        stripePaymentId: purchase.stripePaymentId ?? fact.paymentId ?? null,
        status: isUnpaid ? 'completed' : purchase.status,
      };
    case 'failed':
      return { ...purchase, stripeSessionId: fact.sessionId, status: purchase.status === 'pending' ? 'failed' : purchase.status };
    case 'refunded': {
      const { paymentId, cents, at } = fact;
      const refund = newer(metadata.refund, { cents, at }, (old) => cents > old.cents);
      return { ...purchase, stripePaymentId: purchase.stripePaymentId ?? paymentId ?? null, metadata: { ...metadata, refund } };
    }
    case 'refund': {
      const { kind: _kind, paymentId, id, ...statement } = fact;
      const before = metadata.refunds?.[id];
      const refund = { ...before, ...newer(before, statement, () => isFinal(statement.status)) };
      return { ...purchase, stripePaymentId: purchase.stripePaymentId ?? paymentId ?? null, metadata: { ...metadata, refunds: { ...metadata.refunds, [id]: refund } } };
    }
    case 'disputed': {
      const { paymentId, id, cents, status, at } = fact;
      const dispute = newer(metadata.disputes?.[id], { cents, status, at }, () => isFinal(status));
      const disputes = { ...metadata.disputes, [id]: dispute };
      return { ...purchase, stripePaymentId: purchase.stripePaymentId ?? paymentId ?? null, metadata: { ...metadata, disputes } };
    }
  }
}

/** Stripe's clock has whole seconds: what was said in the same one is decided by what it says. */
function newer<Statement extends { at: number }>(old: Statement | undefined, now: Statement, winsTie: (old: Statement) => boolean): Statement {
  if (old === undefined || now.at > old.at) return now;
  return now.at === old.at && winsTie(old) ? now : old;
}

const TAKING = new Set(['needs_response', 'under_review', 'lost']);

function isFinal(status: string): boolean {
  return ['won', 'lost', 'warning_closed', 'prevented', 'succeeded', 'failed', 'canceled'].includes(status);
}

async function grant(trx: Transaction, { id, userId, credits, tierId }: Purchase): Promise<void> {
  await changeCredits(trx, {
    userId,
    amount: credits,
    action: 'purchase',
    metadata: { by: 'stripe', purchase: id, tier: tierId },
    idempotencyKey: ledgerKey('purchase', id),
  });
}

/** How many of its credits the money that went back takes along. */
function creditsGoneBack({ credits, amountCents, metadata }: Purchase): number {
  const disputes = Object.values(metadata.disputes ?? {}).filter(({ status }) => TAKING.has(status));
  const cents = (metadata.refund?.cents ?? 0) + disputes.reduce((sum, dispute) => sum + dispute.cents, 0);
  if (cents === 0) return 0;
  return amountCents === 0 ? credits : Math.min(credits, Math.ceil((credits * cents) / amountCents));
}

/** Takes back or gives again what differs from what was taken back before. */
async function settle(trx: Transaction, purchase: Purchase): Promise<Purchase> {
  const { id, userId, metadata } = purchase;
  const { takenBack = 0, adjustments = 0 } = metadata;
  const goal = creditsGoneBack(purchase);
  const status = goal === purchase.credits ? 'refunded' : 'completed';
  if (goal === takenBack) return { ...purchase, status };
  const movement = {
    userId,
    amount: Math.abs(goal - takenBack),
    metadata: { by: 'stripe', purchase: id },
    idempotencyKey: ledgerKey('purchase', id, String(adjustments + 1)),
    source: id,
  };
  if (goal > takenBack) await clawBackCredits(trx, { ...movement, action: 'purchase_reversal' });
  else await restoreCredits(trx, { ...movement, action: 'purchase_restored' });
  const { rows } = await trx.raw<Rows<{ owed: number }>>(
    'SELECT coalesce(sum(owed), 0) AS owed FROM credit_shortfalls WHERE source = ?',
    [id],
  );
  const shortfall = rows[0]?.owed ?? 0;
  return { ...purchase, status, metadata: { ...metadata, takenBack: goal, adjustments: adjustments + 1, shortfall } };
}
