import type { CatalogueArchetype } from './types.ts';

export const GYMNAST: CatalogueArchetype = {
  id: 'gymnast',
  name: 'Gymnast',
  philosophy: 'Own your body before you add weight to it.',
  description:
    'Strength relative to bodyweight: pulls, dips, levers and handstands on bars, rings and the floor. Straight-arm strength, a hollow ' +
    'body and mobile shoulders come before every new skill.',
  focusAreas: ['back', 'shoulders', 'core', 'arms'],
  weeklyTU: 1200,
  targets: {
    foundation: {
      latissimus_dorsi: 0.9, pectoralis_major: 0.8, triceps: 0.7, rectus_abdominis: 1, transversus_abdominis: 0.8, obliques: 0.7,
      lower_trapezius: 0.8, serratus_anterior: 0.8, rotator_cuff: 0.7, hip_flexors: 0.6, glutes: 0.5,
    },
    building: {
      latissimus_dorsi: 1, teres_major: 0.7, biceps: 0.9, pectoralis_major: 0.9, anterior_deltoid: 0.9, triceps: 0.9,
      triceps_long_head: 0.8, rectus_abdominis: 1, transversus_abdominis: 0.9, obliques: 0.8, lower_trapezius: 0.9,
      serratus_anterior: 1, rotator_cuff: 0.8, forearm_flexors: 0.8, hip_flexors: 0.8,
    },
    mastery: {
      latissimus_dorsi: 1, teres_major: 0.9, biceps: 1, brachialis: 0.8, pectoralis_major: 1, anterior_deltoid: 1,
      posterior_deltoid: 0.8, triceps: 1, triceps_long_head: 1, rectus_abdominis: 1, transversus_abdominis: 1, obliques: 1,
      middle_trapezius: 0.8, lower_trapezius: 1, rhomboids: 0.8, serratus_anterior: 1, rotator_cuff: 1, forearm_flexors: 1,
      forearm_extensors: 0.7, hip_flexors: 1, glutes: 0.6,
    },
  },
  levels: [
    { name: 'Floor Mover', description: 'Planks, hollow holds and push-ups with a body that stays in one line.' },
    { name: 'Bar Hanger', description: 'A minute of hanging, active shoulders, and the first negative pull-ups.' },
    { name: 'First Pull-up', description: 'Chin over the bar from a dead hang, without a swing, and down again slowly.' },
    { name: 'Support Holder', description: 'Straight arms on the bars or rings for thirty seconds, shoulders pressed down.' },
    { name: 'Wall Walker', description: 'Handstands with the chest to the wall, and wrists that are warmed up for them.' },
    { name: 'Ring Learner', description: 'Dips and rows on rings: the handles move, you do not.' },
    { name: 'L-Sit', description: 'Legs straight and level, hips ahead of the hands, breath under control.' },
    { name: 'Kick-up', description: 'A free handstand that you meet on purpose and leave on purpose.' },
    { name: 'Muscle-up', description: 'The false grip, a fast pull and a clean turn over the bar or rings.' },
    { name: 'Lever Artist', description: 'Front and back lever held still, built over years from tuck to straight.' },
    { name: 'Press Handstand', description: 'From the floor to the handstand without a jump: strength, compression, balance.' },
    { name: 'Master of Rings', description: 'Straight-arm strength that most people only see on television.' },
  ],
};
