import type { AccountsContext } from './accounts.ts';

export const SWEEP_JOB = 'sweep-accounts';
/** Sessions that ended are kept so long, to know a device again. */
const KNOWN_DEVICE_DAYS = 365;

/** Drops what has expired: tokens, sessions, revocations that no living access token could still meet. */
export async function sweepAccounts(context: Pick<AccountsContext, 'knex'>): Promise<void> {
  const { knex } = context;
  await knex.raw('DELETE FROM account_tokens WHERE expires_at < clock_timestamp()');
  await knex.raw(`DELETE FROM access_revocations WHERE not_before < clock_timestamp() - INTERVAL '1 day'`);
  // A dead token is kept for as long as its reuse would tell of a theft: until it would have expired.
  await knex.raw('DELETE FROM refresh_tokens WHERE expires_at < clock_timestamp()');
  await knex.raw(`DELETE FROM sessions WHERE last_used_at < clock_timestamp() - :days * INTERVAL '1 day'`, {
    days: KNOWN_DEVICE_DAYS,
  });
}
