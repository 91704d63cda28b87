import { dosageOf, secondsOf, type Dosage } from './dosage.ts';
import {
  PRIMARY,
  primaryMuscles,
  SECONDARY,
  type PlanCatalogue,
  type PlanExercise,
  type PlanFocus,
  type PlanHistory,
  type PlanMuscle,
  type PlanRequest,
} from './plan.ts';
import { overlapOf } from './substitutes.ts';
import { lotOf, pickBest } from './ties.ts';

const MOST_SETS = 6;
const MOST_SETS_OF_MUSCLE = 10;
/** Once they do, the side that is behind comes next. */
const BALANCING_WEIGHT = 100;
/** Opposite movements may differ by so many sets. */
const MOST_IMBALANCE = 2;
const CORE = new Set(['core', 'rotation']);
/** What the nth set of an exercise is worth, against the first. */
const WORTH_OF_SET = [1, 2.6, 2.2, 0.7, 0.3, 0.15];
/** What a muscle is worth that was not asked for, where others were. */
const ASIDE_WEIGHT = 0.08;
const UNCOVERED_TARGET_WEIGHT = 30;
/** How much more a muscle is worth that the member trains for. */
const FOCUS_WEIGHT = 4;
const COMPOUND_WEIGHT = 1.25;
/** A muscle between half and whole recovery counts so much less. */
const TIRED_WEIGHT = 0.4;
/** Sets of a muscle in one session after which more of them matter little. */
const ENOUGH_SETS = 6;
const ENOUGH_TARGET_SETS = 10;
const LEAST_NEED = 0.05;
/** Lifts of skill and speed are no way to tire a muscle. */
const EXPLOSIVE = new Set(['olympic_weightlifting', 'plyometrics', 'strongman']);
const EXPLOSIVE_WEIGHT = 0.3;
/** From which share of common muscles two exercises of one movement are much the same. */
const ALIKE = 0.5;
const ALIKE_WEIGHT = 0.4;

/** Movements that a session keeps in balance, counted strictly and with the exercises of one joint. */
const OPPOSITES: readonly (readonly [readonly string[], readonly string[]])[] = [
  [['horizontal_push', 'vertical_push'], ['horizontal_pull', 'vertical_pull']],
  [
    ['horizontal_push', 'vertical_push', 'isolation_push'],
    ['horizontal_pull', 'vertical_pull', 'isolation_pull'],
  ],
  [['squat'], ['hinge']],
  [['squat', 'lunge'], ['hinge']],
];

/** What the main block is chosen by. */
export interface MainBlockContext {
  request: PlanRequest;
  catalogue: PlanCatalogue;
  history: PlanHistory;
  focus: PlanFocus;
}

/** One exercise of the main block so far. */
interface Entry {
  exercise: PlanExercise;
  sets: number;
}

/** A muscle by its place among all, with one set or a half for each set of an exercise. */
interface Load {
  muscle: number;
  sets: number;
}

/** A candidate with what is asked of it again and again. */
interface Option {
  exercise: PlanExercise;
  dosage: Dosage;
  lot: number;
  /** What a set of it is worth against a set of other kinds. */
  weight: number;
  /** The muscles it counts for. */
  loads: readonly Load[];
  /** The muscles it is good for: these, and those that it stretches. */
  benefits: readonly Load[];
  primary: readonly string[];
  /** For each pair of opposites: 1 on the one side, -1 on the other. */
  sides: readonly number[];
  sets: number;
}

/** A muscle in the state of the plan so far. */
interface MuscleState {
  id: string;
  /** What a set for it is worth to this member now. */
  weight: number;
  /** Sets that it may still take. */
  room: number;
  benefit: number;
  /** Sets after which more of them matter little. */
  enough: number;
  isTarget: boolean;
  isCovered: boolean;
}

export function isCore({ movementPattern }: PlanExercise): boolean {
  return movementPattern !== null && CORE.has(movementPattern);
}

/**
 * Chooses the main block, one set at a time: always the set that is worth most now of those that fit. A step waits for more
 * minutes while little of the session is idle, whatever it would be: what a plan does not hold has no part in how it ends. The
 * steps of a shorter session are the first steps of a longer one, so that more minutes never give fewer sets.
 */
export class MainBlock {
  readonly #muscles: readonly MuscleState[];
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #options: readonly Option[];
  /** Those that may still get a set. */
  #open: readonly Option[];
  /** Whether both sides of each pair of opposites can be trained. */
  readonly #balances: readonly boolean[];
  readonly #isCoreTargeted: boolean;
  readonly #chosen: Option[] = [];
  readonly #differences: number[];
  seconds = 0;

