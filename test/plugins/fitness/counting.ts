import assert from 'node:assert/strict';
import type { Knex } from 'knex';

const PAIRS: Record<string, string> = {
  workout_exercises: '*',
  member_exercises: '*',
  personal_records: '*',
  workout_days: '*',
  member_totals: `user_id, workouts, tu, sets, reps, seconds, volume_grams, public_workouts, public_tu, days, longest_streak,
    last_streak, first_date, last_date`,
};

/** Asserts that what is kept of the workouts is what counting their rows anew gives. */
export async function assertCounted(knex: Knex): Promise<void> {
  for (const [table, columns] of Object.entries(PAIRS)) {
    const kept = `SELECT ${columns} FROM ${table} ${table === 'member_totals' ? 'WHERE workouts > 0' : ''}`;
    const counted = `SELECT ${columns} FROM counted_${table}`;
    await assertSame(knex, table, kept, counted);
  }
}

async function assertSame(knex: Knex, what: string, kept: string, counted: string): Promise<void> {
  const { rows } = await knex.raw<{ rows: object[] }>(
    `(SELECT 'kept' AS side, * FROM ((${kept}) EXCEPT ALL (${counted})) k) UNION ALL
     (SELECT 'counted', * FROM ((${counted}) EXCEPT ALL (${kept})) c) LIMIT 10`,
  );
  assert.deepEqual(rows, [], what);
}

/** Asserts that every board holds what its window of the workouts gives, and that its buckets count its scores. */
export async function assertBoards(knex: Knex): Promise<void> {
  const scores = 'SELECT board_id, user_id, archetype_id, tu, workouts FROM leaderboard_scores';
  const expected = `
    SELECT b.id, u.id, coalesce(u.current_archetype_id, ''), sum(round(w.total_tu::FLOAT8::NUMERIC * 100))::BIGINT, count(*)::INTEGER
    FROM leaderboard_boards b CROSS JOIN users u JOIN workouts w ON w.user_id = u.id AND w.is_public AND w.date > b.after
    WHERE u.flags->>'banned' = 'false' AND NOT EXISTS (SELECT FROM member_totals t WHERE t.user_id = u.id AND t.is_hidden)
    GROUP BY b.id, u.id`;
  await assertSame(knex, 'leaderboard_scores', scores, expected);
  await assertSame(
    knex,
    'leaderboard_buckets',
    `SELECT board_id, archetype_id, level, bucket, sum(members)::INTEGER FROM (
       SELECT board_id, archetype_id, level::INTEGER, bucket, members FROM leaderboard_buckets
       UNION ALL SELECT m.board_id, a.id, l.level, m.bucket >> (5 * l.level), m.change FROM leaderboard_moves m
         CROSS JOIN LATERAL (VALUES (m.archetype_id), ('*')) AS a (id) CROSS JOIN generate_series(0, 5) AS l (level)
     ) b GROUP BY 1, 2, 3, 4 HAVING sum(members) <> 0`,
    `SELECT s.board_id, a.id, l.level, floor(s.tu / (32 * 32.0 ^ l.level))::BIGINT, count(*)::INTEGER FROM leaderboard_scores s
     CROSS JOIN LATERAL (VALUES (s.archetype_id), ('*')) AS a (id) CROSS JOIN generate_series(0, 5) AS l (level) GROUP BY 1, 2, 3, 4`,
  );
}
