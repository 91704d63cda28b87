import { trainingEffect } from '../training-units.ts';
import { findCandidates, obstacleFor, OBSTACLES, type Candidates } from './candidates.ts';
import { dosageOf, secondsOf } from './dosage.ts';
import { MainBlock } from './main-block.ts';
import {
  PRIMARY,
  primaryMuscles,
  type Plan,
  type PlanCatalogue,
  type PlanExercise,
  type PlanFocus,
  type PlanHistory,
  type PlannedExercise,
  type PlanRequest,
  type Shortfall,
} from './plan.ts';
import { findSubstitutes } from './substitutes.ts';
import { timeFrameOf } from './time-frame.ts';
import { planCooldown, planWarmup } from './warmup.ts';

const SHORTEST = 10;
/** So much of a session may stay idle. */
const IDLE_SHARE = 0.1;
/** While it is filled no more than this stays idle, which is room for most sets. */
const MOST_IDLE_SECONDS = 180;

/** Nothing fits the request; the reasons say what is in the way. */
export class InfeasiblePlanError extends Error {
  override name = 'InfeasiblePlanError';
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[]) {
    super('Nothing fits this request.');
    this.reasons = reasons;
  }
}

export interface PlanContext {
  catalogue: PlanCatalogue;
  history: PlanHistory;
  focus?: PlanFocus;
}

/**
 * Makes a plan; the same request, catalogue, history and seed make the same plan to the byte.
 *
 * @throws InfeasiblePlanError
 */
export function generatePlan(request: PlanRequest, context: PlanContext): Plan {
  const { catalogue, history, focus = {} } = context;
  const candidates = findCandidates(request, catalogue, history);
  refuseInfeasible(request, catalogue, candidates);
  const block = new MainBlock(candidates.main, { request, catalogue, history, focus });
  for (let minutes = SHORTEST; minutes <= request.minutes; minutes += 1) {
    const { main, total } = timeFrameOf(minutes);
    block.fill(main, Math.min(total * IDLE_SHARE, MOST_IDLE_SECONDS));
  }
  const { entries } = block;
  if (entries.length === 0) throw new InfeasiblePlanError(['No exercise that fits takes so little time.']);
  const main = entries.map(({ exercise }) => exercise);
  const frame = timeFrameOf(request.minutes);
  const effect = trainingEffect(
    entries.map(({ exercise, sets }) => ({ exerciseId: exercise.id, sets })),
    trainingCatalogueOf(catalogue),
  );
  const substitutes = substitutesOf(main, candidates, request.seed);
  const estimatedDuration = frame.warmup + block.seconds + frame.cooldown;
  return {
    exercises: entries.map(({ exercise, sets }) => toPlanned(exercise, sets, request)),
    warmup: planWarmup(frame.warmup, main, { request, catalogue }),
    cooldown: planCooldown(frame.cooldown, main, { request, catalogue }),
    substitutions: substitutes.lists,
    muscleCoverage: effect.muscleActivations,
    totalTU: effect.totalTU,
    estimatedDuration,
    shortfalls: [
      ...uncoveredTargets(request, catalogue, candidates, main),
      ...substitutes.shortfalls,
      ...idleTime(frame.total - estimatedDuration, frame.total),
    ],
  };
}

/** Training Units need no more than this of a catalogue. */
function trainingCatalogueOf({ exercises, muscles }: PlanCatalogue): Parameters<typeof trainingEffect>[1] {
  return {
    activations: new Map(exercises.map(({ id, activations }) => [id, activations])),
    biasWeights: new Map([...muscles.values()].map(({ id, biasWeight }) => [id, biasWeight])),
  };
}

function refuseInfeasible(request: PlanRequest, catalogue: PlanCatalogue, candidates: Candidates): void {
  const { targetMuscles } = request;
  const isTrained = (muscle: string): boolean =>
    candidates.main.some(({ activations, stretches }) => (activations.get(muscle) ?? 0) >= PRIMARY || stretches.includes(muscle));
  if (targetMuscles.length > 0) {
    if (targetMuscles.some(isTrained)) return;
    throw new InfeasiblePlanError(targetMuscles.map((muscle) => reasonFor(muscle, catalogue, candidates)));
  }
  if (candidates.main.length > 0) return;
  const counts = new Map<string, number>();
  for (const obstacle of candidates.obstacles.values()) {
    if (obstacle !== 'kind') counts.set(OBSTACLES[obstacle], (counts.get(OBSTACLES[obstacle]) ?? 0) + 1);
  }
  const reasons = [...counts].map(([reason, count]) => `${String(count)} exercises: what they train ${reason}.`);
  throw new InfeasiblePlanError(reasons.length > 0 ? reasons : ['The catalogue has no exercise of the kind that the goal needs.']);
}

function reasonFor(muscle: string, { muscles }: PlanCatalogue, candidates: Candidates): string {
  return `${muscles.get(muscle)?.name ?? muscle} ${OBSTACLES[obstacleFor(muscle, candidates)]}.`;
}

function toPlanned(exercise: PlanExercise, sets: number, { goal }: PlanRequest): PlannedExercise {
  const { id, name, movementPattern } = exercise;
  const dosage = dosageOf(exercise, goal);
  return {
    exerciseId: id,
    name,
    sets,
    ...dosage,
    seconds: secondsOf(exercise, sets, dosage.restSeconds),
    movementPattern,
    primaryMuscles: primaryMuscles(exercise),
  };
}

function substitutesOf(
  main: readonly PlanExercise[],
  candidates: Candidates,
  seed: number,
): { lists: Plan['substitutions']; shortfalls: Shortfall[] } {
  const lists: Plan['substitutions'] = {};
  const shortfalls: Shortfall[] = [];
  const chosen = new Set(main);
  for (const exercise of main) {
    const found = findSubstitutes(exercise, candidates.main, chosen, seed);
    lists[exercise.id] = found.map(({ id, name }) => ({ exerciseId: id, name }));
    if (found.length > 0) continue;
    const reason = `No other exercise that fits moves like ${exercise.name} and trains much the same muscles.`;
    shortfalls.push({ about: 'substitutes', id: exercise.id, reason });
  }
  return { lists, shortfalls };
}

function uncoveredTargets(
  { targetMuscles }: PlanRequest,
  catalogue: PlanCatalogue,
  candidates: Candidates,
  main: readonly PlanExercise[],
): Shortfall[] {
  const trains = (exercise: PlanExercise, muscle: string): boolean => (exercise.activations.get(muscle) ?? 0) >= PRIMARY;
  return targetMuscles
    .filter((muscle) => !main.some((exercise) => trains(exercise, muscle)))
    .map((muscle) => {
      const isPossible = candidates.main.some((exercise) => trains(exercise, muscle));
      const name = catalogue.muscles.get(muscle)?.name ?? muscle;
      const reason = isPossible ? `${name} found no room beside the other targets.` : reasonFor(muscle, catalogue, candidates);
      return { about: 'muscle', id: muscle, reason };
    });
}

function idleTime(idle: number, total: number): Shortfall[] {
  if (idle <= total * IDLE_SHARE) return [];
  const reason = `${String(Math.floor(idle / 60))} minutes stay free: no other set fits the equipment, the balance of movements and what the muscles can take.`;
  return [{ about: 'time', id: null, reason }];
}