  constructor(candidates: readonly PlanExercise[], given: MainBlockContext) {
    const { request, catalogue } = given;
    const muscles = [...catalogue.muscles.values()];
    const places = new Map(muscles.map(({ id }, place) => [id, place]));
    this.#muscles = muscles.map((muscle) => toState(muscle, given));
    this.#sizes = new Map(muscles.map(({ id, biasWeight }) => [id, biasWeight]));
    this.#options = candidates.map((exercise) => toOption(exercise, request, places));
    this.#open = this.#options;
    this.#differences = OPPOSITES.map(() => 0);
    this.#balances = OPPOSITES.map((_pair, index) =>
      [1, -1].every((side) => this.#options.some(({ sides }) => sides[index] === side)),
    );
    this.#isCoreTargeted = request.targetMuscles.some((id) => catalogue.muscles.get(id)?.muscleGroup === 'core');
  }

  /**
   * In the order in which they are done: compounds first, then single joints, the core last unless it is a target; of equals
   * what was asked for, and large muscles, come first.
   */
  get entries(): Entry[] {
    const rank = ({ exercise }: Entry): number => {
      const isLast = isCore(exercise) && !this.#isCoreTargeted;
      return (isLast ? 2 : 0) + (exercise.isCompound ? 0 : 1);
    };
    const targets = this.#muscles.filter(({ isTarget }) => isTarget).map(({ id }) => id);
    const isAside = ({ exercise }: Entry): number => Number(!primaryMuscles(exercise).some((muscle) => targets.includes(muscle)));
    const size = ({ exercise }: Entry): number => this.#sizeOf(exercise);
    return this.#chosen
      .map(({ exercise, sets }) => ({ exercise, sets }))
      .sort((a, b) => rank(a) - rank(b) || isAside(a) - isAside(b) || size(b) - size(a) || (a.exercise.id < b.exercise.id ? -1 : 1));
  }

  /** Adds the set that is worth most of those that fit until little of the session is idle, or nothing fits. */
  fill(room: number, mostIdle: number): void {
    while (room - this.seconds > mostIdle) {
      const next = this.#bestWithin(room - this.seconds);
      if (next === undefined) return;
      this.#add(next);
    }
  }

  #bestWithin(room: number): Option | undefined {
    return pickBest(
      this.#open,
      (option) => (this.#cost(option) > room || !this.#isPossible(option) ? 0 : this.#score(option)),
      (option) => ({ lot: option.lot, id: option.exercise.id }),
    );
  }

