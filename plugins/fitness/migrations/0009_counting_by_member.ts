import type { Knex } from 'knex';

/**
 * The same counting, written so that every plan of it reads the rows of the members concerned and no others: members are
 * named as values, not joined, each look-up for one of them is a subquery of its own that cannot be turned into a scan, and
 * statistics that lag behind a growing table do not lead to one either.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(COUNTING);
}

const COUNTING = `
  CREATE OR REPLACE FUNCTION fitness_recount_members(members TEXT[]) RETURNS VOID
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
  BEGIN
    UPDATE member_totals t SET workouts = coalesce(c.workouts, 0), tu = coalesce(c.tu, 0), sets = coalesce(c.sets, 0),
        reps = coalesce(c.reps, 0), seconds = coalesce(c.seconds, 0), volume_grams = coalesce(c.volume_grams, 0),
        public_workouts = coalesce(c.public_workouts, 0), public_tu = coalesce(c.public_tu, 0),
        days = coalesce(c.days, 0), longest_streak = coalesce(c.longest_streak, 0),
        last_streak = coalesce(c.last_streak, 0), first_date = c.first_date, last_date = c.last_date
      FROM unnest(members) AS m (id)
      LEFT JOIN (SELECT * FROM counted_member_totals WHERE user_id = ANY (members)) AS c ON c.user_id = m.id
      WHERE t.user_id = ANY (members) AND t.user_id = m.id;
  END $$;

  CREATE OR REPLACE FUNCTION fitness_uncount(ids TEXT[], members TEXT[]) RETURNS VOID
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
  DECLARE
    lost_users TEXT[]; lost_exercises TEXT[]; lost_kinds TEXT[];
  BEGIN
    UPDATE member_exercises m SET times = m.times - x.times, sets = m.sets - x.sets, reps = m.reps - x.reps,
        seconds = m.seconds - x.seconds, volume_grams = m.volume_grams - x.volume_grams
      FROM (
        SELECT user_id, exercise_id, count(*) AS times, sum(sets) AS sets, sum(reps) AS reps, sum(seconds) AS seconds,
          sum(volume_grams) AS volume_grams
        FROM workout_exercises WHERE workout_id = ANY (ids) GROUP BY user_id, exercise_id
      ) AS x
      WHERE m.user_id = ANY (members) AND m.user_id = x.user_id AND m.exercise_id = x.exercise_id;
    DELETE FROM member_exercises WHERE user_id = ANY (members) AND times = 0;
    DELETE FROM workout_exercises WHERE workout_id = ANY (ids);
    WITH lost AS (
      DELETE FROM personal_records WHERE user_id = ANY (members) AND workout_id = ANY (ids)
      RETURNING user_id, exercise_id, kind
    )
    SELECT array_agg(user_id), array_agg(exercise_id), array_agg(kind)
      INTO lost_users, lost_exercises, lost_kinds FROM lost;
    INSERT INTO personal_records
      SELECT best.* FROM unnest(lost_users, lost_exercises, lost_kinds) AS l (user_id, exercise_id, kind)
      CROSS JOIN LATERAL (
        SELECT * FROM workout_exercise_records r
        WHERE r.user_id = l.user_id AND r.exercise_id = l.exercise_id AND r.kind = l.kind
        ORDER BY r.value DESC, r.date, r.workout_id, r.weight DESC LIMIT 1
      ) AS best;
  END $$;

  CREATE OR REPLACE FUNCTION fitness_score(members TEXT[], only_board INTEGER DEFAULT NULL) RETURNS VOID
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
  BEGIN
    WITH boards AS (
      SELECT * FROM leaderboard_boards WHERE only_board IS NULL OR id = only_board
    ), listed AS (
      SELECT * FROM member_totals WHERE user_id = ANY (members) AND public_workouts > 0 AND NOT is_banned AND NOT is_hidden
    ), wanted AS (
      SELECT b.id AS board_id, l.user_id, l.archetype_id, l.public_tu AS tu, l.public_workouts AS workouts
      FROM listed l CROSS JOIN boards b WHERE b.period = 'all'
      UNION ALL
      SELECT b.id, l.user_id, l.archetype_id, d.tu, d.workouts
      FROM listed l CROSS JOIN boards b
      CROSS JOIN LATERAL (
        SELECT sum(public_tu) AS tu, sum(public_workouts) AS workouts FROM workout_days
        WHERE user_id = l.user_id AND date > b.after AND public_workouts > 0
      ) AS d
      WHERE b.period <> 'all' AND d.workouts > 0
    ), gone AS (
      DELETE FROM leaderboard_scores WHERE ctid = ANY (ARRAY(
        SELECT old.ctid FROM boards b CROSS JOIN unnest(members) AS m (id)
        CROSS JOIN LATERAL (
          SELECT s.ctid FROM leaderboard_scores s WHERE s.board_id = b.id AND s.user_id = m.id LIMIT 1
        ) AS old
        WHERE NOT EXISTS (SELECT FROM wanted w WHERE w.board_id = b.id AND w.user_id = m.id)
      ))
    )
    INSERT INTO leaderboard_scores AS s (board_id, user_id, archetype_id, tu, workouts) SELECT * FROM wanted
      ON CONFLICT (board_id, user_id) DO UPDATE
        SET archetype_id = excluded.archetype_id, tu = excluded.tu, workouts = excluded.workouts
        WHERE (s.archetype_id, s.tu, s.workouts) IS DISTINCT FROM (excluded.archetype_id, excluded.tu, excluded.workouts);
  END $$;
`;

/** The functions of before counted the same; they go with the tables that they count into. */
export async function down(): Promise<void> {
  // Nothing to take away.
}
