import type { Transaction } from '../database/transaction.ts';

/** A movement of one user's credits. */
export interface CreditChange {
  userId: string;
  /** What the entry is for: a credit action's id, or a word such as `milestone_reward`. */
  action: string;
  /** Unique within the plugin: the same key again answers the first entry and moves nothing. */
  key: string;
  /** Kept with the entry, shown in the user's history. */
  metadata?: Record<string, unknown>;
}

export interface ChargeResult {
  /** Null when the user pays nothing. */
  entryId: string | null;
  /** What was taken, 0 or more. */
  amount: number;
  /** Null when the user pays nothing. */
  balance: number | null;
  isReplay: boolean;
}

export interface GrantResult {
  entryId: string;
  amount: number;
  balance: number;
  isReplay: boolean;
}

/** Credits, for plugins. Every movement is idempotent by its key and part of the transaction it is given. */
export interface CreditsService {
  /**
   * Takes the price of a credit action. Who is entitled pays nothing and gets no entry.
   *
   * @throws ApiError INSUFFICIENT_CREDITS, NOT_FOUND for an action that is unknown or disabled, IDEMPOTENCY_CONFLICT.
   */
  charge(trx: Transaction, change: CreditChange): Promise<ChargeResult>;
  /** Gives credits. @throws ApiError UNPROCESSABLE when the balance would leave the range of an INTEGER. */
  grant(trx: Transaction, change: CreditChange & { amount: number }): Promise<GrantResult>;
  /** Takes a given amount, entitled or not: a fee or a stake. @throws ApiError INSUFFICIENT_CREDITS. */
  take(trx: Transaction, change: CreditChange & { amount: number }): Promise<GrantResult>;
}
