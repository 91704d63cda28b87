import type { Transaction } from '../database/transaction.ts';
import { chargePrice, move, type CreditsContext } from './credits.ts';
import { captureHold, openHold, releaseHold } from './holds.ts';
import { applyChanges, ledgerKey, toEntry, withEntry, type LedgerEntry } from './ledger.ts';
import { refundEntry, transferCredits } from './movements.ts';
import type { ChargeResult, CreditChange, CreditsService, GrantResult } from './service.ts';

const LONGEST_HOLD_SECONDS = 86_400;

/** The credits of one plugin: its keys cannot meet those of another, and every entry says whose it is. */
export function createCreditsService(owner: string, context: CreditsContext): CreditsService {
  const metadataOf = (given: Record<string, unknown> = {}): Record<string, unknown> => ({ ...refuseReserved(given), by: owner });
  const keyed = (change: CreditChange): { userId: string; action: string; metadata: Record<string, unknown>; idempotencyKey: string } => ({
    userId: change.userId,
    action: change.action,
    metadata: metadataOf(change.metadata),
    idempotencyKey: ledgerKey('p', owner, change.userId, change.action, change.key),
  });
  const moveAmount = async (trx: Transaction | undefined, change: CreditChange, amount: number): Promise<GrantResult> =>
    toResult(withEntry(await move(context, trx, { ...keyed(change), amount })));
  const charge = async (trx: Transaction | undefined, change: CreditChange): Promise<ChargeResult> =>
    toResult(await chargePrice(context, trx, keyed(change)));
  return {
    charge,
    grant: async (trx, change) => moveAmount(trx, change, positive(change.amount)),
    grantAll: async (trx, changes) => {
      if (changes.length === 0) return [];
      const moves = changes.map((change) => ({ ...keyed(change), amount: positive(change.amount) }));
      const outcomes = await applyChanges(trx, moves);
      return outcomes.map((outcome, index) => toResult(withEntry(toEntry(moves[index] ?? {}, outcome))));
    },
    take: async (trx, change) => moveAmount(trx, change, -positive(change.amount)),
    refund: async (trx, { userId, entryId, key, amount, metadata }) => {
      const idempotencyKey = ledgerKey('p', owner, userId, 'refund', key);
      const refund = { userId, entryId, action: 'refund', metadata: metadataOf(metadata), idempotencyKey, onlyOf: owner };
      return toResult(await refundEntry(trx, { ...refund, amount: amount === undefined ? undefined : positive(amount) }));
    },
    transfer: async (trx, { senderId, recipientId, amount, ...change }) => {
      if (senderId === recipientId) throw new RangeError('Credits are transferred between two members, not one.');
      const { userId: _userId, ...keys } = keyed({ ...change, userId: senderId });
      return toResult(await transferCredits(trx, { ...keys, senderId, recipientId, amount: positive(amount) }));
    },
    reserve: async (trx, { amount, expiresInSeconds, ...change }) => {
      const expiresAt = new Date(context.clock.now().getTime() + holdSeconds(expiresInSeconds) * 1000);
      const held = amount === undefined ? await charge(trx, change) : await moveAmount(trx, change, -positive(amount));
      const { userId, idempotencyKey } = keyed(change);
      return openHold(trx, { owner, userId, idempotencyKey, entryId: held.entryId, amount: held.amount, expiresAt });
    },
    capture: (trx, holdId, { amount } = {}) => captureHold(trx, owner, holdId, amount),
    release: (trx, holdId) => releaseHold(trx, owner, holdId),
  };
}

function toResult<Entry extends LedgerEntry>({ entryId, amount, balance, isReplay }: Entry): Omit<Entry, 'version'> {
  return { entryId, amount, balance, isReplay } as Omit<Entry, 'version'>;
}

function refuseReserved(metadata: Record<string, unknown>): Record<string, unknown> {
  const reserved = Object.keys(metadata).find((name) => RESERVED_METADATA.test(name));
  if (reserved !== undefined) throw new RangeError(`The metadata name "${reserved}" is the kernel's.`);
  return metadata;
}

/** What only the kernel writes into an entry: who caused it and what it belongs to. */
const RESERVED_METADATA = /^(_.*|by|refundOf|transferTo|transferFrom)$/;

function positive(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount < 1 || amount > 2_147_483_647) {
    throw new RangeError(`An amount of credits is a whole number from 1 to 2,147,483,647, not ${String(amount)}.`);
  }
  return amount;
}

function holdSeconds(seconds: number): number {
  if (!(seconds >= 1 && seconds <= LONGEST_HOLD_SECONDS)) {
    throw new RangeError(`A hold expires in 1 to ${String(LONGEST_HOLD_SECONDS)} seconds, not ${String(seconds)}.`);
  }
  return seconds;
}
