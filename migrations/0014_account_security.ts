import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await makeTables(knex);
  await guardAdministrators(knex);
}

async function makeTables(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What its owner may know of a session: its tokens are the rows of refresh_tokens that begin with its id.
    CREATE TABLE sessions (
      id TEXT PRIMARY KEY,
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      device TEXT,
      ip TEXT,
      created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      last_used_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      expires_at TIMESTAMPTZ NOT NULL,
      ended_at TIMESTAMPTZ
    );
    CREATE INDEX idx_sessions_user ON sessions (user_id, last_used_at DESC);
    CREATE INDEX idx_sessions_expires ON sessions USING brin (expires_at);
    INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at)
      SELECT regexp_replace(id, '_[0-9]+$', ''), user_id, min(created_at), max(created_at), min(created_at) + INTERVAL '180 days'
      FROM refresh_tokens WHERE id ~ '_[0-9]+$' GROUP BY 1, 2 HAVING bool_or(revoked_at IS NULL);

    -- What is mailed or printed to be used once. Only its hash is kept, and only until it is used or has expired.
    CREATE TABLE account_tokens (
      token_hash TEXT PRIMARY KEY,
      user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
      purpose TEXT NOT NULL,
      data JSONB NOT NULL DEFAULT '{}',
      attempts INTEGER NOT NULL DEFAULT 0,
      created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      expires_at TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX idx_account_tokens_user ON account_tokens (user_id, purpose);
    CREATE INDEX idx_account_tokens_expires ON account_tokens (expires_at);

    -- A second factor counts once it is confirmed. last_step is the newest time step that was used: a code works once.
    CREATE TABLE second_factors (
      user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
      sealed_secret TEXT NOT NULL,
      confirmed_at TIMESTAMPTZ,
      last_step BIGINT NOT NULL DEFAULT 0
    );
    CREATE TABLE recovery_codes (
      user_id TEXT NOT NULL REFERENCES second_factors (user_id) ON DELETE CASCADE,
      code_hash TEXT NOT NULL,
      PRIMARY KEY (user_id, code_hash)
    );

    -- Where an administrator gave a role a permission, or took it, against what its owner proposes.
    CREATE TABLE role_permissions (
      role TEXT NOT NULL,
      permission TEXT NOT NULL,
      granted BOOLEAN NOT NULL,
      PRIMARY KEY (role, permission)
    );

    -- Why somebody is banned or suspended.
    CREATE TABLE account_restrictions (
      user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
      reason TEXT NOT NULL,
      actor_id TEXT,
      since TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
    );
  `);
}

async function guardAdministrators(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Who can still sign in and administer. The lock makes two who leave at once see each other.
    CREATE FUNCTION is_active_admin(account users) RETURNS BOOLEAN LANGUAGE sql IMMUTABLE AS $$
      SELECT account.roles @> '["admin"]'
        AND account.flags->>'banned' IS DISTINCT FROM 'true' AND account.flags->>'suspended' IS DISTINCT FROM 'true'
    $$;
    CREATE FUNCTION keep_last_admin() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_advisory_xact_lock(hashtext('musclemap.administrators'));
      IF NOT EXISTS (SELECT FROM users WHERE roles @> '["admin"]' AND is_active_admin(users)) THEN
        RAISE EXCEPTION 'the last administrator stays' USING ERRCODE = 'check_violation', CONSTRAINT = 'last_administrator';
      END IF;
      RETURN NULL;
    END;
    $$;
    CREATE TRIGGER users_keep_last_admin AFTER UPDATE OF roles, flags ON users
      FOR EACH ROW WHEN (is_active_admin(OLD) AND NOT is_active_admin(NEW)) EXECUTE FUNCTION keep_last_admin();
    CREATE TRIGGER users_keep_last_admin_row AFTER DELETE ON users
      FOR EACH ROW WHEN (is_active_admin(OLD)) EXECUTE FUNCTION keep_last_admin();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER users_keep_last_admin ON users;
    DROP TRIGGER users_keep_last_admin_row ON users;
    DROP FUNCTION keep_last_admin();
    DROP FUNCTION is_active_admin(users);
    DROP TABLE account_restrictions, role_permissions, recovery_codes, second_factors, account_tokens, sessions;
  `);
}
