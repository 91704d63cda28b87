import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Who may see what of a member, and what they agreed to. Without a row the defaults hold.
    CREATE TABLE account_settings (
      user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
      profile TEXT NOT NULL DEFAULT 'public' CHECK (profile IN ('public', 'members', 'private')),
      on_leaderboard BOOLEAN NOT NULL DEFAULT TRUE,
      in_feed BOOLEAN NOT NULL DEFAULT TRUE,
      searchable BOOLEAN NOT NULL DEFAULT TRUE,
      -- By purpose: { "granted": true, "at": "2026-01-01T00:00:00Z" }.
      consents JSONB NOT NULL DEFAULT '{}',
      updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );

    -- Who asked to be erased, and when it happens or happened.
    CREATE TABLE account_erasures (
      user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
      requested_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      due_at TIMESTAMPTZ NOT NULL,
      erased_at TIMESTAMPTZ
    );
    CREATE INDEX idx_account_erasures_due ON account_erasures (due_at) WHERE erased_at IS NULL;

    -- Plugins that have still to erase an erased user: those that were not enabled, or failed.
    CREATE TABLE plugin_erasures (
      plugin_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      since TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      PRIMARY KEY (plugin_id, user_id)
    );

    -- What holds right now: who is banned, suspended or about to be erased is seen by nobody.
    CREATE VIEW user_visibility AS
      SELECT u.id AS user_id,
        CASE WHEN h.is_hidden THEN 'private' ELSE coalesce(s.profile, 'public') END AS profile,
        NOT h.is_hidden AND coalesce(s.profile <> 'private' AND s.on_leaderboard, TRUE) AS on_leaderboard,
        NOT h.is_hidden AND coalesce(s.profile <> 'private' AND s.in_feed, TRUE) AS in_feed,
        NOT h.is_hidden AND coalesce(s.profile <> 'private' AND s.searchable, TRUE) AS searchable
      FROM users u
      LEFT JOIN account_settings s ON s.user_id = u.id
      LEFT JOIN account_erasures e ON e.user_id = u.id
      CROSS JOIN LATERAL (
        SELECT e.user_id IS NOT NULL OR u.flags->>'banned' IS NOT DISTINCT FROM 'true'
          OR u.flags->>'suspended' IS NOT DISTINCT FROM 'true' AS is_hidden
      ) h;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP VIEW user_visibility;
    DROP TABLE plugin_erasures, account_erasures, account_settings;
  `);
}
