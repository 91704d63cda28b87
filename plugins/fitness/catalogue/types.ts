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

/** Everything an exercise may need; `machine` is a weight machine that has no word of its own. */
export const EQUIPMENT = [
  'ab_wheel', 'atlas_stone', 'back_extension_bench', 'barbell', 'battle_ropes', 'bench', 'bicycle', 'box',
  'cable_machine', 'calf_raise_machine', 'chair', 'chest_press_machine', 'climbing_rope', 'dip_bars', 'dumbbell',
  'elliptical', 'exercise_ball', 'ez_bar', 'farmer_handles', 'foam_roller', 'hack_squat_machine', 'head_harness',
  'hip_machine', 'jump_rope', 'kettlebell', 'landmine', 'lat_pulldown_machine', 'leg_curl_machine',
  'leg_extension_machine', 'leg_press_machine', 'log_bar', 'machine', 'medicine_ball', 'parallettes', 'pec_deck_machine',
  'preacher_bench', 'pull_up_bar', 'rack', 'resistance_band', 'rings', 'row_machine', 'rowing_machine', 'sandbag',
  'shoulder_press_machine', 'skates', 'sled', 'sledgehammer', 'smith_machine', 'stair_climber', 'stationary_bike',
  'suspension_trainer', 'swimming_pool', 'towel', 'trap_bar', 'treadmill', 'table', 'tyre', 'weight_belt', 'weight_plate',
  'wrist_roller',
  'yoke', 'hurdles', 'chains', 'balance_board', 'cones', 'partner', 'punching_bag', 'slide_board', 'rickshaw',
] as const;

export type Equipment = (typeof EQUIPMENT)[number];
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
  equipmentRequired: readonly Equipment[];
  equipmentOptional: readonly Equipment[];
  locations: readonly Location[];
  isCompound: boolean;
  /** Seconds of work in one set. */
  estimatedSeconds: number;
  restSeconds: number;
  movementPattern: MovementPattern;
  /** Other names people and other apps use, as they write them. */
  aliases: readonly string[];
  /** Percent by muscle id; empty for a stretch. */
  activations: Readonly<Record<string, number>>;
  /** The muscles that a stretch lengthens. */
  stretches?: readonly string[];
}
