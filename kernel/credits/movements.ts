import type { Knex } from 'knex';
import { query } from '../database/statement.ts';
import { toEntry, withEntry, type LedgerEntry, type Outcome } from './ledger.ts';

export interface Refund {
  userId: string;
  entryId: string;
  /** All that is left of the entry unless said. */
  amount?: number | undefined;
  action: string;
  metadata: Record<string, unknown>;
  idempotencyKey: string;
  /** Only an entry that this owner made. */
  onlyOf?: string;
}

export interface Transfer {
  senderId: string;
  recipientId: string;
  amount: number;
  action: string;
  metadata: Record<string, unknown>;
  idempotencyKey: string;
}

/** A movement whose credits came with money: the money's way back may meet a balance that is spent. */
export interface PurchaseMovement {
  userId: string;
  amount: number;
  action: string;
  metadata: Record<string, unknown>;
  idempotencyKey: string;
  /** The purchase. */
  source: string;
}

/** Undoes an entry, wholly or in part. @throws ApiError NOT_FOUND, UNPROCESSABLE, INSUFFICIENT_CREDITS, … */
export async function refundEntry(knex: Knex, refund: Refund): Promise<LedgerEntry & { entryId: string }> {
  const { userId, entryId, amount, action, metadata, idempotencyKey, onlyOf } = refund;
  const values = [userId, entryId, amount ?? null, action, JSON.stringify(metadata), idempotencyKey, onlyOf ?? null];
  return withEntry(await move(knex, 'refund_credits($1, $2, $3, $4, $5, $6, $7)', values, {}));
}

/** Moves credits between two users; answers the sender's entry. @throws ApiError INSUFFICIENT_CREDITS, NOT_FOUND, … */
export async function transferCredits(knex: Knex, transfer: Transfer): Promise<LedgerEntry & { entryId: string }> {
  const { senderId, recipientId, amount, action, metadata, idempotencyKey } = transfer;
  const values = [senderId, recipientId, amount, action, JSON.stringify(metadata), idempotencyKey];
  return withEntry(await move(knex, 'transfer_credits($1, $2, $3, $4, $5, $6)', values, { amount }));
}

/** Takes back as far as the balance goes; the rest is owed, and paid by what the user gets next. Answers what was taken. */
export async function clawBackCredits(knex: Knex, movement: PurchaseMovement): Promise<LedgerEntry> {
  return move(knex, 'claw_back_credits($1, $2, $3, $4, $5, $6)', purchaseValues(movement), {});
}

/** Forgives what is still owed for the source, and gives the rest. */
export async function restoreCredits(knex: Knex, movement: PurchaseMovement): Promise<LedgerEntry> {
  return move(knex, 'restore_credits($1, $2, $3, $4, $5, $6)', purchaseValues(movement), {});
}

function purchaseValues({ userId, amount, action, metadata, idempotencyKey, source }: PurchaseMovement): unknown[] {
  return [userId, amount, action, JSON.stringify(metadata), idempotencyKey, source];
}

async function move(knex: Knex, call: string, values: unknown[], asked: { amount?: number }): Promise<LedgerEntry> {
  const { rows } = await query(knex, `SELECT 0 AS position, * FROM ${call}`, values);
  return toEntry(asked, rows[0] as Outcome | undefined);
}
