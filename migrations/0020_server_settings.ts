import type { Knex } from 'knex';

/** What an owner sets in a browser: the name of the gym, and the keys of Stripe, sealed. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE server_settings (
      is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only),
      gym_name TEXT CHECK (length(gym_name) BETWEEN 1 AND 80),
      sealed_stripe TEXT,
      updated_by TEXT NOT NULL,
      updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE server_settings');
}
