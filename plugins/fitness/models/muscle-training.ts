import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import { addDays, today } from '../dates.ts';
import type { MuscleFacts, MuscleTraining } from '../hooks.ts';

const HOUR = 3_600_000;
/** Of the optimum: below is under, above is over. */
const UNDER = 0.6;
const OVER = 1.5;
/** From which share of the optimum on a muscle has colour 1 to 5. */
const TIERS = [0.001, 0.25, UNDER, 1, OVER];

interface MuscleRow {
  userId: string;
  muscleId: string;
  effectiveSets: number;
  lastTrainedAt: Date | null;
}

/**
 * How each muscle of the catalogue was trained in the last days, by user id: one statement that reads the workouts of the
 * window only. A workout that was entered on its own day happened when it was entered, any other one at noon of its day.
 */
export async function findMuscleTraining(
  knex: Knex,
  userIds: readonly string[],
  days: number,
  muscles: readonly MuscleFacts[],
  now: Date,
): Promise<Map<string, MuscleTraining[]>> {
  const { rows } = await knex.raw<Rows<MuscleRow>>(
    `WITH recent AS (
       SELECT id, user_id, muscle_activations, CASE WHEN created_at::DATE = date THEN created_at ELSE date + TIME '12:00' END AS at
       FROM workouts WHERE user_id = ANY (:userIds) AND date > :after
     ), trained AS (
       SELECT r.user_id, a.muscle_id, max(r.at) AS at
       FROM recent r JOIN workout_exercises x ON x.workout_id = r.id
         JOIN exercise_activations a ON a.exercise_id = x.exercise_id AND a.activation >= 60
       WHERE x.sets > 0 GROUP BY r.user_id, a.muscle_id
     )
     SELECT s.user_id AS "userId", s.muscle_id AS "muscleId", s.sets AS "effectiveSets", t.at AS "lastTrainedAt"
     FROM (
       SELECT r.user_id, m.key AS muscle_id, round(sum(m.value::NUMERIC), 2)::FLOAT8 AS sets
       FROM recent r CROSS JOIN LATERAL jsonb_each_text(r.muscle_activations) m GROUP BY r.user_id, m.key
     ) s LEFT JOIN trained t ON t.user_id = s.user_id AND t.muscle_id = s.muscle_id`,
    { userIds: [...userIds], after: addDays(today(now), -days) },
  );
  const known = new Map(rows.map((row) => [`${row.userId} ${row.muscleId}`, row]));
  return new Map(
    userIds.map((id) => [id, muscles.map((muscle) => assess(muscle, days, known.get(`${id} ${muscle.id}`), now))]),
  );
}

/** The muscles that members have ever trained as the main ones of an exercise, by user id. */
export async function findMusclesTrained(knex: Knex, userIds: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await knex.raw<Rows<{ userId: string; muscles: string[] }>>(
    `SELECT m.user_id AS "userId", array_agg(DISTINCT a.muscle_id ORDER BY a.muscle_id) AS muscles
     FROM member_exercises m JOIN exercise_activations a ON a.exercise_id = m.exercise_id AND a.activation >= 60
     WHERE m.user_id = ANY (?) AND m.sets > 0 GROUP BY m.user_id`,
    [[...userIds]],
  );
  const known = new Map(rows.map(({ userId, muscles }) => [userId, muscles]));
  return new Map(userIds.map((id) => [id, known.get(id) ?? []]));
}

function assess(muscle: MuscleFacts, days: number, row: MuscleRow | undefined, now: Date): MuscleTraining {
  const { effectiveSets = 0, lastTrainedAt = null } = row ?? {};
  const optimalSets = (muscle.optimalWeeklyVolume * days) / 7;
  const hours = lastTrainedAt === null ? Infinity : Math.max(0, now.getTime() - lastTrainedAt.getTime()) / HOUR;
  return {
    muscleId: muscle.id,
    muscleName: muscle.name,
    muscleGroup: muscle.muscleGroup,
    effectiveSets,
    optimalSets: Math.round(optimalSets * 100) / 100,
    balance: balanceOf(effectiveSets, optimalSets),
    lastTrainedAt,
    recoveredPercent: Math.min(100, Math.floor((hours / muscle.recoveryTime) * 100)),
    colorTier: TIERS.filter((from) => effectiveSets >= from * optimalSets).length,
  };
}

function balanceOf(sets: number, optimum: number): MuscleTraining['balance'] {
  if (sets < UNDER * optimum) return 'underworked';
  return sets > OVER * optimum ? 'overworked' : 'balanced';
}
