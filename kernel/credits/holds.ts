import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import { ledgerKey } from './ledger.ts';
import { refundEntry, type Refund } from './movements.ts';
import type { Hold } from './service.ts';

interface HoldRow extends Omit<Hold, 'isReplay'> {
  owner: string;
  entryId: string | null;
}

const COLUMNS = `id, owner, user_id AS "userId", entry_id AS "entryId", amount, status, captured, expires_at AS "expiresAt"`;
const SWEEP = 100;

/** Writes down what was just taken as a hold; the same key again answers the first one. */
export async function openHold(
  trx: Transaction,
  hold: { owner: string; userId: string; idempotencyKey: string; entryId: string | null; amount: number; expiresAt: Date },
): Promise<Hold> {
  const { rows } = await trx.raw<Rows<HoldRow>>(
    `INSERT INTO credit_holds (owner, user_id, idempotency_key, entry_id, amount, expires_at)
     VALUES (:owner, :userId, :idempotencyKey, :entryId, :amount, :expiresAt)
     ON CONFLICT (idempotency_key) DO NOTHING RETURNING ${COLUMNS}`,
    hold,
  );
  if (rows[0] !== undefined) return toHold(rows[0], false);
  const earlier = await trx.raw<Rows<HoldRow>>(`SELECT ${COLUMNS} FROM credit_holds WHERE idempotency_key = ?`, [
    hold.idempotencyKey,
  ]);
  const [row] = earlier.rows;
  // The key is that of a charge which was no hold.
  if (row === undefined) throw new ApiError('IDEMPOTENCY_CONFLICT');
  return toHold(row, true);
}

/** Keeps `amount` of what was set aside and gives the rest back. */
export async function captureHold(trx: Transaction, owner: string, id: string, amount?: number): Promise<Hold> {
  const hold = await lockHold(trx, owner, id);
  const kept = amount ?? hold.captured ?? hold.amount;
  if (!Number.isSafeInteger(kept) || kept < 0) throw new RangeError(`A hold is captured by a whole number, not ${String(kept)}.`);
  if (kept > hold.amount) {
    throw new ApiError('UNPROCESSABLE', 'More cannot be captured than was set aside.', { details: { amount: hold.amount } });
  }
  if (hold.status === 'captured' && hold.captured === kept) return toHold(hold, true);
  if (hold.status !== 'open') throw new ApiError('CONFLICT', `This hold is ${hold.status} already.`);
  return close(trx, hold, 'captured', kept);
}

/** Gives everything back. */
export async function releaseHold(trx: Transaction, owner: string, id: string): Promise<Hold> {
  const hold = await lockHold(trx, owner, id);
  if (hold.status === 'captured') throw new ApiError('CONFLICT', 'This hold is captured already.');
  return hold.status === 'open' ? close(trx, hold, 'released', 0) : toHold(hold, true);
}

/** Gives back every hold that has expired, each in its own transaction; answers how many. Several instances share the work. */
export async function releaseExpiredHolds(
  knex: Knex,
  now: Date,
  onFailure: (holdId: string, error: unknown) => void = () => undefined,
): Promise<number> {
  const tried: string[] = [];
  let released = 0;
  while (tried.length < SWEEP) {
    const attempt = { id: undefined as string | undefined };
    try {
      await inTransaction(knex, async (trx) => {
        const hold = await lockExpired(trx, now, tried);
        attempt.id = hold?.id;
        if (hold !== undefined) await close(trx, hold, 'expired', 0);
      });
      if (attempt.id === undefined) break;
      released += 1;
    } catch (error) {
      if (attempt.id === undefined) throw error;
      onFailure(attempt.id, error);
    }
    tried.push(attempt.id);
  }
  return released;
}

async function lockExpired(trx: Transaction, now: Date, tried: readonly string[]): Promise<HoldRow | undefined> {
  const { rows } = await trx.raw<Rows<HoldRow>>(
    `SELECT ${COLUMNS} FROM credit_holds WHERE status = 'open' AND expires_at <= ? AND id <> ALL (?)
     ORDER BY expires_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
    [now, [...tried]],
  );
  return rows[0];
}

async function lockHold(trx: Transaction, owner: string, id: string): Promise<HoldRow> {
  const { rows } = await trx.raw<Rows<HoldRow>>(`SELECT ${COLUMNS} FROM credit_holds WHERE id = ? AND owner = ? FOR UPDATE`, [
    id,
    owner,
  ]);
  const [hold] = rows;
  if (hold === undefined) throw new ApiError('NOT_FOUND', 'No hold has this id.');
  return hold;
}

async function close(trx: Transaction, hold: HoldRow, status: 'captured' | 'released' | 'expired', kept: number): Promise<Hold> {
  const { id, owner, userId, entryId, amount } = hold;
  if (entryId !== null && kept < amount) {
    const metadata = { by: status === 'expired' ? 'kernel' : owner, hold: id };
    await giveBack(trx, { userId, entryId, metadata, idempotencyKey: ledgerKey('release', id) }, amount - kept);
  }
  const captured = status === 'captured' ? kept : null;
  await trx.raw('UPDATE credit_holds SET status = ?, captured = ? WHERE id = ?', [status, captured, id]);
  return toHold({ ...hold, status, captured }, false);
}

/** An administrator may have reversed the entry, or a part of it, while it was held. */
async function giveBack(trx: Transaction, refund: Omit<Refund, 'action' | 'amount'>, amount: number): Promise<void> {
  try {
    await refundEntry(trx, { ...refund, action: 'hold_release', amount });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'UNPROCESSABLE') throw error;
    const { left = 0 } = (error.details ?? {}) as { left?: number };
    if (left > 0) await refundEntry(trx, { ...refund, action: 'hold_release', amount: left });
  }
}

function toHold({ id, userId, amount, status, captured, expiresAt }: HoldRow, isReplay: boolean): Hold {
  return { id, userId, amount, status, captured, expiresAt, isReplay };
}
