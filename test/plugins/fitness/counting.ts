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
    const { rows } = await knex.raw<{ rows: object[] }>(
      `(SELECT 'kept' AS side, * FROM (${kept} EXCEPT ALL ${counted}) k) UNION ALL
       (SELECT 'counted', * FROM (${counted} EXCEPT ALL ${kept}) c) LIMIT 10`,
    );
    assert.deepEqual(rows, [], table);
  }
}
