import type { Knex } from 'knex';
import Type from 'typebox';
import type { Rows } from '../database/connect.ts';
import { ApiError, invalid } from '../http/errors.ts';
import { hashRequest } from '../http/idempotency.ts';
import type { RouteRegistrar } from '../http/route.ts';
import { requestKey, type CreditsContext } from './credits.ts';
import { transferCredits } from './movements.ts';
import { Movement } from './schemas.ts';

const ROUTE = 'POST /api/credits/transfer';

const TransferBody = Type.Object({
  recipientId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  recipientUsername: Type.Optional(Type.String({ minLength: 3, maxLength: 30 })),
  amount: Type.Integer({ minimum: 1, maximum: 100_000 }),
  note: Type.Optional(Type.String({ maxLength: 200 })),
});

const TransferAnswer = Type.Object({
  ...Movement.properties,
  recipient: Type.Object({ id: Type.String(), username: Type.String() }),
});

/** POST /credits/transfer */
export function registerTransferRoutes(routes: RouteRegistrar, context: CreditsContext): void {
  routes.post(
    '/credits/transfer',
    {
      summary: 'Gives credits to another member; takes an Idempotency-Key',
      idempotent: true,
      body: TransferBody,
      response: TransferAnswer,
      errors: ['INSUFFICIENT_CREDITS', 'NOT_FOUND', 'BLOCKED'],
    },
    async ({ user, body, trx, headers }) => {
      const { amount, note } = body;
      const recipient = await findRecipient(trx, body);
      if (recipient.id === user.id) throw new ApiError('UNPROCESSABLE', 'Credits are not transferred to oneself.');
      const { hooks } = context.composition();
      const contact = { fromId: user.id, toIds: [recipient.id], kind: 'transfer', trx };
      if ((await hooks.mayContact.promise(contact)) === false) throw new ApiError('BLOCKED');
      const { entryId, balance } = await transferCredits(trx, {
        senderId: user.id,
        recipientId: recipient.id,
        amount,
        action: 'transfer',
        metadata: { ...(note !== undefined && { note }), _request: hashRequest(body), by: 'user' },
        idempotencyKey: requestKey({ userId: user.id, route: ROUTE, key: String(headers['idempotency-key']) }),
      });
      return { entryId, amount, balance, recipient };
    },
  );
}

async function findRecipient(
  knex: Knex,
  { recipientId, recipientUsername }: { recipientId?: string; recipientUsername?: string },
): Promise<{ id: string; username: string }> {
  if ((recipientId === undefined) === (recipientUsername === undefined)) {
    throw invalid('/body/recipientId', 'or recipientUsername is required, and not both');
  }
  const { rows } = await knex.raw<Rows<{ id: string; username: string }>>(
    `SELECT id, username FROM users u
     WHERE ${recipientId === undefined ? 'lower(username) = lower(?)' : 'id = ?'}
       AND NOT EXISTS (SELECT FROM account_erasures e WHERE e.user_id = u.id)`,
    [recipientId ?? recipientUsername ?? ''],
  );
  const [recipient] = rows;
  if (recipient === undefined) throw new ApiError('NOT_FOUND', 'There is no such member.');
  return recipient;
}
