import type { Insight } from '../hooks.ts';
import { round, WINDOW_DAYS, workoutsOf, type MuscleWindow, type TrainingLog } from './training-log.ts';

const WEEKS = WINDOW_DAYS / 7;
/** With fewer workouts in four weeks there is a habit to build before there is a balance to judge. */
const FEWEST_WORKOUTS = 4;

interface Opposites {
  subject: string;
  one: { name: string; muscles: readonly string[] };
  other: { name: string; muscles: readonly string[] };
  why: string;
}

const OPPOSITES: readonly Opposites[] = [
  {
    subject: 'push-pull',
    one: { name: 'pushing muscles', muscles: ['pectoralis_major', 'pectoralis_major_clavicular', 'anterior_deltoid', 'triceps'] },
    other: { name: 'pulling muscles', muscles: ['latissimus_dorsi', 'middle_trapezius', 'rhomboids', 'posterior_deltoid', 'biceps'] },
    why: 'Shoulders stay healthy when both sides get about the same.',
  },
  {
    subject: 'quads-hamstrings',
    one: { name: 'quads', muscles: ['vastus_lateralis', 'vastus_medialis', 'rectus_femoris'] },
    other: { name: 'hamstrings', muscles: ['biceps_femoris', 'medial_hamstrings'] },
    why: 'Knees and hamstrings are hurt less often when the back of the thigh keeps up.',
  },
  {
    subject: 'upper-lower',
    one: { name: 'upper body', muscles: ['pectoralis_major', 'latissimus_dorsi', 'lateral_deltoid', 'biceps', 'triceps', 'middle_trapezius'] },
    other: { name: 'legs and hips', muscles: ['vastus_lateralis', 'glutes', 'biceps_femoris', 'medial_hamstrings', 'gastrocnemius'] },
    why: 'Half of your muscle is below the belt, or above it.',
  },
];
/** How many times as much one side gets. */
const IMBALANCED = 2;
/** Percent of the best volume that the stronger side must get, lest little be compared with less. */
const WORTH_COMPARING = 35;

/** One side of the body is trained at least twice as much as its opposite, each against what is best for it. */
export function findImbalances(log: TrainingLog): Insight[] {
  if (!hasHabit(log)) return [];
  const byId = new Map(log.muscles.map((muscle) => [muscle.muscleId, muscle]));
  return OPPOSITES.flatMap(({ subject, one, other, why }) => {
    const sides = [volumeOf(one.name, one.muscles, byId), volumeOf(other.name, other.muscles, byId)];
    const [strong, weak] = sides.sort((a, b) => b.percent - a.percent);
    if (strong === undefined || weak === undefined) return [];
    if (strong.percent < WORTH_COMPARING || strong.percent < IMBALANCED * weak.percent) return [];
    const message =
      `In the last four weeks your ${strong.name} got ${strong.weeklySets} effective sets a week per muscle ` +
      `(${strong.percent} % of their best volume), your ${weak.name} ${weak.weeklySets} (${weak.percent} %). ${why} ` +
      `Move some sets over until the gap closes.`;
    const numbers = {
      strongSetsPerWeek: strong.weeklySets,
      strongPercent: strong.percent,
      weakSetsPerWeek: weak.weeklySets,
      weakPercent: weak.percent,
    };
    return { rule: 'imbalance', subject, severity: 'attention', title: `More ${strong.name} than ${weak.name}`, message, numbers };
  });
}

function volumeOf(
  name: string,
  ids: readonly string[],
  byId: ReadonlyMap<string, MuscleWindow>,
): { name: string; percent: number; weeklySets: number } {
  const muscles = ids.flatMap((id) => byId.get(id) ?? []);
  const count = Math.max(1, muscles.length);
  const shares = muscles.reduce((sum, { sets, optimum }) => sum + sets / optimum, 0);
  const sets = muscles.reduce((sum, muscle) => sum + muscle.sets, 0);
  return { name, percent: Math.round((shares / count) * 100), weeklySets: round(sets / count / WEEKS) };
}

/** Percent of the best volume below which a muscle counts as neglected. */
const NEGLECTED = 15;
/** Muscles that are best with fewer sets a week are trained well enough by the way. */
const LEAST_WEEKLY = 8;
const MOST_NEGLECTED = 3;

/** Large muscles that got next to nothing while others were trained; the most important ones. */
export function findNeglected(log: TrainingLog): Insight[] {
  if (!hasHabit(log)) return [];
  return log.muscles
    .filter(({ sets, optimum }) => optimum / WEEKS >= LEAST_WEEKLY && sets < (NEGLECTED / 100) * optimum)
    .sort((a, b) => b.optimum - a.optimum || a.sets - b.sets || (a.muscleId < b.muscleId ? -1 : 1))
    .slice(0, MOST_NEGLECTED)
    .map(({ muscleId, muscleName, sets, optimum }) => {
      const numbers = { sets: round(sets), optimalSets: round(optimum), days: WINDOW_DAYS };
      const message =
        `${muscleName}: ${numbers.sets} effective sets in the last four weeks, where ${numbers.optimalSets} would be best for growth. ` +
        `Two or three sets a week are enough to start.`;
      return { rule: 'neglected-muscle', subject: muscleId, severity: 'attention', title: `${muscleName} left out`, message, numbers };
    });
}

function hasHabit(log: TrainingLog): boolean {
  return workoutsOf(log, log.today, WINDOW_DAYS).length >= FEWEST_WORKOUTS;
}
