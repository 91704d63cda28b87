import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The public half of what a member's device signs in with. counter is the highest that was seen of it.
    CREATE TABLE passkeys (
      id TEXT PRIMARY KEY,
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      credential_id TEXT NOT NULL UNIQUE,
      public_key BYTEA NOT NULL,
      counter BIGINT NOT NULL,
      transports TEXT[] NOT NULL,
      name TEXT NOT NULL,
      backed_up BOOLEAN NOT NULL,
      created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      last_used_at TIMESTAMPTZ
    );
    CREATE INDEX idx_passkeys_user ON passkeys (user_id, created_at);

    -- Recovery codes stand in for any second factor: an authenticator app, or a passkey.
    ALTER TABLE recovery_codes DROP CONSTRAINT recovery_codes_user_id_fkey;
    ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM recovery_codes WHERE user_id NOT IN (SELECT user_id FROM second_factors);
    ALTER TABLE recovery_codes DROP CONSTRAINT recovery_codes_user_id_fkey;
    ALTER TABLE recovery_codes ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES second_factors (user_id) ON DELETE CASCADE;
    DROP TABLE passkeys;
  `);
}
