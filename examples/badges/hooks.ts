import type { Transaction, TransactionHook } from 'musclemap';

/** A badge is being awarded, in the transaction that does it. A tap with `veto` may refuse. */
export interface BadgeEarned {
  trx: Transaction;
  userId: string;
  badge: string;
}

declare module 'musclemap' {
  interface PluginContracts {
    badges: { hooks: { badgeEarned: TransactionHook<BadgeEarned> }; services: { names: readonly string[] } };
  }
  interface EventPayloads {
    'badge.earned': { userId: string; badge: string };
  }
}
