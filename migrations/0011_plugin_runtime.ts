import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- When each cron job is due next. Whoever moves the time on runs the job: one instance per tick.
    CREATE TABLE job_schedules (
      plugin_id TEXT NOT NULL,
      job TEXT NOT NULL,
      cron TEXT NOT NULL,
      next_run_at TIMESTAMPTZ NOT NULL,
      PRIMARY KEY (plugin_id, job)
    );

    -- The scopes that somebody has agreed to. A version that asks for more is not run until they agree again.
    CREATE TABLE plugin_approvals (
      plugin_id TEXT PRIMARY KEY,
      scopes TEXT[] NOT NULL,
      approved_by TEXT,
      approved_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
    );
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE plugin_approvals, job_schedules');
}
