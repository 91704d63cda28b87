import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Config } from '../config/config.ts';
import { changeCredits, ledgerKey } from '../credits/ledger.ts';
import { findUnlimitedReason } from '../credits/terms.ts';
import { inTransaction } from '../database/transaction.ts';
import { ApiError, invalid } from '../http/errors.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { KernelHooks } from '../plugins/contract.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions, TokenPair } from './sessions.ts';
import {
  findUserByLogin,
  getUser,
  insertUser,
  refuseLockedAccount,
  updateUser,
  type User,
  type UserChange,
} from './users.ts';

/** What accounts are made of. */
export interface AccountsContext {
  knex: Knex;
  clock: Clock;
  settings: Config['accounts'];
  passwords: Passwords;
  sessions: Sessions;
  /** Counts failed sign-ins per account and address. */
  signInLimit: RateLimit;
  hooks(): KernelHooks;
}

/** An account as its owner sees it. */
export type OwnAccount = Omit<User, 'passwordHash' | keyof import('objection').Model> & {
  entitlements: { unlimited: boolean; reason: string | null };
};

export interface SignedInAccount extends TokenPair {
  user: OwnAccount;
}

const WRONG_LOGIN = 'The name or the password is wrong.';

/** Makes an account with its trial and its sign-up bonus, and signs it in: all or nothing. */
export async function register(
  context: AccountsContext,
  registration: { email: string; username: string; password: string; displayName?: string },
): Promise<SignedInAccount> {
  const { settings } = context;
  const passwordHash = await context.passwords.hash(registration.password);
  const now = context.clock.now();
  const { user, tokens } = await inTransaction(context.knex, async (trx) => {
    const made = await insertUser(trx, {
      email: registration.email,
      username: registration.username,
      displayName: registration.displayName ?? null,
      passwordHash,
      trialStartedAt: now,
      trialEndsAt: new Date(now.getTime() + settings.trialDays * 86_400_000),
    });
    await changeCredits(trx, {
      userId: made.id,
      amount: settings.signUpBonus,
      action: 'signup_bonus',
      metadata: { by: 'kernel' },
      idempotencyKey: ledgerKey('open', made.id),
    });
    const hooks = context.hooks();
    if (hooks.userRegistered.isUsed()) {
      await hooks.userRegistered.promise({ trx, user: { id: made.id, username: made.username } });
    }
    return { user: made, tokens: await context.sessions.open(trx, made) };
  });
  return { user: await describeAccount(context, user), ...tokens };
}

/** @throws ApiError UNAUTHORIZED, the same for an unknown name and a wrong password; RATE_LIMITED; ACCOUNT_BANNED … */
export async function login(
  context: AccountsContext,
  credentials: { login: string; password: string; ip: string },
): Promise<SignedInAccount> {
  const limitKey = createHash('sha256').update(`${credentials.ip} ${credentials.login.toLowerCase()}`).digest('base64url');
  await context.signInLimit.check(limitKey);
  const user = await findUserByLogin(context.knex, credentials.login);
  const isRight = await context.passwords.matches(credentials.password, user?.passwordHash);
  if (user === undefined || !isRight) {
    await context.signInLimit.count(limitKey);
    throw new ApiError('UNAUTHORIZED', WRONG_LOGIN);
  }
  // Guesses sent at once all pass the first check while the passwords before them are still being hashed.
  await context.signInLimit.check(limitKey);
  refuseLockedAccount(user.flags);
  await context.signInLimit.forget(limitKey);
  const stronger = context.passwords.isWeak(user.passwordHash)
    ? await context.passwords.hash(credentials.password)
    : undefined;
  const tokens = await inTransaction(context.knex, async (trx) => {
    if (stronger !== undefined) await updateUser(trx, user.id, { passwordHash: stronger });
    return context.sessions.open(trx, user);
  });
  return { user: await describeAccount(context, user), ...tokens };
}

/** The next pair of tokens. @throws ApiError UNAUTHORIZED, ACCOUNT_BANNED, ACCOUNT_SUSPENDED. */
export async function refresh(context: AccountsContext, refreshToken: string): Promise<TokenPair> {
  const outcome = await inTransaction(context.knex, (trx) => context.sessions.refresh(trx, refreshToken));
  if (outcome instanceof ApiError) throw outcome;
  return outcome;
}

/** Ends the session of a refresh token, if it is one of the user's. */
export async function logout(context: AccountsContext, userId: string, refreshToken: string): Promise<void> {
  await inTransaction(context.knex, async (trx) => {
    const family = await context.sessions.familyOf(trx, userId, refreshToken);
    if (family !== undefined) await context.sessions.end(trx, userId, [family]);
  });
}

/** Ends every session of a user, but the one to keep if there is one. */
export async function logoutAll(context: AccountsContext, userId: string, exceptFamily?: string): Promise<void> {
  await inTransaction(context.knex, async (trx) => {
    const families = await context.sessions.families(trx, userId);
    await context.sessions.end(
      trx,
      userId,
      families.filter((family) => family !== exceptFamily),
    );
  });
}

/** Changes the password and ends every other session. @throws ApiError when the current one is wrong. */
export async function changePassword(
  context: AccountsContext,
  caller: { id: string; sessionId: string },
  change: { currentPassword: string; newPassword: string },
): Promise<void> {
  const user = await getUser(context.knex, caller.id);
  if (!(await context.passwords.matches(change.currentPassword, user.passwordHash))) {
    throw invalid('/body/currentPassword', 'is wrong');
  }
  const passwordHash = await context.passwords.hash(change.newPassword);
  await inTransaction(context.knex, async (trx) => {
    await updateUser(trx, user.id, { passwordHash });
    const families = await context.sessions.families(trx, user.id);
    await context.sessions.end(
      trx,
      user.id,
      families.filter((family) => family !== caller.sessionId),
    );
  });
}

/** Changes the caller's own profile; a new e-mail address has to be confirmed again. */
export async function changeProfile(
  context: AccountsContext,
  userId: string,
  change: Pick<UserChange, 'email' | 'username' | 'displayName' | 'avatarUrl'>,
): Promise<OwnAccount> {
  const user = await inTransaction(context.knex, async (trx) => {
    const current = await getUser(trx, userId);
    const isNewAddress = change.email !== undefined && change.email.toLowerCase() !== current.email.toLowerCase();
    return updateUser(trx, userId, {
      ...change,
      ...(isNewAddress && { flags: { ...current.flags, emailConfirmed: false } }),
    });
  });
  return describeAccount(context, user);
}

/** An account with what it is entitled to. */
export async function describeAccount(context: AccountsContext, user: User): Promise<OwnAccount> {
  const reason = await findUnlimitedReason(context.knex, context.hooks(), user.id, context.clock.now());
  const { id, email, username, displayName, avatarUrl, roles, flags } = user;
  const { currentArchetypeId, currentLevel, trialStartedAt, trialEndsAt, createdAt } = user;
  return {
    ...{ id, email, username, displayName, avatarUrl, roles, flags },
    ...{ currentArchetypeId, currentLevel, trialStartedAt, trialEndsAt, createdAt },
    entitlements: { unlimited: reason !== null, reason },
  };
}
