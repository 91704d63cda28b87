import type { CatalogueArchetype } from './types.ts';

export const STRONGMAN: CatalogueArchetype = {
  id: 'strongman',
  name: 'Strongman',
  philosophy: 'If it can be lifted, carry it. If it cannot, drag it.',
  description:
    'Moving awkward weights: carries, loads, overhead presses and deadlifts. Grip, trunk and hips do the work of a whole ' +
    'machine hall, and the lungs have to come along.',
  focusAreas: ['back', 'hips', 'legs', 'shoulders', 'core'],
  weeklyTU: 1500,
  targets: {
    foundation: {
      erector_spinae: 0.9, glutes: 0.9, vastus_lateralis: 0.8, upper_trapezius: 0.7, latissimus_dorsi: 0.7, anterior_deltoid: 0.8,
      triceps: 0.6, forearm_flexors: 0.8, obliques: 0.7, transversus_abdominis: 0.7,
    },
    building: {
      erector_spinae: 1, glutes: 1, vastus_lateralis: 0.9, vastus_medialis: 0.8, medial_hamstrings: 0.8, biceps_femoris: 0.8,
      upper_trapezius: 0.9, middle_trapezius: 0.8, latissimus_dorsi: 0.8, anterior_deltoid: 1, lateral_deltoid: 0.7, triceps: 0.8,
      biceps: 0.7, forearm_flexors: 1, obliques: 0.8, transversus_abdominis: 0.8, gastrocnemius: 0.5,
    },
    mastery: {
      erector_spinae: 1, glutes: 1, gluteus_medius: 0.7, vastus_lateralis: 1, vastus_medialis: 0.9, medial_hamstrings: 1,
      biceps_femoris: 1, adductors: 0.7, upper_trapezius: 1, middle_trapezius: 1, rhomboids: 0.8, latissimus_dorsi: 0.9,
      anterior_deltoid: 1, lateral_deltoid: 0.8, triceps: 1, triceps_long_head: 0.8, biceps: 0.8, brachialis: 0.7,
      forearm_flexors: 1, forearm_extensors: 0.7, obliques: 1, transversus_abdominis: 0.9, rectus_abdominis: 0.8,
      gastrocnemius: 0.7, neck: 0.5,
    },
  },
  levels: [
    { name: 'Bag Mover', description: 'Deadlift, press and carry with a straight back and short steps.' },
    { name: 'Farm Hand', description: 'A farmer\'s walk with your own bodyweight split between two hands.' },
    { name: 'Log Learner', description: 'The clean to the chest and the drive of the legs carry half of every press.' },
    { name: 'Tyre Flipper', description: 'Hips low, chest in, push with the legs: the back only passes the force on.' },
    { name: 'Yoke Walker', description: 'A heavy load on the back and quick small steps under it.' },
    { name: 'Sandbag Shoulderer', description: 'Loads without handles, from lap to shoulder, on both sides.' },
    { name: 'Medley Runner', description: 'Two events in a row on one breath: conditioning is an event too.' },
    { name: 'Axle Presser', description: 'A thick bar overhead, for repetitions, after the grip has said no.' },
    { name: 'Stone Loader', description: 'Round stones to a platform, lap by lap, with arms that stay long.' },
    { name: 'Truck Puller', description: 'Low, patient, unstoppable: months of sled work in one minute of effort.' },
    { name: 'Contest Finisher', description: 'Five events in a day, none of them left out, none of them a surprise.' },
    { name: 'Mountain', description: 'The person everybody calls when something has to be moved.' },
  ],
};
