import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What plugin_states.scopes says; nothing ever read it.
    DROP TABLE plugin_approvals;

    -- A function for each plugin that is not bundled, which runs its statements as its role.
    CREATE SCHEMA plugin_access;

    -- What a plugin with the scope users may read of accounts in queries of its own, beside user_visibility.
    CREATE VIEW user_profiles WITH (security_barrier = TRUE) AS
      SELECT id, username, display_name, avatar_url, current_archetype_id, current_level, created_at
      FROM users WHERE flags->>'banned' = 'false';
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP VIEW user_profiles;
    DROP SCHEMA plugin_access CASCADE;
    CREATE TABLE plugin_approvals (
      plugin_id TEXT PRIMARY KEY,
      scopes TEXT[] NOT NULL,
      approved_by TEXT,
      approved_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );
  `);
}
