import { createHash, randomInt } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError, invalid } from '../http/errors.ts';
import type { Knex } from 'knex';
import { proveByPassword, type AccountsContext } from './accounts.ts';
import { MAILS } from './mails.ts';
import { endTokens } from './one-use-tokens.ts';
import { getUser } from './users.ts';

const SEAL = 'second-factor';
const STEP_SECONDS = 30;
/** A clock may be one step off. */
const WINDOW = 1;
const RECOVERY_CODES = 10;
/** Without letters and digits that are taken for one another. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

interface Factor {
  sealedSecret: string;
  confirmedAt: Date | null;
}

export interface SecondFactorState {
  enabled: boolean;
  recoveryCodesLeft: number;
}

export async function describeSecondFactor(knex: Knex, userId: string): Promise<SecondFactorState> {
  const { rows } = await knex.raw<Rows<SecondFactorState>>(
    `SELECT f.confirmed_at IS NOT NULL AS enabled, (SELECT count(*) FROM recovery_codes r WHERE r.user_id = f.user_id) AS "recoveryCodesLeft"
     FROM second_factors f WHERE f.user_id = ?`,
    [userId],
  );
  return rows[0] ?? { enabled: false, recoveryCodesLeft: 0 };
}

export async function hasSecondFactor(knex: Knex, userId: string): Promise<boolean> {
  return (await findFactor(knex, userId))?.confirmedAt instanceof Date;
}

/** Begins: makes a secret for an authenticator app. It counts once a code of it has been given. */
export async function beginSecondFactor(
  context: AccountsContext,
  userId: string,
  password: string,
): Promise<{ secret: string; uri: string }> {
  const user = await proveByPassword(context, userId, password, '/body/password');
  if (await hasSecondFactor(context.knex, userId)) throw new ApiError('CONFLICT', 'There is a second factor. Remove it first.');
  const secret = new Secret({ size: 20 });
  await context.knex('second_factors')
    .insert({ user_id: userId, sealed_secret: context.ring.seal(SEAL, secret.base32) })
    .onConflict('user_id')
    .merge()
    .whereNull('second_factors.confirmed_at');
  return { secret: secret.base32, uri: createTotp(secret, user.username).toString() };
}

/** Confirms the secret by a first code; answers the codes for when the app is lost, which are shown this once. */
export async function confirmSecondFactor(context: AccountsContext, userId: string, code: string): Promise<string[]> {
  return inTransaction(context.knex, async (trx) => {
    const factor = await findFactor(trx, userId);
    if (factor === undefined || factor.confirmedAt !== null) throw new ApiError('CONFLICT', 'No second factor waits to be confirmed.');
    if (!(await isTotpRight(context, trx, userId, factor, code))) throw invalid('/body/code', 'is wrong');
    await trx('second_factors').where({ user_id: userId }).update({ confirmed_at: trx.fn.now() });
    const codes = await replaceRecoveryCodes(trx, userId);
    await announce(context, trx, userId, 'on');
    // Administrators may have been waiting for it: the next refresh brings their roles.
    await context.revocations.revoke(trx, [userId], 'changed');
    return codes;
  });
}

export async function removeSecondFactor(
  context: AccountsContext,
  userId: string,
  proof: { password: string; code: string },
): Promise<void> {
  await proveByPassword(context, userId, proof.password, '/body/password');
  await inTransaction(context.knex, async (trx) => {
    if (!(await isSecondStepRight(context, trx, userId, proof.code))) throw invalid('/body/code', 'is wrong');
    await trx('second_factors').where({ user_id: userId }).delete();
    await announce(context, trx, userId, 'off');
    await context.revocations.revoke(trx, [userId], 'changed');
  });
}

export async function renewRecoveryCodes(context: AccountsContext, userId: string, password: string): Promise<string[]> {
  await proveByPassword(context, userId, password, '/body/password');
  return inTransaction(context.knex, async (trx) => {
    if (!(await hasSecondFactor(trx, userId))) throw new ApiError('CONFLICT', 'There is no second factor.');
    return replaceRecoveryCodes(trx, userId);
  });
}

/** Whether a code of the app, or one of the recovery codes, is right; each works once. */
export async function isSecondStepRight(
  context: AccountsContext,
  trx: Transaction,
  userId: string,
  code: string,
): Promise<boolean> {
  const factor = await findFactor(trx, userId);
  if (factor?.confirmedAt == null) return false;
  const plain = code.replace(/[\s-]/g, '').toUpperCase();
  if (/^\d{6}$/.test(plain)) return isTotpRight(context, trx, userId, factor, plain);
  return (await trx('recovery_codes').where({ user_id: userId, code_hash: hashCode(userId, plain) }).delete()) === 1;
}

async function isTotpRight(
  context: AccountsContext,
  trx: Transaction,
  userId: string,
  factor: Factor,
  code: string,
): Promise<boolean> {
  const secret = Secret.fromBase32(String(context.ring.open(SEAL, factor.sealedSecret)));
  const timestamp = context.clock.now().getTime();
  const delta = createTotp(secret, '').validate({ token: code.replace(/\s/g, ''), window: WINDOW, timestamp });
  if (delta === null) return false;
  const step = Math.floor(timestamp / 1000 / STEP_SECONDS) + delta;
  const used = await trx('second_factors').where({ user_id: userId }).where('last_step', '<', step).update({ last_step: step });
  return used === 1;
}

function createTotp(secret: Secret, label: string): TOTP {
  return new TOTP({ issuer: 'MuscleMap', label, algorithm: 'SHA1', digits: 6, period: STEP_SECONDS, secret });
}

async function findFactor(knex: Knex, userId: string): Promise<Factor | undefined> {
  return knex('second_factors')
    .where({ user_id: userId })
    .first<Factor | undefined>('sealed_secret as sealedSecret', 'confirmed_at as confirmedAt');
}

async function replaceRecoveryCodes(trx: Transaction, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, makeCode);
  await trx('recovery_codes').where({ user_id: userId }).delete();
  await trx('recovery_codes').insert(codes.map((code) => ({ user_id: userId, code_hash: hashCode(userId, code.replaceAll('-', '')) })));
  return codes;
}

/** 120 random bits, so that a plain hash keeps them, in groups to read. */
function makeCode(): string {
  const group = (): string => Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
  return Array.from({ length: 4 }, group).join('-');
}

function hashCode(userId: string, code: string): string {
  return createHash('sha256').update(`recovery:${userId}:${code}`).digest('base64url');
}

async function announce(context: AccountsContext, trx: Transaction, userId: string, state: 'on' | 'off'): Promise<void> {
  const { username } = await getUser(trx, userId);
  await endTokens(trx, userId, ['second-step']);
  await context.mail.send(trx, { to: { userId }, template: MAILS.secondFactorChanged, values: { username, state } });
}
