/** What GET /admin/overview answers. */
export interface Overview {
  at: string;
  people: Record<'members' | 'activeToday' | 'active7' | 'active28' | 'new7' | 'quiet' | 'suspended' | 'banned' | 'leaving', number>;
  days: { day: string; joined: number; sold: number; spent: number; given: number }[];
  money: {
    outstanding: number;
    owed: number;
    subscriptions: number;
    revenue: { currency: string; amountCents: number }[];
    failedPurchases: number;
    refundedPurchases: number;
    waitingEvents: number;
    failingEvents: number;
    lastEventAt: string | null;
  };
  data: { version: string; databaseVersion: string; databaseBytes: number; freeBytes: number | null; payments: boolean };
}

export interface WorkState {
  waiting: number;
  failed: number;
}
