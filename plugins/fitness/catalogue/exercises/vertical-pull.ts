import { ANYWHERE, BARS, GYM } from '../places.ts';
import type { CatalogueExercise } from '../types.ts';

export const VERTICAL_PULLS: readonly CatalogueExercise[] = [
  {
    id: 'pull_up', name: 'Pull Up', type: 'strength', difficulty: 3,
    description: 'Hanging with the palms away, the body is pulled up until the chin passes the bar.',
    cues: 'Start from a full hang. Pull the elbows to the ribs. Keep the legs still.',
    equipmentRequired: ['pull_up_bar'], equipmentOptional: ['weight_belt', 'resistance_band'], locations: BARS,
    isCompound: true, estimatedSeconds: 35, restSeconds: 120, movementPattern: 'vertical_pull',
    aliases: ['Pull-Up', 'Pullup', 'Pullups', 'Pull Ups', 'Pull Up (Weighted)', 'Weighted Pull Up'],
    activations: {
      latissimus_dorsi: 95, biceps: 62, middle_trapezius: 60, rotator_cuff: 50, lower_trapezius: 50, teres_major: 65,
      brachialis: 50, rhomboids: 45, posterior_deltoid: 35, brachioradialis: 35, obliques: 25, forearm_flexors: 35,
      rectus_abdominis: 20,
    },
  },
  {
    id: 'chin_up', name: 'Chin Up', type: 'strength', difficulty: 3,
    description: 'A pull to the bar with the palms facing the lifter, with more help from the biceps.',
    cues: 'Hands at shoulder width. Chest to the bar. Lower all the way.',
    equipmentRequired: ['pull_up_bar'], equipmentOptional: ['weight_belt', 'resistance_band'], locations: BARS,
    isCompound: true, estimatedSeconds: 35, restSeconds: 120, movementPattern: 'vertical_pull',
    aliases: ['Chin-Up', 'Chinup', 'Chin Ups', 'Chin Up (Weighted)'],
    activations: {
      latissimus_dorsi: 92, biceps: 75, teres_major: 62, brachialis: 60, middle_trapezius: 45, lower_trapezius: 40,
      pectoralis_major: 35, rhomboids: 40, brachioradialis: 35, forearm_flexors: 35, rotator_cuff: 35,
      rectus_abdominis: 20,
    },
  },
  {
    id: 'assisted_pull_up', name: 'Assisted Pull Up', type: 'strength', difficulty: 1,
    description: 'A pull-up in which a counterweight lifts part of the body\'s weight.',
    cues: 'Choose enough help for eight repetitions. Shoulders down first. Full range.',
    equipmentRequired: ['machine'], equipmentOptional: ['pull_up_bar', 'resistance_band'], locations: GYM,
    isCompound: true, estimatedSeconds: 35, restSeconds: 90, movementPattern: 'vertical_pull',
    aliases: ['Pull Up (Assisted)', 'Pull-up (Assisted)', 'Assisted Pull-Up', 'Pull Up (Band)'],
    activations: {
      latissimus_dorsi: 84, teres_major: 60, biceps: 52, middle_trapezius: 48, lower_trapezius: 45, rhomboids: 40,
      brachialis: 42, rotator_cuff: 30, forearm_flexors: 15,
    },
  },
  {
    id: 'lat_pulldown', name: 'Lat Pulldown', type: 'strength', difficulty: 1,
    description: 'Seated under a high pulley the bar is pulled to the top of the chest.',
    cues: 'Lean back slightly. Elbows down and in. Let the lats stretch.',
    equipmentRequired: ['lat_pulldown_machine'], equipmentOptional: ['cable_machine'], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'vertical_pull',
    aliases: [
      'Lat Pulldown (Cable)', 'Lat Pulldown (Machine)', 'Cable Lat Pulldown', 'Wide Grip Lat Pulldown',
      'Lat Pull Down',
    ],
    activations: {
      latissimus_dorsi: 80, teres_major: 60, biceps: 50, middle_trapezius: 45, lower_trapezius: 45, brachialis: 40,
      rhomboids: 40, posterior_deltoid: 30, brachioradialis: 28, rotator_cuff: 12, forearm_flexors: 15,
    },
  },
  {
    id: 'close_grip_lat_pulldown', name: 'Close Grip Lat Pulldown', type: 'strength', difficulty: 1,
    description: 'A pulldown with a narrow handle, the elbows travelling in front of the body.',
    cues: 'Chest to the handle. Shoulders away from the ears. Slow on the way up.',
    equipmentRequired: ['lat_pulldown_machine'], equipmentOptional: ['cable_machine'], locations: GYM,
    isCompound: true, estimatedSeconds: 40, restSeconds: 90, movementPattern: 'vertical_pull',
    aliases: [
      'Lat Pulldown - Close Grip (Cable)', 'V-Bar Pulldown', 'Neutral Grip Lat Pulldown',
      'Reverse Grip Lat Pulldown (Cable)',
    ],
    activations: {
      latissimus_dorsi: 82, teres_major: 61, biceps: 56, brachialis: 46, middle_trapezius: 40, lower_trapezius: 40,
      rhomboids: 36, brachioradialis: 32, rotator_cuff: 12, forearm_flexors: 15,
    },
  },
  {
    id: 'straight_arm_pulldown', name: 'Straight Arm Pulldown', type: 'strength', difficulty: 2,
    description: 'With straight arms a high cable is swept down to the thighs.',
    cues: 'Hinge a little. Lock the elbows. Pull with the armpits.',
    equipmentRequired: ['cable_machine'], equipmentOptional: ['resistance_band'], locations: GYM,
    isCompound: false, estimatedSeconds: 40, restSeconds: 60, movementPattern: 'isolation_pull',
    aliases: ['Straight Arm Lat Pulldown (Cable)', 'Straight Arm Pulldown (Cable)', 'Stiff Arm Pulldown'],
    activations: {
      latissimus_dorsi: 88, teres_major: 66, triceps_long_head: 40, posterior_deltoid: 25, rectus_abdominis: 18,
      serratus_anterior: 15,
    },
  },
  {
    id: 'band_pulldown', name: 'Band Lat Pulldown', type: 'strength', difficulty: 1,
    description: 'A band held overhead is pulled apart and down to the chest.',
    cues: 'Keep tension at the top. Elbows to the ribs. Return slowly.',
    equipmentRequired: ['resistance_band'], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 40, restSeconds: 60, movementPattern: 'vertical_pull',
    aliases: ['Lat Pulldown (Band)', 'Resistance Band Lat Pulldown'],
    activations: {
      latissimus_dorsi: 72, teres_major: 55, middle_trapezius: 42, lower_trapezius: 45, biceps: 38, rhomboids: 38,
      posterior_deltoid: 35, rotator_cuff: 12, forearm_flexors: 15,
    },
  },
  {
    id: 'prone_lat_pull', name: 'Prone Lat Pull', type: 'strength', difficulty: 1,
    description:
      'Lying face down with the chest off the floor, the arms are drawn from overhead to the ribs as if pulling down a bar.',
    cues: 'Lift the chest. Pull the elbows to the back pockets. Squeeze for two seconds.',
    equipmentRequired: [], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 35, restSeconds: 45, movementPattern: 'vertical_pull',
    aliases: ['Prone Lat Pulldown', 'Superman Pull', 'Superman Lat Pull'],
    activations: {
      latissimus_dorsi: 62, lower_trapezius: 62, middle_trapezius: 58, rhomboids: 55, teres_major: 48,
      erector_spinae: 45, posterior_deltoid: 40, forearm_flexors: 5, rotator_cuff: 12,
    },
  },
  {
    id: 'reverse_snow_angel', name: 'Reverse Snow Angel', type: 'strength', difficulty: 1,
    description: 'Lying face down the straight arms sweep from the hips to overhead and back without touching the floor.',
    cues: 'Thumbs up. Keep the arms off the floor. Move slowly.',
    equipmentRequired: [], equipmentOptional: [], locations: ANYWHERE,
    isCompound: true, estimatedSeconds: 35, restSeconds: 45, movementPattern: 'vertical_pull',
    aliases: ['Prone Snow Angel', 'Reverse Snow Angels'],
    activations: {
      lower_trapezius: 68, middle_trapezius: 62, posterior_deltoid: 60, rhomboids: 58, latissimus_dorsi: 45,
      erector_spinae: 40, teres_major: 38, rotator_cuff: 35, forearm_flexors: 5,
    },
  },
  {
    id: 'towel_pulldown', name: 'Towel Isometric Pulldown', type: 'strength', difficulty: 1,
    description: 'A towel held wide overhead is pulled apart with force while the elbows come down.',
    cues: 'Pull the towel apart all the time. Elbows down slowly. Breathe.',
    equipmentRequired: ['towel'], equipmentOptional: [], locations: ANYWHERE,
    isCompound: false, estimatedSeconds: 30, restSeconds: 45, movementPattern: 'vertical_pull',
    aliases: ['Towel Pulldown'],
    activations: {
      latissimus_dorsi: 64, lower_trapezius: 45, middle_trapezius: 42, teres_major: 45, rotator_cuff: 25, biceps: 25,
      forearm_flexors: 25,
    },
  },
  {
    id: 'scapular_pull_up', name: 'Scapular Pull Up', type: 'strength', difficulty: 2,
    description: 'From a hang the shoulder blades are drawn down without bending the arms.',
    cues: 'Straight arms. Shoulders away from the ears. Pause at the top.',
    equipmentRequired: ['pull_up_bar'], equipmentOptional: [], locations: BARS,
    isCompound: false, estimatedSeconds: 30, restSeconds: 60, movementPattern: 'vertical_pull',
    aliases: ['Scapular Pull-Up', 'Scap Pull Up', 'Scapular Pulls'],
    activations: {
      lower_trapezius: 78, latissimus_dorsi: 50, middle_trapezius: 40, rhomboids: 35, teres_major: 30,
      forearm_flexors: 30,
    },
  },
  {
    id: 'dead_hang', name: 'Dead Hang', type: 'strength', difficulty: 1,
    description: 'Hanging from a bar at full length, for the grip and the shoulders.',
    cues: 'Wrap the thumbs. Let the ribs stay down. Breathe calmly.',
    equipmentRequired: ['pull_up_bar'], equipmentOptional: [], locations: BARS,
    isCompound: false, estimatedSeconds: 40, restSeconds: 60, movementPattern: 'vertical_pull',
    aliases: ['Bar Hang', 'Passive Hang'],
    activations: {
      forearm_flexors: 82, latissimus_dorsi: 30, forearm_extensors: 30, brachioradialis: 25, lower_trapezius: 20,
      teres_major: 20,
    },
  },
  {
    id: 'muscle_up', name: 'Muscle Up', type: 'strength', difficulty: 5,
    description: 'An explosive pull that carries the chest over the bar, ended by a dip to straight arms.',
    cues: 'Pull to the belly. Roll the wrists over. Press out.',
    equipmentRequired: ['pull_up_bar'], equipmentOptional: ['rings'], locations: BARS,
    isCompound: true, estimatedSeconds: 25, restSeconds: 180, movementPattern: 'vertical_pull',
    aliases: ['Muscle-Up', 'Bar Muscle Up'],
    activations: {
      latissimus_dorsi: 90, triceps: 66, pectoralis_major: 62, biceps: 60, triceps_long_head: 55,
      middle_trapezius: 50, anterior_deltoid: 48, teres_major: 60, forearm_flexors: 40, rotator_cuff: 35,
      rectus_abdominis: 30,
    },
  },
];
