import type { Knex } from 'knex';
import type { Rows } from '../../database/connect.ts';
import type { Transaction } from '../../database/transaction.ts';
import type { AccountsContext } from '../accounts.ts';
import { endTokens } from '../one-use-tokens.ts';
import { lockUser, refuseLockedAccount, type User } from '../users.ts';

/** What an account asks for beside the password. */
export interface SecondFactorState {
  /** Whether the password alone does not sign in. */
  enabled: boolean;
  /** Whether there is an authenticator app. */
  app: boolean;
  passkeys: number;
  recoveryCodesLeft: number;
}

/** Who is signed in, and by which session. */
export interface Member {
  id: string;
  sessionId: string;
}

export async function describeSecondFactor(knex: Knex, userId: string): Promise<SecondFactorState> {
  const { rows } = await knex.raw<Rows<Omit<SecondFactorState, 'enabled'>>>(
    `SELECT EXISTS (SELECT FROM second_factors WHERE user_id = :userId AND confirmed_at IS NOT NULL) AS app,
       (SELECT count(*) FROM passkeys WHERE user_id = :userId)::INTEGER AS passkeys,
       (SELECT count(*) FROM recovery_codes WHERE user_id = :userId)::INTEGER AS "recoveryCodesLeft"`,
    { userId },
  );
  const { app, passkeys, recoveryCodesLeft } = rows[0] ?? { app: false, passkeys: 0, recoveryCodesLeft: 0 };
  return { enabled: app || passkeys > 0, app, passkeys, recoveryCodesLeft };
}

/** SQL for whether the user whose id the expression is has a second factor: an authenticator app or a passkey. */
export const hasFactorSql = (userId: string): string =>
  `(EXISTS (SELECT FROM second_factors f WHERE f.user_id = ${userId} AND f.confirmed_at IS NOT NULL)
    OR EXISTS (SELECT FROM passkeys p WHERE p.user_id = ${userId}))`;

export async function hasSecondFactor(knex: Knex, userId: string): Promise<boolean> {
  const { rows } = await knex.raw<Rows<{ has: boolean }>>(`SELECT ${hasFactorSql(':userId')} AS has`, { userId });
  return rows[0]?.has === true;
}

/**
 * The owner of factors that are about to change, one change at a time: which of two is the first, or the last, is then known.
 *
 * @throws ApiError ACCOUNT_BANNED, also for who has been erased; ACCOUNT_SUSPENDED.
 */
export async function lockFactors(trx: Transaction, userId: string): Promise<User> {
  const user = await lockUser(trx, userId);
  refuseLockedAccount(user.flags);
  return user;
}

/**
 * What follows when factors have changed: every session ends but the one that has changed them, sign-ins that are half done begin
 * again, and access tokens are renewed, since an administrator's roles may hang on it. Recovery codes stand in for a factor: they
 * go with the last one.
 */
export async function factorsChanged(context: AccountsContext, trx: Transaction, userId: string, sessionId: string | undefined): Promise<void> {
  await context.sessions.end(trx, userId, { except: sessionId });
  await endTokens(trx, userId, ['second-step']);
  await trx.raw(`DELETE FROM recovery_codes WHERE user_id = :userId AND NOT ${hasFactorSql(':userId')}`, { userId });
  await context.revocations.revoke(trx, [userId], 'changed');
}

/** For an account whose codes somebody else may have read. */
export async function dropRecoveryCodes(trx: Transaction, userId: string): Promise<void> {
  await trx('recovery_codes').where({ user_id: userId }).delete();
}

/** Takes every factor from an account, or those only that it has had since a moment. Answers whether there were any. */
export async function dropFactors(trx: Transaction, userId: string, since = new Date(0)): Promise<boolean> {
  const apps = await trx('second_factors')
    .where({ user_id: userId })
    .whereRaw('(confirmed_at IS NULL OR confirmed_at >= :since)', { since })
    .delete();
  const passkeys = await trx('passkeys').where({ user_id: userId }).where('created_at', '>=', since).delete();
  return apps + passkeys > 0;
}
