import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import { EXERCISES } from '../catalogue/exercises.ts';
import { addDays, today } from '../dates.ts';
import type { Plan, PlanCatalogue, PlanExercise, PlanHistory, PlanMuscle } from '../prescriptions/plan.ts';

/** A plan that was made for a member. */
export interface Prescription {
  id: string;
  userId: string;
  constraints: object;
  exercises: Plan['exercises'];
  warmup: Plan['warmup'];
  cooldown: Plan['cooldown'];
  substitutions: Plan['substitutions'];
  muscleCoverage: Plan['muscleCoverage'];
  estimatedDuration: number;
  actualDuration: number;
  creditCost: number;
  createdAt: Date;
  shortfalls: Plan['shortfalls'];
  totalTU: number;
  focus: string | null;
}

const HOUR = 3_600_000;
const DAYS = 7;

const COLUMNS = `
  p.id, p.user_id AS "userId", p.constraints, p.exercises, p.warmup, p.cooldown, p.substitutions,
  p.muscle_coverage AS "muscleCoverage", p.estimated_duration AS "estimatedDuration",
  p.actual_duration AS "actualDuration", p.credit_cost AS "creditCost", p.created_at AS "createdAt",
  d.shortfalls, d.total_tu AS "totalTU", d.focus`;

/** Stores a plan and answers it as it is read later, in one statement. */
export async function insertPrescription(
  trx: Transaction,
  given: { userId: string; constraints: object; plan: Plan; creditCost: number; focus: string | null },
): Promise<Prescription> {
  const { plan, constraints, ...rest } = given;
  const { rows } = await trx.raw<Rows<Prescription>>(
    `WITH p AS (
       INSERT INTO prescriptions (user_id, constraints, exercises, warmup, cooldown, substitutions, muscle_coverage,
         estimated_duration, actual_duration, credit_cost)
       VALUES (:userId, :constraints, :exercises, :warmup, :cooldown, :substitutions, :muscleCoverage, :estimatedDuration,
         :estimatedDuration, :creditCost)
       RETURNING *
     ), d AS (
       INSERT INTO prescription_details (prescription_id, shortfalls, total_tu, focus)
       SELECT id, :shortfalls, :totalTU, :focus FROM p RETURNING *
     )
     SELECT ${COLUMNS} FROM p CROSS JOIN d`,
    {
      ...rest,
      constraints: JSON.stringify(constraints),
      exercises: JSON.stringify(plan.exercises),
      warmup: JSON.stringify(plan.warmup),
      cooldown: JSON.stringify(plan.cooldown),
      substitutions: JSON.stringify(plan.substitutions),
      muscleCoverage: JSON.stringify(plan.muscleCoverage),
      estimatedDuration: plan.estimatedDuration,
      shortfalls: JSON.stringify(plan.shortfalls),
      totalTU: plan.totalTU,
    },
  );
  const [stored] = rows;
  if (stored === undefined) throw new TypeError('INSERT … RETURNING answered no row.');
  return stored;
}

const FROM = 'FROM prescriptions p JOIN prescription_details d ON d.prescription_id = p.id';

export async function findPrescription(knex: Knex, id: string, userId: string): Promise<Prescription | undefined> {
  const { rows } = await knex.raw<Rows<Prescription>>(`SELECT ${COLUMNS} ${FROM} WHERE p.id = :id AND p.user_id = :userId`, {
    id,
    userId,
  });
  return rows[0];
}

/** One page of a member's plans, newest first. */
export async function findPrescriptions(
  knex: Knex,
  userId: string,
  after: string | undefined,
  limit: number,
): Promise<Prescription[]> {
  const { rows } = await knex.raw<Rows<Prescription>>(
    `SELECT ${COLUMNS} ${FROM} WHERE p.user_id = :userId AND (:after::TEXT IS NULL OR p.id < :after)
     ORDER BY p.id DESC LIMIT :limit`,
    { userId, after: after ?? null, limit },
  );
  return rows;
}

