import type { Knex } from 'knex';

/**
 * What is counted of workouts, kept by triggers in the transaction that stores, edits or deletes them, whoever does it.
 * A view `counted_…` says how the rows of each table follow from the workouts; the tables hold the same at any time.
 * Everything is a whole number (hundredths of Training Units, grams), so that adding and taking away leave no dust.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await knex.raw(VIEWS);
  await knex.raw(COUNTING);
  await knex.raw(TRIGGERS);
  await knex.raw(`
    INSERT INTO member_totals (user_id, archetype_id, is_banned)
      SELECT id, coalesce(current_archetype_id, ''), flags->>'banned' IS DISTINCT FROM 'false' FROM users;
    SELECT fitness_recount_everything();
  `);
}

const TABLES = `
  -- A member, their sums over all workouts, and what decides whether they are seen on a leaderboard.
  -- Whoever counts something of a member holds this row; that keeps two transactions of one member apart.
  CREATE TABLE member_totals (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    archetype_id TEXT NOT NULL,
    is_banned BOOLEAN NOT NULL,
    is_hidden BOOLEAN NOT NULL DEFAULT FALSE,
    workouts INTEGER NOT NULL DEFAULT 0,
    tu BIGINT NOT NULL DEFAULT 0,
    sets BIGINT NOT NULL DEFAULT 0,
    reps BIGINT NOT NULL DEFAULT 0,
    seconds BIGINT NOT NULL DEFAULT 0,
    volume_grams BIGINT NOT NULL DEFAULT 0,
    public_workouts INTEGER NOT NULL DEFAULT 0,
    public_tu BIGINT NOT NULL DEFAULT 0,
    days INTEGER NOT NULL DEFAULT 0,
    longest_streak INTEGER NOT NULL DEFAULT 0,
    -- Days in a row up to last_date.
    last_streak INTEGER NOT NULL DEFAULT 0,
    first_date DATE,
    last_date DATE
  );

  CREATE TABLE workout_days (
    user_id TEXT NOT NULL REFERENCES member_totals (user_id) ON DELETE CASCADE,
    date DATE NOT NULL,
    workouts INTEGER NOT NULL,
    tu BIGINT NOT NULL,
    sets BIGINT NOT NULL,
    reps BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    volume_grams BIGINT NOT NULL,
    public_workouts INTEGER NOT NULL,
    public_tu BIGINT NOT NULL,
    PRIMARY KEY (user_id, date)
  );

  -- exercise_data, unrolled. Working sets only; weights are kilograms, distances metres.
  CREATE TABLE workout_exercises (
    workout_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    user_id TEXT NOT NULL REFERENCES member_totals (user_id) ON DELETE CASCADE,
    exercise_id TEXT NOT NULL,
    date DATE NOT NULL,
    sets INTEGER NOT NULL,
    reps INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    volume_grams BIGINT NOT NULL,
    weight FLOAT8,
    weight_reps INTEGER,
    one_rep_max FLOAT8,
    one_rep_max_weight FLOAT8,
    one_rep_max_reps INTEGER,
    most_reps INTEGER,
    longest_seconds INTEGER,
    distance FLOAT8,
    PRIMARY KEY (workout_id, position)
  );
  CREATE INDEX idx_workout_exercises_history ON workout_exercises (user_id, exercise_id, date DESC, workout_id DESC, position);

  CREATE TABLE member_exercises (
    user_id TEXT NOT NULL REFERENCES member_totals (user_id) ON DELETE CASCADE,
    exercise_id TEXT NOT NULL,
    times INTEGER NOT NULL,
    sets BIGINT NOT NULL,
    reps BIGINT NOT NULL,
    seconds BIGINT NOT NULL,
    volume_grams BIGINT NOT NULL,
    PRIMARY KEY (user_id, exercise_id)
  );

  CREATE TABLE personal_records (
    user_id TEXT NOT NULL REFERENCES member_totals (user_id) ON DELETE CASCADE,
    exercise_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('weight', 'estimated-one-rep-maximum', 'reps', 'seconds', 'distance')),
    value FLOAT8 NOT NULL,
    weight FLOAT8,
    reps INTEGER,
    workout_id TEXT NOT NULL,
    date DATE NOT NULL,
    PRIMARY KEY (user_id, exercise_id, kind)
  );
  CREATE INDEX idx_personal_records_latest ON personal_records (user_id, date DESC, exercise_id, kind);
`;

const VIEWS = `
  -- The one-rep maximum is Epley's estimate, weight × (1 + reps ÷ 30), from sets of 2 to 12; one repetition is what it is.
  CREATE VIEW counted_workout_exercises AS
    SELECT w.id AS workout_id, e.position::INTEGER, w.user_id, e.value->>'exerciseId' AS exercise_id, w.date, s.*
    FROM workouts w
    CROSS JOIN LATERAL jsonb_array_elements(w.exercise_data) WITH ORDINALITY AS e (value, position)
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(n), 0)::INTEGER AS sets, coalesce(round(sum(n * reps)), 0)::INTEGER AS reps,
        coalesce(round(sum(n * seconds)), 0)::INTEGER AS seconds,
        coalesce(round(sum(n * weight * reps * 1000)), 0)::BIGINT AS volume_grams,
        max(weight) AS weight,
        (array_agg(reps ORDER BY weight DESC NULLS LAST, reps DESC NULLS LAST))[1]::INTEGER AS weight_reps,
        max(one_rep_max) AS one_rep_max,
        (array_agg(weight ORDER BY one_rep_max DESC NULLS LAST, weight DESC))[1] AS one_rep_max_weight,
        (array_agg(reps ORDER BY one_rep_max DESC NULLS LAST, weight DESC))[1]::INTEGER AS one_rep_max_reps,
        max(reps)::INTEGER AS most_reps, round(max(seconds))::INTEGER AS longest_seconds, max(distance) AS distance
      FROM (
        SELECT *, CASE WHEN reps = 1 THEN weight
          WHEN reps BETWEEN 2 AND 12 THEN round((weight * (1 + reps / 30))::NUMERIC, 2)::FLOAT8 END AS one_rep_max
        FROM (
          SELECT CASE WHEN jsonb_typeof(e.value->'setDetails') = 'array' THEN 1 ELSE (e.value->>'sets')::INTEGER END AS n,
            (d.value->>'reps')::FLOAT8 AS reps, (d.value->>'duration')::FLOAT8 AS seconds,
            nullif((d.value->>'weight')::FLOAT8, 0) AS weight, (d.value->>'distance')::FLOAT8 AS distance
          FROM jsonb_array_elements(CASE WHEN jsonb_typeof(e.value->'setDetails') = 'array' THEN e.value->'setDetails'
            ELSE jsonb_build_array(e.value) END) AS d (value)
          WHERE d.value->>'type' IS DISTINCT FROM 'warmup'
        ) AS one
      ) AS working
    ) AS s;

  CREATE VIEW counted_member_exercises AS
    SELECT user_id, exercise_id, count(*)::INTEGER AS times, sum(sets)::BIGINT AS sets, sum(reps)::BIGINT AS reps,
      sum(seconds)::BIGINT AS seconds, sum(volume_grams)::BIGINT AS volume_grams
    FROM workout_exercises GROUP BY user_id, exercise_id;

  -- The weight of an assisted lift is help, not load: the more of it, the less was lifted.
  CREATE VIEW workout_exercise_records AS
    SELECT x.user_id, x.exercise_id, r.kind, r.value, r.weight, r.reps, x.workout_id, x.date
    FROM workout_exercises x
    CROSS JOIN LATERAL (VALUES
      ('weight', CASE WHEN x.exercise_id NOT LIKE '%assisted%' THEN x.weight END, x.weight, x.weight_reps),
      ('estimated-one-rep-maximum', CASE WHEN x.exercise_id NOT LIKE '%assisted%' THEN x.one_rep_max END,
        x.one_rep_max_weight, x.one_rep_max_reps),
      ('reps', x.most_reps, NULL, NULL),
      ('seconds', x.longest_seconds, NULL, NULL),
      ('distance', x.distance, NULL, NULL)
    ) AS r (kind, value, weight, reps)
    WHERE r.value > 0;

  CREATE VIEW counted_personal_records AS
    SELECT DISTINCT ON (user_id, exercise_id, kind) * FROM workout_exercise_records
    ORDER BY user_id, exercise_id, kind, value DESC, date, workout_id, weight DESC;

  CREATE VIEW counted_workout_days AS
    SELECT w.user_id, w.date, count(*)::INTEGER AS workouts, sum(w.hundredths)::BIGINT AS tu,
      coalesce(sum(x.sets), 0)::BIGINT AS sets, coalesce(sum(x.reps), 0)::BIGINT AS reps,
      coalesce(sum(x.seconds), 0)::BIGINT AS seconds, coalesce(sum(x.volume_grams), 0)::BIGINT AS volume_grams,
      count(*) FILTER (WHERE w.is_public)::INTEGER AS public_workouts,
      coalesce(sum(w.hundredths) FILTER (WHERE w.is_public), 0)::BIGINT AS public_tu
    FROM (SELECT *, round(total_tu::FLOAT8::NUMERIC * 100) AS hundredths FROM workouts) w
    LEFT JOIN LATERAL (
      SELECT sum(sets) AS sets, sum(reps) AS reps, sum(seconds) AS seconds, sum(volume_grams) AS volume_grams
      FROM workout_exercises WHERE workout_id = w.id
    ) AS x ON TRUE
    GROUP BY w.user_id, w.date;

  CREATE VIEW counted_member_totals AS
    SELECT user_id, sum(workouts)::INTEGER AS workouts, sum(tu)::BIGINT AS tu, sum(sets)::BIGINT AS sets,
      sum(reps)::BIGINT AS reps, sum(seconds)::BIGINT AS seconds, sum(volume_grams)::BIGINT AS volume_grams,
      sum(public_workouts)::INTEGER AS public_workouts, sum(public_tu)::BIGINT AS public_tu, sum(days)::INTEGER AS days,
      max(days)::INTEGER AS longest_streak, (array_agg(days ORDER BY last_date DESC))[1]::INTEGER AS last_streak,
      min(first_date) AS first_date, max(last_date) AS last_date
    FROM (
      SELECT user_id, sum(workouts) AS workouts, sum(tu) AS tu, sum(sets) AS sets, sum(reps) AS reps,
        sum(seconds) AS seconds, sum(volume_grams) AS volume_grams, sum(public_workouts) AS public_workouts,
        sum(public_tu) AS public_tu, count(*) AS days, min(date) AS first_date, max(date) AS last_date
      FROM (SELECT *, date - (row_number() OVER (PARTITION BY user_id ORDER BY date))::INTEGER AS run FROM workout_days) AS d
      GROUP BY user_id, run
    ) AS runs
    GROUP BY user_id;
`;

const COUNTING = `
  CREATE FUNCTION fitness_count(ids TEXT[]) RETURNS VOID LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO workout_exercises SELECT * FROM counted_workout_exercises WHERE workout_id = ANY (ids);
    INSERT INTO member_exercises AS m
      SELECT user_id, exercise_id, count(*), sum(sets), sum(reps), sum(seconds), sum(volume_grams)
      FROM workout_exercises WHERE workout_id = ANY (ids) GROUP BY user_id, exercise_id
      ON CONFLICT (user_id, exercise_id) DO UPDATE SET times = m.times + excluded.times, sets = m.sets + excluded.sets,
        reps = m.reps + excluded.reps, seconds = m.seconds + excluded.seconds,
        volume_grams = m.volume_grams + excluded.volume_grams;
    INSERT INTO personal_records AS p
      SELECT DISTINCT ON (user_id, exercise_id, kind) * FROM workout_exercise_records WHERE workout_id = ANY (ids)
      ORDER BY user_id, exercise_id, kind, value DESC, date, workout_id, weight DESC
      ON CONFLICT (user_id, exercise_id, kind) DO UPDATE SET value = excluded.value, weight = excluded.weight,
        reps = excluded.reps, workout_id = excluded.workout_id, date = excluded.date
      WHERE excluded.value > p.value
        OR (excluded.value = p.value AND (excluded.date, excluded.workout_id) < (p.date, p.workout_id));
  END $$;

  -- Only the records that the workouts held are looked for again.
  CREATE FUNCTION fitness_uncount(ids TEXT[], members TEXT[]) RETURNS VOID LANGUAGE plpgsql AS $$
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
      WHERE m.user_id = x.user_id AND m.exercise_id = x.exercise_id;
    DELETE FROM member_exercises WHERE user_id = ANY (members) AND times = 0;
    DELETE FROM workout_exercises WHERE workout_id = ANY (ids);
    WITH lost AS (
      DELETE FROM personal_records WHERE user_id = ANY (members) AND workout_id = ANY (ids)
      RETURNING user_id, exercise_id, kind
    )
    SELECT array_agg(user_id), array_agg(exercise_id), array_agg(kind)
      INTO lost_users, lost_exercises, lost_kinds FROM lost;
    INSERT INTO personal_records
      SELECT DISTINCT ON (r.user_id, r.exercise_id, r.kind) r.*
      FROM unnest(lost_users, lost_exercises, lost_kinds) AS l (user_id, exercise_id, kind)
      JOIN workout_exercise_records r ON r.user_id = l.user_id AND r.exercise_id = l.exercise_id AND r.kind = l.kind
      ORDER BY r.user_id, r.exercise_id, r.kind, r.value DESC, r.date, r.workout_id, r.weight DESC;
  END $$;

  CREATE FUNCTION fitness_recount_days(members TEXT[], dates DATE[]) RETURNS VOID LANGUAGE plpgsql AS $$
  BEGIN
    DELETE FROM workout_days WHERE user_id = ANY (members) AND date = ANY (dates);
    INSERT INTO workout_days SELECT * FROM counted_workout_days WHERE user_id = ANY (members) AND date = ANY (dates);
  END $$;

  CREATE FUNCTION fitness_recount_members(members TEXT[]) RETURNS VOID LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE member_totals t SET workouts = coalesce(c.workouts, 0), tu = coalesce(c.tu, 0), sets = coalesce(c.sets, 0),
        reps = coalesce(c.reps, 0), seconds = coalesce(c.seconds, 0), volume_grams = coalesce(c.volume_grams, 0),
        public_workouts = coalesce(c.public_workouts, 0), public_tu = coalesce(c.public_tu, 0),
        days = coalesce(c.days, 0), longest_streak = coalesce(c.longest_streak, 0),
        last_streak = coalesce(c.last_streak, 0), first_date = c.first_date, last_date = c.last_date
      FROM unnest(members) AS m (id)
      LEFT JOIN LATERAL (SELECT * FROM counted_member_totals WHERE user_id = m.id) AS c ON TRUE
      WHERE t.user_id = m.id;
  END $$;

  -- Counts all rows anew: for a schema that is added to existing workouts, and for an operator who doubts.
  CREATE FUNCTION fitness_recount_everything() RETURNS VOID LANGUAGE plpgsql AS $$
  BEGIN
    LOCK TABLE workouts, member_totals IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM personal_records; DELETE FROM member_exercises; DELETE FROM workout_exercises; DELETE FROM workout_days;
    INSERT INTO workout_exercises SELECT * FROM counted_workout_exercises;
    INSERT INTO member_exercises SELECT * FROM counted_member_exercises;
    INSERT INTO personal_records SELECT * FROM counted_personal_records;
    INSERT INTO workout_days SELECT * FROM counted_workout_days;
    UPDATE member_totals t SET workouts = c.workouts, tu = c.tu, sets = c.sets, reps = c.reps, seconds = c.seconds,
        volume_grams = c.volume_grams, public_workouts = c.public_workouts, public_tu = c.public_tu, days = c.days,
        longest_streak = c.longest_streak, last_streak = c.last_streak, first_date = c.first_date, last_date = c.last_date
      FROM counted_member_totals c WHERE c.user_id = t.user_id;
    UPDATE member_totals t SET workouts = 0, tu = 0, sets = 0, reps = 0, seconds = 0, volume_grams = 0, public_workouts = 0,
        public_tu = 0, days = 0, longest_streak = 0, last_streak = 0, first_date = NULL, last_date = NULL
      WHERE t.workouts > 0 AND NOT EXISTS (SELECT FROM workout_days d WHERE d.user_id = t.user_id);
  END $$;
`;

const TRIGGERS = `
  CREATE FUNCTION fitness_workouts_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
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
    PERFORM FROM member_totals WHERE user_id = ANY (members) ORDER BY user_id FOR NO KEY UPDATE;
    IF old_ids IS NOT NULL THEN PERFORM fitness_uncount(old_ids, members); END IF;
    IF new_ids IS NOT NULL THEN PERFORM fitness_count(new_ids); END IF;
    PERFORM fitness_recount_days(members, dates);
    PERFORM fitness_recount_members(members);
    RETURN NULL;
  END $$;

  CREATE TRIGGER workouts_inserted AFTER INSERT ON workouts
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_workouts_changed();
  CREATE TRIGGER workouts_updated AFTER UPDATE ON workouts
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_workouts_changed();
  CREATE TRIGGER workouts_deleted AFTER DELETE ON workouts
    REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION fitness_workouts_changed();

  CREATE FUNCTION fitness_member_joined() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO member_totals (user_id, archetype_id, is_banned)
      VALUES (NEW.id, coalesce(NEW.current_archetype_id, ''), NEW.flags->>'banned' IS DISTINCT FROM 'false');
    RETURN NULL;
  END $$;
  CREATE TRIGGER fitness_member_joined AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION fitness_member_joined();

  CREATE FUNCTION fitness_member_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN
    UPDATE member_totals SET archetype_id = coalesce(NEW.current_archetype_id, ''),
        is_banned = NEW.flags->>'banned' IS DISTINCT FROM 'false'
      WHERE user_id = NEW.id;
    RETURN NULL;
  END $$;
  CREATE TRIGGER fitness_member_changed AFTER UPDATE OF flags, current_archetype_id ON users FOR EACH ROW
    WHEN (OLD.flags->>'banned' IS DISTINCT FROM NEW.flags->>'banned'
      OR OLD.current_archetype_id IS DISTINCT FROM NEW.current_archetype_id)
    EXECUTE FUNCTION fitness_member_changed();
`;

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER fitness_member_changed ON users; DROP TRIGGER fitness_member_joined ON users;
    DROP TRIGGER workouts_inserted ON workouts; DROP TRIGGER workouts_updated ON workouts;
    DROP TRIGGER workouts_deleted ON workouts;
    DROP FUNCTION fitness_member_changed(); DROP FUNCTION fitness_member_joined();
    DROP FUNCTION fitness_workouts_changed();
    DROP FUNCTION fitness_recount_everything(); DROP FUNCTION fitness_recount_members(TEXT[]);
    DROP FUNCTION fitness_recount_days(TEXT[], DATE[]);
    DROP FUNCTION fitness_uncount(TEXT[], TEXT[]); DROP FUNCTION fitness_count(TEXT[]);
    DROP VIEW counted_member_totals, counted_workout_days, counted_personal_records, workout_exercise_records,
      counted_member_exercises, counted_workout_exercises;
    DROP TABLE personal_records, member_exercises, workout_exercises, workout_days, member_totals;
  `);
}
