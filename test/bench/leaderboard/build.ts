import type { Knex } from 'knex';

/** How large the gym is. */
export interface Size {
  members: number;
  workouts: number;
}

const DAYS_BACK = 1095;

/** Indexes that are made once the rows are there, which is many times quicker. */
const WORKOUT_INDEXES = ['idx_workouts_user', 'idx_workouts_date', 'idx_workouts_user_date', 'idx_workouts_public'];

/**
 * Fills an empty database with members and workouts by a handful of statements. Triggers are off meanwhile: what they keep is
 * summed up at the end, as a migration on top of old rows does.
 */
export async function build(knex: Knex, { members, workouts }: Size, tell: (what: string) => void): Promise<void> {
  const step = async (what: string, sql: string, bindings: Record<string, number> = {}): Promise<void> => {
    const started = performance.now();
    await knex.raw(sql, bindings);
    tell(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  };
  await knex.raw(`SET session_replication_role = replica; SET maintenance_work_mem = '1GB'; SET work_mem = '512MB';
    SET statement_timeout = 0; DROP INDEX idx_users_search, idx_users_roles`);
  await step(
    `${String(members)} members`,
    `INSERT INTO users (id, email, username, password_hash, current_archetype_id, current_level)
     SELECT 'user_' || md5(n::TEXT)::UUID, 'm' || n || '@example.org', 'member' || n, 'x',
       (SELECT array_agg(id ORDER BY id) FROM archetypes)[1 + n % 10], 1 + n % 12
     FROM generate_series(1, :members::INTEGER) n`,
    { members },
  );
  const { rows } = await knex.raw<{ rows: { name: string; definition: string }[] }>(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes WHERE indexname = ANY (?)`,
    [WORKOUT_INDEXES],
  );
  await knex.raw(`DROP INDEX ${WORKOUT_INDEXES.join(', ')}; ALTER TABLE workouts DROP CONSTRAINT workouts_pkey CASCADE;
    ALTER TABLE workout_days DROP CONSTRAINT workout_days_pkey`);
  // The square of a random number: some train much more often, and more of late, than others.
  await step(
    `${String(workouts)} workouts`,
    `INSERT INTO workouts (id, user_id, date, total_tu, credits_used, is_public, exercise_data, muscle_activations, created_at)
     SELECT 'workout_' || lpad(to_hex(n), 32, '0'), 'user_' || md5((1 + floor(random() ^ 2 * :members))::INTEGER::TEXT)::UUID,
       CURRENT_DATE - floor(random() ^ 2 * ${String(DAYS_BACK)})::INTEGER, round((20 + 380 * random() ^ 2)::NUMERIC, 2), 25,
       random() < 0.95, '[]', '{}', NOW()
     FROM generate_series(1, :workouts::INTEGER) n`,
    { members, workouts },
  );
  await step('their indexes', `ALTER TABLE workouts ADD PRIMARY KEY (id); ${rows.map(({ definition }) => definition).join(';')}`);
  await step(
    'their days',
    `INSERT INTO workout_days
       SELECT user_id, date, count(*), sum(h), 0, 0, 0, 0, count(*) FILTER (WHERE is_public), coalesce(sum(h) FILTER (WHERE is_public), 0)
       FROM (SELECT *, round(total_tu::FLOAT8::NUMERIC * 100) AS h FROM workouts) w GROUP BY user_id, date ORDER BY user_id, date;
     ALTER TABLE workout_days ADD PRIMARY KEY (user_id, date)`,
  );
  await step(
    'their totals',
    `INSERT INTO member_totals (user_id, archetype_id, is_banned, workouts, tu, public_workouts, public_tu, days, first_date, last_date)
       SELECT u.id, coalesce(u.current_archetype_id, ''), FALSE, coalesce(sum(d.workouts), 0), coalesce(sum(d.tu), 0),
         coalesce(sum(d.public_workouts), 0), coalesce(sum(d.public_tu), 0), count(d.date), min(d.date), max(d.date)
       FROM users u LEFT JOIN workout_days d ON d.user_id = u.id GROUP BY u.id ORDER BY u.id ON CONFLICT DO NOTHING`,
  );
  await knex.raw(`SET session_replication_role = DEFAULT; UPDATE leaderboard_boards SET is_ready = FALSE, filled_to = ''`);
  await step('ANALYZE', 'ANALYZE users; ANALYZE workouts; ANALYZE workout_days; ANALYZE member_totals');
}
