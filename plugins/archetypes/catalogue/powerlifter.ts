import type { CatalogueArchetype } from './types.ts';

export const POWERLIFTER: CatalogueArchetype = {
  id: 'powerlifter',
  name: 'Powerlifter',
  philosophy: 'Three lifts, one honest number each.',
  description:
    'Training for the heaviest single squat, bench press and deadlift. Low repetitions, long rests, technique practised like a ' +
    'skill, and assistance work only for what holds a lift back.',
  focusAreas: ['legs', 'hips', 'back', 'chest'],
  weeklyTU: 1500,
  targets: {
    foundation: {
      vastus_lateralis: 0.9, vastus_medialis: 0.8, glutes: 0.9, erector_spinae: 0.9, pectoralis_major: 0.9, triceps: 0.7,
      latissimus_dorsi: 0.8, middle_trapezius: 0.7, rectus_abdominis: 0.7, biceps_femoris: 0.7,
    },
    building: {
      vastus_lateralis: 1, vastus_medialis: 0.9, adductors: 0.7, glutes: 1, erector_spinae: 1, medial_hamstrings: 0.8,
      biceps_femoris: 0.8, pectoralis_major: 1, anterior_deltoid: 0.8, triceps: 0.9, triceps_long_head: 0.7, latissimus_dorsi: 0.9,
      upper_trapezius: 0.7, middle_trapezius: 0.8, forearm_flexors: 0.6, rectus_abdominis: 0.7, obliques: 0.6,
    },
    mastery: {
      vastus_lateralis: 1, vastus_medialis: 1, adductors: 0.9, glutes: 1, erector_spinae: 1, medial_hamstrings: 1, biceps_femoris: 1,
      pectoralis_major: 1, anterior_deltoid: 0.9, triceps: 1, triceps_long_head: 0.9, latissimus_dorsi: 1, upper_trapezius: 0.9,
      middle_trapezius: 1, rhomboids: 0.8, posterior_deltoid: 0.7, rotator_cuff: 0.6, forearm_flexors: 0.8, rectus_abdominis: 0.8,
      obliques: 0.8,
    },
  },
  levels: [
    { name: 'Empty Bar', description: 'The bar alone teaches the path of the three lifts. Learn it before adding plates.' },
    { name: 'Novice Lifter', description: 'A little weight is added every session; enjoy it, it never comes this fast again.' },
    { name: 'Plate Hunter', description: 'Bracing, depth and bar path are the same on every repetition, also on the last one.' },
    { name: 'Gym Regular', description: 'Squat, bench and deadlift each have their own day, with a lighter second one for the bench.' },
    { name: 'Platform Curious', description: 'Pauses on the chest and commands in mind: lifts that a referee would pass.' },
    { name: 'Intermediate', description: 'Weeks replace sessions as the unit of progress. Volume first, then intensity.' },
    { name: 'Competitor', description: 'You know your openers, your weak points, and the assistance lifts that mend them.' },
    { name: 'Total Builder', description: 'Training is planned in blocks that end in a test, and lighter weeks are part of the plan.' },
    { name: 'Advanced Lifter', description: 'Two and a half kilograms on a lift is a good season, and you know how to earn them.' },
    { name: 'Regional Class', description: 'A total that turns heads in any gym, with joints that still like you.' },
    { name: 'National Class', description: 'Every lift is technique under load, and every heavy single was prepared for weeks.' },
    { name: 'Elite Total', description: 'Strength that took a decade of patience to put on a bar.' },
  ],
};
