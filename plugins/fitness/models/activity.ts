import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import { addDays } from '../dates.ts';

/** One day of all members. */
export interface GymDay {
  date: string;
  workouts: number;
  members: number;
  totalTU: number;
}

/** The days up to `until`, oldest first and without gaps. */
export async function findGymDays(knex: Knex, until: string, days: number): Promise<GymDay[]> {
  const from = addDays(until, 1 - days);
  const { rows } = await knex.raw<Rows<GymDay>>(
    `SELECT date, sum(workouts)::INTEGER AS workouts, count(*)::INTEGER AS members, sum(tu) / 100.0::FLOAT8 AS "totalTU"
     FROM workout_days WHERE date BETWEEN :from AND :until GROUP BY date`,
    { from, until },
  );
  const known = new Map(rows.map((row) => [row.date, row]));
  return Array.from({ length: days }, (_, index) => {
    const date = addDays(from, index);
    return known.get(date) ?? { date, workouts: 0, members: 0, totalTU: 0 };
  });
}
