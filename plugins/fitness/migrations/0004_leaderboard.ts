import type { Knex } from 'knex';

/**
 * Leaderboards that are kept instead of computed. A board holds one score for each member with a public workout in its
 * window; it follows member_totals in the same transaction. A rank is counted from how many members are in each bucket of
 * scores. Changes of those counts are only noted (leaderboard_moves), so that transactions never wait for each other's
 * buckets, and are folded into leaderboard_buckets now and then; a reader adds both.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await knex.raw(SCORING);
  await knex.raw(FILLING);
  await knex.raw(LOCKING('PERFORM FROM users WHERE id = ANY (members) ORDER BY id FOR NO KEY UPDATE;'));
  await knex.raw(VIEWS('round(w.total_tu::FLOAT8::NUMERIC, 2)', 'AND NOT EXISTS (SELECT FROM member_totals t WHERE t.user_id = u.id AND t.is_hidden)'));
  await knex.raw(`
    INSERT INTO leaderboard_boards (period, after, is_ready) VALUES ('all', '-infinity', TRUE);
    SELECT fitness_score(array_agg(user_id)) FROM member_totals WHERE public_workouts > 0;
    SELECT fitness_fold_moves();
  `);
}

const TABLES = `
  -- A window of days: those after a day. While it is being filled, whoever writes keeps it up as well.
  CREATE TABLE leaderboard_boards (
    id INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    period TEXT NOT NULL CHECK (period IN ('week', 'month', 'all')),
    after DATE NOT NULL,
    is_ready BOOLEAN NOT NULL DEFAULT FALSE,
    -- The last member that filling has come to.
    filled_to TEXT NOT NULL DEFAULT '',
    UNIQUE (period, after)
  );

  -- No foreign keys: every workout would lock its boards' rows. Rows of boards that are gone are swept.
  CREATE TABLE leaderboard_scores (
    board_id INTEGER NOT NULL,
    user_id TEXT NOT NULL,
    archetype_id TEXT NOT NULL,
    tu BIGINT NOT NULL,
    workouts INTEGER NOT NULL,
    PRIMARY KEY (board_id, user_id)
  );
  CREATE INDEX idx_leaderboard_scores_rank ON leaderboard_scores (board_id, tu DESC, user_id);
  CREATE INDEX idx_leaderboard_scores_archetype ON leaderboard_scores (board_id, archetype_id, tu DESC, user_id);

  CREATE TABLE leaderboard_buckets (
    board_id INTEGER NOT NULL,
    -- '*' for all.
    archetype_id TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    members BIGINT NOT NULL,
    PRIMARY KEY (board_id, archetype_id, bucket)
  );

  CREATE TABLE leaderboard_moves (
    board_id INTEGER NOT NULL,
    archetype_id TEXT NOT NULL,
    bucket INTEGER NOT NULL,
    change INTEGER NOT NULL
  );
`;

const SCORING = `
  -- A bucket n holds the scores from n² to (n + 1)² - 1.
  CREATE FUNCTION fitness_bucket(tu BIGINT) RETURNS INTEGER LANGUAGE sql IMMUTABLE AS 'SELECT floor(sqrt(tu::FLOAT8))::INTEGER';

  -- Brings the scores of members to what their totals and days say, on all boards or on one.
  CREATE FUNCTION fitness_score(members TEXT[], only_board INTEGER DEFAULT NULL) RETURNS VOID LANGUAGE plpgsql AS $$
  BEGIN
    WITH boards AS (
      SELECT * FROM leaderboard_boards WHERE only_board IS NULL OR id = only_board
    ), listed AS (
      SELECT * FROM member_totals WHERE user_id = ANY (members) AND public_workouts > 0 AND NOT is_banned AND NOT is_hidden
    ), wanted AS (
      SELECT b.id AS board_id, l.user_id, l.archetype_id, l.public_tu AS tu, l.public_workouts AS workouts
      FROM listed l CROSS JOIN boards b WHERE b.period = 'all'
      UNION ALL
      SELECT b.id, l.user_id, l.archetype_id, sum(d.public_tu), sum(d.public_workouts)
      FROM listed l CROSS JOIN boards b
      JOIN workout_days d ON d.user_id = l.user_id AND d.date > b.after AND d.public_workouts > 0
      WHERE b.period <> 'all' GROUP BY b.id, l.user_id, l.archetype_id
    ), gone AS (
      DELETE FROM leaderboard_scores s USING boards b, unnest(members) AS m (id)
      WHERE s.board_id = b.id AND s.user_id = m.id
        AND NOT EXISTS (SELECT FROM wanted w WHERE w.board_id = s.board_id AND w.user_id = s.user_id)
    )
    INSERT INTO leaderboard_scores AS s (board_id, user_id, archetype_id, tu, workouts) SELECT * FROM wanted
      ON CONFLICT (board_id, user_id) DO UPDATE
        SET archetype_id = excluded.archetype_id, tu = excluded.tu, workouts = excluded.workouts
        WHERE (s.archetype_id, s.tu, s.workouts) IS DISTINCT FROM (excluded.archetype_id, excluded.tu, excluded.workouts);
  END $$;

  CREATE FUNCTION fitness_totals_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  DECLARE
    members TEXT[];
  BEGIN
    SELECT array_agg(user_id) INTO members FROM old_rows;
    IF members IS NOT NULL THEN PERFORM fitness_score(members); END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER totals_updated AFTER UPDATE ON member_totals
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_totals_changed();
  CREATE TRIGGER totals_deleted AFTER DELETE ON member_totals
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_totals_changed();

  CREATE FUNCTION fitness_scores_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN
    IF TG_OP = 'INSERT' THEN
      INSERT INTO leaderboard_moves
        SELECT board_id, archetype_id, fitness_bucket(tu), count(*) FROM new_rows GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
      INSERT INTO leaderboard_moves
        SELECT o.board_id, o.archetype_id, fitness_bucket(o.tu), -count(*)
        FROM old_rows o JOIN leaderboard_boards b ON b.id = o.board_id GROUP BY 1, 2, 3;
    ELSE
      INSERT INTO leaderboard_moves
        SELECT board_id, archetype_id, bucket, sum(change) FROM (
          SELECT board_id, archetype_id, fitness_bucket(tu) AS bucket, -1 AS change FROM old_rows
          UNION ALL SELECT board_id, archetype_id, fitness_bucket(tu), 1 FROM new_rows
        ) AS both_sides GROUP BY 1, 2, 3 HAVING sum(change) <> 0;
    END IF;
    RETURN NULL;
  END $$;
  CREATE TRIGGER scores_inserted AFTER INSERT ON leaderboard_scores
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_scores_changed();
  CREATE TRIGGER scores_updated AFTER UPDATE ON leaderboard_scores
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_scores_changed();
  CREATE TRIGGER scores_deleted AFTER DELETE ON leaderboard_scores
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_scores_changed();

  -- One at a time; a second one leaves it to the first.
  CREATE FUNCTION fitness_fold_moves() RETURNS INTEGER LANGUAGE plpgsql AS $$
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
`;

const FILLING = `
  -- Scores the next members on a board that is not ready, and answers whether that was the last of them. Holding each
  -- member's totals makes sure that a transaction which did not know of the board yet has ended.
  CREATE FUNCTION fitness_fill_board(board INTEGER, most INTEGER) RETURNS BOOLEAN LANGUAGE plpgsql AS $$
  DECLARE
    last TEXT; members TEXT[];
  BEGIN
    SELECT filled_to INTO last FROM leaderboard_boards WHERE id = board AND NOT is_ready FOR UPDATE;
    IF NOT FOUND THEN RETURN TRUE; END IF;
    SELECT array_agg(user_id ORDER BY user_id) INTO members FROM (
      SELECT user_id FROM member_totals WHERE user_id > last ORDER BY user_id LIMIT most FOR NO KEY UPDATE
    ) AS next;
    IF members IS NULL THEN
      UPDATE leaderboard_boards SET is_ready = TRUE WHERE id = board;
      RETURN TRUE;
    END IF;
    PERFORM fitness_score(members, board);
    UPDATE leaderboard_boards SET filled_to = members[array_upper(members, 1)] WHERE id = board;
    RETURN FALSE;
  END $$;

  -- Removes some rows of boards that are gone, and answers how many.
  CREATE FUNCTION fitness_sweep_boards(most INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
  DECLARE
    board INTEGER; swept INTEGER;
  BEGIN
    DELETE FROM leaderboard_moves m WHERE NOT EXISTS (SELECT FROM leaderboard_boards b WHERE b.id = m.board_id);
    DELETE FROM leaderboard_buckets m WHERE NOT EXISTS (SELECT FROM leaderboard_boards b WHERE b.id = m.board_id);
    WITH RECURSIVE ids AS (
      (SELECT board_id FROM leaderboard_scores ORDER BY board_id LIMIT 1)
      UNION ALL
      SELECT (SELECT s.board_id FROM leaderboard_scores s WHERE s.board_id > ids.board_id ORDER BY s.board_id LIMIT 1)
      FROM ids WHERE ids.board_id IS NOT NULL
    )
    SELECT min(board_id) INTO board FROM ids
      WHERE board_id IS NOT NULL AND NOT EXISTS (SELECT FROM leaderboard_boards b WHERE b.id = board_id);
    IF board IS NULL THEN RETURN 0; END IF;
    DELETE FROM leaderboard_scores WHERE ctid = ANY (ARRAY(SELECT ctid FROM leaderboard_scores WHERE board_id = board LIMIT most));
    GET DIAGNOSTICS swept = ROW_COUNT;
    RETURN swept;
  END $$;
`;

/** Everybody who counts holds the account first, as those do who ban it or choose its archetype; so nobody waits in a circle. */
const LOCKING = (lockUsers: string): string => `
  CREATE OR REPLACE FUNCTION fitness_workouts_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  DECLARE
    old_ids TEXT[]; new_ids TEXT[]; members TEXT[] := '{}'; dates DATE[] := '{}';
  BEGIN
    IF TG_OP <> 'INSERT' THEN
      SELECT array_agg(id), array_agg(DISTINCT user_id), array_agg(DISTINCT date) INTO old_ids, members, dates FROM old_rows;
    END IF;
    IF TG_OP <> 'DELETE' THEN
      SELECT array_agg(id), members || array_agg(DISTINCT user_id), dates || array_agg(DISTINCT date)
        INTO new_ids, members, dates FROM new_rows;
    END IF;
    IF old_ids IS NULL AND new_ids IS NULL THEN RETURN NULL; END IF;
    SELECT array_agg(DISTINCT m ORDER BY m) INTO members FROM unnest(members) AS m;
    ${lockUsers}
    PERFORM FROM member_totals WHERE user_id = ANY (members) ORDER BY user_id FOR NO KEY UPDATE;
    IF old_ids IS NOT NULL THEN PERFORM fitness_uncount(old_ids, members); END IF;
    IF new_ids IS NOT NULL THEN PERFORM fitness_count(new_ids); END IF;
    PERFORM fitness_recount_days(members, dates);
    PERFORM fitness_recount_members(members);
    RETURN NULL;
  END $$;
`;

