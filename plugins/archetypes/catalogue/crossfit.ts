import type { CatalogueArchetype } from './types.ts';

export const CROSSFIT: CatalogueArchetype = {
  id: 'crossfit',
  name: 'CrossFit Athlete',
  philosophy: 'Be ready for anything, and dodge nothing.',
  description:
    'Weightlifting, gymnastics and conditioning in changing mixtures. The aim is a wide capacity: to lift, climb, jump, row and run ' +
    'on the same day, and to recover for the next.',
  focusAreas: ['legs', 'hips', 'shoulders', 'back', 'core'],
  weeklyTU: 1500,
  targets: {
    foundation: {
      vastus_lateralis: 0.9, glutes: 0.9, latissimus_dorsi: 0.8, pectoralis_major: 0.7, anterior_deltoid: 0.7, rectus_abdominis: 0.8,
      erector_spinae: 0.7, middle_trapezius: 0.7, gastrocnemius: 0.5,
    },
    building: {
      vastus_lateralis: 1, vastus_medialis: 0.9, glutes: 1, medial_hamstrings: 0.8, biceps_femoris: 0.8, latissimus_dorsi: 0.9,
      pectoralis_major: 0.8, anterior_deltoid: 0.9, triceps: 0.8, upper_trapezius: 0.8, middle_trapezius: 0.8, erector_spinae: 0.9,
      rectus_abdominis: 0.9, hip_flexors: 0.7, gastrocnemius: 0.7, forearm_flexors: 0.7,
    },
    mastery: {
      vastus_lateralis: 1, vastus_medialis: 1, rectus_femoris: 0.9, glutes: 1, medial_hamstrings: 0.9, biceps_femoris: 0.9,
      latissimus_dorsi: 1, pectoralis_major: 0.9, anterior_deltoid: 1, lateral_deltoid: 0.7, triceps: 0.9, upper_trapezius: 1,
      middle_trapezius: 0.9, lower_trapezius: 0.7, erector_spinae: 1, rectus_abdominis: 1, obliques: 0.8, hip_flexors: 0.8,
      gastrocnemius: 0.8, soleus: 0.7, forearm_flexors: 0.9, rotator_cuff: 0.6,
    },
  },
  levels: [
    { name: 'On-Ramp', description: 'Air squat, hinge, press and pull in good form before the clock is started.' },
    { name: 'Scaled Starter', description: 'Workouts at your own load and height: the stimulus counts, not the sticker on the plate.' },
    { name: 'Box Regular', description: 'Three classes a week, and a pace that lasts until the last round.' },
    { name: 'Kettlebell Hand', description: 'Swings, snatches and carries without losing the brace when you tire.' },
    { name: 'Barbell Cycler', description: 'Cleans and presses in sets that look the same on repetition one and ten.' },
    { name: 'Rope Climber', description: 'Strict pull-ups and toes to bar; the kip comes after the strength for it.' },
    { name: 'As Prescribed', description: 'Benchmark workouts with the loads as written, in your own honest time.' },
    { name: 'Engine Room', description: 'Rowing, running and cycling are paced by plan, not by panic.' },
    { name: 'Double-Under', description: 'Skill under fatigue: rope, rings and bar on a high pulse.' },
    { name: 'Open Contender', description: 'You know your weak events, and they get your first hour of the week.' },
    { name: 'Regional Athlete', description: 'Several sessions a day are planned around recovery, not the other way round.' },
    { name: 'Ready for Anything', description: 'Strong, fast, mobile and tireless in one body, after years without a favourite day.' },
  ],
};
