import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE users (
      id TEXT PRIMARY KEY DEFAULT 'user_' || uuid_generate_v4(),
      email TEXT NOT NULL UNIQUE CHECK (email ~ '^[^@[:space:]]+@[^@[:space:]]+[.][^@[:space:]]+$'),
      username TEXT NOT NULL UNIQUE CHECK (username ~ '^[A-Za-z0-9_]{3,30}$'),
      display_name TEXT,
      password_hash TEXT NOT NULL,
      avatar_url TEXT,
      roles JSONB DEFAULT '["user"]',
      flags JSONB DEFAULT '{"verified": false, "banned": false, "suspended": false, "emailConfirmed": false}',
      current_archetype_id TEXT,
      current_level INTEGER DEFAULT 1,
      trial_started_at TIMESTAMPTZ,
      trial_ends_at TIMESTAMPTZ,
      created_at TIMESTAMPTZ DEFAULT NOW(),
      updated_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE UNIQUE INDEX idx_users_email ON users (lower(email));
    CREATE UNIQUE INDEX idx_users_username ON users (lower(username));
    CREATE INDEX idx_users_created_at ON users (created_at);
    CREATE INDEX idx_users_roles ON users USING gin (roles);
    CREATE INDEX idx_users_search ON users USING gin ((username || ' ' || coalesce(display_name, '')) gin_trgm_ops);
    CREATE TRIGGER users_updated_at BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION update_updated_at();

    -- A token's id is rt_{family}_{n}: a family is what one sign-in grows into, n counts its rotations.
    CREATE TABLE refresh_tokens (
      id TEXT PRIMARY KEY DEFAULT 'rt_' || uuid_generate_v4(),
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      token_hash TEXT NOT NULL,
      expires_at TIMESTAMPTZ NOT NULL,
      created_at TIMESTAMPTZ DEFAULT NOW(),
      revoked_at TIMESTAMPTZ
    );
    CREATE INDEX idx_refresh_tokens_user ON refresh_tokens (user_id);
    CREATE INDEX idx_refresh_tokens_hash ON refresh_tokens (token_hash) WHERE revoked_at IS NULL;
    -- Reuse of a dead token must be found as fast as a live one.
    CREATE UNIQUE INDEX idx_refresh_tokens_any_hash ON refresh_tokens (token_hash);
    CREATE INDEX idx_refresh_tokens_family ON refresh_tokens (id text_pattern_ops);

    -- Access tokens of the subject (a user or a token family) that were issued until not_before are refused.
    CREATE TABLE access_revocations (
      subject TEXT PRIMARY KEY,
      reason TEXT NOT NULL CHECK (reason IN ('signed_out', 'banned', 'suspended', 'changed')),
      not_before TIMESTAMPTZ NOT NULL
    );
    CREATE INDEX idx_access_revocations_not_before ON access_revocations (not_before);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE access_revocations, refresh_tokens, users');
}
