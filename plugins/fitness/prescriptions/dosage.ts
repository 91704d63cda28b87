import { isMobility, isTimed, type Goal, type PlanExercise } from './plan.ts';

interface Band {
  reps: { compound: number; isolation: number };
  rest: { least: number; most: number };
}

/** Repetitions and seconds of rest of each goal (a position is held instead for mobility). */
const BANDS: Record<Goal, Band> = {
  strength: { reps: { compound: 5, isolation: 6 }, rest: { least: 120, most: 180 } },
  hypertrophy: { reps: { compound: 8, isolation: 12 }, rest: { least: 60, most: 120 } },
  endurance: { reps: { compound: 15, isolation: 20 }, rest: { least: 30, most: 60 } },
  fat_loss: { reps: { compound: 12, isolation: 15 }, rest: { least: 30, most: 60 } },
  mobility: { reps: { compound: 1, isolation: 1 }, rest: { least: 10, most: 60 } },
};
const SHORTEST_COMPOUND_REST = 30;
const SETUP_SECONDS = 30;

/** How one exercise is done. */
export interface Dosage {
  reps: number | null;
  holdSeconds: number | null;
  restSeconds: number;
}

export function dosageOf(exercise: PlanExercise, goal: Goal): Dosage {
  const { reps, rest } = BANDS[goal];
  const { isCompound, estimatedSeconds } = exercise;
  const least = isCompound ? Math.max(rest.least, SHORTEST_COMPOUND_REST) : rest.least;
  const isHeld = goal === 'mobility' || isTimed(exercise);
  return {
    reps: isMobility(exercise) ? null : reps[isCompound ? 'compound' : 'isolation'],
    holdSeconds: isHeld ? clamp(estimatedSeconds, 20, 60) : null,
    restSeconds: clamp(exercise.restSeconds, least, rest.most),
  };
}

/** Seconds that so many sets take. */
export function secondsOf(exercise: PlanExercise, sets: number, restSeconds: number): number {
  const setup = exercise.equipmentRequired.length > 0 ? SETUP_SECONDS : 0;
  return sets * exercise.estimatedSeconds + (sets - 1) * restSeconds + setup;
}

export function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
