import { APP_NAMES } from './app-names.ts';
import { ARM_EXERCISES } from './exercises/arm.ts';
import { CALVES_NECK_AND_CARRIES } from './exercises/calf-neck-carry.ts';
import { CARDIO } from './exercises/cardio.ts';
import { CHEST_AND_CUFF } from './exercises/chest-and-push.ts';
import { CORE_EXERCISES } from './exercises/core.ts';
import { HINGES } from './exercises/hinge.ts';
import { LEG_EXERCISES } from './exercises/leg.ts';
import { LOWER_BODY_STRETCHES } from './exercises/lower-body-stretch.ts';
import { OLYMPIC_LIFTS } from './exercises/olympic.ts';
import { CHEST_PRESSES } from './exercises/press.ts';
import { ROWS } from './exercises/row.ts';
import { SHOULDER_EXERCISES } from './exercises/shoulder.ts';
import { SQUATS } from './exercises/squat.ts';
import { UPPER_BODY_STRETCHES } from './exercises/upper-body-stretch.ts';
import { VARIATIONS } from './exercises/variation.ts';
import { VERTICAL_PULLS } from './exercises/vertical-pull.ts';
import { WARM_UP_MOVES } from './exercises/warm-up.ts';
import type { CatalogueExercise } from './types.ts';

/** Every exercise that ships. Ids, names and aliases (as `normalizeExerciseName` compares them) are unique. */
export const EXERCISES: readonly CatalogueExercise[] = [
  ...CHEST_PRESSES,
  ...CHEST_AND_CUFF,
  ...SHOULDER_EXERCISES,
  ...VERTICAL_PULLS,
  ...ROWS,
  ...ARM_EXERCISES,
  ...SQUATS,
  ...HINGES,
  ...LEG_EXERCISES,
  ...CALVES_NECK_AND_CARRIES,
  ...CORE_EXERCISES,
  ...OLYMPIC_LIFTS,
  ...CARDIO,
  ...WARM_UP_MOVES,
  ...LOWER_BODY_STRETCHES,
  ...UPPER_BODY_STRETCHES,
  ...VARIATIONS,
].map((exercise) => ({ ...exercise, aliases: [...exercise.aliases, ...(APP_NAMES[exercise.id] ?? [])] }));
