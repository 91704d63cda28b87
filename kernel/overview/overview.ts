import { statfs } from 'node:fs/promises';
import type { Knex } from 'knex';
import { readBackupState, type BackupState } from '../backup/records.ts';
import type { Rows } from '../database/connect.ts';

/** A member is quiet who has not been seen for so long. */
export const QUIET_DAYS = 14;
/** Days that are told of one by one. */
export const TOLD_DAYS = 28;

export interface People {
  members: number;
  activeToday: number;
  active7: number;
  active28: number;
  new7: number;
  quiet: number;
  suspended: number;
  banned: number;
  leaving: number;
  /** When the first of them is erased. */
  nextErasureAt: Date | null;
}

export interface Day {
  /** In UTC. */
  day: string;
  joined: number;
  sold: number;
  spent: number;
  given: number;
}

export interface Money {
  /** Credits that members hold: what is owed to them. */
  outstanding: number;
  /** Credits that were spent before their money was taken back. */
  owed: number;
  subscriptions: number;
  /** In the last 28 days, by currency. */
  revenue: { currency: string; amountCents: number }[];
  failedPurchases: number;
  refundedPurchases: number;
  /** What Stripe has told and is not worked on yet. */
  waitingEvents: number;
  failingEvents: number;
  lastEventAt: Date | null;
}

export interface Data extends BackupState {
  databaseVersion: string;
  databaseBytes: number;
  /** On the disk of the instance that answers; null where that cannot be asked. */
  freeBytes: number | null;
}

/** Who is there: one pass over accounts and their sessions. */
export async function readPeople(knex: Knex): Promise<People> {
  const { rows } = await knex.raw<Rows<People>>(
    `WITH seen AS (SELECT user_id, max(last_used_at) AS at FROM sessions GROUP BY user_id),
       people AS (
         SELECT u.created_at, u.flags->>'banned' = 'true' AS banned, u.flags->>'suspended' = 'true' AS suspended, seen.at,
           e.user_id IS NOT NULL AS leaving, e.erased_at IS NOT NULL AS erased, e.due_at
         FROM users u LEFT JOIN seen ON seen.user_id = u.id LEFT JOIN account_erasures e ON e.user_id = u.id
       )
     SELECT count(*) FILTER (WHERE NOT erased)::INTEGER AS members,
       count(*) FILTER (WHERE at > NOW() - INTERVAL '1 day')::INTEGER AS "activeToday",
       count(*) FILTER (WHERE at > NOW() - INTERVAL '7 days')::INTEGER AS active7,
       count(*) FILTER (WHERE at > NOW() - INTERVAL '28 days')::INTEGER AS active28,
       count(*) FILTER (WHERE created_at > NOW() - INTERVAL '7 days' AND NOT erased)::INTEGER AS new7,
       count(*) FILTER (WHERE at < NOW() - :quiet * INTERVAL '1 day' AND NOT banned AND NOT suspended AND NOT leaving)::INTEGER AS quiet,
       count(*) FILTER (WHERE suspended AND NOT erased)::INTEGER AS suspended,
       count(*) FILTER (WHERE banned AND NOT erased)::INTEGER AS banned,
       count(*) FILTER (WHERE leaving AND NOT erased)::INTEGER AS leaving,
       min(due_at) FILTER (WHERE NOT erased) AS "nextErasureAt"
     FROM people`,
    { quiet: QUIET_DAYS },
  );
  return rows[0] ?? { members: 0, activeToday: 0, active7: 0, active28: 0, new7: 0, quiet: 0, suspended: 0, banned: 0, leaving: 0, nextErasureAt: null };
}

/** Sign-ups and credits of the last days, every day of them. */
export async function readDays(knex: Knex): Promise<Day[]> {
  const { rows } = await knex.raw<Rows<Day>>(
    `WITH days AS (
       SELECT generate_series((NOW() AT TIME ZONE 'UTC')::DATE - (:days - 1), (NOW() AT TIME ZONE 'UTC')::DATE, '1 day')::DATE AS day
     ), joined AS (
       SELECT (created_at AT TIME ZONE 'UTC')::DATE AS day, count(*) AS joined FROM users
       WHERE created_at >= (SELECT min(day) FROM days) GROUP BY 1
     ), moved AS (
       SELECT (created_at AT TIME ZONE 'UTC')::DATE AS day,
         sum(amount) FILTER (WHERE action = 'purchase') AS sold,
         -sum(amount) FILTER (WHERE amount < 0 AND metadata->>'transferTo' IS NULL) AS spent,
         sum(amount) FILTER (WHERE amount > 0 AND action <> 'purchase' AND metadata->>'transferFrom' IS NULL) AS given
       FROM credit_ledger WHERE created_at >= (SELECT min(day) FROM days) GROUP BY 1
     )
     SELECT day::TEXT, coalesce(joined, 0)::INTEGER AS joined, coalesce(sold, 0)::INTEGER AS sold, coalesce(spent, 0)::INTEGER AS spent,
       coalesce(given, 0)::INTEGER AS given
     FROM days LEFT JOIN joined USING (day) LEFT JOIN moved USING (day) ORDER BY day`,
    { days: TOLD_DAYS },
  );
  return rows;
}

