import type { Knex } from 'knex';
import Type from 'typebox';
import { Nullable } from '../credits/schemas.ts';
import type { Rows } from '../database/connect.ts';
import { ApiError } from '../http/errors.ts';
import { readIdempotencyKey } from '../http/idempotency.ts';
import { cursorPosition, page } from '../http/paging.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import type { BillingContext } from './billing.ts';
import { MONEY_PERMISSION } from './permissions.ts';
import type { PurchaseMetadata } from './purchases.ts';
import { refundPurchase } from './refunds.ts';

/** As its buyer sees it. */
export const Purchase = Type.Object({
  id: Type.String(),
  tierId: Type.String(),
  credits: Type.Integer(),
  amountCents: Type.Integer(),
  currency: Nullable(Type.String()),
  status: Type.String(),
  createdAt: Type.String({ format: 'date-time' }),
  completedAt: Nullable(Type.String({ format: 'date-time' })),
});

const Refund = Type.Object({
  id: Type.String(),
  amountCents: Type.Integer(),
  status: Type.String({ description: 'pending, requires_action, succeeded, failed or canceled' }),
  at: Type.String({ format: 'date-time' }),
  reason: Nullable(Type.String()),
  by: Nullable(Type.String({ description: 'The administrator who asked for it; null for one that was made in Stripe' })),
});

const AdminPurchase = Type.Object({
  ...Purchase.properties,
  userId: Type.String(),
  username: Nullable(Type.String()),
  refundedCents: Type.Integer(),
  refunds: Type.Array(Refund, { description: 'Those that were asked for here, and those that Stripe has told of by themselves' }),
  disputed: Type.Boolean({ description: 'Whether the payer has ever disputed it' }),
  shortfall: Type.Integer({ description: 'Credits that were spent before their money was taken back' }),
});

const AdminPurchaseQuery = Type.Object({
  userId: Type.Optional(Type.String({ maxLength: 100 })),
  status: Type.Optional(Type.Enum(['pending', 'completed', 'failed', 'refunded'])),
});

const RefundOrder = Type.Object({
  amountCents: Type.Optional(Type.Integer({ minimum: 1, maximum: 99_999_999, description: 'All that is left unless said' })),
  reason: Type.String({ minLength: 1, maxLength: 300, pattern: '\\S' }),
});

/** /admin/billing/purchases… */
export function registerPurchaseAdministration(routes: RouteRegistrar, context: BillingContext): void {
  const { knex } = context;
  routes.get(
    '/admin/billing/purchases',
    { summary: 'Purchases of credits, newest first', auth: { permission: MONEY_PERMISSION }, list: true, query: AdminPurchaseQuery, response: Type.Array(AdminPurchase) },
    async ({ query }) => {
      const { limit, cursor, ...wanted } = query;
      const rows = await findPurchases(knex, { ...wanted, after: cursorPosition(cursor, ['date', 'string']) }, limit + 1);
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(describe), answer.options);
    },
  );
  routes.post(
    '/admin/billing/purchases/:id/refund',
    {
      summary: 'Gives the money of a purchase back through Stripe, all of it or a part, and takes as much of its credits; takes an Idempotency-Key',
      auth: 'admin',
      keyed: true,
      body: RefundOrder,
      response: AdminPurchase,
      errors: ['BILLING_DISABLED', 'NOT_FOUND', 'CONFLICT', 'IDEMPOTENCY_CONFLICT', 'UNAVAILABLE'],
    },
    async ({ user, params, body, headers }) => {
      const id = params.id ?? '';
      await refundPurchase(context, { purchaseId: id, amountCents: body.amountCents, reason: body.reason, by: user.id, key: readIdempotencyKey(headers['idempotency-key']) });
      const [row] = await findPurchases(knex, { id }, 1);
      if (row === undefined) throw new ApiError('NOT_FOUND');
      return describe(row);
    },
  );
}

interface PurchaseRow {
  id: string;
  position: string;
  refunds: NonNullable<PurchaseMetadata['refunds']>;
}

interface Wanted {
  id?: string;
  userId?: string;
  status?: string;
  after?: readonly [string, string] | undefined;
}

async function findPurchases(knex: Knex, { id, userId, status, after }: Wanted, limit: number): Promise<PurchaseRow[]> {
  const { rows } = await knex.raw<Rows<PurchaseRow>>(
    `SELECT p.id, p.tier_id AS "tierId", p.credits, p.amount_cents AS "amountCents", p.metadata->>'currency' AS currency, p.status,
       p.created_at AS "createdAt", p.completed_at AS "completedAt", p.user_id AS "userId", u.username,
       coalesce((p.metadata->'refund'->>'cents')::INTEGER, 0) AS "refundedCents", coalesce(p.metadata->'refunds', '{}') AS refunds,
       coalesce(p.metadata->'disputes', '{}') <> '{}' AS disputed, coalesce((p.metadata->>'shortfall')::INTEGER, 0) AS shortfall,
       p.created_at::TEXT AS position
     FROM purchases p LEFT JOIN users u ON u.id = p.user_id
     WHERE (:id::TEXT IS NULL OR p.id = :id) AND (:userId::TEXT IS NULL OR p.user_id = :userId) AND (:status::TEXT IS NULL OR p.status = :status)
       AND (:time::TIMESTAMPTZ IS NULL OR (p.created_at, p.id) < (:time, :afterId))
     ORDER BY p.created_at DESC, p.id DESC LIMIT :limit`,
    { id: id ?? null, userId: userId ?? null, status: status ?? null, time: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

function describe({ position: _position, refunds, ...purchase }: PurchaseRow): object {
  const list = Object.entries(refunds).sort(([, one], [, other]) => one.at - other.at);
  return {
    ...purchase,
    refunds: list.map(([id, { cents, status, at, reason, by }]) => ({
      ...{ id, amountCents: cents, status, at: new Date(at * 1000).toISOString() },
      ...{ reason: reason ?? null, by: by ?? null },
    })),
  };
}
