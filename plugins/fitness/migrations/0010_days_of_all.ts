import type { Knex } from 'knex';

/** The days of everybody, for who looks at the gym and not at one member. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX idx_workout_days_date ON workout_days (date)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX idx_workout_days_date');
}