export async function readMoney(knex: Knex): Promise<Money> {
  const [held, bought, revenue, events] = await Promise.all([
    knex.raw<Rows<Pick<Money, 'outstanding' | 'owed' | 'subscriptions'>>>(
      `SELECT (SELECT coalesce(sum(balance), 0) FROM credit_balances)::FLOAT8 AS outstanding,
         (SELECT coalesce(sum(owed), 0) FROM credit_shortfalls WHERE owed > 0)::FLOAT8 AS owed,
         (SELECT count(*) FROM subscriptions WHERE status = 'active' AND current_period_end > NOW())::INTEGER AS subscriptions`,
    ),
    knex.raw<Rows<Pick<Money, 'failedPurchases' | 'refundedPurchases'>>>(
      `SELECT count(*) FILTER (WHERE status = 'failed')::INTEGER AS "failedPurchases",
         count(*) FILTER (WHERE status = 'refunded')::INTEGER AS "refundedPurchases"
       FROM purchases WHERE created_at > NOW() - :days * INTERVAL '1 day'`,
      { days: TOLD_DAYS },
    ),
    knex.raw<Rows<Money['revenue'][number]>>(
      `SELECT coalesce(metadata->>'currency', 'usd') AS currency,
         sum(amount_cents - coalesce((metadata->'refund'->>'cents')::INTEGER, 0))::FLOAT8 AS "amountCents"
       FROM purchases WHERE completed_at > NOW() - :days * INTERVAL '1 day' GROUP BY 1 ORDER BY 1`,
      { days: TOLD_DAYS },
    ),
    knex.raw<Rows<Pick<Money, 'waitingEvents' | 'failingEvents' | 'lastEventAt'>>>(
      `SELECT count(*) FILTER (WHERE processed_at IS NULL)::INTEGER AS "waitingEvents",
         count(*) FILTER (WHERE processed_at IS NULL AND attempts > 0)::INTEGER AS "failingEvents", max(received_at) AS "lastEventAt"
       FROM stripe_events`,
    ),
  ]);
  return {
    ...(held.rows[0] ?? { outstanding: 0, owed: 0, subscriptions: 0 }),
    ...(bought.rows[0] ?? { failedPurchases: 0, refundedPurchases: 0 }),
    revenue: revenue.rows,
    ...(events.rows[0] ?? { waitingEvents: 0, failingEvents: 0, lastEventAt: null }),
  };
}

export async function readData(knex: Knex, home: string): Promise<Data> {
  const [{ rows }, disk, backups] = await Promise.all([
    knex.raw<Rows<Pick<Data, 'databaseVersion' | 'databaseBytes'>>>(
      `SELECT current_setting('server_version') AS "databaseVersion", pg_database_size(current_database())::FLOAT8 AS "databaseBytes"`,
    ),
    statfs(home).catch(() => undefined),
    readBackupState(knex),
  ]);
  return {
    ...(rows[0] ?? { databaseVersion: '', databaseBytes: 0 }),
    ...backups,
    freeBytes: disk === undefined ? null : disk.bavail * disk.bsize,
  };
}

export interface PluginChange {
  at: Date;
  /** As `plugin.enable`. */
  action: string;
  plugin: string;
  actor: { kind: string; id: string | null; username: string | null };
}

const PLUGIN_CHANGES = ['enable', 'disable', 'configure', 'upgrade', 'rollback', 'uninstall'].map((verb) => `plugin.${verb}`);

/** What was last done to a plugin, and by whom. */
export async function readLastPluginChange(knex: Knex): Promise<PluginChange | null> {
  const { rows } = await knex.raw<Rows<Omit<PluginChange, 'actor'> & { kind: string; actorId: string | null; username: string | null }>>(
    `SELECT newest.at, newest.action, newest.object_id AS plugin, newest.actor_kind AS kind, newest.actor_id AS "actorId", u.username
     FROM unnest(?::TEXT[]) AS changes (change)
     CROSS JOIN LATERAL (SELECT * FROM audit_log WHERE action = change AND result = 'done' ORDER BY id DESC LIMIT 1) AS newest
     LEFT JOIN users u ON newest.actor_kind = 'user' AND u.id = newest.actor_id
     ORDER BY newest.id DESC LIMIT 1`,
    [PLUGIN_CHANGES],
  );
  const [row] = rows;
  if (row === undefined) return null;
  const { kind, actorId, username, ...change } = row;
  return { ...change, actor: { kind, id: actorId, username } };
}
