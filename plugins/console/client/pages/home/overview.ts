import { get } from '../../ui/api.ts';

export interface Money {
  outstanding: number;
  owed: number;
  subscriptions: number;
  revenue: { currency: string; amountCents: number }[];
  failedPurchases: number;
  refundedPurchases: number;
  waitingEvents: number;
  failingEvents: number;
  lastEventAt: string | null;
}

interface BackupRecord {
  file: string;
  at: string;
}

/** What GET /admin/overview answers; money only to who may see it. */
export interface Overview {
  at: string;
  people: Record<'members' | 'activeToday' | 'active7' | 'active28' | 'new7' | 'quiet' | 'suspended' | 'banned' | 'leaving', number> & { nextErasureAt: string | null };
  days: { day: string; joined: number; sold: number | null; spent: number | null; given: number | null }[];
  money: Money | null;
  plugins: {
    /** In the last 24 hours, of those that failed. */
    faults: { plugin: string; faults: number }[];
    lastChange: { at: string; action: string; plugin: string; actor: { kind: string; id: string | null; username: string | null } } | null;
  };
  data: {
    version: string;
    databaseVersion: string;
    databaseBytes: number;
    freeBytes: number | null;
    payments: boolean;
    written: BackupRecord | null;
    tested: BackupRecord | null;
  };
}

export interface WorkState {
  waiting: number;
  failed: number;
}

/** The background work of each plugin. @throws ApiProblem */
export function readWork(signal: AbortSignal): Promise<WorkState[]> {
  return get<WorkState[]>('/admin/jobs', {}, signal);
}
