import type { Knex } from 'knex';

/** How often each plugin failed, hour by hour and on all instances together. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE plugin_faults (
      plugin_id TEXT NOT NULL REFERENCES installed_plugins ON DELETE CASCADE,
      hour TIMESTAMPTZ NOT NULL,
      faults INTEGER NOT NULL CHECK (faults > 0),
      PRIMARY KEY (plugin_id, hour)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE plugin_faults');
}
