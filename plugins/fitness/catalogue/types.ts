export const EXERCISE_TYPES = [
  'strength',
  'powerlifting',
  'olympic_weightlifting',
  'strongman',
  'plyometrics',
  'cardio',
  'stretching',
  'mobility',
] as const;

export const MOVEMENT_PATTERNS = [
  'horizontal_push',
  'vertical_push',
  'horizontal_pull',
  'vertical_pull',
  'squat',
  'lunge',
  'hinge',
  'carry',
  'core',
  'rotation',
  'isolation_push',
  'isolation_pull',
  'isolation_legs',
  'olympic',
  'jump',
  'cardio',
  'mobility',
  'stretch',
] as const;

export const LOCATIONS = ['gym', 'home', 'park', 'hotel', 'office', 'travel'] as const;

export type ExerciseType = (typeof EXERCISE_TYPES)[number];
export type MovementPattern = (typeof MOVEMENT_PATTERNS)[number];
export type Location = (typeof LOCATIONS)[number];

/** One muscle as the catalogue ships it. `biasWeight` (4-22) normalises Training Units, `recoveryTime` is in hours. */
export interface CatalogueMuscle {
  id: string;
  name: string;
  anatomicalName: string;
  muscleGroup: string;
  biasWeight: number;
  /** Effective sets a week. */
  optimalWeeklyVolume: number;
  recoveryTime: number;
}

/** One exercise as the catalogue ships it. The muscles with an activation of 60 or more are its primary ones. */
export interface CatalogueExercise {
  id: string;
  name: string;
  type: ExerciseType;
  /** 1 anybody, 2 beginner, 3 intermediate, 4 advanced, 5 expert. */
  difficulty: 1 | 2 | 3 | 4 | 5;
  description: string;
  cues: string;
  equipmentRequired: readonly string[];
  equipmentOptional: readonly string[];
  locations: readonly Location[];
  isCompound: boolean;
  /** Seconds of work in one set. */
  estimatedSeconds: number;
  restSeconds: number;
  movementPattern: MovementPattern;
  /** Other names people and other apps use, as they write them. */
  aliases: readonly string[];
  /** Percent by muscle id. */
  activations: Readonly<Record<string, number>>;
}
