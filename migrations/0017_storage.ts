import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Every file that plugins keep outside of the database. A row is there before the first byte and until after the last one, so
    -- that nothing is ever stored which nobody knows of.
    CREATE TABLE stored_objects (
      id TEXT PRIMARY KEY,
      plugin_id TEXT NOT NULL,
      -- In bytes; null until it is stored whole.
      size BIGINT CHECK (size >= 0),
      -- waiting: nobody's yet, and swept when it stays so. kept: part of something. removed: about to go.
      state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'kept', 'removed')),
      created_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
    );
    CREATE INDEX idx_stored_objects_sweep ON stored_objects (state, created_at) WHERE state <> 'kept';
    CREATE INDEX idx_stored_objects_plugin ON stored_objects (plugin_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE stored_objects');
}
