import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What is wanted of an installed plugin, beyond the columns of installed_plugins.
    CREATE TABLE plugin_states (
      plugin_id TEXT PRIMARY KEY REFERENCES installed_plugins (id) ON DELETE CASCADE,
      -- Whether its install tap has run.
      is_installed BOOLEAN NOT NULL DEFAULT FALSE,
      -- Whether an administrator lets it run outside the ranges of its manifest.
      is_forced BOOLEAN NOT NULL DEFAULT FALSE,
      -- The plugin that took it along when it was disabled, and brings it back.
      disabled_with TEXT,
      -- The scopes that were agreed to.
      scopes JSONB NOT NULL DEFAULT '[]'
    );

    -- Every version that ever ran, in order: where a rollback goes.
    CREATE TABLE plugin_versions (
      position BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      plugin_id TEXT NOT NULL,
      version TEXT NOT NULL,
      digest TEXT NOT NULL,
      installed_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );
    CREATE INDEX idx_plugin_versions_plugin ON plugin_versions (plugin_id, position);

    -- Counts the changes of what is wanted: an instance that has applied this number has applied everything.
    CREATE TABLE plugin_generation (
      is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only),
      generation BIGINT NOT NULL DEFAULT 0
    );
    INSERT INTO plugin_generation DEFAULT VALUES;

    -- The running instances, what each has applied and how each plugin stands there.
    CREATE TABLE plugin_instances (
      id TEXT PRIMARY KEY,
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      started_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      heartbeat_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      generation BIGINT NOT NULL,
      states JSONB NOT NULL DEFAULT '{}'
    );
    CREATE INDEX idx_plugin_instances_heartbeat ON plugin_instances (heartbeat_at);

    -- What the command line asks of a running instance, which takes it, does it and answers here.
    CREATE TABLE plugin_commands (
      id BIGINT PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
      command JSONB NOT NULL,
      asked_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      taken_by TEXT,
      answer JSONB
    );
    CREATE INDEX idx_plugin_commands_waiting ON plugin_commands (id) WHERE taken_by IS NULL;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE plugin_commands, plugin_instances, plugin_generation, plugin_versions, plugin_states');
}
