import type { Knex } from 'knex';
import Type from 'typebox';
import type { Rows } from '../database/connect.ts';
import { inTransaction } from '../database/transaction.ts';
import { hashRequest, findAnswer, readIdempotencyKey, storeAnswer, type IdempotentRequest } from '../http/idempotency.ts';
import { ApiError } from '../http/errors.ts';
import { cursorPosition, page } from '../http/paging.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import { changeCredits } from './ledger.ts';
import { requestKey, type CreditsContext } from './credits.ts';
import { findChargeTerms, findUnlimitedReason } from './terms.ts';

const Nullable = <Schema extends Type.TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

const Balance = Type.Object({
  balance: Type.Integer(),
  lifetimeEarned: Type.Integer(),
  lifetimeSpent: Type.Integer(),
  version: Type.Integer(),
  unlimited: Type.Boolean(),
  unlimitedReason: Nullable(Type.String()),
});

const Entry = Type.Object({
  id: Type.String(),
  action: Type.String(),
  amount: Type.Integer(),
  balanceAfter: Type.Integer(),
  metadata: Nullable(Type.Record(Type.String(), Type.Unknown())),
  createdAt: Type.String({ format: 'date-time' }),
});

const Action = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  defaultCost: Type.Integer(),
  pluginId: Nullable(Type.String()),
});

const HistoryQuery = Type.Object({
  action: Type.Optional(Type.String({ maxLength: 100 })),
  from: Type.Optional(Type.String({ format: 'date-time' })),
  to: Type.Optional(Type.String({ format: 'date-time' })),
});

const ChargeBody = Type.Object({
  action: Type.String({ minLength: 1, maxLength: 100 }),
  metadata: Type.Optional(Type.Record(Type.String({ maxLength: 100 }), Type.Unknown(), { maxProperties: 50 })),
  expectedVersion: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
});

const ChargeAnswer = Type.Object({
  entryId: Nullable(Type.String()),
  amount: Type.Integer(),
  balance: Type.Integer(),
  version: Type.Integer(),
  replayed: Type.Boolean(),
});

interface BalanceRow {
  balance: number;
  lifetimeEarned: number;
  lifetimeSpent: number;
  version: number;
}

interface ChargeOutcome {
  entryId: string | null;
  amount: number;
  balance: number;
  version: number;
  replayed: boolean;
}

/** GET /credits/balance, /history, /actions and POST /credits/charge. */
export function registerCreditRoutes(routes: RouteRegistrar, knex: Knex, context: CreditsContext): void {
  registerReading(routes, knex, context);
  registerCharging(routes, knex, context);
}

function registerReading(routes: RouteRegistrar, knex: Knex, context: CreditsContext): void {
  routes.get('/credits/balance', { summary: "The caller's credits", response: Balance }, async ({ user }) => {
    const [balance, unlimitedReason] = await Promise.all([
      findBalance(knex, user.id),
      findUnlimitedReason(knex, context.composition().hooks, user.id, context.clock.now()),
    ]);
    return { ...balance, unlimited: unlimitedReason !== null, unlimitedReason };
  });

  routes.get(
    '/credits/history',
    { summary: "The caller's ledger", list: true, query: HistoryQuery, response: Type.Array(Entry) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const { rows } = await knex.raw<Rows<{ id: string; createdAt: Date; position: string }>>(
        `SELECT id, action, amount, balance_after AS "balanceAfter", metadata - '_request' AS metadata,
           created_at AS "createdAt", created_at::TEXT AS position
         FROM credit_ledger
         WHERE user_id = :userId
           AND (:action::TEXT IS NULL OR action = :action)
           AND (:from::TIMESTAMPTZ IS NULL OR created_at >= :from)
           AND (:to::TIMESTAMPTZ IS NULL OR created_at < :to)
           AND (:afterTime::TIMESTAMPTZ IS NULL OR (created_at, id) < (:afterTime, :afterId))
         ORDER BY created_at DESC, id DESC LIMIT :limit`,
        {
          userId: user.id,
          action: query.action ?? null,
          from: query.from ?? null,
          to: query.to ?? null,
          afterTime: after?.[0] ?? null,
          afterId: after?.[1] ?? null,
          limit: query.limit + 1,
        },
      );
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(({ position: _position, ...entry }) => entry), answer.options);
    },
  );

  routes.get(
    '/credits/actions',
    { summary: 'What costs credits, and how many', auth: 'none', response: Type.Array(Action), cacheSeconds: 30 },
    async () => {
      const { rows } = await knex.raw<Rows<object>>(
        `SELECT id, name, description, default_cost AS "defaultCost", plugin_id AS "pluginId"
         FROM credit_actions WHERE enabled AND id = ANY (?) ORDER BY id`,
        [[...context.composition().creditActions.keys()]],
      );
      return rows;
    },
  );
}

