import { createHash } from 'node:crypto';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import { describeAccount, type AccountsContext, type SignedInAccount } from './accounts.ts';
import { cancelErasure } from './erasure.ts';
import { MAILS } from './mails.ts';
import { findTokenOwner, hashOneUseToken, issueToken } from './one-use-tokens.ts';
import { findDescriptors } from './passkeys/passkeys.ts';
import { findRelyingParty } from './passkeys/relying-party.ts';
import type { Assertion, SecondStepMethod, RequestOptions } from './passkeys/schemas.ts';
import { provePasskey } from './passkeys/use.ts';
import { challengeOf, describeRequest, loadWebAuthn } from './passkeys/webauthn.ts';
import { isCodeRight } from './second-factor/authenticator-app.ts';
import { describeSecondFactor } from './second-factor/factors.ts';
import type { Client, TokenPair } from './sessions.ts';
import { findUserByLogin, lockUser, refuseLockedAccount, updateUser, type User } from './users.ts';

/** The password was right, and a second factor is asked for. */
export interface SecondStepNeeded {
  secondStep: { token: string; expiresIn: number; methods: SecondStepMethod[]; publicKey: RequestOptions | null };
}

/** A second factor: a code of the app or a recovery code, or a passkey that has signed what the token stands for. */
export interface SecondStep {
  token: string;
  code?: string;
  credential?: Assertion;
}

const WRONG_LOGIN = 'The name or the password is wrong.';
const SECOND_STEP_MINUTES = 5;
const SECOND_STEP_TRIES = 5;

/** @throws ApiError UNAUTHORIZED, the same for an unknown name and a wrong password; RATE_LIMITED; ACCOUNT_BANNED … */
export async function login(
  context: AccountsContext,
  credentials: { login: string; password: string },
  client: Client,
): Promise<SignedInAccount | SecondStepNeeded> {
  const name = credentials.login.toLowerCase();
  const limitKey = hashKey(`${client.ip} ${name}`);
  const delayKeys = [hashKey(`account ${name}`), hashKey(`address ${client.ip}`)] as const;
  await context.signInLimit.check(limitKey);
  await context.signInDelay.wait(...delayKeys);
  const user = await findUserByLogin(context.knex, credentials.login);
  const isRight = await context.passwords.matches(credentials.password, user?.passwordHash);
  if (user === undefined || !isRight) {
    context.signInDelay.failed(...delayKeys);
    await context.signInLimit.count(limitKey);
    throw new ApiError('UNAUTHORIZED', WRONG_LOGIN);
  }
  // Guesses sent at once all pass the first check while the passwords before them are still being hashed.
  await context.signInLimit.check(limitKey);
  refuseLockedAccount(user.flags);
  await context.signInLimit.forget(limitKey);
  context.signInDelay.succeeded(delayKeys[0]);
  const stronger = context.passwords.isWeak(user.passwordHash) ? await context.passwords.hash(credentials.password) : undefined;
  return inTransaction(context.knex, async (trx) => {
    const current = await lockUser(trx, user.id);
    refuseLockedAccount(current.flags);
    // Looking at a password takes a while, in which a new one may have been set; or the same one was hashed more strongly beside this.
    const isSame = current.passwordHash === user.passwordHash || (await context.passwords.matches(credentials.password, current.passwordHash));
    if (!isSame) throw new ApiError('UNAUTHORIZED', WRONG_LOGIN);
    if (stronger !== undefined) await updateUser(trx, user.id, { passwordHash: stronger });
    const needed = await askForSecondStep(context, trx, user.id, client);
    return needed ?? enter(context, trx, current, client);
  });
}

/** The second half of a sign-in. A challenge takes five wrong tries, then the password is asked for again. */
export async function takeSecondStep(context: AccountsContext, step: SecondStep, client: Client): Promise<SignedInAccount> {
  const outcome = await inTransaction(context.knex, async (trx) => {
    const tokenHash = hashOneUseToken(step.token);
    const userId = await findTokenOwner(trx, 'second-step', step.token);
    const user = userId === undefined ? undefined : await lockUser(trx, userId);
    const [challenge] = await trx('account_tokens')
      .where({ token_hash: tokenHash, purpose: 'second-step' })
      .whereRaw('expires_at > clock_timestamp()')
      .increment('attempts')
      .returning<{ attempts: number }[]>('attempts');
    if (user === undefined || challenge === undefined || challenge.attempts > SECOND_STEP_TRIES) {
      return new ApiError('UNAUTHORIZED', 'This sign-in has expired. Begin again with the password.');
    }
    const limitKey = hashKey(`second step ${client.ip} ${user.id}`);
    await context.signInLimit.check(limitKey);
    if (!(await isStepRight(context, trx, user.id, step, client))) {
      await context.signInLimit.count(limitKey);
      return new ApiError('UNAUTHORIZED', step.credential === undefined ? 'The code is wrong.' : 'The passkey was not accepted.');
    }
    refuseLockedAccount(user.flags);
    await trx('account_tokens').where({ token_hash: tokenHash }).delete();
    return enter(context, trx, user, client);
  });
  // Returned rather than thrown, so that the counted attempt is kept.
  if (outcome instanceof ApiError) throw outcome;
  return outcome;
}

/** Undefined when the password is enough. */
async function askForSecondStep(context: AccountsContext, trx: Transaction, userId: string, { host }: Client): Promise<SecondStepNeeded | undefined> {
  const { enabled, app, passkeys } = await describeSecondFactor(trx, userId);
  if (!enabled) return undefined;
  const minutes = SECOND_STEP_MINUTES;
  const token = await issueToken(trx, { purpose: 'second-step', userId, minutes, keepsOthers: true });
  const methods: SecondStepMethod[] = [...(passkeys > 0 ? ['passkey' as const] : []), ...(app ? ['app' as const] : []), 'recovery-code'];
  const party = passkeys > 0 ? findRelyingParty(context.site, host) : undefined;
  if (party === undefined) return { secondStep: { token, expiresIn: minutes * 60, methods, publicKey: null } };
  await loadWebAuthn();
  const allowed = await findDescriptors(trx, userId);
  const publicKey = describeRequest(party, challengeOf(token), { userVerification: 'preferred', allowed });
  return { secondStep: { token, expiresIn: minutes * 60, methods, publicKey } };
}

async function isStepRight(context: AccountsContext, trx: Transaction, userId: string, step: SecondStep, client: Client): Promise<boolean> {
  const { token, code = '', credential } = step;
  if (credential === undefined) return isCodeRight(context, trx, userId, code);
  const shown = { credential, challenge: challengeOf(token), userId, needsVerifiedUser: false };
  return (await provePasskey(context, trx, shown, client)) !== undefined;
}

/** Opens a session for somebody who has proven who they are. */
export async function enter(context: AccountsContext, trx: Transaction, user: User, client: Client): Promise<SignedInAccount> {
  const isNewDevice = await context.sessions.isNewDevice(trx, user.id, client);
  const tokens: TokenPair = await context.sessions.open(trx, user, client);
  await cancelErasure(context, trx, user.id);
  if (isNewDevice) {
    const time = context.clock.now().toISOString();
    const values = { username: user.username, device: client.device?.slice(0, 100) ?? 'unknown', ip: client.ip, time };
    await context.mail.send(trx, { to: { userId: user.id }, template: MAILS.newDevice, values });
  }
  return { user: await describeAccount({ ...context, knex: trx }, user), ...tokens };
}

function hashKey(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
