import type { CatalogueArchetype } from './types.ts';

export const SWIMMER: CatalogueArchetype = {
  id: 'swimmer',
  name: 'Swimmer',
  philosophy: 'Long, quiet, patient: technique is the strongest muscle in the water.',
  description:
    'Endurance and pulling power in the water, with dry-land training for lats, shoulders and core, and the rotator cuff looked after ' +
    'before it complains.',
  focusAreas: ['back', 'shoulders', 'core', 'legs'],
  weeklyTU: 600,
  targets: {
    foundation: {
      latissimus_dorsi: 0.9, rotator_cuff: 0.8, posterior_deltoid: 0.7, transversus_abdominis: 0.8, rectus_abdominis: 0.6,
      glutes: 0.6, serratus_anterior: 0.6,
    },
    building: {
      latissimus_dorsi: 1, teres_major: 0.8, triceps_long_head: 0.8, triceps: 0.7, rotator_cuff: 1, posterior_deltoid: 0.8,
      lower_trapezius: 0.8, serratus_anterior: 0.8, pectoralis_major: 0.7, transversus_abdominis: 0.9, obliques: 0.8, glutes: 0.7,
      hip_flexors: 0.7, vastus_lateralis: 0.5,
    },
    mastery: {
      latissimus_dorsi: 1, teres_major: 1, triceps_long_head: 0.9, triceps: 0.8, rotator_cuff: 1, posterior_deltoid: 0.9,
      lateral_deltoid: 0.7, lower_trapezius: 1, middle_trapezius: 0.8, rhomboids: 0.8, serratus_anterior: 1, pectoralis_major: 0.8,
      transversus_abdominis: 1, rectus_abdominis: 0.8, obliques: 1, erector_spinae: 0.7, glutes: 0.8, hip_flexors: 0.8,
      vastus_lateralis: 0.7, adductors: 0.7, gastrocnemius: 0.6,
    },
  },
  levels: [
    { name: 'Shallow End', description: 'Float, breathe out under water, and let it carry you.' },
    { name: 'First Length', description: 'One length of front crawl, breathing without lifting the head.' },
    { name: 'Rhythm Finder', description: 'Ten lengths with pauses; count strokes and make them fewer.' },
    { name: 'High Elbow', description: 'The forearm catches the water early, and the lats do the pulling.' },
    { name: 'Half Kilometre', description: 'Five hundred metres without stopping, breathing to both sides.' },
    { name: 'Dry-Lander', description: 'Two short strength sessions a week: pulls, rotator cuff and a firm middle.' },
    { name: 'Pace Clock', description: 'Sets on fixed departures, every repetition within two seconds of the others.' },
    { name: 'Two Strokes', description: 'Backstroke balances the shoulders that crawl has rounded.' },
    { name: 'Open Water', description: 'Sighting, cold and waves; you swim straight without a line below.' },
    { name: 'Mile Swimmer', description: 'A mile at an even pace, with a kick for the last hundred metres.' },
    { name: 'Medley Swimmer', description: 'All four strokes, and turns that gain what the arms have lost.' },
    { name: 'Channel Spirit', description: 'Hours in the water, and shoulders that have been cared for since the first length.' },
  ],
};
