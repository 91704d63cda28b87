import type { CatalogueArchetype } from './types.ts';

export const FUNCTIONAL: CatalogueArchetype = {
  id: 'functional',
  name: 'Functional Mover',
  philosophy: 'Train for the life you want to keep living.',
  description:
    'Strength, balance and mobility for everyday life at every age: squat, hinge, push, pull, carry and rotate, with enough ' +
    'endurance to enjoy the stairs.',
  focusAreas: ['hips', 'core', 'legs', 'back', 'shoulders'],
  weeklyTU: 1100,
  targets: {
    foundation: {
      glutes: 0.9, vastus_lateralis: 0.8, transversus_abdominis: 0.8, rectus_abdominis: 0.6, latissimus_dorsi: 0.7,
      middle_trapezius: 0.7, pectoralis_major: 0.6, gluteus_medius: 0.7,
    },
    building: {
      glutes: 1, gluteus_medius: 0.8, vastus_lateralis: 0.9, biceps_femoris: 0.7, medial_hamstrings: 0.7, erector_spinae: 0.7,
      transversus_abdominis: 0.9, obliques: 0.8, rectus_abdominis: 0.7, latissimus_dorsi: 0.8, middle_trapezius: 0.8,
      posterior_deltoid: 0.7, rotator_cuff: 0.7, pectoralis_major: 0.7, forearm_flexors: 0.6, gastrocnemius: 0.6,
    },
    mastery: {
      glutes: 1, gluteus_medius: 0.9, adductors: 0.7, vastus_lateralis: 0.9, vastus_medialis: 0.9, biceps_femoris: 0.8,
      medial_hamstrings: 0.8, erector_spinae: 0.8, transversus_abdominis: 1, obliques: 0.9, rectus_abdominis: 0.8,
      latissimus_dorsi: 0.9, middle_trapezius: 0.9, lower_trapezius: 0.8, posterior_deltoid: 0.8, rotator_cuff: 0.9,
      serratus_anterior: 0.7, pectoralis_major: 0.8, triceps: 0.6, forearm_flexors: 0.7, gastrocnemius: 0.7, soleus: 0.7,
      tibialis_anterior: 0.6, neck: 0.5,
    },
  },
  levels: [
    { name: 'First Steps', description: 'Stand up from a chair, reach overhead, get down to the floor and up again.' },
    { name: 'Mover', description: 'The six patterns with no load: squat, hinge, push, pull, carry, rotate.' },
    { name: 'Steady Feet', description: 'A minute on one leg per side, and step-ups without a push from below.' },
    { name: 'Load Carrier', description: 'Shopping bags become suitcases, and the trunk stays upright under them.' },
    { name: 'Hinge Keeper', description: 'Lift from the floor with the hips, every time, at home as in the gym.' },
    { name: 'All-Rounder', description: 'Every pattern twice a week, none of them a favourite.' },
    { name: 'Single-Leg Sure', description: 'Lunges and one-legged hinges even out what two legs had hidden.' },
    { name: 'Get-up Artist', description: 'From lying to standing with a weight overhead, slowly enough to enjoy it.' },
    { name: 'Resilient', description: 'Tendons, grip and balance trained beside the muscles. Minor aches stay minor.' },
    { name: 'Ageless', description: 'Stronger, steadier and more mobile than years ago. This is the point of it all.' },
    { name: 'Guide', description: 'Others ask how you do it, and you can show them the first step.' },
    { name: 'Ready for Life', description: 'Whatever the day asks, your body has an answer.' },
  ],
};
