import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE training_plans (
      id TEXT PRIMARY KEY,
      user_id TEXT NOT NULL,
      days INTEGER NOT NULL,
      minutes INTEGER NOT NULL,
      entry_id TEXT,
      status TEXT NOT NULL DEFAULT 'ordered' CHECK (status IN ('ordered', 'ready', 'refunded')),
      sessions JSONB
    );
    CREATE INDEX idx_training_plans_user ON training_plans (user_id)
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE training_plans');
}