  /** What one more set takes. */
  #cost({ exercise, dosage: { restSeconds }, sets }: Option): number {
    return secondsOf(exercise, sets + 1, restSeconds) - (sets === 0 ? 0 : secondsOf(exercise, sets, restSeconds));
  }

  /** Room is only ever taken, so that an option that has none is done with. */
  #hasRoom({ sets, loads }: Option): boolean {
    return sets < MOST_SETS && loads.every((load) => (this.#muscles[load.muscle]?.room ?? 0) >= load.sets);
  }

  #isPossible(option: Option): boolean {
    for (let index = 0; index < option.sides.length; index += 1) {
      const side = option.sides[index] ?? 0;
      const isTooFar = Math.abs((this.#differences[index] ?? 0) + side) > MOST_IMBALANCE;
      if (side !== 0 && isTooFar && this.#balances[index] === true) return false;
    }
    return option.sets > 0 || this.#mayStandWithOthers(option);
  }

  /** The core comes last, so that nothing of one joint may come before a compound core exercise for the same muscle. */
  #mayStandWithOthers({ exercise, primary }: Option): boolean {
    if (this.#isCoreTargeted || isCore(exercise) !== exercise.isCompound) return true;
    return !this.#chosen.some(
      (other) =>
        isCore(other.exercise) !== isCore(exercise) &&
        isCore(other.exercise) === other.exercise.isCompound &&
        other.primary.some((muscle) => primary.includes(muscle)),
    );
  }

  #score(option: Option): number {
    let gain = 0;
    for (const { muscle, sets } of option.benefits) {
      const state = this.#muscles[muscle];
      if (state === undefined) continue;
      const isNewTarget = option.sets === 0 && sets === 1 && state.isTarget && !state.isCovered;
      const need = Math.max(LEAST_NEED, 1 - state.benefit / state.enough);
      gain += sets * need * state.weight * (isNewTarget ? UNCOVERED_TARGET_WEIGHT : 1);
    }
    return gain * option.weight * (WORTH_OF_SET[option.sets] ?? 0) * (this.#isBehind(option) ? BALANCING_WEIGHT : 1);
  }

  /** Whether the option is on the side of a pair that is as far behind as it may be. */
  #isBehind({ sides }: Option): boolean {
    for (let index = 0; index < sides.length; index += 1) {
      const side = sides[index] ?? 0;
      if (side !== 0 && this.#balances[index] === true && (this.#differences[index] ?? 0) * side === -MOST_IMBALANCE) return true;
    }
    return false;
  }

  #add(option: Option): void {
    this.seconds += this.#cost(option);
    if (option.sets === 0) this.#choose(option);
    option.sets += 1;
    for (const { muscle, sets } of option.loads) {
      const state = this.#muscles[muscle];
      if (state === undefined) continue;
      state.room -= sets;
      if (sets === 1) state.isCovered = true;
    }
    for (const { muscle, sets } of option.benefits) {
      const state = this.#muscles[muscle];
      if (state !== undefined) state.benefit += sets;
    }
    for (const [index, side] of option.sides.entries()) this.#differences[index] = (this.#differences[index] ?? 0) + side;
    this.#open = this.#open.filter((other) => this.#hasRoom(other));
  }

  /** What is much the same as a chosen exercise is worth less from now on. */
  #choose(option: Option): void {
    this.#chosen.push(option);
    const { movementPattern } = option.exercise;
    for (const other of this.#options) {
      if (other === option || other.exercise.movementPattern !== movementPattern) continue;
      if (overlapOf(option.primary, other.primary) >= ALIKE) other.weight *= ALIKE_WEIGHT;
    }
  }

  #sizeOf(exercise: PlanExercise): number {
    return primaryMuscles(exercise).reduce((sum, id) => sum + (this.#sizes.get(id) ?? 0), 0);
  }
}

function toState(muscle: PlanMuscle, { request, history, focus }: MainBlockContext): MuscleState {
  const { id, optimalWeeklyVolume, recoveryTime } = muscle;
  const left = optimalWeeklyVolume - (history.weeklySets.get(id) ?? 0);
  const isTarget = request.targetMuscles.includes(id);
  const isTired = (history.hoursSince.get(id) ?? Infinity) < recoveryTime;
  const wish = (1 + FOCUS_WEIGHT * (focus[id] ?? 0)) * (isTarget || request.targetMuscles.length === 0 ? 1 : ASIDE_WEIGHT);
  return {
    id,
    weight: wish * (0.4 + 0.6 * Math.max(0, left / optimalWeeklyVolume)) * (isTired ? TIRED_WEIGHT : 1),
    room: Math.min(MOST_SETS_OF_MUSCLE, left),
    benefit: 0,
    enough: isTarget ? ENOUGH_TARGET_SETS : ENOUGH_SETS,
    isTarget,
    isCovered: false,
  };
}

function toOption(exercise: PlanExercise, { goal, seed }: PlanRequest, places: ReadonlyMap<string, number>): Option {
  const loads: Load[] = [];
  const benefits: Load[] = [];
  for (const [id, activation] of exercise.activations) {
    const muscle = places.get(id);
    if (muscle === undefined || activation < SECONDARY) continue;
    loads.push({ muscle, sets: activation >= PRIMARY ? 1 : 0.5 });
  }
  for (const id of exercise.stretches) {
    const muscle = places.get(id);
    if (muscle !== undefined && !loads.some((load) => load.muscle === muscle)) benefits.push({ muscle, sets: 0.5 });
  }
  const pattern = exercise.movementPattern ?? '';
  const isOdd = EXPLOSIVE.has(exercise.type) && goal !== 'strength';
  return {
    exercise,
    dosage: dosageOf(exercise, goal),
    lot: lotOf(seed, exercise.id),
    weight: (exercise.isCompound ? COMPOUND_WEIGHT : 1) * (isOdd ? EXPLOSIVE_WEIGHT : 1),
    loads,
    benefits: [...loads, ...benefits],
    primary: primaryMuscles(exercise),
    sides: OPPOSITES.map(([one, other]) => (one.includes(pattern) ? 1 : 0) - (other.includes(pattern) ? 1 : 0)),
    sets: 0,
  };
}
