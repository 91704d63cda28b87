import { Secret, TOTP } from 'otpauth';
import type { Knex } from 'knex';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ApiError, invalid } from '../../http/errors.ts';
import { proveByPassword, wrongProof, type AccountsContext } from '../accounts.ts';
import { MAILS } from '../mails.ts';
import type { User } from '../users.ts';
import { factorsChanged, lockFactors, type Member } from './factors.ts';
import { replaceRecoveryCodes, takeRecoveryCode } from './recovery-codes.ts';

const SEAL = 'second-factor';
const STEP_SECONDS = 30;
/** A clock may be one step off. */
const WINDOW = 1;

interface App {
  sealedSecret: string;
  confirmedAt: Date | null;
}

/** Begins: makes a secret for an authenticator app. It counts once a code of it has been given. */
export async function beginSecondFactor(
  context: AccountsContext,
  userId: string,
  password: string,
): Promise<{ secret: string; uri: string }> {
  const user = await proveByPassword(context, userId, password, '/body/password');
  const before = await findApp(context.knex, userId);
  if (before !== undefined && before.confirmedAt !== null) throw new ApiError('CONFLICT', 'There is an authenticator app. Remove it first.');
  const secret = new Secret({ size: 20 });
  await context.knex('second_factors')
    .insert({ user_id: userId, sealed_secret: context.ring.seal(SEAL, secret.base32) })
    .onConflict('user_id')
    .merge()
    .whereNull('second_factors.confirmed_at');
  return { secret: secret.base32, uri: createTotp(secret, user.username).toString() };
}

/** Confirms the secret by a first code; answers the codes for when the app is lost, which are shown this once. */
export async function confirmSecondFactor(context: AccountsContext, member: Member, code: string): Promise<string[]> {
  const userId = member.id;
  return inTransaction(context.knex, async (trx) => {
    const user = await lockFactors(trx, userId);
    const app = await findApp(trx, userId);
    if (app === undefined || app.confirmedAt !== null) throw new ApiError('CONFLICT', 'No second factor waits to be confirmed.');
    if (!(await isTotpRight(context, trx, userId, app, code))) throw invalid('/body/code', 'is wrong');
    await trx('second_factors').where({ user_id: userId }).update({ confirmed_at: trx.fn.now() });
    const codes = await replaceRecoveryCodes(trx, userId);
    await announce(context, trx, user, member.sessionId, 'on');
    return codes;
  });
}

export async function removeSecondFactor(
  context: AccountsContext,
  member: Member,
  proof: { password: string; code: string },
): Promise<void> {
  const userId = member.id;
  await proveByPassword(context, userId, proof.password, '/body/password');
  await inTransaction(context.knex, async (trx) => {
    const user = await lockFactors(trx, userId);
    if (!(await isCodeRight(context, trx, userId, proof.code))) throw await wrongProof(context, userId, '/body/code');
    await trx('second_factors').where({ user_id: userId }).delete();
    await announce(context, trx, user, member.sessionId, 'off');
  });
}

/** Whether a code of the app, or one of the recovery codes, is right; each works once. */
export async function isCodeRight(context: AccountsContext, trx: Transaction, userId: string, code: string): Promise<boolean> {
  if (!/^\d{6}$/.test(code.replace(/[\s-]/g, ''))) return takeRecoveryCode(trx, userId, code);
  const app = await findApp(trx, userId);
  return app !== undefined && app.confirmedAt !== null && isTotpRight(context, trx, userId, app, code);
}

async function isTotpRight(context: AccountsContext, trx: Transaction, userId: string, app: App, code: string): Promise<boolean> {
  const secret = Secret.fromBase32(String(context.ring.open(SEAL, app.sealedSecret)));
  const timestamp = context.clock.now().getTime();
  const delta = createTotp(secret, '').validate({ token: code.replace(/[\s-]/g, ''), window: WINDOW, timestamp });
  if (delta === null) return false;
  const step = Math.floor(timestamp / 1000 / STEP_SECONDS) + delta;
  const used = await trx('second_factors').where({ user_id: userId }).where('last_step', '<', step).update({ last_step: step });
  return used === 1;
}

function createTotp(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: 'MuscleMap', label, algorithm: 'SHA1', digits: 6, period: STEP_SECONDS, secret });
}

async function findApp(knex: Knex, userId: string): Promise<App | undefined> {
  return knex('second_factors')
    .where({ user_id: userId })
    .first<App | undefined>('sealed_secret as sealedSecret', 'confirmed_at as confirmedAt');
}

async function announce(context: AccountsContext, trx: Transaction, { id, username }: User, sessionId: string, state: 'on' | 'off'): Promise<void> {
  await factorsChanged(context, trx, id, sessionId);
  await context.mail.send(trx, { to: { userId: id }, template: MAILS.secondFactorChanged, values: { username, state } });
}
