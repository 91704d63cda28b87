export const GOALS = ['strength', 'hypertrophy', 'endurance', 'fat_loss', 'mobility'] as const;
export const LEVELS = ['beginner', 'intermediate', 'advanced'] as const;
export type Goal = (typeof GOALS)[number];
export type Level = (typeof LEVELS)[number];

/** What a plan is made for. */
export interface PlanRequest {
  /** 10-180. */
  minutes: number;
  location: string;
  /** All that there is; an exercise that needs anything else is left out, in a gym as well. */
  equipment: readonly string[];
  goal: Goal;
  level: Level;
  /** Muscle ids; none means the whole body. */
  targetMuscles: readonly string[];
  excludeMuscles: readonly string[];
  excludeExercises: readonly string[];
  seed: number;
}

export interface PlanExercise {
  id: string;
  name: string;
  type: string;
  difficulty: number;
  equipmentRequired: readonly string[];
  locations: readonly string[];
  isCompound: boolean;
  /** Of one set. */
  estimatedSeconds: number;
  restSeconds: number;
  movementPattern: string | null;
  /** Percent by muscle id. */
  activations: ReadonlyMap<string, number>;
  /** The muscles that a stretch lengthens. */
  stretches: readonly string[];
}

export interface PlanMuscle {
  id: string;
  name: string;
  muscleGroup: string;
  biasWeight: number;
  /** Sets a week. */
  optimalWeeklyVolume: number;
  /** Hours. */
  recoveryTime: number;
}

export interface PlanCatalogue {
  exercises: readonly PlanExercise[];
  muscles: ReadonlyMap<string, PlanMuscle>;
}

/** What a member did lately, as far as it bears on a plan; a muscle that is not named was not trained. */
export interface PlanHistory {
  /** Hours since an exercise that activates the muscle by 60 or more, by muscle id. */
  hoursSince: ReadonlyMap<string, number>;
  /** Sets of the last 7 days: one for an activation of 60 or more, a half from 20 on. */
  weeklySets: ReadonlyMap<string, number>;
}

/** What the member trains for by muscle id, above 0 to 1. */
export type PlanFocus = Readonly<Record<string, number>>;

export interface PlannedExercise {
  exerciseId: string;
  name: string;
  sets: number;
  /** Of each set; calm breaths where a position is held or a load is carried; null for mobility. */
  reps: number | null;
  /** Seconds that a position is held, or a load carried, in each set; null where something is repeated. */
  holdSeconds: number | null;
  restSeconds: number;
  /** What the exercise takes: sets, rests and 30 s to set up equipment. */
  seconds: number;
  movementPattern: string | null;
  primaryMuscles: readonly string[];
}

export interface PlannedMove {
  exerciseId: string;
  name: string;
  seconds: number;
}

/** Something the request asked for and the plan does not hold. */
export interface Shortfall {
  /** `muscle`: a target without exercise; `substitutes`: an exercise without alternative; `time`: minutes that are not filled. */
  about: 'muscle' | 'substitutes' | 'time';
  /** The id of the muscle or exercise; null for time. */
  id: string | null;
  reason: string;
}

export interface Plan {
  exercises: PlannedExercise[];
  warmup: PlannedMove[];
  cooldown: PlannedMove[];
  /** Alternatives by the id of the exercise that they may stand for, the best first. */
  substitutions: Record<string, { exerciseId: string; name: string }[]>;
  /** Effective sets by muscle id. */
  muscleCoverage: Record<string, number>;
  /** What logging exactly this plan would count. */
  totalTU: number;
  /** Seconds. */
  estimatedDuration: number;
  shortfalls: Shortfall[];
}

/** From which activation a muscle is trained by an exercise, and from which it helps. */
export const PRIMARY = 60;
export const SECONDARY = 20;

const TIMED = /(^|_)(plank|hold|hang|sit|carry|walk|crawl|yoke)(_|$)/;

/** What is done for suppleness, before or after training or as the goal itself. */
export function isMobility(exercise: Pick<PlanExercise, 'type'>): boolean {
  return exercise.type === 'mobility' || exercise.type === 'stretching';
}

/** What takes time instead of repetitions; the catalogue knows it only by the name. */
export function isTimed(exercise: Pick<PlanExercise, 'id' | 'movementPattern'>): boolean {
  return exercise.movementPattern === 'carry' || TIMED.test(exercise.id);
}

export function primaryMuscles(exercise: Pick<PlanExercise, 'activations'>): string[] {
  return [...exercise.activations].filter(([, activation]) => activation >= PRIMARY).map(([muscle]) => muscle);
}
