import { primaryMuscles, type PlanExercise } from './plan.ts';
import { lotOf, roughly } from './ties.ts';

const MOST_SUBSTITUTES = 4;
/** How much of the primary muscles of both must be common to both. */
const LEAST_OVERLAP = 0.3;

/** Exercises that may stand for one of the main block: the same movement for much the same muscles, the best first. */
export function findSubstitutes(
  exercise: PlanExercise,
  candidates: readonly PlanExercise[],
  main: ReadonlySet<PlanExercise>,
  seed: number,
): PlanExercise[] {
  const own = primaryMuscles(exercise);
  return candidates
    .filter((other) => other.movementPattern === exercise.movementPattern && !main.has(other))
    .map((other) => ({ other, overlap: overlapOf(own, primaryMuscles(other)) }))
    .filter(({ overlap }) => overlap >= LEAST_OVERLAP)
    .map(({ other, overlap }) => ({ other, score: roughly(overlap), lot: lotOf(seed, other.id) }))
    .sort((a, b) => b.score - a.score || b.lot - a.lot || (a.other.id < b.other.id ? -1 : 1))
    .slice(0, MOST_SUBSTITUTES)
    .map(({ other }) => other);
}

/** Jaccard's index; 0 of nothing. */
export function overlapOf(one: readonly string[], other: readonly string[]): number {
  const common = one.filter((muscle) => other.includes(muscle)).length;
  const all = one.length + other.length - common;
  return all === 0 ? 0 : common / all;
}
