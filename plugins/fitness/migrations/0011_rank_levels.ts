import type { Knex } from 'knex';

/**
 * A rank counted from a tree instead of a list. Buckets of one width are never right: where many have few points each is
 * crowded, where few have many there are thousands to add up. Now each level's buckets are 32 times as wide as those of
 * the level below, and a rank takes at most 31 of each: what lies above within the same bucket of the next level.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    LOCK TABLE leaderboard_scores, leaderboard_moves IN SHARE ROW EXCLUSIVE MODE;
    DROP TABLE leaderboard_buckets;
    DROP FUNCTION fitness_bucket(BIGINT);

    -- The narrowest bucket of a score, 32 hundredths wide; that of level n is this one, shifted by 5 × n.
    CREATE FUNCTION fitness_bucket(tu BIGINT) RETURNS BIGINT LANGUAGE sql IMMUTABLE AS 'SELECT tu >> 5';

    CREATE TABLE leaderboard_buckets (
      board_id INTEGER NOT NULL,
      -- '*' for all.
      archetype_id TEXT NOT NULL,
      -- From 0, the narrowest, to 5.
      level SMALLINT NOT NULL,
      bucket BIGINT NOT NULL,
      members BIGINT NOT NULL,
      PRIMARY KEY (board_id, archetype_id, level, bucket) INCLUDE (members)
    );
    CREATE INDEX idx_leaderboard_buckets_empty ON leaderboard_buckets (board_id) WHERE members = 0;
    ALTER TABLE leaderboard_moves ALTER COLUMN bucket TYPE BIGINT;
    -- A count within a bucket reads the index alone where the table has been vacuumed.
    ALTER TABLE leaderboard_scores SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
  `);
  await knex.raw(FOLDING);
  await recount(knex);
}

const FOLDING = `
  -- One at a time; a second one leaves it to the first.
  CREATE OR REPLACE FUNCTION fitness_fold_moves() RETURNS INTEGER LANGUAGE plpgsql AS $$
  DECLARE
    folded INTEGER;
  BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('fitness:fold-moves', 0)) THEN RETURN 0; END IF;
    WITH taken AS (
      DELETE FROM leaderboard_moves RETURNING *
    ), changes AS (
      SELECT board_id, archetype_id, bucket, sum(change) AS change FROM taken GROUP BY 1, 2, 3 HAVING sum(change) <> 0
    ), sums AS (
      SELECT c.board_id, a.id, l.level, c.bucket >> (5 * l.level), sum(c.change) AS change
      FROM changes c CROSS JOIN LATERAL (VALUES (c.archetype_id), ('*')) AS a (id) CROSS JOIN generate_series(0, 5) AS l (level)
      GROUP BY 1, 2, 3, 4
    ), written AS (
      INSERT INTO leaderboard_buckets AS b SELECT * FROM sums WHERE change <> 0
      ON CONFLICT (board_id, archetype_id, level, bucket) DO UPDATE SET members = b.members + excluded.members
    )
    SELECT count(*) INTO folded FROM taken;
    DELETE FROM leaderboard_buckets WHERE members = 0;
    RETURN folded;
  END $$;
`;

/** Nothing noted before counts any more: the buckets are made of the scores as they are. */
async function recount(knex: Knex): Promise<void> {
  await knex.raw(`
    DELETE FROM leaderboard_moves;
    INSERT INTO leaderboard_moves
      SELECT board_id, archetype_id, fitness_bucket(tu), count(*) FROM leaderboard_scores GROUP BY 1, 2, 3;
    SELECT fitness_fold_moves();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    LOCK TABLE leaderboard_scores, leaderboard_moves IN SHARE ROW EXCLUSIVE MODE;
    DROP TABLE leaderboard_buckets;
    DROP FUNCTION fitness_bucket(BIGINT);
    CREATE FUNCTION fitness_bucket(tu BIGINT) RETURNS INTEGER LANGUAGE sql IMMUTABLE AS 'SELECT floor(sqrt(tu::FLOAT8))::INTEGER';
    CREATE TABLE leaderboard_buckets (
      board_id INTEGER NOT NULL,
      archetype_id TEXT NOT NULL,
      bucket INTEGER NOT NULL,
      members BIGINT NOT NULL,
      PRIMARY KEY (board_id, archetype_id, bucket)
    );
    DELETE FROM leaderboard_moves;
    ALTER TABLE leaderboard_moves ALTER COLUMN bucket TYPE INTEGER;
    ALTER TABLE leaderboard_scores RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor);
  `);
  await knex.raw(`
    CREATE OR REPLACE FUNCTION fitness_fold_moves() RETURNS INTEGER LANGUAGE plpgsql AS $$
    DECLARE
      folded INTEGER;
    BEGIN
      IF NOT pg_try_advisory_xact_lock(hashtextextended('fitness:fold-moves', 0)) THEN RETURN 0; END IF;
      WITH taken AS (
        DELETE FROM leaderboard_moves RETURNING *
      ), sums AS (
        SELECT board_id, archetype_id, bucket, sum(change) AS change FROM taken GROUP BY 1, 2, 3
        UNION ALL SELECT board_id, '*', bucket, sum(change) FROM taken GROUP BY 1, 3
      ), written AS (
        INSERT INTO leaderboard_buckets AS b SELECT * FROM sums WHERE change <> 0
        ON CONFLICT (board_id, archetype_id, bucket) DO UPDATE SET members = b.members + excluded.members
      )
      SELECT count(*) INTO folded FROM taken;
      RETURN folded;
    END $$;
  `);
  await recount(knex);
}
