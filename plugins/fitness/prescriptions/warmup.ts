import { isAllowed } from './candidates.ts';
import { clamp } from './dosage.ts';
import { isMobility, SECONDARY, type PlanCatalogue, type PlanExercise, type PlannedMove, type PlanRequest } from './plan.ts';
import { lotOf, pickBest } from './ties.ts';

const EASY = 2;
/** What warms up is short; nobody cycles a quarter of an hour for it. */
const LONGEST_MOVE = 120;

interface Part {
  seconds: number;
  /** How many moves it has when there are enough. */
  moves: { least: number; most: number };
}

/** Moves before the main block, each for a muscle of it. */
export function planWarmup(
  seconds: number,
  main: readonly PlanExercise[],
  given: { request: PlanRequest; catalogue: PlanCatalogue },
): PlannedMove[] {
  const muscles = musclesOf(main);
  const own = new Set(main.map(({ id }) => id));
  const moves = given.catalogue.exercises.filter(
    (exercise) =>
      !own.has(exercise.id) &&
      (exercise.type === 'mobility' || exercise.type === 'cardio') &&
      exercise.estimatedSeconds <= LONGEST_MOVE &&
      isAllowed(exercise, given.request),
  );
  const touching = (exercise: PlanExercise): string[] => loaded(exercise).filter((muscle) => muscles.has(muscle));
  return planPart({ seconds, moves: { least: 2, most: 7 } }, given.request.seed, [moves, easyOnes(main, given), main], touching);
}

/** Stretches after the main block, for the muscles of it. */
export function planCooldown(
  seconds: number,
  main: readonly PlanExercise[],
  given: { request: PlanRequest; catalogue: PlanCatalogue },
): PlannedMove[] {
  const muscles = musclesOf(main);
  const own = new Set(main.map(({ id }) => id));
  const allowed = given.catalogue.exercises.filter((exercise) => !own.has(exercise.id) && isAllowed(exercise, given.request));
  const stretches = allowed.filter(({ type }) => type === 'stretching');
  const others = allowed.filter((exercise) => isMobility(exercise));
  const touching = (exercise: PlanExercise): string[] =>
    [...exercise.stretches, ...loaded(exercise)].filter((muscle) => muscles.has(muscle));
  return planPart({ seconds, moves: { least: 2, most: 6 } }, given.request.seed, [stretches, others, main], touching);
}

/** The first of the pools that has anything gives the moves: each for as much as possible that none before was for. */
function planPart(
  part: Part,
  seed: number,
  pools: readonly (readonly PlanExercise[])[],
  touching: (exercise: PlanExercise) => string[],
): PlannedMove[] {
  const pool = pools.find((exercises) => exercises.some((exercise) => touching(exercise).length > 0)) ?? [];
  const wanted = clamp(Math.round(part.seconds / 60), part.moves.least, part.moves.most);
  const chosen: PlanExercise[] = [];
  const done = new Map<string, number>();
  while (chosen.length < wanted) {
    const worth = (muscle: string): number => 1 / (1 + 2 * (done.get(muscle) ?? 0));
    const next = pickBest(
      pool,
      (exercise) => (chosen.includes(exercise) ? 0 : touching(exercise).reduce((sum, muscle) => sum + worth(muscle), 0)),
      ({ id }) => ({ lot: lotOf(seed, id), id }),
    );
    if (next === undefined) break;
    chosen.push(next);
    for (const muscle of touching(next)) done.set(muscle, (done.get(muscle) ?? 0) + 1);
  }
  return chosen.map(({ id, name }, index) => ({
    exerciseId: id,
    name,
    seconds: Math.floor((part.seconds * (index + 1)) / chosen.length) - Math.floor((part.seconds * index) / chosen.length),
  }));
}

/** Easy exercises that need nothing, for places where no move of another kind is known. */
function easyOnes(
  main: readonly PlanExercise[],
  { request, catalogue }: { request: PlanRequest; catalogue: PlanCatalogue },
): PlanExercise[] {
  return catalogue.exercises.filter(
    (exercise) =>
      !main.includes(exercise) &&
      exercise.difficulty <= EASY &&
      exercise.equipmentRequired.length === 0 &&
      exercise.estimatedSeconds <= LONGEST_MOVE &&
      isAllowed(exercise, request),
  );
}

function musclesOf(exercises: readonly PlanExercise[]): Set<string> {
  return new Set(exercises.flatMap((exercise) => [...loaded(exercise), ...exercise.stretches]));
}

function loaded({ activations }: PlanExercise): string[] {
  return [...activations].filter(([, activation]) => activation >= SECONDARY).map(([muscle]) => muscle);
}
