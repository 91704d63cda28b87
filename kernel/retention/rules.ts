import type { Config } from '../config/config.ts';

/** Which rows of a table are old enough to go. */
export interface RetentionRule {
  table: string;
  /** How long a row is kept once `aged` says how old it is. */
  keepDays: number;
  /** The column that tells the age. */
  aged: string;
  /** Which old rows may go; all of them unless said. Written by us, never from outside. */
  only?: string;
}

/**
 * What grows with use and is worth nothing after a while. Kept for ever on purpose: the ledger with its holds and shortfalls,
 * purchases, and whatever belongs to a member until they erase it.
 */
export function retentionRules({ retention }: Pick<Config, 'retention'>): readonly RetentionRule[] {
  return [
    // A key is only worth something as long as somebody may still send its request again.
    { table: 'idempotency_keys', aged: 'created_at', keepDays: retention.idempotencyDays },
    // The same request, where nothing was to be paid.
    { table: 'free_charges', aged: 'created_at', keepDays: retention.idempotencyDays },
    // A day more, for clocks that differ.
    { table: 'account_tokens', aged: 'expires_at', keepDays: 1 },
    // No access token that was made before is alive a day later.
    { table: 'access_revocations', aged: 'not_before', keepDays: 1 },
    // A dead token is kept for as long as its reuse would tell of a theft: until it would have expired.
    { table: 'refresh_tokens', aged: 'expires_at', keepDays: 1 },
    // Sessions that ended are kept so long, to know a device again.
    { table: 'sessions', aged: 'last_used_at', keepDays: retention.knownDeviceDays },
    // Stripe sends an event again for days, and we ask for those of a month.
    { table: 'stripe_events', aged: 'received_at', keepDays: retention.stripeEventDays, only: 'processed_at IS NOT NULL' },
    // Only the last day is ever looked at.
    { table: 'plugin_faults', aged: 'hour', keepDays: 7 },
  ];
}
