import type { PerformedFigures, WorkoutFigures } from './hooks.ts';
import type { Workout, WorkoutExercise } from './models/workouts.ts';

/** What a stored workout amounts to. The database keeps the same figures of it; see migration 0003. */
export function figuresOf(workout: Pick<Workout, 'id' | 'date' | 'totalTU' | 'isPublic' | 'muscleActivations' | 'exerciseData'>): WorkoutFigures {
  const { id, date, totalTU, isPublic, muscleActivations } = workout;
  return { id, date, totalTU, isPublic, muscleActivations, exercises: workout.exerciseData.map(performedFigures) };
}

function performedFigures({ exerciseId, sets, reps, weight, duration, setDetails }: WorkoutExercise): PerformedFigures {
  if (setDetails === undefined) {
    return { exerciseId, sets, reps: sets * (reps ?? 0), weight: weight ?? null, seconds: sets * (duration ?? 0) };
  }
  const working = setDetails.filter(({ type }) => type !== 'warmup');
  const weights = working.flatMap((set) => set.weight ?? []);
  return {
    exerciseId,
    sets: working.length,
    reps: working.reduce((sum, set) => sum + (set.reps ?? 0), 0),
    weight: weights.length === 0 ? null : Math.max(...weights),
    seconds: working.reduce((sum, set) => sum + (set.duration ?? 0), 0),
  };
}