/** The catalogue as plans are made from it: without what members have made for themselves. */
export async function readPlanCatalogue(knex: Knex): Promise<PlanCatalogue> {
  const [exercises, activations, muscles] = await Promise.all([
    knex.raw<Rows<Omit<PlanExercise, 'activations' | 'stretches'> & { primaryMuscles: string[] | null }>>(
      `SELECT id, name, type, difficulty, equipment_required AS "equipmentRequired", locations, is_compound AS "isCompound",
         estimated_seconds AS "estimatedSeconds", rest_seconds AS "restSeconds", movement_pattern AS "movementPattern",
         primary_muscles AS "primaryMuscles"
       FROM exercises e WHERE NOT EXISTS (SELECT FROM own_exercises o WHERE o.exercise_id = e.id) ORDER BY id`,
    ),
    knex.raw<Rows<{ exerciseId: string; muscleId: string; activation: number }>>(
      `SELECT exercise_id AS "exerciseId", muscle_id AS "muscleId", activation FROM exercise_activations
       ORDER BY exercise_id, activation DESC, muscle_id`,
    ),
    knex.raw<Rows<PlanMuscle>>(
      `SELECT id, name, muscle_group AS "muscleGroup", bias_weight AS "biasWeight",
         optimal_weekly_volume AS "optimalWeeklyVolume", recovery_time AS "recoveryTime"
       FROM muscles ORDER BY id`,
    ),
  ]);
  const byExercise = new Map<string, Map<string, number>>();
  for (const { exerciseId, muscleId, activation } of activations.rows) {
    const known = byExercise.get(exerciseId) ?? new Map<string, number>();
    byExercise.set(exerciseId, known.set(muscleId, activation));
  }
  const stretches = new Map(EXERCISES.map((exercise) => [exercise.id, exercise.stretches ?? []]));
  return {
    exercises: exercises.rows.map(({ primaryMuscles, ...exercise }) => {
      const own = byExercise.get(exercise.id) ?? new Map<string, number>();
      const stretched = exercise.type === 'stretching' ? (primaryMuscles ?? []) : [];
      return { ...exercise, activations: own, stretches: stretches.get(exercise.id) ?? stretched };
    }),
    muscles: new Map(muscles.rows.map((muscle) => [muscle.id, muscle])),
  };
}

/**
 * What a member did in the last week, in one statement. A workout that was entered on its own day happened when it was
 * entered, any other one at noon of its day.
 */
export async function findPlanHistory(knex: Knex, userId: string, now: Date): Promise<PlanHistory> {
  const { rows } = await knex.raw<Rows<{ muscleId: string; sets: number; lastAt: Date | null }>>(
    `SELECT a.muscle_id AS "muscleId",
       sum(x.sets * CASE WHEN a.activation >= 60 THEN 1 ELSE 0.5 END)::FLOAT8 AS sets,
       max(CASE WHEN a.activation >= 60 THEN
         CASE WHEN w.created_at::DATE = w.date THEN w.created_at ELSE w.date + TIME '12:00' END END) AS "lastAt"
     FROM workouts w
       JOIN workout_exercises x ON x.workout_id = w.id
       JOIN exercise_activations a ON a.exercise_id = x.exercise_id AND a.activation >= 20
     WHERE w.user_id = :userId AND w.date > :after AND x.sets > 0
     GROUP BY a.muscle_id`,
    { userId, after: addDays(today(now), -DAYS) },
  );
  const hoursSince = rows.flatMap(({ muscleId, lastAt }) =>
    lastAt === null ? [] : [[muscleId, Math.max(0, now.getTime() - lastAt.getTime()) / HOUR] as const],
  );
  return { hoursSince: new Map(hoursSince), weeklySets: new Map(rows.map(({ muscleId, sets }) => [muscleId, sets])) };
}
