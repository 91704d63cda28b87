import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Exercises that a member made for themselves; nobody else sees them. name is in the form that names are compared in.
    -- A retired one is not offered any more, but workouts still hold it.
    CREATE TABLE own_exercises (
      exercise_id TEXT PRIMARY KEY REFERENCES exercises (id) ON DELETE CASCADE,
      user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      retired_at TIMESTAMPTZ
    );
    CREATE UNIQUE INDEX idx_own_exercises_name ON own_exercises (user_id, name) WHERE retired_at IS NULL;

    -- What became of each entry of a catalogue file: an exercise that was known by that name, or one made of it.
    CREATE TABLE imported_exercises (
      source TEXT NOT NULL,
      source_id TEXT NOT NULL,
      exercise_id TEXT NOT NULL REFERENCES exercises (id) ON DELETE CASCADE,
      is_made BOOLEAN NOT NULL,
      PRIMARY KEY (source, source_id)
    );
    CREATE INDEX idx_imported_exercises_exercise ON imported_exercises (exercise_id);

    CREATE INDEX idx_exercises_name ON exercises (name, id);

    -- Exercises with a name that has something like one of the words, by the index of trigrams; the more words the better.
    CREATE FUNCTION fitness_search_candidates(search TEXT) RETURNS TABLE (exercise_id TEXT, score FLOAT8)
      LANGUAGE sql STABLE ROWS 200 SET pg_trgm.word_similarity_threshold = '0.3' AS $$
        SELECT exercise_id, max(score) FROM (
          SELECT a.exercise_id, a.alias, sum(word_similarity(w.word, a.alias)) AS score
          FROM unnest(string_to_array(search, ' ')) AS w (word) JOIN exercise_aliases a ON a.alias %> w.word
          GROUP BY a.exercise_id, a.alias
        ) AS named GROUP BY exercise_id
      $$;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP FUNCTION fitness_search_candidates(TEXT);
    DROP INDEX idx_exercises_name;
    DELETE FROM exercises e USING own_exercises o WHERE o.exercise_id = e.id;
    DROP TABLE imported_exercises, own_exercises;
  `);
}
