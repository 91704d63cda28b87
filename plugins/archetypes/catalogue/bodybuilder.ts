import type { CatalogueArchetype } from './types.ts';

export const BODYBUILDER: CatalogueArchetype = {
  id: 'bodybuilder',
  name: 'Bodybuilder',
  philosophy: 'Build every muscle on purpose; size is the sum of many honest sets.',
  description:
    'Training for size and proportion. Each muscle gets its own weekly volume, close to failure, through its full range, and what ' +
    'lags behind is put first.',
  focusAreas: ['chest', 'back', 'shoulders', 'arms', 'legs'],
  weeklyTU: 2000,
  targets: {
    foundation: {
      pectoralis_major: 1, latissimus_dorsi: 1, lateral_deltoid: 0.8, vastus_lateralis: 1, biceps_femoris: 0.8, glutes: 0.8,
      biceps: 0.6, triceps: 0.6, middle_trapezius: 0.8, gastrocnemius: 0.5, rectus_abdominis: 0.5,
    },
    building: {
      pectoralis_major: 1, pectoralis_major_clavicular: 0.9, latissimus_dorsi: 1, middle_trapezius: 0.9, rhomboids: 0.7,
      lateral_deltoid: 1, posterior_deltoid: 0.8, biceps: 0.9, triceps: 0.9, triceps_long_head: 0.9, vastus_lateralis: 1,
      vastus_medialis: 1, rectus_femoris: 0.8, biceps_femoris: 0.9, medial_hamstrings: 0.9, glutes: 0.9, gastrocnemius: 0.8,
      rectus_abdominis: 0.7,
    },
    mastery: {
      pectoralis_major: 1, pectoralis_major_clavicular: 1, serratus_anterior: 0.5, latissimus_dorsi: 1, teres_major: 0.6,
      middle_trapezius: 1, rhomboids: 0.9, upper_trapezius: 0.6, anterior_deltoid: 0.6, lateral_deltoid: 1, posterior_deltoid: 1,
      biceps: 1, brachialis: 0.8, triceps: 1, triceps_long_head: 1, forearm_flexors: 0.5, vastus_lateralis: 1, vastus_medialis: 1,
      rectus_femoris: 1, biceps_femoris: 1, medial_hamstrings: 1, glutes: 1, gastrocnemius: 1, soleus: 0.8, rectus_abdominis: 0.8,
      obliques: 0.6,
    },
  },
  levels: [
    { name: 'First Pump', description: 'Learn the press, the row and the squat, and what a muscle feels like when it works.' },
    { name: 'Iron Apprentice', description: 'Three full-body days a week, and a log that says what was lifted last time.' },
    { name: 'Form Keeper', description: 'Every repetition through the full range; weight goes up only when the form stays.' },
    { name: 'Volume Builder', description: 'Ten hard sets a week for the large muscles, spread over two days each.' },
    { name: 'Split Planner', description: 'An upper and lower split, with rest days that are planned and kept.' },
    { name: 'Sculptor', description: 'Isolation work fills what the big lifts leave: side delts, hamstrings, calves.' },
    { name: 'Balance Seeker', description: 'Front and back, left and right are compared, and the weaker side is trained first.' },
    { name: 'Close to Failure', description: 'Most sets end one or two repetitions short of failure, and you can tell which ones did.' },
    { name: 'Hypertrophy Adept', description: 'Blocks of rising volume end in a lighter week before the body asks for it.' },
    { name: 'Stage Ready', description: 'Years of work show in every muscle group, and none of them is an afterthought.' },
    { name: 'Master of Proportion', description: 'Small gains now come from precise choices: angle, tempo, order, rest.' },
    { name: 'Living Statue', description: 'A physique that took most of a decade, and the patience to keep it.' },
  ],
};
