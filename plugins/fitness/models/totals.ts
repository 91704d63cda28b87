import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import { addDays, earliestDay, mondayOf, today } from '../dates.ts';
import type { LockOptions, Streak, TrainingTotals, TrainingWeek } from '../hooks.ts';

const NO_TOTALS: TrainingTotals = {
  workouts: 0,
  totalTU: 0,
  sets: 0,
  reps: 0,
  minutes: 0,
  volumeKg: 0,
  exercises: 0,
  daysTrained: 0,
  firstDate: null,
  lastDate: null,
};

/** The sums over all workouts of each member, by user id. One row is read for each, however long the history is. */
export async function findTotals(
  knex: Knex,
  userIds: readonly string[],
  options: LockOptions = {},
): Promise<Map<string, TrainingTotals>> {
  // Accounts first, as whoever counts workouts does, so that nobody waits in a circle.
  if (options.lock === true) await knex.raw('SELECT FROM users WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE', [[...userIds]]);
  const { rows } = await knex.raw<Rows<TrainingTotals & { userId: string }>>(
    `SELECT user_id AS "userId", workouts, tu / 100.0::FLOAT8 AS "totalTU", sets, reps,
       round(seconds / 60.0, 1)::FLOAT8 AS minutes, round(volume_grams / 1000.0, 2)::FLOAT8 AS "volumeKg",
       (SELECT count(*) FROM member_exercises e WHERE e.user_id = t.user_id) AS exercises,
       days AS "daysTrained", first_date AS "firstDate", last_date AS "lastDate"
     FROM member_totals t WHERE user_id = ANY (?) ${options.lock === true ? 'ORDER BY user_id FOR NO KEY UPDATE' : ''}`,
    [[...userIds]],
  );
  const known = new Map(rows.map(({ userId, ...totals }) => [userId, totals]));
  return new Map(userIds.map((id) => [id, known.get(id) ?? NO_TOTALS]));
}

/** Days in a row, by user id. */
export async function findStreaks(knex: Knex, userIds: readonly string[], now: Date): Promise<Map<string, Streak>> {
  const { rows } = await knex.raw<Rows<{ userId: string; last: number; longest: number; lastDate: string | null }>>(
    `SELECT user_id AS "userId", last_streak AS last, longest_streak AS longest, last_date AS "lastDate"
     FROM member_totals WHERE user_id = ANY (?)`,
    [[...userIds]],
  );
  const known = new Map(rows.map((row) => [row.userId, row]));
  const alive = addDays(earliestDay(now), -1);
  return new Map(
    userIds.map((id) => {
      const { last = 0, longest = 0, lastDate = null } = known.get(id) ?? {};
      return [id, { current: lastDate !== null && lastDate >= alive ? last : 0, longest, lastDate }];
    }),
  );
}

/** The last weeks of each member, oldest first and without gaps, by user id. */
export async function findWeeks(
  knex: Knex,
  userIds: readonly string[],
  weeks: number,
  now: Date,
): Promise<Map<string, TrainingWeek[]>> {
  const thisWeek = mondayOf(today(now));
  const from = addDays(thisWeek, -7 * (weeks - 1));
  const { rows } = await knex.raw<Rows<TrainingWeek & { userId: string }>>(
    `SELECT user_id AS "userId", date_trunc('week', date)::DATE AS week, sum(workouts)::INTEGER AS workouts,
       sum(tu) / 100.0::FLOAT8 AS "totalTU", count(*)::INTEGER AS "daysTrained"
     FROM workout_days WHERE user_id = ANY (:userIds) AND date >= :from AND date < :until::DATE
     GROUP BY user_id, date_trunc('week', date)`,
    { userIds: [...userIds], from, until: addDays(thisWeek, 7) },
  );
  const known = new Map(rows.map(({ userId, ...week }) => [`${userId} ${week.week}`, week]));
  const mondays = Array.from({ length: weeks }, (_, index) => addDays(from, 7 * index));
  return new Map(
    userIds.map((id) => [
      id,
      mondays.map((week) => known.get(`${id} ${week}`) ?? { week, workouts: 0, totalTU: 0, daysTrained: 0 }),
    ]),
  );
}

/** What the days of a span hold, for a calendar; days without a workout are left out. */
export interface TrainingDay {
  date: string;
  workouts: number;
  totalTU: number;
  sets: number;
}

export async function findDays(knex: Knex, userId: string, from: string, to: string): Promise<TrainingDay[]> {
  const { rows } = await knex.raw<Rows<TrainingDay>>(
    `SELECT date, workouts, tu / 100.0::FLOAT8 AS "totalTU", sets FROM workout_days
     WHERE user_id = :userId AND date BETWEEN :from AND :to ORDER BY date`,
    { userId, from, to },
  );
  return rows;
}

/** Sums over the days of a span. */
export interface SpanTotals {
  workouts: number;
  totalTU: number;
  sets: number;
  reps: number;
  minutes: number;
  volumeKg: number;
  daysTrained: number;
}

/** The sums over the days since each of the dates, in their order. */
export async function findSpans(knex: Knex, userId: string, from: readonly string[]): Promise<SpanTotals[]> {
  const { rows } = await knex.raw<Rows<SpanTotals>>(
    `SELECT coalesce(sum(workouts), 0)::INTEGER AS workouts, coalesce(sum(tu), 0) / 100.0::FLOAT8 AS "totalTU",
       coalesce(sum(sets), 0)::INTEGER AS sets, coalesce(sum(reps), 0)::INTEGER AS reps,
       coalesce(round(sum(seconds) / 60.0, 1), 0)::FLOAT8 AS minutes,
       coalesce(round(sum(volume_grams) / 1000.0, 2), 0)::FLOAT8 AS "volumeKg", count(d.date)::INTEGER AS "daysTrained"
     FROM unnest(:from::DATE[]) WITH ORDINALITY AS span (start, position)
     LEFT JOIN workout_days d ON d.user_id = :userId AND d.date >= span.start
     GROUP BY span.position ORDER BY span.position`,
    { userId, from: [...from] },
  );
  return rows;
}

/** Members with a workout, by id. */
export async function findMembersAfter(knex: Knex, after: string | undefined, limit: number): Promise<string[]> {
  const { rows } = await knex.raw<Rows<{ userId: string }>>(
    `SELECT user_id AS "userId" FROM member_totals
     WHERE workouts > 0 AND (:after::TEXT IS NULL OR user_id > :after) ORDER BY user_id LIMIT :limit`,
    { after: after ?? null, limit },
  );
  return rows.map(({ userId }) => userId);
}
