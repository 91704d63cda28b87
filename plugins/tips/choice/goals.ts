import type { PluginContracts } from 'musclemap';

/** What somebody may train for. */
export const GOALS = ['strength', 'hypertrophy', 'endurance', 'fat_loss', 'mobility'] as const;
export type Goal = (typeof GOALS)[number];

type Services = PluginContracts['fitness']['services'];
type Workout = Awaited<ReturnType<Services['history']['recentWorkouts']>>[number];
type Exercises = Awaited<ReturnType<Services['catalogue']['exercises']>>;

const MOST_STRENGTH_REPS = 5;
const MOST_HYPERTROPHY_REPS = 15;
/** The share of the sets from which on they show a goal. */
const CLEAR_SHARE = 0.4;

/** The goals that somebody's sets show: few repetitions strength, some hypertrophy, many or none endurance. */
export function goalsShown(workouts: readonly Workout[], exercises: Exercises): Set<Goal> {
  const sets = new Map<Goal, number>();
  let total = 0;
  for (const performed of workouts.flatMap((workout) => workout.exercises)) {
    const goal = goalOf(performed, exercises.get(performed.exerciseId)?.type);
    sets.set(goal, (sets.get(goal) ?? 0) + performed.sets);
    total += performed.sets;
  }
  return new Set([...sets].filter(([, count]) => count >= total * CLEAR_SHARE).map(([goal]) => goal));
}

function goalOf({ sets, reps }: Workout['exercises'][number], type: string | undefined): Goal {
  if (type === 'stretching' || type === 'mobility') return 'mobility';
  const repsPerSet = sets > 0 ? reps / sets : 0;
  if (type === 'cardio' || repsPerSet === 0 || repsPerSet > MOST_HYPERTROPHY_REPS) return 'endurance';
  return repsPerSet <= MOST_STRENGTH_REPS ? 'strength' : 'hypertrophy';
}
