import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE installed_plugins (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      version TEXT NOT NULL,
      display_name TEXT,
      description TEXT,
      enabled BOOLEAN DEFAULT TRUE,
      config JSONB,
      installed_at TIMESTAMPTZ DEFAULT NOW(),
      updated_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE TRIGGER installed_plugins_updated_at BEFORE UPDATE ON installed_plugins
      FOR EACH ROW EXECUTE FUNCTION update_updated_at();

    CREATE TABLE plugin_migrations (
      plugin_id TEXT NOT NULL,
      name TEXT NOT NULL,
      checksum TEXT NOT NULL,
      batch INTEGER NOT NULL,
      migration_time TIMESTAMPTZ NOT NULL,
      PRIMARY KEY (plugin_id, name)
    );

    -- What is known of a plugin without loading its code: the routes it served when it was last composed.
    CREATE TABLE plugin_routes (
      plugin_id TEXT NOT NULL,
      method TEXT NOT NULL,
      path TEXT NOT NULL,
      PRIMARY KEY (plugin_id, method, path)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE plugin_routes, plugin_migrations, installed_plugins');
}
