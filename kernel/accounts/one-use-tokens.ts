import { createHash, randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { invalid } from '../http/errors.ts';
import { lockUser, type User } from './users.ts';

/** What a token is good for that is mailed, printed, or signed by a passkey as its challenge. */
export type TokenPurpose =
  | 'setup'
  | 'email-confirm'
  | 'email-undo'
  | 'password-reset'
  | 'second-step'
  | 'passkey-add'
  | 'passkey-proof'
  | 'passkey-sign-in'
  | 'passkey-undo';

export interface TokenGrant {
  userId: string | null;
  data: Record<string, unknown>;
  createdAt: Date;
}

/** Makes a token that can be used once; the user's earlier ones for the same purpose end. */
export async function issueToken(
  trx: Transaction,
  token: { purpose: TokenPurpose; userId: string | null; minutes: number; data?: Record<string, unknown>; keepsOthers?: true },
): Promise<string> {
  const { purpose, userId, minutes, data = {} } = token;
  if (userId !== null && token.keepsOthers !== true) await endTokens(trx, userId, [purpose]);
  const text = randomBytes(32).toString('base64url');
  await trx.raw(
    `INSERT INTO account_tokens (token_hash, user_id, purpose, data, expires_at)
     VALUES (:hash, :userId, :purpose, :data::JSONB, clock_timestamp() + :minutes * INTERVAL '1 minute')`,
    { hash: hashOneUseToken(text), userId, purpose, data: JSON.stringify(data), minutes },
  );
  return text;
}

/** Uses a token up. Undefined when it is unknown, used or expired. */
export async function spendToken(knex: Knex, purpose: TokenPurpose, token: string): Promise<TokenGrant | undefined> {
  const { rows } = await knex.raw<Rows<TokenGrant>>(
    `DELETE FROM account_tokens WHERE token_hash = :hash AND purpose = :purpose AND expires_at > clock_timestamp()
     RETURNING user_id AS "userId", data, created_at AS "createdAt"`,
    { hash: hashOneUseToken(token), purpose },
  );
  return rows[0];
}

/** The same. @throws ApiError VALIDATION_ERROR when it is unknown, used or expired. */
export async function takeToken(trx: Transaction, purpose: TokenPurpose, token: string): Promise<TokenGrant> {
  return (await spendToken(trx, purpose, token)) ?? refuseToken();
}

/** The same for a token that belongs to a user, who is locked first, as whoever ends their tokens does. */
export async function takeUserToken(
  trx: Transaction,
  purpose: Exclude<TokenPurpose, 'setup'>,
  token: string,
): Promise<Omit<TokenGrant, 'userId'> & { user: User }> {
  const userId = await findTokenOwner(trx, purpose, token);
  if (userId === undefined) return refuseToken();
  const user = await lockUser(trx, userId);
  return { ...(await takeToken(trx, purpose, token)), user };
}

/** Whose token it is; undefined when it is unknown, used or expired, or nobody's. */
export async function findTokenOwner(trx: Transaction, purpose: TokenPurpose, token: string): Promise<string | undefined> {
  const { rows } = await trx.raw<Rows<{ userId: string | null }>>(
    `SELECT user_id AS "userId" FROM account_tokens WHERE token_hash = :hash AND purpose = :purpose AND expires_at > clock_timestamp()`,
    { hash: hashOneUseToken(token), purpose },
  );
  return rows[0]?.userId ?? undefined;
}

function refuseToken(): never {
  throw invalid('/body/token', 'is not known, was used before, or has expired');
}

export async function endTokens(trx: Transaction, userId: string, purposes: readonly TokenPurpose[]): Promise<void> {
  await trx('account_tokens').where({ user_id: userId }).whereIn('purpose', [...purposes]).delete();
}

export function hashOneUseToken(token: string): string {
  return createHash('sha256').update(`one-use:${token}`).digest('base64url');
}
