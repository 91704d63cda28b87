import type { Knex } from 'knex';
import { execute, type Statement } from '../database/statement.ts';
import { ApiError } from '../http/errors.ts';

/** One call of update_credit_balance(). */
export interface LedgerChange {
  userId: string;
  /** Positive gives, negative takes. */
  amount: number;
  action: string;
  metadata: Record<string, unknown>;
  /** Scoped by its owner: see ledgerKey(). */
  idempotencyKey: string;
  expectedVersion?: number | undefined;
}

export interface LedgerEntry {
  entryId: string;
  balance: number;
  version: number;
  isReplay: boolean;
}

interface Outcome {
  position: number;
  success: boolean;
  new_balance: number | null;
  entry_id: string | null;
  error_message: string | null;
  version: number | null;
}

const APPLY_CHANGES: Statement = {
  name: 'apply_credit_changes',
  text: 'SELECT * FROM apply_credit_changes($1::TEXT[], $2::INTEGER[], $3::TEXT[], $4::JSONB[], $5::TEXT[], $6::INTEGER[])',
};

/** A key that nobody else's request can hit: every part is the kernel's word but the last, which is the client's. */
export function ledgerKey(...parts: string[]): string {
  return parts.map((part) => part.replaceAll(':', '::')).join(':');
}

/** Appends one entry, in the caller's transaction when `knex` is one. @throws ApiError naming why it is refused. */
export async function changeCredits(knex: Knex, change: LedgerChange): Promise<LedgerEntry> {
  const [outcome] = await applyChanges(knex, [change]);
  if (outcome === undefined) throw new TypeError('apply_credit_changes answered nothing.');
  return toEntry(change, outcome);
}

async function applyChanges(knex: Knex, changes: readonly LedgerChange[]): Promise<Outcome[]> {
  const outcomes = await execute<Outcome>(knex, APPLY_CHANGES, [
    changes.map(({ userId }) => userId),
    changes.map(({ amount }) => amount),
    changes.map(({ action }) => action),
    changes.map(({ metadata }) => JSON.stringify(metadata)),
    changes.map(({ idempotencyKey }) => idempotencyKey),
    changes.map(({ expectedVersion }) => expectedVersion ?? null),
  ]);
  return outcomes.sort((a, b) => a.position - b.position);
}

function toEntry(change: LedgerChange, outcome: Outcome): LedgerEntry {
  const { success, entry_id: entryId, new_balance: balance, version, error_message: message } = outcome;
  if (!success || entryId === null || balance === null || version === null) throw refusal(change, outcome);
  return { entryId, balance, version, isReplay: message !== null };
}

function refusal(change: LedgerChange, outcome: Outcome): ApiError {
  switch (outcome.error_message) {
    case 'Insufficient credits':
      return new ApiError('INSUFFICIENT_CREDITS', undefined, {
        details: { required: -change.amount, available: outcome.new_balance ?? 0 },
      });
    case 'Version mismatch':
      return new ApiError('VERSION_MISMATCH', 'The balance has changed since it was read.', {
        details: { expected: change.expectedVersion, current: outcome.version },
      });
    case 'Idempotency key conflict':
      return new ApiError('IDEMPOTENCY_CONFLICT');
    case 'User not found':
      return new ApiError('NOT_FOUND', 'No user has this id.');
    case 'Balance limit exceeded':
      return new ApiError('UNPROCESSABLE', 'The balance would be larger than a balance can be.');
    default:
      return new ApiError('INTERNAL_ERROR', undefined, { cause: outcome.error_message });
  }
}
