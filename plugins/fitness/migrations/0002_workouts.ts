import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE workouts (
      id TEXT PRIMARY KEY DEFAULT 'workout_' || time_ordered_uuid(),
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      date DATE NOT NULL,
      total_tu REAL NOT NULL CHECK (total_tu >= 0),
      credits_used INTEGER DEFAULT 25 CHECK (credits_used >= 0),
      notes TEXT,
      is_public BOOLEAN DEFAULT TRUE,
      exercise_data JSONB NOT NULL DEFAULT '[]',
      muscle_activations JSONB NOT NULL DEFAULT '{}',
      created_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE INDEX idx_workouts_user ON workouts (user_id);
    CREATE INDEX idx_workouts_date ON workouts (date);
    CREATE INDEX idx_workouts_user_date ON workouts (user_id, date DESC, id DESC);
    CREATE INDEX idx_workouts_public ON workouts (user_id, date) WHERE is_public = TRUE;

    -- Where an imported workout came from; the same content is imported once.
    CREATE TABLE workout_sources (
      workout_id TEXT PRIMARY KEY REFERENCES workouts (id) ON DELETE CASCADE,
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      content_key TEXT NOT NULL,
      title TEXT,
      started_at TEXT,
      duration_seconds INTEGER,
      UNIQUE (user_id, content_key)
    );

    -- Summed as DOUBLE PRECISION: a sum of REALs keeps six digits.
    CREATE VIEW active_users AS
      SELECT u.id, u.username, u.display_name, u.current_archetype_id, u.current_level,
        cb.balance AS credit_balance,
        (SELECT count(*) FROM workouts w WHERE w.user_id = u.id AND w.date >= CURRENT_DATE - 6) AS workouts_this_week,
        (SELECT coalesce(round(sum(w.total_tu::FLOAT8)::NUMERIC, 2), 0)::FLOAT8 FROM workouts w WHERE w.user_id = u.id) AS total_tu
      FROM users u LEFT JOIN credit_balances cb ON cb.user_id = u.id
      WHERE u.flags->>'banned' = 'false' AND u.flags->>'suspended' = 'false';

    CREATE VIEW leaderboard AS
      SELECT u.id AS user_id, u.username, u.display_name, u.avatar_url, u.current_archetype_id, u.current_level,
        coalesce(round(sum(w.total_tu::FLOAT8)::NUMERIC, 2), 0)::FLOAT8 AS total_tu,
        count(w.id) AS workout_count,
        rank() OVER (ORDER BY coalesce(round(sum(w.total_tu::FLOAT8)::NUMERIC, 2), 0) DESC) AS rank
      FROM users u LEFT JOIN workouts w ON w.user_id = u.id AND w.is_public = TRUE
      WHERE u.flags->>'banned' = 'false'
      GROUP BY u.id
      ORDER BY total_tu DESC;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP VIEW leaderboard; DROP VIEW active_users; DROP TABLE workout_sources, workouts');
}
