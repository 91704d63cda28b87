import { isMobility, PRIMARY, SECONDARY, type PlanCatalogue, type PlanExercise, type PlanHistory, type PlanMuscle, type PlanRequest } from './plan.ts';

const LEVEL_CAPS = { beginner: 2, intermediate: 3, advanced: 5 } as const;
/** An exercise that activates an excluded muscle by this is left out. */
const EXCLUDED_ACTIVATION = 40;
const LOADED_TYPES = new Set(['strength', 'powerlifting', 'olympic_weightlifting', 'strongman', 'plyometrics']);

/** Why an exercise cannot be part of a plan. */
export type Obstacle = 'kind' | 'place' | 'equipment' | 'level' | 'excluded' | 'recovery' | 'volume';

export const OBSTACLES: Record<Obstacle, string> = {
  kind: 'is trained by no exercise of the kind that the goal needs',
  place: 'is trained by no exercise that can be done there',
  equipment: 'is trained only with equipment that is not there',
  level: 'is trained only by exercises above the level',
  excluded: 'is trained only by exercises that were excluded',
  recovery: 'has not recovered half of the way, or is trained only with a muscle that has not',
  volume: 'has had its sets of the week, or is trained only with a muscle that has',
};

/** How far an obstacle lets an exercise come; what comes further explains more. */
const ORDER: readonly Obstacle[] = ['kind', 'place', 'equipment', 'level', 'excluded', 'recovery', 'volume'];

/** What may be part of the main block, and what keeps the rest out. */
export interface Candidates {
  main: PlanExercise[];
  obstacles: ReadonlyMap<PlanExercise, Obstacle>;
}

export function findCandidates(request: PlanRequest, catalogue: PlanCatalogue, history: PlanHistory): Candidates {
  const main: PlanExercise[] = [];
  const obstacles = new Map<PlanExercise, Obstacle>();
  for (const exercise of catalogue.exercises) {
    const obstacle = obstacleOf(exercise, request, catalogue, history);
    if (obstacle === undefined) main.push(exercise);
    else obstacles.set(exercise, obstacle);
  }
  return { main, obstacles };
}

/** Whether the exercise may stand anywhere in a plan, the warm-up included. */
export function isAllowed(exercise: PlanExercise, request: PlanRequest): boolean {
  return obstacleAnywhere(exercise, request) === undefined;
}

function obstacleOf(
  exercise: PlanExercise,
  request: PlanRequest,
  catalogue: PlanCatalogue,
  history: PlanHistory,
): Obstacle | undefined {
  if (!isOfKind(exercise, request)) return 'kind';
  const obstacle = obstacleAnywhere(exercise, request);
  if (obstacle !== undefined) return obstacle;
  const { activations } = exercise;
  if (request.excludeMuscles.some((muscle) => (activations.get(muscle) ?? 0) >= EXCLUDED_ACTIVATION)) return 'excluded';
  let volume: Obstacle | undefined;
  for (const [id, activation] of activations) {
    const muscle = catalogue.muscles.get(id);
    if (muscle === undefined || activation < SECONDARY) continue;
    if (isTired(muscle, activation, history)) return 'recovery';
    const left = muscle.optimalWeeklyVolume - (history.weeklySets.get(id) ?? 0);
    if (left < (activation >= PRIMARY ? 1 : 0.5)) volume = 'volume';
  }
  return volume;
}

/** A muscle is not trained before half of its recovery. */
function isTired({ id, recoveryTime }: PlanMuscle, activation: number, { hoursSince }: PlanHistory): boolean {
  return activation >= PRIMARY && (hoursSince.get(id) ?? Infinity) < recoveryTime / 2;
}

function isOfKind(exercise: PlanExercise, { goal }: PlanRequest): boolean {
  if (goal === 'mobility') return isMobility(exercise);
  return LOADED_TYPES.has(exercise.type) && exercise.activations.size > 0;
}

function obstacleAnywhere(exercise: PlanExercise, request: PlanRequest): Obstacle | undefined {
  if (!exercise.locations.includes(request.location)) return 'place';
  if (!exercise.equipmentRequired.every((item) => request.equipment.includes(item))) return 'equipment';
  if (exercise.difficulty > LEVEL_CAPS[request.level]) return 'level';
  return request.excludeExercises.includes(exercise.id) ? 'excluded' : undefined;
}

/** Why nothing trains the muscle: the obstacle of those exercises for it that come furthest. */
export function obstacleFor(muscle: string, { obstacles }: Candidates): Obstacle {
  let furthest = 0;
  for (const [exercise, obstacle] of obstacles) {
    if ((exercise.activations.get(muscle) ?? 0) < PRIMARY) continue;
    furthest = Math.max(furthest, ORDER.indexOf(obstacle));
  }
  return ORDER[furthest] ?? 'kind';
}
