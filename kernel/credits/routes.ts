import type { Knex } from 'knex';
import Type from 'typebox';
import type { Rows } from '../database/connect.ts';
import { hashRequest, readIdempotencyKey } from '../http/idempotency.ts';
import { cursorPosition, page } from '../http/paging.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import { chargePrice, requestKey, type CreditsContext } from './credits.ts';
import { findEntries } from './entries.ts';
import { Action, EntryFields, EntryQuery, Nullable } from './schemas.ts';
import { findUnlimitedReason } from './terms.ts';

const Balance = Type.Object({
  balance: Type.Integer(),
  lifetimeEarned: Type.Integer(),
  lifetimeSpent: Type.Integer(),
  version: Type.Integer(),
  unlimited: Type.Boolean(),
  unlimitedReason: Nullable(Type.String()),
});

/** What a client may say about an entry; the names that the kernel writes are not among it. */
const Metadata = Type.Record(
  Type.String({ pattern: '^(?!_|by$|refundOf$|transferTo$|transferFrom$).{1,100}$' }),
  Type.Unknown(),
  { maxProperties: 50, additionalProperties: false },
);

const ChargeBody = Type.Object({
  action: Type.String({ minLength: 1, maxLength: 100 }),
  metadata: Type.Optional(Metadata),
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

/** GET /credits/balance, /history, /actions and POST /credits/charge. */
export function registerCreditRoutes(routes: RouteRegistrar, context: CreditsContext): void {
  registerReading(routes, context);
  registerCharging(routes, context);
}

function registerReading(routes: RouteRegistrar, context: CreditsContext): void {
  const { knex } = context;
  routes.get('/credits/balance', { summary: "The caller's credits", response: Balance }, async ({ user }) => {
    const [balance, unlimitedReason] = await Promise.all([
      findBalance(knex, user.id),
      findUnlimitedReason(knex, context.composition().hooks, user.id, context.clock.now()),
    ]);
    return { ...balance, unlimited: unlimitedReason !== null, unlimitedReason };
  });

  routes.get(
    '/credits/history',
    { summary: "The caller's ledger", list: true, query: Type.Object(EntryQuery), response: Type.Array(Type.Object(EntryFields)) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const rows = await findEntries(knex, { ...query, userId: user.id }, after, query);
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(({ position: _position, userId: _userId, ...entry }) => entry), answer.options);
    },
  );

  routes.get(
    '/credits/actions',
    { summary: 'What costs credits, and how many', auth: 'none', replica: true, response: Type.Array(Action), cacheSeconds: 30 },
    async ({ reader }) => {
      const { rows } = await reader.raw<Rows<object>>(
        `SELECT id, name, description, default_cost AS "defaultCost", plugin_id AS "pluginId"
         FROM credit_actions WHERE enabled AND id = ANY (?) ORDER BY id`,
        [[...context.composition().creditActions.keys()]],
      );
      return rows;
    },
  );
}

function registerCharging(routes: RouteRegistrar, context: CreditsContext): void {
  routes.post(
    '/credits/charge',
    {
      summary: 'Pays for an action; takes an Idempotency-Key',
      keyed: true,
      body: ChargeBody,
      response: ChargeAnswer,
      errors: ['INSUFFICIENT_CREDITS', 'NOT_FOUND', 'IDEMPOTENCY_CONFLICT', 'VERSION_MISMATCH'],
    },
    async ({ user, body, headers }) => {
      const key = readIdempotencyKey(headers['idempotency-key']);
      const { action, metadata, expectedVersion } = body;
      const { isReplay, ...entry } = await chargePrice(context, undefined, {
        userId: user.id,
        action,
        metadata: { ...metadata, _request: hashRequest(body), by: 'user' },
        idempotencyKey: requestKey({ userId: user.id, route: 'POST /api/credits/charge', key }),
        expectedVersion,
      });
      const answer = { ...entry, replayed: isReplay };
      return new Reply(answer, isReplay ? { headers: { 'Idempotency-Replayed': 'true' } } : {});
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
