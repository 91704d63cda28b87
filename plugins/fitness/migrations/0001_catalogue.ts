import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE muscles (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      anatomical_name TEXT,
      muscle_group TEXT NOT NULL,
      bias_weight REAL NOT NULL CHECK (bias_weight > 0),
      optimal_weekly_volume INTEGER,
      recovery_time INTEGER
    );
    CREATE INDEX idx_muscles_group ON muscles (muscle_group);

    CREATE TABLE exercises (
      id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      type TEXT NOT NULL,
      difficulty INTEGER DEFAULT 2 CHECK (difficulty BETWEEN 1 AND 5),
      description TEXT,
      cues TEXT,
      primary_muscles TEXT[],
      equipment_required JSONB DEFAULT '[]',
      equipment_optional JSONB DEFAULT '[]',
      locations JSONB DEFAULT '["gym"]',
      is_compound BOOLEAN DEFAULT FALSE,
      estimated_seconds INTEGER DEFAULT 45 CHECK (estimated_seconds > 0),
      rest_seconds INTEGER DEFAULT 60 CHECK (rest_seconds >= 0),
      movement_pattern TEXT
    );
    CREATE INDEX idx_exercises_type ON exercises (type);
    CREATE INDEX idx_exercises_difficulty ON exercises (difficulty);
    CREATE INDEX idx_exercises_name_trgm ON exercises USING gin (name gin_trgm_ops);
    CREATE INDEX idx_exercises_locations ON exercises USING gin (locations);

    CREATE TABLE exercise_activations (
      exercise_id TEXT NOT NULL REFERENCES exercises (id) ON DELETE CASCADE,
      muscle_id TEXT NOT NULL REFERENCES muscles (id),
      activation INTEGER NOT NULL CHECK (activation BETWEEN 0 AND 100),
      PRIMARY KEY (exercise_id, muscle_id)
    );
    CREATE INDEX idx_exercise_activations_muscle ON exercise_activations (muscle_id);

    -- Other names of an exercise, in the form that names are compared in.
    CREATE TABLE exercise_aliases (
      alias TEXT PRIMARY KEY,
      exercise_id TEXT NOT NULL REFERENCES exercises (id) ON DELETE CASCADE
    );
    CREATE INDEX idx_exercise_aliases_exercise ON exercise_aliases (exercise_id);
    CREATE INDEX idx_exercise_aliases_trgm ON exercise_aliases USING gin (alias gin_trgm_ops);

    -- Which edition of the shipped catalogue the tables hold.
    CREATE TABLE fitness_catalogue_edition (checksum TEXT NOT NULL);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE fitness_catalogue_edition, exercise_aliases, exercise_activations, exercises, muscles');
}
