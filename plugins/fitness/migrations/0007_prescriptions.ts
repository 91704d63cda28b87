import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE prescriptions (
      id TEXT PRIMARY KEY DEFAULT 'rx_' || time_ordered_uuid(),
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      constraints JSONB NOT NULL,
      exercises JSONB NOT NULL,
      warmup JSONB,
      cooldown JSONB,
      substitutions JSONB,
      muscle_coverage JSONB NOT NULL,
      estimated_duration INTEGER NOT NULL CHECK (estimated_duration > 0),
      actual_duration INTEGER NOT NULL CHECK (actual_duration > 0),
      credit_cost INTEGER DEFAULT 1 CHECK (credit_cost >= 0),
      created_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE INDEX idx_prescriptions_user ON prescriptions (user_id, id DESC);

    -- Of a prescription what its columns have no place for: what the plan could not satisfy, and what it counts for.
    CREATE TABLE prescription_details (
      prescription_id TEXT PRIMARY KEY REFERENCES prescriptions (id) ON DELETE CASCADE,
      shortfalls JSONB NOT NULL,
      total_tu FLOAT8 NOT NULL,
      focus TEXT
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE prescription_details, prescriptions');
}
