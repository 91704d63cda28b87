import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- A file that a member has brought, and what became of it.
    CREATE TABLE workout_imports (
      id TEXT PRIMARY KEY DEFAULT 'import_' || time_ordered_uuid(),
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      state TEXT NOT NULL
        CHECK (state IN ('receiving', 'waiting', 'running', 'done', 'failed', 'canceled', 'undoing', 'undone')),
      settings JSONB NOT NULL,
      bytes INTEGER NOT NULL DEFAULT 0,
      bytes_read INTEGER NOT NULL DEFAULT 0,
      attempts INTEGER NOT NULL DEFAULT 0,
      report JSONB,
      error TEXT,
      created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      finished_at TIMESTAMPTZ
    );
    CREATE INDEX idx_workout_imports_user ON workout_imports (user_id, id DESC);
    CREATE INDEX idx_workout_imports_created ON workout_imports (created_at);
    -- One at a time in the background, for each member.
    CREATE UNIQUE INDEX idx_workout_imports_active ON workout_imports (user_id)
      WHERE state IN ('receiving', 'waiting', 'running');

    -- The file as it was brought, in pieces, so that nobody ever holds it whole.
    CREATE TABLE workout_import_chunks (
      import_id TEXT NOT NULL REFERENCES workout_imports (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      content BYTEA NOT NULL,
      PRIMARY KEY (import_id, position)
    );

    -- details: what the file says of a workout and exercise_data has no place for, so that an export can say it again.
    ALTER TABLE workout_sources
      ADD COLUMN import_id TEXT REFERENCES workout_imports (id) ON DELETE SET NULL,
      ADD COLUMN details JSONB;
    CREATE INDEX idx_workout_sources_import ON workout_sources (import_id);

    -- What a member's own names of exercises mean, in the form that names are compared in; without exercise: leave it out.
    CREATE TABLE exercise_names (
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      label TEXT NOT NULL,
      exercise_id TEXT REFERENCES exercises (id) ON DELETE CASCADE,
      created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
      PRIMARY KEY (user_id, name)
    );
    CREATE INDEX idx_exercise_names_exercise ON exercise_names (exercise_id);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE exercise_names;
    ALTER TABLE workout_sources DROP COLUMN details, DROP COLUMN import_id;
    DROP TABLE workout_import_chunks, workout_imports;
  `);
}
