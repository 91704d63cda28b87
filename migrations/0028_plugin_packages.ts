import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- The archives of plugins that were uploaded. Each instance unpacks them for itself; the newest of a plugin is what counts as
    -- being on disk, those before it are there for a rollback.
    CREATE TABLE plugin_packages (
      position BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      plugin_id TEXT NOT NULL,
      version TEXT NOT NULL,
      -- SHA-256 of the archive, in hex.
      sha256 TEXT NOT NULL,
      archive BYTEA NOT NULL,
      uploaded_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      UNIQUE (plugin_id, version)
    );
    -- It is packed already.
    ALTER TABLE plugin_packages ALTER COLUMN archive SET STORAGE EXTERNAL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE plugin_packages');
}
