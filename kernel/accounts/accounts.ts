import type { Knex } from 'knex';
import type { Config } from '../config/config.ts';
import { changeCredits, ledgerKey } from '../credits/ledger.ts';
import { findUnlimitedReason } from '../credits/terms.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError, invalid } from '../http/errors.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { KernelHooks } from '../plugins/contract.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { WorkQueue } from '../events/queue.ts';
import type { Mail } from '../mail/mail.ts';
import type { KeyRing } from './key-ring.ts';
import { MAILS } from './mails.ts';
import { endTokens } from './one-use-tokens.ts';
import { refuseOwnWords } from './own-words.ts';
import type { Passwords } from './passwords.ts';
import { announceNewEmail, sendConfirmation } from './recovery.ts';
import type { Revocations } from './revocations.ts';
import type { Client, Sessions, TokenPair } from './sessions.ts';
import type { SignInDelay } from './sign-in-delay.ts';
import { getUser, insertUser, lockUser, updateUser, type User, type UserChange } from './users.ts';

/** What accounts are made of. */
export interface AccountsContext {
  knex: Knex;
  clock: Clock;
  settings: Config['accounts'];
  /** Where the server is reached, and whose pages may use it. */
  site: Pick<Config, 'publicUrl' | 'corsOrigins'>;
  passwords: Passwords;
  sessions: Sessions;
  revocations: Revocations;
  ring: KeyRing;
  mail: Mail;
  queue: Pick<WorkQueue, 'enqueue'>;
  /** Counts failed sign-ins per account and address. */
  signInLimit: RateLimit;
  signInDelay: SignInDelay;
  /** Counts the mails that somebody without an account asks for. */
  mailLimit: RateLimit;
  /** What the owner calls the place. */
  gymName(): string | undefined;
  hooks(): KernelHooks;
}

/** An account as its owner sees it. */
export type OwnAccount = Omit<User, 'passwordHash' | keyof import('objection').Model> & {
  entitlements: { unlimited: boolean; reason: string | null };
};

export interface SignedInAccount extends TokenPair {
  user: OwnAccount;
}

/**
 * Makes an account with its trial and its sign-up bonus, and signs it in: all or nothing.
 *
 * @param rolesIn Decides its roles within the transaction; everybody is a user unless said.
 */
export async function register(
  context: AccountsContext,
  registration: { email: string; username: string; password: string; displayName?: string },
  client: Client,
  rolesIn: (trx: Transaction) => Promise<readonly string[]> = () => Promise.resolve(['user']),
): Promise<SignedInAccount> {
  refuseOwnWords(context, registration.password, '/body/password', registration);
  await context.passwords.refuseCommon(registration.password, '/body/password');
  const passwordHash = await context.passwords.hash(registration.password);
  const { email, username, displayName = null } = registration;
  const { user, tokens } = await inTransaction(context.knex, async (trx) => {
    const roles = await rolesIn(trx);
    const made = await makeAccount(context, trx, { roles, email, username, displayName, passwordHash });
    await sendConfirmation(context, trx, made);
    return { user: made, tokens: await context.sessions.open(trx, made, client) };
  });
  return { user: await describeAccount(context, user), ...tokens };
}

