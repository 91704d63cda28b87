import { ANYWHERE, BARS, FREE_WEIGHTS, GYM, GYM_HOME, INDOORS } from '../places.ts';
import type { CatalogueExercise } from '../types.ts';

export const CHEST_PRESSES: readonly CatalogueExercise[] = [
  {
    id: 'bench_press', name: 'Bench Press', type: 'powerlifting', difficulty: 2,
    description: 'Lying on a bench, the bar is lowered to the chest and pressed back to straight arms.',
    cues: 'Pull the shoulder blades together. Keep the feet planted. Touch the lower chest. Press back over the shoulders.',
    equipmentRequired: ['barbell', 'bench', 'rack'], equipmentOptional: [], locations: GYM_HOME,
    isCompound: true, estimatedSeconds: 40, restSeconds: 150, movementPattern: 'horizontal_push',
    aliases: ['Bench Press (Barbell)', 'Barbell Bench Press', 'Flat Barbell Bench Press', 'Bench Press (Touch and Go)'],
    activations: {
      pectoralis_major: 85, triceps: 65, pectoralis_major_clavicular: 62, triceps_long_head: 55, anterior_deltoid: 55,
      serratus_anterior: 18, rotator_cuff: 12, rectus_abdominis: 8,
    },
  },
  {
    id: 'incline_bench_press', name: 'Incline Bench Press', type: 'strength', difficulty: 2,
    description: 'A barbell press on a bench raised to about thirty degrees, which moves the work to the upper chest.',
    cues: 'Set the bench at thirty degrees. Lower to the upper chest. Keep the wrists over the elbows.',
    equipmentRequired: ['barbell', 'bench', 'rack'], equipmentOptional: [], locations: GYM_HOME,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_push',
    aliases: ['Incline Bench Press (Barbell)', 'Incline Barbell Bench Press', 'Barbell Incline Bench Press'],
    activations: {
      pectoralis_major_clavicular: 85, anterior_deltoid: 62, pectoralis_major: 62, triceps: 55, triceps_long_head: 50,
      serratus_anterior: 18, rotator_cuff: 12, rectus_abdominis: 8,
    },
  },
  {
    id: 'decline_bench_press', name: 'Decline Bench Press', type: 'strength', difficulty: 3,
    description: 'A barbell press with the head lower than the hips, for the lower fibres of the chest.',
    cues: 'Lock the legs in. Lower to the bottom of the chest. Press straight up.',
    equipmentRequired: ['barbell', 'bench', 'rack'], equipmentOptional: [], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_push',
    aliases: ['Decline Bench Press (Barbell)', 'Decline Barbell Bench Press'],
    activations: {
      pectoralis_major: 85, triceps: 70, anterior_deltoid: 45, triceps_long_head: 58, pectoralis_major_clavicular: 40,
      rotator_cuff: 12, rectus_abdominis: 8,
    },
  },
  {
    id: 'close_grip_bench_press', name: 'Close Grip Bench Press', type: 'strength', difficulty: 3,
    description: 'A bench press with the hands at shoulder width, so that the triceps carry more of the load.',
    cues: 'Grip at shoulder width. Keep the elbows near the ribs. Lock out hard.',
    equipmentRequired: ['barbell', 'bench', 'rack'], equipmentOptional: [], locations: GYM_HOME,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_push',
    aliases: ['Bench Press - Close Grip (Barbell)', 'Close Grip Bench Press (Barbell)', 'Close Grip Barbell Bench Press'],
    activations: {
      triceps: 82, triceps_long_head: 72, pectoralis_major: 62, anterior_deltoid: 50, pectoralis_major_clavicular: 45,
      rotator_cuff: 12, rectus_abdominis: 8,
    },
  },
  {
    id: 'dumbbell_bench_press', name: 'Dumbbell Bench Press', type: 'strength', difficulty: 2,
    description: 'Two dumbbells are pressed from the sides of the chest, each arm carrying its own load.',
    cues: 'Kick the weights up with the knees. Keep the wrists straight. Press up and slightly in.',
    equipmentRequired: ['dumbbell', 'bench'], equipmentOptional: [], locations: FREE_WEIGHTS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_push',
    aliases: ['Bench Press (Dumbbell)', 'Flat Dumbbell Bench Press', 'DB Bench Press'],
    activations: {
      pectoralis_major: 84, pectoralis_major_clavicular: 63, anterior_deltoid: 55, triceps: 52, triceps_long_head: 45,
      serratus_anterior: 18, rotator_cuff: 16, rectus_abdominis: 8,
    },
  },
  {
    id: 'incline_dumbbell_press', name: 'Incline Dumbbell Press', type: 'strength', difficulty: 2,
    description: 'A dumbbell press on a raised bench, aimed at the upper chest and the front of the shoulder.',
    cues: 'Set a low incline. Keep the chest high. Lower until the elbows pass the bench.',
    equipmentRequired: ['dumbbell', 'bench'], equipmentOptional: [], locations: FREE_WEIGHTS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_push',
    aliases: ['Incline Bench Press (Dumbbell)', 'Incline Dumbbell Bench Press', 'Dumbbell Incline Bench Press'],
    activations: {
      pectoralis_major_clavicular: 85, anterior_deltoid: 62, pectoralis_major: 62, triceps: 48, triceps_long_head: 42,
      serratus_anterior: 18, rotator_cuff: 16, rectus_abdominis: 8,
    },
  },
  {
    id: 'chest_press_machine', name: 'Machine Chest Press', type: 'strength', difficulty: 1,
    description: 'A seated press along the fixed path of a machine, easy to learn and safe to push hard.',
    cues: 'Set the handles at mid chest. Keep the back on the pad. Stop just before the elbows lock.',
    equipmentRequired: ['chest_press_machine'], equipmentOptional: [], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_push',
    aliases: ['Chest Press (Machine)', 'Seated Machine Chest Press', 'Chest Press'],
    activations: {
      pectoralis_major: 82, pectoralis_major_clavicular: 60, triceps: 50, anterior_deltoid: 48, triceps_long_head: 42,
      rotator_cuff: 10,
    },
  },
  {
    id: 'push_up', name: 'Push Up', type: 'strength', difficulty: 1,
    description: 'From a straight-arm support the body is lowered as one plank to the floor and pushed away again.',
    cues: 'Squeeze the glutes. Hands under the shoulders. Lower the chest to the floor. Push the floor away.',
    equipmentRequired: [], equipmentOptional: ['parallettes', 'weight_plate'], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 40, restSeconds: 75, movementPattern: 'horizontal_push',
    aliases: ['Push-Up', 'Pushup', 'Pushups', 'Push Ups', 'Press Up'],
    activations: {
      pectoralis_major: 75, triceps: 55, triceps_long_head: 45, anterior_deltoid: 50, pectoralis_major_clavicular: 50,
      serratus_anterior: 35, rotator_cuff: 12, rectus_abdominis: 19,
    },
  },
  {
    id: 'incline_push_up', name: 'Incline Push Up', type: 'strength', difficulty: 1,
    description: 'A push-up with the hands on a raised edge; the higher the edge, the lighter it is.',
    cues: 'Choose a firm edge. Keep the body straight. Touch the edge with the chest.',
    equipmentRequired: [], equipmentOptional: ['bench', 'box', 'chair'], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 40, restSeconds: 60, movementPattern: 'horizontal_push',
    aliases: ['Incline Push-Up', 'Incline Push Ups', 'Hands Elevated Push Up'],
    activations: {
      pectoralis_major: 65, triceps: 48, triceps_long_head: 38, anterior_deltoid: 40, pectoralis_major_clavicular: 38,
      serratus_anterior: 30, rotator_cuff: 12, rectus_abdominis: 12,
    },
  },
  {
    id: 'diamond_push_up', name: 'Diamond Push Up', type: 'strength', difficulty: 3,
    description: 'A push-up with the hands together under the breastbone, one of the hardest moves for the triceps.',
    cues: 'Join thumbs and forefingers. Keep the elbows close. Lower the chest to the hands.',
    equipmentRequired: [], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 40, restSeconds: 75, movementPattern: 'horizontal_push',
    aliases: ['Triangle Push Up', 'Diamond Push-Up', 'Close Grip Push Up', 'Triceps Push Up'],
    activations: {
      triceps: 85, triceps_long_head: 70, pectoralis_major: 55, anterior_deltoid: 45, pectoralis_major_clavicular: 40,
      serratus_anterior: 30, rotator_cuff: 12, rectus_abdominis: 19,
    },
  },
  {
    id: 'chest_dip', name: 'Chest Dip', type: 'strength', difficulty: 3,
    description: 'Between two bars the body sinks until the shoulders are below the elbows, then presses up.',
    cues: 'Lean a little forward. Keep the shoulders down. Press to straight arms.',
    equipmentRequired: ['dip_bars'], equipmentOptional: ['weight_belt', 'weight_plate'], locations: BARS,
    isCompound: true, estimatedSeconds: 35, restSeconds: 120, movementPattern: 'vertical_push',
    aliases: ['Dip', 'Dips', 'Parallel Bar Dip', 'Chest Dip (Weighted)', 'Parallel Bar Triceps Dip', 'Triceps Dip'],
    activations: {
      pectoralis_major: 85, triceps: 70, triceps_long_head: 58, anterior_deltoid: 45, pectoralis_major_clavicular: 35,
      rotator_cuff: 12, rectus_abdominis: 8,
    },
  },
  {
    id: 'bench_dip', name: 'Bench Dip', type: 'strength', difficulty: 2,
    description: 'With the hands on an edge behind the back, the hips sink in front of it and are pressed up.',
    cues: 'Keep the back close to the edge. Bend to ninety degrees. Push through the palms.',
    equipmentRequired: ['chair'], equipmentOptional: ['bench', 'box'], locations: INDOORS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 75, movementPattern: 'vertical_push',
    aliases: ['Bench Dips', 'Chair Dip', 'Seated Dip'],
    activations: {
      triceps: 82, triceps_long_head: 76, anterior_deltoid: 45, pectoralis_major: 40, rotator_cuff: 12, rectus_abdominis: 8,
    },
  },
];
