import type { Knex } from 'knex';
import { execute, type Statement } from '../database/statement.ts';
import { ApiError } from '../http/errors.ts';

/** One call of update_credit_balance(). */
export interface LedgerChange {
  userId: string;
  /** Positive gives, negative takes. */
  amount: number;
  action: string;
  /** `by` says who caused the entry: `user`, a plugin's id, `admin:{user id}`, `stripe`, `kernel`. */
  metadata: Record<string, unknown>;
  /** Scoped by its owner: see ledgerKey(). */
  idempotencyKey: string;
  expectedVersion?: number | undefined;
}

/** The price of an action, to be taken from a user. */
export interface LedgerCharge extends Omit<LedgerChange, 'amount'> {
  /** The catalogue's, less what a subscription or the trial covers, unless plugins had a say. */
  terms?: { price: number; unlimitedReason: string | null } | undefined;
}

export interface LedgerEntry {
  /** Null when nothing moved: who is entitled is charged nothing. */
  entryId: string | null;
  /** What moved, without its sign. */
  amount: number;
  balance: number;
  version: number;
  isReplay: boolean;
}

/** What the ledger's functions answer for one change. */
export interface Outcome {
  position: number;
  success: boolean;
  entry_id: string | null;
  amount: number | null;
  new_balance: number | null;
  version: number | null;
  error_message: string | null;
}

const APPLY_CHANGES: Statement = {
  name: 'apply_credit_changes',
  text: 'SELECT * FROM apply_credit_changes($1::TEXT[], $2::INTEGER[], $3::TEXT[], $4::JSONB[], $5::TEXT[], $6::INTEGER[])',
};

const APPLY_CHARGES: Statement = {
  name: 'apply_credit_charges',
  text: `SELECT * FROM apply_credit_charges(
    $1::TEXT[], $2::TEXT[], $3::JSONB[], $4::TEXT[], $5::INTEGER[], $6::INTEGER[], $7::TEXT[], $8::TIMESTAMPTZ)`,
};

/** A key that nobody else's request can hit: every part is the kernel's word but the last, which is the client's. */
export function ledgerKey(...parts: string[]): string {
  return parts.map((part) => part.replaceAll(':', '::')).join(':');
}

/** Appends entries in one round trip; each has its own outcome, in the order given. */
export async function applyChanges(knex: Knex, changes: readonly LedgerChange[]): Promise<Outcome[]> {
  return inOrder(
    await execute<Outcome>(knex, APPLY_CHANGES, [
      changes.map(({ userId }) => userId),
      changes.map(({ amount }) => amount),
      changes.map(({ action }) => action),
      changes.map(({ metadata }) => JSON.stringify(metadata)),
      changes.map(({ idempotencyKey }) => idempotencyKey),
      changes.map(({ expectedVersion }) => expectedVersion ?? null),
    ]),
  );
}

/** Takes prices in one round trip; each has its own outcome, in the order given. `now` decides whose trial is over. */
export async function applyCharges(knex: Knex, charges: readonly LedgerCharge[], now: Date): Promise<Outcome[]> {
  return inOrder(
    await execute<Outcome>(knex, APPLY_CHARGES, [
      charges.map(({ userId }) => userId),
      charges.map(({ action }) => action),
      charges.map(({ metadata }) => JSON.stringify(metadata)),
      charges.map(({ idempotencyKey }) => idempotencyKey),
      charges.map(({ expectedVersion }) => expectedVersion ?? null),
      charges.map(({ terms }) => terms?.price ?? null),
      charges.map(({ terms }) => terms?.unlimitedReason ?? null),
      now,
    ]),
  );
}

function inOrder(outcomes: Outcome[]): Outcome[] {
  return outcomes.sort((a, b) => a.position - b.position);
}

/** Appends one entry, in the caller's transaction when `knex` is one. @throws ApiError naming why it is refused. */
export async function changeCredits(knex: Knex, change: LedgerChange): Promise<LedgerEntry & { entryId: string }> {
  const [outcome] = await applyChanges(knex, [change]);
  return withEntry(toEntry(change, outcome));
}

/** The same entry, for movements that always leave one. */
export function withEntry(entry: LedgerEntry): LedgerEntry & { entryId: string } {
  const { entryId } = entry;
  if (entryId === null) throw new TypeError('The ledger answered no entry.');
  return { ...entry, entryId };
}

/** What an outcome means. @throws ApiError naming why the change is refused. */
export function toEntry(asked: { amount?: number; expectedVersion?: number | undefined }, outcome?: Outcome): LedgerEntry {
  if (outcome === undefined) throw new TypeError('The ledger answered nothing.');
  const { success, entry_id: entryId, amount, new_balance: balance, version, error_message: message } = outcome;
  if (!success || amount === null || balance === null || version === null) throw refusal(asked, outcome);
  return { entryId, amount, balance, version, isReplay: message !== null };
}

function refusal(asked: { amount?: number; expectedVersion?: number | undefined }, outcome: Outcome): ApiError {
  const { error_message: message, new_balance: available, version, amount } = outcome;
  switch (message) {
    case 'Insufficient credits':
      return new ApiError('INSUFFICIENT_CREDITS', undefined, {
        details: { required: Math.abs(asked.amount ?? amount ?? 0), available: available ?? 0 },
      });
    case 'Version mismatch':
      return new ApiError('VERSION_MISMATCH', 'The balance has changed since it was read.', {
        details: { expected: asked.expectedVersion, current: version },
      });
    case 'Idempotency key conflict':
      return new ApiError('IDEMPOTENCY_CONFLICT');
    case 'User not found':
      return new ApiError('NOT_FOUND', 'No user has this id.');
    case 'Unknown action':
      return new ApiError('NOT_FOUND', 'There is no such credit action.');
    case 'Entry not found':
      return new ApiError('NOT_FOUND', 'No entry of this user has this id.');
    case 'Is itself a refund':
      return new ApiError('UNPROCESSABLE', 'This entry is itself a refund; it is not undone.');
    case 'More than is left':
      return new ApiError('UNPROCESSABLE', 'More cannot be given back than the entry took.', { details: { left: amount ?? 0 } });
    case 'Balance limit exceeded':
      return new ApiError('UNPROCESSABLE', 'The balance would be larger than a balance can be.');
    default:
      return new ApiError('INTERNAL_ERROR', undefined, { cause: message });
  }
}
