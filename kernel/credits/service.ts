import type { Transaction } from '../database/transaction.ts';

/** A movement of one user's credits. */
export interface CreditChange {
  userId: string;
  /** What the entry is for: a credit action's id, or a word such as `milestone_reward`. */
  action: string;
  /** Unique within the plugin, user and action: the same key again answers the first entry and moves nothing. */
  key: string;
  /** Kept with the entry, shown in the user's history. The names `by`, `refundOf`, `transferTo`, `transferFrom` and `_…` are the kernel's. */
  metadata?: Record<string, unknown>;
}

/** What a charge did. Amounts are credits. */
export interface ChargeResult {
  /** Null when the user pays nothing. */
  entryId: string | null;
  /** What was taken, 0 or more. */
  amount: number;
  /** After the charge. */
  balance: number;
  /** Whether the same key had been charged before. */
  isReplay: boolean;
}

/** What came of giving credits to somebody, or of passing them on. */
export interface GrantResult {
  entryId: string;
  /** What was moved, 1 or more. */
  amount: number;
  /** After the movement; of the sender when credits are transferred. */
  balance: number;
  isReplay: boolean;
}

/** Credits that are set aside until the work they pay for is done. */
export interface Hold {
  /** `hold_{uuid}` */
  id: string;
  userId: string;
  /** What was set aside; 0 for who pays nothing. */
  amount: number;
  /** `expired` credits have gone back to the user. */
  status: 'open' | 'captured' | 'released' | 'expired';
  /** What was kept, once captured. */
  captured: number | null;
  expiresAt: Date;
  isReplay: boolean;
}

/**
 * Credits, for plugins. Every movement is idempotent by its key, is one entry of the ledger (or two, or none), and is part of
 * the transaction it is given. Without one (`undefined`) a charge, grant or take is committed when the call returns, together
 * with what others move at the same moment: the fastest way where nothing else has to be committed with it.
 *
 * @example
 * const paid = await kernel.credits.charge(trx, { userId, action: 'tips.insights', key: reportId });
 * if (paid.amount > 0) kernel.log.info({ userId }, 'paid for insights');
 */
export interface CreditsService {
  /**
   * Takes the price of a credit action. Who is entitled pays nothing and gets no entry.
   *
   * @throws ApiError INSUFFICIENT_CREDITS, NOT_FOUND for an action that is unknown or disabled, IDEMPOTENCY_CONFLICT.
   */
  charge(trx: Transaction | undefined, change: CreditChange): Promise<ChargeResult>;
  /** Gives credits. @throws ApiError UNPROCESSABLE when the balance would leave the range of an INTEGER. */
  grant(trx: Transaction | undefined, change: CreditChange & { amount: number }): Promise<GrantResult>;
  /**
   * Gives credits to many in one statement: prizes, refunds of a canceled event. All or nothing, in the order given.
   *
   * @throws ApiError as `grant` does.
   */
  grantAll(trx: Transaction, changes: readonly (CreditChange & { amount: number })[]): Promise<GrantResult[]>;
  /** Takes a given amount, entitled or not: a fee or a stake. @throws ApiError INSUFFICIENT_CREDITS. */
  take(trx: Transaction | undefined, change: CreditChange & { amount: number }): Promise<GrantResult>;
  /**
   * Gives back what an entry of this plugin took: all that is left of it, or `amount`. However many refunds an entry gets,
   * together they never give more than it took.
   *
   * @throws ApiError NOT_FOUND for an entry that this plugin did not make, UNPROCESSABLE when nothing or less is left.
   */
  refund(
    trx: Transaction,
    refund: { userId: string; entryId: string; key: string; amount?: number; metadata?: Record<string, unknown> },
  ): Promise<GrantResult>;
  /**
   * Moves credits between two members: two entries, both or none.
   *
   * @throws ApiError INSUFFICIENT_CREDITS, NOT_FOUND for an unknown user.
   */
  transfer(
    trx: Transaction,
    change: Omit<CreditChange, 'userId'> & { senderId: string; recipientId: string; amount: number },
  ): Promise<GrantResult>;
  /**
   * Sets credits aside for work that may fail: the price of the action, or `amount` of them. They are taken at once and go
   * back by themselves at most 60 s after `expiresInSeconds` (1 to 86,400), unless they are captured or released before.
   *
   * @example
   * const hold = await kernel.database.transaction((trx) =>
   *   kernel.credits.reserve(trx, { userId, action: 'coach.plan', key: orderId, expiresInSeconds: 300 }));
   * const plan = await askCoach();
   * await kernel.database.transaction((trx) => kernel.credits.capture(trx, hold.id));
   *
   * @throws ApiError as `charge` does.
   */
  reserve(trx: Transaction, change: CreditChange & { amount?: number; expiresInSeconds: number }): Promise<Hold>;
  /**
   * Keeps what a hold set aside, or `amount` of it (0 or more); the rest goes back. The same capture again changes nothing.
   *
   * @throws ApiError NOT_FOUND, CONFLICT when it was released or has expired, UNPROCESSABLE for more than was set aside.
   */
  capture(trx: Transaction, holdId: string, options?: { amount?: number }): Promise<Hold>;
  /** Gives a hold back. The same release again changes nothing. @throws ApiError NOT_FOUND, CONFLICT when it was captured. */
  release(trx: Transaction, holdId: string): Promise<Hold>;
}