/** Makes an account with its trial and its sign-up bonus, in the transaction of who makes it. @throws ApiError CONFLICT. */
export async function makeAccount(
  context: AccountsContext,
  trx: Transaction,
  account: { roles: readonly string[]; email: string; username: string; displayName: string | null; passwordHash: string },
): Promise<User> {
  const { settings } = context;
  const now = context.clock.now();
  const made = await insertUser(trx, {
    ...account,
    roles: [...account.roles],
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
  return made;
}

/** The next pair of tokens. @throws ApiError UNAUTHORIZED, ACCOUNT_BANNED, ACCOUNT_SUSPENDED. */
export async function refresh(context: AccountsContext, refreshToken: string, client: Client): Promise<TokenPair> {
  const outcome = await inTransaction(context.knex, (trx) => context.sessions.refresh(trx, refreshToken, client));
  if (outcome instanceof ApiError) throw outcome;
  return outcome;
}

/** Ends the session of a refresh token, if it is one of the user's. */
export async function logout(context: AccountsContext, userId: string, refreshToken: string): Promise<void> {
  await inTransaction(context.knex, async (trx) => {
    const family = await context.sessions.familyOf(trx, userId, refreshToken);
    if (family !== undefined) await context.sessions.end(trx, userId, { families: [family] });
  });
}

/** Ends every session of a user, but the one to keep if there is one. */
export async function logoutAll(context: AccountsContext, userId: string, except?: string): Promise<void> {
  await inTransaction(context.knex, (trx) => context.sessions.end(trx, userId, { except }));
}

/** Ends one session. @throws ApiError NOT_FOUND when it is not the user's, or has ended. */
export async function endSession(context: AccountsContext, userId: string, sessionId: string): Promise<void> {
  const ended = await inTransaction(context.knex, (trx) => context.sessions.end(trx, userId, { families: [sessionId] }));
  if (ended === 0) throw new ApiError('NOT_FOUND', 'No session of yours has this id.');
}

/** Changes the password and ends every other session. @throws ApiError when the current one is wrong. */
export async function changePassword(
  context: AccountsContext,
  caller: { id: string; sessionId: string },
  change: { currentPassword: string; newPassword: string },
): Promise<void> {
  const user = await proveByPassword(context, caller.id, change.currentPassword, '/body/currentPassword');
  refuseOwnWords(context, change.newPassword, '/body/newPassword', user);
  await context.passwords.refuseCommon(change.newPassword, '/body/newPassword');
  const passwordHash = await context.passwords.hash(change.newPassword);
  await inTransaction(context.knex, async (trx) => {
    const current = await lockUser(trx, user.id);
    // Looking at a password takes a while, in which its owner may have set another one by mail.
    const isSame = current.passwordHash === user.passwordHash || (await context.passwords.matches(change.currentPassword, current.passwordHash));
    if (!isSame) throw invalid('/body/currentPassword', 'is wrong');
    await updateUser(trx, user.id, { passwordHash });
    await context.sessions.end(trx, user.id, { except: caller.sessionId });
    await endTokens(trx, user.id, ['second-step', 'password-reset']);
    const to = { userId: user.id };
    await context.mail.send(trx, { to, template: MAILS.passwordChanged, values: { username: user.username } });
  });
}

/** The user whose password it is. @throws ApiError VALIDATION_ERROR at `path`; RATE_LIMITED after too many wrong ones. */
export async function proveByPassword(context: AccountsContext, userId: string, password: string, path: string): Promise<User> {
  await context.signInLimit.check(proofKey(userId));
  const user = await getUser(context.knex, userId);
  if (!(await context.passwords.matches(password, user.passwordHash))) throw await wrongProof(context, userId, path);
  // Guesses sent at once all pass the first check while the passwords before them are still being hashed.
  await context.signInLimit.check(proofKey(userId));
  return user;
}

/** What whoever gave a wrong proof is told; it counts with the wrong passwords, so that nobody tries them all. @throws ApiError RATE_LIMITED. */
export async function wrongProof(context: AccountsContext, userId: string, path: string): Promise<ApiError> {
  await context.signInLimit.count(proofKey(userId));
  return invalid(path, 'is wrong');
}

function proofKey(userId: string): string {
  return `proof ${userId}`;
}

const FRESH_SIGN_IN_MINUTES = 15;

/**
 * Changes the caller's own profile. A new e-mail address has to be confirmed again, the old one is told, and it takes the
 * password from whoever has been signed in for a while.
 */
export async function changeProfile(
  context: AccountsContext,
  caller: { id: string; sessionId: string },
  { currentPassword, ...change }: Pick<UserChange, 'email' | 'username' | 'displayName' | 'avatarUrl'> & { currentPassword?: string },
): Promise<OwnAccount> {
  const before = await getUser(context.knex, caller.id);
  const isNewAddress = change.email !== undefined && change.email.toLowerCase() !== before.email.toLowerCase();
  if (isNewAddress) await proveOwner(context, caller, currentPassword, 'change the e-mail address');
  const user = await inTransaction(context.knex, async (trx) => {
    const current = await lockUser(trx, caller.id);
    const changed = await updateUser(trx, caller.id, {
      ...change,
      ...(isNewAddress && { flags: { ...current.flags, emailConfirmed: false } }),
    });
    if (isNewAddress) await announceNewEmail(context, trx, current, changed);
    return changed;
  });
  return describeAccount(context, user);
}

/** @throws ApiError VALIDATION_ERROR unless the password is given, or the caller has signed in just now; `what` as `change the e-mail address`. */
export async function proveOwner(
  context: AccountsContext,
  caller: { id: string; sessionId: string },
  password: string | undefined,
  what: string,
): Promise<void> {
  if (password !== undefined) {
    await proveByPassword(context, caller.id, password, '/body/currentPassword');
    return;
  }
  const signedIn = await context.knex('sessions')
    .where({ id: caller.sessionId })
    .whereRaw(`created_at > clock_timestamp() - :minutes * INTERVAL '1 minute'`, { minutes: FRESH_SIGN_IN_MINUTES })
    .first<object | undefined>('id');
  if (signedIn === undefined) throw invalid('/body/currentPassword', `is needed to ${what}`);
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
