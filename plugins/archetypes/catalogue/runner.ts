import type { CatalogueArchetype } from './types.ts';

export const RUNNER: CatalogueArchetype = {
  id: 'runner',
  name: 'Runner',
  philosophy: 'Easy days easy, hard days hard, and every week a little like the last.',
  description:
    'Endurance on foot with the strength that keeps it healthy. Most kilometres are slow, a few are fast, and two short strength ' +
    'sessions a week look after hips, calves and feet.',
  focusAreas: ['legs', 'hips', 'core'],
  weeklyTU: 500,
  targets: {
    foundation: {
      glutes: 0.8, gluteus_medius: 0.8, vastus_lateralis: 0.7, gastrocnemius: 0.8, soleus: 0.8, transversus_abdominis: 0.6,
      rectus_abdominis: 0.5,
    },
    building: {
      glutes: 0.9, gluteus_medius: 1, vastus_lateralis: 0.8, rectus_femoris: 0.7, biceps_femoris: 0.8, medial_hamstrings: 0.8,
      gastrocnemius: 0.9, soleus: 1, tibialis_anterior: 0.7, hip_flexors: 0.7, transversus_abdominis: 0.7, obliques: 0.6,
    },
    mastery: {
      glutes: 1, gluteus_medius: 1, adductors: 0.7, vastus_lateralis: 0.9, vastus_medialis: 0.8, rectus_femoris: 0.8,
      biceps_femoris: 1, medial_hamstrings: 1, gastrocnemius: 1, soleus: 1, tibialis_anterior: 0.9, hip_flexors: 0.9,
      transversus_abdominis: 0.8, obliques: 0.7, erector_spinae: 0.6,
    },
  },
  levels: [
    { name: 'Walk and Run', description: 'Minutes of running between minutes of walking, at a pace that lets you talk.' },
    { name: 'First Five', description: 'Five kilometres without a stop; how long it takes does not matter.' },
    { name: 'Habit Maker', description: 'Three runs a week, weather or not, and one day between them.' },
    { name: 'Easy Strider', description: 'Four of five runs are slow on purpose, and short strides wake up the legs.' },
    { name: 'Ten Thousand', description: 'Ten kilometres at an even pace, with calves and hips strong enough for them.' },
    { name: 'Tempo Runner', description: 'Twenty minutes comfortably hard: the pace you could hold for an hour.' },
    { name: 'Hill Friend', description: 'Short climbs build power without the pounding of a track.' },
    { name: 'Half Marathoner', description: 'A long run every week grows slowly, and every fourth week is shorter.' },
    { name: 'Interval Adept', description: 'Fast repetitions are run by the watch, and the recoveries too.' },
    { name: 'Marathoner', description: 'Forty-two kilometres, fuelled, paced and finished. Most of the work was done on easy days.' },
    { name: 'Negative Splitter', description: 'The second half faster than the first, thanks to years of restraint.' },
    { name: 'Lifelong Runner', description: 'Thousands of hours on foot, and legs that still ask for more.' },
  ],
};
