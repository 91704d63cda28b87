import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Plugins that are left out of every composition because they kept failing, until an administrator releases them.
    CREATE TABLE plugin_quarantines (
      plugin_id TEXT PRIMARY KEY REFERENCES installed_plugins (id) ON DELETE CASCADE,
      reason TEXT NOT NULL,
      -- Where its code ran, as 'hook price'.
      place TEXT NOT NULL,
      error TEXT NOT NULL,
      stack TEXT,
      quarantined_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );

    -- How much of its faults a plugin is forgiven, where that differs from the kernel's own limit.
    CREATE TABLE plugin_breakers (
      plugin_id TEXT PRIMARY KEY REFERENCES installed_plugins (id) ON DELETE CASCADE,
      is_on BOOLEAN NOT NULL DEFAULT TRUE,
      faults INTEGER NOT NULL CHECK (faults > 0),
      window_seconds INTEGER NOT NULL CHECK (window_seconds > 0),
      share REAL NOT NULL CHECK (share BETWEEN 0 AND 1)
    );

    -- The step that each process is in while it brings up plugins. Its session holds an advisory lock on its boot_id: a row
    -- whose lock is free was left by a process that died in that step.
    CREATE TABLE plugin_starts (
      boot_id TEXT PRIMARY KEY,
      plugin_id TEXT NOT NULL,
      step TEXT NOT NULL,
      began_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );

    -- How many processes in a row have died while they brought a plugin up.
    CREATE TABLE plugin_deaths (
      plugin_id TEXT PRIMARY KEY,
      deaths INTEGER NOT NULL,
      step TEXT NOT NULL
    );

    -- What each plugin subscribed to when it was last composed: events wait for one in quarantine.
    CREATE TABLE plugin_subscriptions (
      plugin_id TEXT NOT NULL,
      event TEXT NOT NULL,
      PRIMARY KEY (plugin_id, event)
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE plugin_subscriptions, plugin_deaths, plugin_starts, plugin_breakers, plugin_quarantines');
}
