import type { Knex } from 'knex';
import type { ExporterRegistrar } from './personal-data.ts';

interface Part {
  name: string;
  sql: string;
}

/** What the kernel itself holds about a user. Secrets and hashes are nobody's data. */
const PARTS: readonly Part[] = [
  {
    name: 'account',
    sql: `SELECT id, email, username, display_name, avatar_url, roles, flags, current_archetype_id, current_level,
            trial_started_at, trial_ends_at, created_at, updated_at FROM users WHERE id = ?`,
  },
  { name: 'privacy', sql: 'SELECT profile, on_leaderboard, in_feed, searchable, consents, updated_at FROM account_settings WHERE user_id = ?' },
  { name: 'sessions', sql: 'SELECT id, device, ip, created_at, last_used_at, ended_at FROM sessions WHERE user_id = ? ORDER BY created_at' },
  { name: 'secondFactor', sql: 'SELECT confirmed_at FROM second_factors WHERE user_id = ?' },
  { name: 'passkeys', sql: 'SELECT id, name, transports, backed_up, created_at, last_used_at FROM passkeys WHERE user_id = ? ORDER BY created_at' },
  { name: 'credits', sql: 'SELECT balance, lifetime_earned, lifetime_spent FROM credit_balances WHERE user_id = ?' },
  { name: 'purchases', sql: 'SELECT * FROM purchases WHERE user_id = ? ORDER BY created_at' },
  { name: 'subscriptions', sql: 'SELECT * FROM subscriptions WHERE user_id = ? ORDER BY created_at' },
];

const PIECE = 500;

/** Registers what the kernel exports. Its erasure is the account's own (erasure.ts). */
export function registerOwnData(exporters: ExporterRegistrar, knex: Knex): void {
  const erase = (): Promise<void> => Promise.resolve();
  for (const { name, sql } of PARTS) {
    exporters.add({ name, erase, export: async (userId) => (await knex.raw<{ rows: object[] }>(sql, [userId])).rows });
  }
  exporters.add({ name: 'ledger', erase, export: (userId) => pages(knex, userId, LEDGER) });
  exporters.add({ name: 'activity', erase, export: (userId) => pages(knex, userId, AUDIT) });
}

const LEDGER = {
  first: '1970-01-01 00:00:00+00 ',
  sql: `SELECT id, action, amount, balance_after, metadata - '_request' AS metadata, created_at, created_at::TEXT || ' ' || id AS position
        FROM credit_ledger
        WHERE user_id = :userId AND (created_at, id) >
          ((split_part(:after, ' ', 1) || ' ' || split_part(:after, ' ', 2))::TIMESTAMPTZ, split_part(:after, ' ', 3))
        ORDER BY created_at, id LIMIT :limit`,
};
const AUDIT = {
  first: '0',
  sql: `SELECT at, action, object_type, object_id, result, ip, id::TEXT AS position
        FROM audit_log WHERE actor_id = :userId AND id > :after::BIGINT ORDER BY id LIMIT :limit`,
};

async function* pages(knex: Knex, userId: string, source: { first: string; sql: string }): AsyncGenerator<object> {
  let after = source.first;
  for (;;) {
    const { rows } = await knex.raw<{ rows: { position: string }[] }>(source.sql, { userId, after, limit: PIECE });
    for (const { position, ...row } of rows) {
      after = position;
      yield row;
    }
    if (rows.length < PIECE) return;
  }
}
