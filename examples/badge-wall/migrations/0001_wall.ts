import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE badge_wall (
      user_id TEXT NOT NULL,
      badge TEXT NOT NULL,
      -- Set by the event, once the award is certain.
      announced_by TEXT,
      PRIMARY KEY (user_id, badge)
    )
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE badge_wall');
}
