import { createHash, randomInt } from 'node:crypto';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import { proveByPassword, type AccountsContext } from '../accounts.ts';
import { dropRecoveryCodes, hasSecondFactor, lockFactors, type Member } from './factors.ts';

const RECOVERY_CODES = 10;
/** Without letters and digits that are taken for one another. */
const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

export async function renewRecoveryCodes(context: AccountsContext, { id: userId, sessionId }: Member, password: string): Promise<string[]> {
  await proveByPassword(context, userId, password, '/body/password');
  return inTransaction(context.knex, async (trx) => {
    await lockFactors(trx, userId);
    if (!(await hasSecondFactor(trx, userId))) throw new ApiError('CONFLICT', 'There is no second factor.');
    await context.sessions.end(trx, userId, { except: sessionId });
    return replaceRecoveryCodes(trx, userId);
  });
}

/** Codes for when the factor is lost, in place of the former ones. */
export async function replaceRecoveryCodes(trx: Transaction, userId: string): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, makeCode);
  await dropRecoveryCodes(trx, userId);
  await trx('recovery_codes').insert(codes.map((code) => ({ user_id: userId, code_hash: hashCode(userId, toPlain(code)) })));
  return codes;
}

/** Uses a code up. Answers whether it was one. */
export async function takeRecoveryCode(trx: Transaction, userId: string, code: string): Promise<boolean> {
  const taken = await trx('recovery_codes').where({ user_id: userId, code_hash: hashCode(userId, toPlain(code)) }).delete();
  return taken === 1;
}

/** 120 random bits, so that a plain hash keeps them, in groups to read. */
function makeCode(): string {
  const group = (): string => Array.from({ length: 6 }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
  return Array.from({ length: 4 }, group).join('-');
}

function toPlain(code: string): string {
  return code.replace(/[\s-]/g, '').toUpperCase();
}

function hashCode(userId: string, code: string): string {
  return createHash('sha256').update(`recovery:${userId}:${code}`).digest('base64url');
}