/** With Training Units as exact hundredths, as the boards count them. */
const VIEWS = (tu: string, listed: string): string => `
  CREATE OR REPLACE VIEW active_users AS
    SELECT u.id, u.username, u.display_name, u.current_archetype_id, u.current_level,
      cb.balance AS credit_balance,
      (SELECT count(*) FROM workouts w WHERE w.user_id = u.id AND w.date >= CURRENT_DATE - 6) AS workouts_this_week,
      (SELECT coalesce(round(sum(${tu})::NUMERIC, 2), 0)::FLOAT8 FROM workouts w WHERE w.user_id = u.id) AS total_tu
    FROM users u LEFT JOIN credit_balances cb ON cb.user_id = u.id
    WHERE u.flags->>'banned' = 'false' AND u.flags->>'suspended' = 'false';

  CREATE OR REPLACE VIEW leaderboard AS
    SELECT u.id AS user_id, u.username, u.display_name, u.avatar_url, u.current_archetype_id, u.current_level,
      coalesce(round(sum(${tu})::NUMERIC, 2), 0)::FLOAT8 AS total_tu,
      count(w.id) AS workout_count,
      rank() OVER (ORDER BY coalesce(round(sum(${tu})::NUMERIC, 2), 0) DESC) AS rank
    FROM users u LEFT JOIN workouts w ON w.user_id = u.id AND w.is_public = TRUE
    WHERE u.flags->>'banned' = 'false' ${listed}
    GROUP BY u.id
    ORDER BY total_tu DESC;
`;

export async function down(knex: Knex): Promise<void> {
  await knex.raw(VIEWS('w.total_tu::FLOAT8', ''));
  await knex.raw(LOCKING(''));
  await knex.raw(`
    DROP TRIGGER totals_updated ON member_totals; DROP TRIGGER totals_deleted ON member_totals;
    DROP TABLE leaderboard_moves, leaderboard_buckets, leaderboard_scores, leaderboard_boards;
    DROP FUNCTION fitness_totals_changed(); DROP FUNCTION fitness_scores_changed();
    DROP FUNCTION fitness_sweep_boards(INTEGER); DROP FUNCTION fitness_fill_board(INTEGER, INTEGER);
    DROP FUNCTION fitness_fold_moves(); DROP FUNCTION fitness_score(TEXT[], INTEGER); DROP FUNCTION fitness_bucket(BIGINT);
  `);
}
