import { ANYWHERE, FREE_WEIGHTS, GYM, GYM_HOME, INDOORS, ROOMY } from '../places.ts';
import type { CatalogueExercise } from '../types.ts';

export const ROWS: readonly CatalogueExercise[] = [
  {
    id: 'barbell_row', name: 'Barbell Row', type: 'strength', difficulty: 3,
    description: 'Bent forward from the hips, the bar is rowed to the belly.',
    cues: 'Hold the hinge. Row to the navel. Lower without dropping the chest.',
    equipmentRequired: ['barbell'], equipmentOptional: [], locations: GYM_HOME,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_pull',
    aliases: [
      'Bent Over Row (Barbell)', 'Bent Over Barbell Row', 'Barbell Bent Over Row', 'Pendlay Row (Barbell)',
      'Pendlay Row',
    ],
    activations: {
      middle_trapezius: 85, latissimus_dorsi: 80, rhomboids: 80, teres_major: 58, erector_spinae: 50, biceps: 45,
      posterior_deltoid: 50, brachialis: 40, lower_trapezius: 45, brachioradialis: 30, medial_hamstrings: 25,
      forearm_flexors: 35, rotator_cuff: 12,
    },
  },
  {
    id: 'dumbbell_row', name: 'Dumbbell Row', type: 'strength', difficulty: 2,
    description: 'With one hand on a support the other rows a dumbbell to the hip.',
    cues: 'Flat back. Elbow to the hip. No twisting.',
    equipmentRequired: ['dumbbell'], equipmentOptional: ['bench'], locations: FREE_WEIGHTS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: [
      'Bent Over One Arm Row (Dumbbell)', 'Bent Over Row (Dumbbell)', 'One Arm Dumbbell Row',
      'Dumbbell Bent Over Row', 'Single Arm Dumbbell Row',
    ],
    activations: {
      latissimus_dorsi: 82, middle_trapezius: 74, rhomboids: 72, teres_major: 60, posterior_deltoid: 45, biceps: 45,
      brachialis: 40, lower_trapezius: 38, erector_spinae: 25, forearm_flexors: 30, rotator_cuff: 12,
    },
  },
  {
    id: 'kettlebell_row', name: 'Kettlebell Row', type: 'strength', difficulty: 2,
    description: 'A bent-over row with a kettlebell in one or both hands.',
    cues: 'Hinge and brace. Pull to the hip. Pause at the top.',
    equipmentRequired: ['kettlebell'], equipmentOptional: [], locations: FREE_WEIGHTS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: ['Bent Over Row (Kettlebell)', 'One Arm Kettlebell Row'],
    activations: {
      latissimus_dorsi: 80, middle_trapezius: 74, rhomboids: 72, teres_major: 58, posterior_deltoid: 45, biceps: 45,
      brachialis: 40, erector_spinae: 30, forearm_flexors: 32, rotator_cuff: 12,
    },
  },
  {
    id: 'seated_cable_row', name: 'Seated Cable Row', type: 'strength', difficulty: 1,
    description: 'Seated with the feet braced, a low cable is rowed to the belly.',
    cues: 'Sit tall. Pull the elbows back. Let the shoulder blades open.',
    equipmentRequired: ['cable_machine'], equipmentOptional: [], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: [
      'Seated Row (Cable)', 'Seated Cable Row - V Grip (Cable)', 'Seated Cable Row - Bar Grip', 'Cable Row',
      'Seated Cable Rows',
    ],
    activations: {
      middle_trapezius: 80, latissimus_dorsi: 78, rhomboids: 75, teres_major: 55, biceps: 45, posterior_deltoid: 42,
      brachialis: 40, lateral_deltoid: 30, lower_trapezius: 40, erector_spinae: 25, forearm_flexors: 25,
      rotator_cuff: 12,
    },
  },
  {
    id: 'machine_row', name: 'Machine Row', type: 'strength', difficulty: 1,
    description: 'A row on a machine with a chest pad that spares the lower back.',
    cues: 'Chest on the pad. Lead with the elbows. Squeeze the blades.',
    equipmentRequired: ['row_machine'], equipmentOptional: [], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: [
      'Seated Row (Machine)', 'Iso-Lateral Row (Machine)', 'Chest Supported Row (Machine)', 'Machine Seated Row',
    ],
    activations: {
      middle_trapezius: 80, latissimus_dorsi: 76, rhomboids: 76, teres_major: 54, biceps: 45, posterior_deltoid: 42,
      brachialis: 40, lower_trapezius: 40, forearm_flexors: 22, rotator_cuff: 12,
    },
  },
  {
    id: 't_bar_row', name: 'T Bar Row', type: 'strength', difficulty: 3,
    description: 'One end of a bar is rowed to the chest while straddling it.',
    cues: 'Hips back. Elbows close. Chest proud.',
    equipmentRequired: ['landmine', 'barbell'], equipmentOptional: [], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 120, movementPattern: 'horizontal_pull',
    aliases: ['T-Bar Row', 'Landmine Row', 'T Bar Row (Machine)'],
    activations: {
      middle_trapezius: 82, latissimus_dorsi: 80, rhomboids: 78, teres_major: 56, erector_spinae: 48, biceps: 46,
      posterior_deltoid: 46, brachialis: 42, lower_trapezius: 40, forearm_flexors: 32, rotator_cuff: 12,
    },
  },
  {
    id: 'chest_supported_row', name: 'Chest Supported Row', type: 'strength', difficulty: 2,
    description: 'Face down on a raised bench, two dumbbells are rowed past the ribs.',
    cues: 'Chest stays down. Elbows at forty-five degrees. Pause at the top.',
    equipmentRequired: ['dumbbell', 'bench'], equipmentOptional: [], locations: FREE_WEIGHTS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: ['Chest Supported Incline Row (Dumbbell)', 'Incline Row (Dumbbell)', 'Incline Dumbbell Row'],
    activations: {
      middle_trapezius: 84, rhomboids: 80, latissimus_dorsi: 72, posterior_deltoid: 55, teres_major: 50, biceps: 44,
      lower_trapezius: 48, brachialis: 38, forearm_flexors: 25, rotator_cuff: 12,
    },
  },
  {
    id: 'inverted_row', name: 'Inverted Row', type: 'strength', difficulty: 2,
    description: 'Hanging under a low bar with the heels on the floor, the chest is pulled to the bar.',
    cues: 'Body like a plank. Chest to the bar. Lower fully.',
    equipmentRequired: ['rack', 'barbell'], equipmentOptional: ['rings', 'suspension_trainer'], locations: GYM_HOME,
    isCompound: true, estimatedSeconds: 35, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: ['Bodyweight Row', 'Australian Pull Up', 'Inverted Rows'],
    activations: {
      middle_trapezius: 82, rhomboids: 78, latissimus_dorsi: 72, biceps: 50, teres_major: 52, posterior_deltoid: 50,
      lower_trapezius: 45, brachialis: 42, rectus_abdominis: 18, forearm_flexors: 30, rotator_cuff: 12,
    },
  },
  {
    id: 'suspension_row', name: 'Suspension Row', type: 'strength', difficulty: 2,
    description: 'A row on straps in which the angle of the body sets the load.',
    cues: 'Walk the feet in to make it harder. Keep the hips up. Elbows back.',
    equipmentRequired: ['suspension_trainer'], equipmentOptional: ['rings'], locations: ROOMY,
    isCompound: true, estimatedSeconds: 35, restSeconds: 75, movementPattern: 'horizontal_pull',
    aliases: ['TRX Row', 'Ring Row', 'Suspended Row'],
    activations: {
      middle_trapezius: 80, rhomboids: 76, latissimus_dorsi: 70, biceps: 50, posterior_deltoid: 48,
      lower_trapezius: 44, teres_major: 50, brachialis: 42, rectus_abdominis: 18, forearm_flexors: 28,
      rotator_cuff: 12,
    },
  },
  {
    id: 'band_row', name: 'Band Row', type: 'strength', difficulty: 1,
    description: 'A band around the feet or a post is rowed to the ribs.',
    cues: 'Sit or stand tall. Pull evenly. Return under tension.',
    equipmentRequired: ['resistance_band'], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 40, restSeconds: 60, movementPattern: 'horizontal_pull',
    aliases: ['Seated Row (Band)', 'Resistance Band Row', 'Bent Over Row (Band)'],
    activations: {
      middle_trapezius: 74, rhomboids: 72, latissimus_dorsi: 66, teres_major: 46, posterior_deltoid: 42, biceps: 40,
      brachialis: 35, lower_trapezius: 38, rotator_cuff: 12, forearm_flexors: 15,
    },
  },
  {
    id: 'prone_w_raise', name: 'Prone W Raise', type: 'strength', difficulty: 1,
    description: 'Lying face down with the arms bent like a W, the elbows are rowed up off the floor and held.',
    cues: 'Forehead down. Squeeze the blades. Lift elbows and hands together.',
    equipmentRequired: [], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 35, restSeconds: 45, movementPattern: 'horizontal_pull',
    aliases: ['Prone Row', 'Superman Row', 'W Raise'],
    activations: {
      middle_trapezius: 72, rhomboids: 70, posterior_deltoid: 62, lower_trapezius: 55, rotator_cuff: 45,
      latissimus_dorsi: 30, erector_spinae: 35, forearm_flexors: 5,
    },
  },
  {
    id: 'floor_elbow_row', name: 'Floor Elbow Row', type: 'strength', difficulty: 2,
    description: 'Lying on the back with bent arms, the elbows press into the floor and lift the chest.',
    cues: 'Elbows at forty-five degrees. Drive them down. Keep the chin tucked.',
    equipmentRequired: [], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 35, restSeconds: 60, movementPattern: 'horizontal_pull',
    aliases: ['Reverse Push Up (Floor)', 'Supine Elbow Row', 'Elbow Bridge Row'],
    activations: {
      middle_trapezius: 74, rhomboids: 72, posterior_deltoid: 64, latissimus_dorsi: 60, teres_major: 45,
      triceps_long_head: 30, lower_trapezius: 35, forearm_flexors: 5, rotator_cuff: 12,
    },
  },
  {
    id: 'table_row', name: 'Table Row', type: 'strength', difficulty: 2,
    description: 'Lying under a sturdy table, its edge is used as a bar to row the chest up.',
    cues: 'Test the table first. Body straight. Chest to the edge.',
    equipmentRequired: ['table'], equipmentOptional: [], locations: INDOORS,
    isCompound: true, estimatedSeconds: 35, restSeconds: 75, movementPattern: 'horizontal_pull',
    aliases: ['Under Table Row', 'Table Inverted Row'],
    activations: {
      middle_trapezius: 80, rhomboids: 76, latissimus_dorsi: 70, biceps: 52, posterior_deltoid: 46, brachialis: 42,
      teres_major: 48, forearm_flexors: 35, rotator_cuff: 12,
    },
  },
  {
    id: 'renegade_row', name: 'Renegade Row', type: 'strength', difficulty: 3,
    description: 'From a push-up position on two dumbbells, each arm rows in turn.',
    cues: 'Feet wide. Hips still. Row to the hip.',
    equipmentRequired: ['dumbbell'], equipmentOptional: ['kettlebell'], locations: FREE_WEIGHTS,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'horizontal_pull',
    aliases: ['Renegade Row (Dumbbell)', 'Plank Row'],
    activations: {
      latissimus_dorsi: 68, middle_trapezius: 66, rhomboids: 64, obliques: 50, rectus_abdominis: 50,
      transversus_abdominis: 45, biceps: 38, triceps: 25, posterior_deltoid: 38, serratus_anterior: 30,
      rotator_cuff: 12, forearm_flexors: 15,
    },
  },
];
