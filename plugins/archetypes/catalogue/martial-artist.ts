import type { CatalogueArchetype } from './types.ts';

export const MARTIAL_ARTIST: CatalogueArchetype = {
  id: 'martial_artist',
  name: 'Martial Artist',
  philosophy: 'Power starts at the floor and ends where you look.',
  description:
    'Strength and conditioning beside the mat or the ring: rotation, hips, neck and grip for striking and grappling, and an engine ' +
    'that lasts one round longer than the other one.',
  focusAreas: ['core', 'hips', 'shoulders', 'neck', 'legs'],
  weeklyTU: 800,
  targets: {
    foundation: {
      obliques: 1, rectus_abdominis: 0.8, transversus_abdominis: 0.8, glutes: 0.9, vastus_lateralis: 0.7, latissimus_dorsi: 0.7,
      pectoralis_major: 0.6, neck: 0.6, hip_flexors: 0.7, rotator_cuff: 0.6,
    },
    building: {
      obliques: 1, rectus_abdominis: 0.9, transversus_abdominis: 0.9, glutes: 1, gluteus_medius: 0.8, adductors: 0.8,
      hip_flexors: 0.9, vastus_lateralis: 0.8, gastrocnemius: 0.8, latissimus_dorsi: 0.8, serratus_anterior: 0.9,
      anterior_deltoid: 0.7, triceps: 0.7, neck: 0.8, forearm_flexors: 0.8, rotator_cuff: 0.7,
    },
    mastery: {
      obliques: 1, rectus_abdominis: 1, transversus_abdominis: 1, glutes: 1, gluteus_medius: 1, adductors: 1, hip_flexors: 1,
      vastus_lateralis: 0.9, biceps_femoris: 0.8, gastrocnemius: 0.9, soleus: 0.7, tibialis_anterior: 0.6, latissimus_dorsi: 0.9,
      serratus_anterior: 1, anterior_deltoid: 0.8, posterior_deltoid: 0.7, triceps: 0.8, neck: 1, forearm_flexors: 1,
      forearm_extensors: 0.7, rotator_cuff: 0.9, erector_spinae: 0.7,
    },
  },
  levels: [
    { name: 'White Belt', description: 'Stance, balance, falling and breathing; two strength days beside the mat.' },
    { name: 'Footwork', description: 'Skipping and single-leg work make ankles and calves that are never flat-footed.' },
    { name: 'Guard Up', description: 'Shoulders that hold the hands high in the last minute as in the first.' },
    { name: 'Hip Turner', description: 'Rotational throws and wood chops connect the floor to the fist.' },
    { name: 'Sparring Partner', description: 'Rounds on the clock: work as long as a bout, rest as short as its breaks.' },
    { name: 'Neck of Steel', description: 'Neck and grip get their own careful sets, twice a week, never to failure.' },
    { name: 'Counter Striker', description: 'Jumps and fast lifts with light loads: speed is trained fresh, not tired.' },
    { name: 'Ground Fighter', description: 'Hinges, carries and pulls for a clinch that does not break.' },
    { name: 'Brown Belt', description: 'Hard strength and hard sparring lie on different days, and the week shows it.' },
    { name: 'Black Belt', description: 'Years of balance between skill, strength and engine. Now the real study begins.' },
    { name: 'Teacher', description: 'You see in others what took you years to feel, and train around every old injury.' },
    { name: 'Grandmaster', description: 'Calm, mobile and strong at every age; training is who you are.' },
  ],
};
