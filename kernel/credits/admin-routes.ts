import type { Knex } from 'knex';
import Type from 'typebox';
import type { Rows } from '../database/connect.ts';
import { ApiError } from '../http/errors.ts';
import { hashRequest } from '../http/idempotency.ts';
import { cursorPosition, page } from '../http/paging.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import { move, requestKey, type CreditsContext } from './credits.ts';
import { findEntries } from './entries.ts';
import { withEntry } from './ledger.ts';
import { refundEntry } from './movements.ts';
import { Action, EntryFields, EntryQuery, Movement, Nullable } from './schemas.ts';
import { verifyLedger } from './verify.ts';

const LedgerEntry = Type.Object({ ...EntryFields, userId: Type.String() });

const LedgerQuery = Type.Object({ ...EntryQuery, userId: Type.Optional(Type.String({ maxLength: 100 })) });

const Proof = Type.Object({
  users: Type.Integer(),
  entries: Type.Integer(),
  mismatches: Type.Array(
    Type.Object({
      userId: Type.String(),
      balance: Type.Integer(),
      ledgerSum: Type.Integer(),
      newestBalanceAfter: Nullable(Type.Integer()),
      brokenEntries: Type.Integer(),
    }),
  ),
});

const reason = Type.String({ minLength: 1, maxLength: 500 });

const GrantBody = Type.Object({
  userId: Type.String({ minLength: 1, maxLength: 100 }),
  amount: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  reason,
});

const ReverseBody = Type.Object({ entryId: Type.String({ minLength: 1, maxLength: 100 }), reason });

const AdminAction = Type.Object({ ...Action.properties, enabled: Type.Boolean(), createdAt: Type.String({ format: 'date-time' }) });

const ActionChange = Type.Object(
  {
    defaultCost: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
    enabled: Type.Optional(Type.Boolean()),
  },
  { minProperties: 1 },
);

/** /admin/credits… */
export function registerCreditAdminRoutes(routes: RouteRegistrar, context: CreditsContext): void {
  registerLedger(routes, context);
  registerCorrections(routes, context);
  registerPrices(routes, context);
}

function registerLedger(routes: RouteRegistrar, { knex }: CreditsContext): void {
  routes.get(
    '/admin/credits/ledger',
    { summary: 'Searches the ledger', auth: 'admin', list: true, query: LedgerQuery, response: Type.Array(LedgerEntry) },
    async ({ query }) => {
      const rows = await findEntries(knex, query, cursorPosition(query.cursor, ['date', 'string']), query);
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(({ position: _position, ...entry }) => entry), answer.options);
    },
  );
  routes.get(
    '/admin/credits/verify',
    { summary: 'Proves that every balance equals its ledger', auth: 'admin', response: Proof },
    () => verifyLedger(knex),
  );
}

function registerCorrections(routes: RouteRegistrar, context: CreditsContext): void {
  routes.post(
    '/admin/credits/grant',
    {
      summary: 'Gives a member credits; takes an Idempotency-Key',
      auth: 'admin',
      idempotent: true,
      status: 201,
      body: GrantBody,
      response: Movement,
      errors: ['NOT_FOUND', 'UNPROCESSABLE'],
    },
    async ({ user, body, trx, headers }) => {
      const { userId, amount } = body;
      const key = { userId: user.id, route: 'POST /api/admin/credits/grant', key: String(headers['idempotency-key']) };
      const metadata = { reason: body.reason, _request: hashRequest(body), by: `admin:${user.id}` };
      const change = { userId, amount, action: 'admin_grant', metadata, idempotencyKey: requestKey(key) };
      const { entryId, balance } = withEntry(await move(context, trx, change));
      return { entryId, amount, balance };
    },
  );
  routes.post(
    '/admin/credits/reverse',
    {
      summary: 'Undoes what is left of an entry, by a new entry; takes an Idempotency-Key',
      auth: 'admin',
      idempotent: true,
      status: 201,
      body: ReverseBody,
      response: Movement,
      errors: ['NOT_FOUND', 'UNPROCESSABLE', 'INSUFFICIENT_CREDITS'],
    },
    async ({ user, body, trx, headers }) => {
      const key = { userId: user.id, route: 'POST /api/admin/credits/reverse', key: String(headers['idempotency-key']) };
      const metadata = { reason: body.reason, _request: hashRequest(body), by: `admin:${user.id}` };
      const { entryId, amount, balance } = await reverseEntry(trx, body.entryId, metadata, requestKey(key));
      return { entryId, amount, balance };
    },
  );
}

/** Undoes what is left of an entry. @throws ApiError NOT_FOUND, UNPROCESSABLE, INSUFFICIENT_CREDITS when it is spent. */
export async function reverseEntry(
  knex: Knex,
  entryId: string,
  metadata: Record<string, unknown>,
  idempotencyKey: string,
): ReturnType<typeof refundEntry> {
  const { rows } = await knex.raw<Rows<{ userId: string; isTransfer: boolean }>>(
    `SELECT user_id AS "userId", coalesce(metadata->>'transferTo', metadata->>'transferFrom') IS NOT NULL AS "isTransfer"
     FROM credit_ledger WHERE id = ?`,
    [entryId],
  );
  const [entry] = rows;
  if (entry === undefined) throw new ApiError('NOT_FOUND', 'No entry has this id.');
  if (entry.isTransfer) {
    throw new ApiError('UNPROCESSABLE', 'Half a transfer cannot be reversed: credits would come from nowhere.');
  }
  return refundEntry(knex, { userId: entry.userId, entryId, action: 'reversal', metadata, idempotencyKey });
}

const ACTION_COLUMNS = `
  id, name, description, default_cost AS "defaultCost", plugin_id AS "pluginId", coalesce(enabled, TRUE) AS enabled,
  created_at AS "createdAt"`;

function registerPrices(routes: RouteRegistrar, { knex }: CreditsContext): void {
  routes.get(
    '/admin/credits/actions',
    { summary: 'Every credit action that a plugin ever brought', auth: 'admin', response: Type.Array(AdminAction) },
    async () => (await knex.raw<Rows<object>>(`SELECT ${ACTION_COLUMNS} FROM credit_actions ORDER BY id`)).rows,
  );
  routes.patch(
    '/admin/credits/actions/:id',
    {
      summary: 'Changes a price, or switches an action off and on',
      auth: 'admin',
      body: ActionChange,
      response: AdminAction,
      errors: ['NOT_FOUND'],
    },
    async ({ params, body }) => {
      const { rows } = await knex.raw<Rows<object>>(
        `UPDATE credit_actions SET default_cost = coalesce(:defaultCost::INTEGER, default_cost), enabled = coalesce(:enabled::BOOLEAN, enabled)
         WHERE id = :id RETURNING ${ACTION_COLUMNS}`,
        { id: params.id ?? '', defaultCost: body.defaultCost ?? null, enabled: body.enabled ?? null },
      );
      const [action] = rows;
      if (action === undefined) throw new ApiError('NOT_FOUND', 'There is no such credit action.');
      return action;
    },
  );
}