function registerCharging(routes: RouteRegistrar, knex: Knex, context: CreditsContext): void {
  routes.post(
    '/credits/charge',
    {
      summary: 'Pays for an action; takes an Idempotency-Key',
      body: ChargeBody,
      response: ChargeAnswer,
      errors: ['INSUFFICIENT_CREDITS', 'NOT_FOUND', 'IDEMPOTENCY_CONFLICT', 'VERSION_MISMATCH'],
    },
    async ({ user, body, headers }) => {
      const request: IdempotentRequest = {
        userId: user.id,
        route: 'POST /api/credits/charge',
        key: readIdempotencyKey(headers['idempotency-key']),
        requestHash: hashRequest(body),
      };
      const { metadata = {}, ...charge } = body;
      const outcome = await charges(knex, context, request, { ...charge, metadata });
      return new Reply(outcome, outcome.replayed ? { headers: { 'Idempotency-Replayed': 'true' } } : {});
    },
  );
}

async function findBalance(knex: Knex, userId: string): Promise<BalanceRow> {
  const { rows } = await knex.raw<Rows<BalanceRow>>(
    `SELECT balance, lifetime_earned AS "lifetimeEarned", lifetime_spent AS "lifetimeSpent", version
     FROM credit_balances WHERE user_id = ?`,
    [userId],
  );
  return rows[0] ?? { balance: 0, lifetimeEarned: 0, lifetimeSpent: 0, version: 0 };
}

/** Charges once per key. The ledger remembers who paid; who paid nothing is remembered beside it. */
async function charges(
  knex: Knex,
  context: CreditsContext,
  request: IdempotentRequest,
  charge: { action: string; metadata: Record<string, unknown>; expectedVersion?: number },
): Promise<ChargeOutcome> {
  const earlier = await findAnswer(knex, request);
  if (earlier !== undefined) return { ...(earlier.data as ChargeOutcome), replayed: true };
  const { userId } = request;
  const { action } = charge;
  const terms = await findChargeTerms(knex, context.composition(), { userId, action, now: context.clock.now() });
  if (terms.unlimitedReason !== null || terms.price === 0) {
    return (await findPaid(knex, request)) ?? chargeNothing(knex, request);
  }
  try {
    return await chargePrice(knex, context, request, charge, terms.price);
  } catch (error) {
    // The price may have changed since the request was paid: what was paid then is the answer.
    const paid = error instanceof ApiError && error.code === 'IDEMPOTENCY_CONFLICT' ? await findPaid(knex, request) : undefined;
    if (paid === undefined) throw error;
    return paid;
  }
}

/** What the same request has paid before; undefined when it has not, or when the key is another request's. */
async function findPaid(knex: Knex, request: IdempotentRequest): Promise<ChargeOutcome | undefined> {
  const { rows } = await knex.raw<Rows<ChargeOutcome>>(
    `SELECT l.id AS "entryId", -l.amount AS amount, l.balance_after AS balance, b.version, TRUE AS replayed
     FROM credit_ledger l JOIN credit_balances b ON b.user_id = l.user_id
     WHERE l.idempotency_key = :key AND l.user_id = :userId AND l.metadata->>'_request' = :requestHash`,
    { key: requestKey(request), userId: request.userId, requestHash: request.requestHash },
  );
  return rows[0];
}

async function chargePrice(
  knex: Knex,
  context: CreditsContext,
  request: IdempotentRequest,
  charge: { action: string; metadata: Record<string, unknown>; expectedVersion?: number },
  price: number,
): Promise<ChargeOutcome> {
  const { userId } = request;
  const { action, expectedVersion } = charge;
  const { hooks } = context.composition();
  const entry = await inTransaction(knex, async (trx) => {
    const changed = await changeCredits(trx, {
      userId,
      action,
      amount: -price,
      metadata: { ...charge.metadata, _request: request.requestHash },
      idempotencyKey: requestKey(request),
      expectedVersion,
    });
    if (!changed.isReplay && hooks.creditsCharged.isUsed()) {
      await hooks.creditsCharged.promise({ trx, userId, action, amount: price, entryId: changed.entryId });
    }
    return changed;
  });
  const { entryId, balance, version, isReplay } = entry;
  return { entryId, amount: price, balance, version, replayed: isReplay };
}

async function chargeNothing(knex: Knex, request: IdempotentRequest): Promise<ChargeOutcome> {
  const { balance, version } = await findBalance(knex, request.userId);
  const outcome: ChargeOutcome = { entryId: null, amount: 0, balance, version, replayed: false };
  try {
    await inTransaction(knex, (trx) => storeAnswer(trx, request, { status: 200, headers: {}, data: outcome }));
    return outcome;
  } catch (error) {
    const twin = await findAnswer(knex, request);
    if (twin === undefined) throw error;
    return { ...(twin.data as ChargeOutcome), replayed: true };
  }
}
