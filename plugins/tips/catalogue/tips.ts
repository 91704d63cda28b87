import { EXERCISE_TIPS } from './tips/exercise.ts';
import { GENERAL_TIPS } from './tips/general.ts';
import { GOAL_TIPS } from './tips/goal.ts';
import { INACTIVITY_TIPS, STREAK_TIPS, TIME_TIPS } from './tips/habit.ts';
import { MUSCLE_TIPS } from './tips/muscle.ts';
import { LEVEL_TIPS, MILESTONE_TIPS } from './tips/progress.ts';
import type { CatalogueTip, Trigger } from './types.ts';

/** The tips that ship, by what triggers them. */
export const TIPS: Readonly<Record<Trigger, readonly CatalogueTip[]>> = {
  exercise: EXERCISE_TIPS,
  muscle: MUSCLE_TIPS,
  goal: GOAL_TIPS,
  milestone: MILESTONE_TIPS,
  level: LEVEL_TIPS,
  inactivity: INACTIVITY_TIPS,
  streak: STREAK_TIPS,
  time_of_day: TIME_TIPS,
  random: GENERAL_TIPS,
};
