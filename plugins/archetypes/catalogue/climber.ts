import type { CatalogueArchetype } from './types.ts';

export const CLIMBER: CatalogueArchetype = {
  id: 'climber',
  name: 'Climber',
  philosophy: 'Hold on lightly, pull hard, fall well.',
  description:
    'Pulling strength, fingers and a core that keeps the feet on the wall, balanced by pushing and shoulder work so that elbows and ' +
    'shoulders last.',
  focusAreas: ['back', 'arms', 'core', 'shoulders'],
  weeklyTU: 1000,
  targets: {
    foundation: {
      latissimus_dorsi: 0.9, middle_trapezius: 0.7, biceps: 0.6, forearm_flexors: 0.8, forearm_extensors: 0.6, rectus_abdominis: 0.8,
      obliques: 0.6, rotator_cuff: 0.7, pectoralis_major: 0.6, glutes: 0.5,
    },
    building: {
      latissimus_dorsi: 1, teres_major: 0.8, middle_trapezius: 0.8, lower_trapezius: 0.8, biceps: 0.8, brachialis: 0.8,
      brachioradialis: 0.7, forearm_flexors: 1, forearm_extensors: 0.9, rectus_abdominis: 0.9, obliques: 0.8, rotator_cuff: 0.8,
      triceps: 0.6, pectoralis_major: 0.6, hip_flexors: 0.7,
    },
    mastery: {
      latissimus_dorsi: 1, teres_major: 1, middle_trapezius: 0.9, lower_trapezius: 1, rhomboids: 0.8, biceps: 0.9, brachialis: 1,
      brachioradialis: 0.9, forearm_flexors: 1, forearm_extensors: 1, rectus_abdominis: 1, transversus_abdominis: 0.8,
      obliques: 0.9, rotator_cuff: 1, serratus_anterior: 0.8, posterior_deltoid: 0.8, triceps: 0.7, pectoralis_major: 0.6,
      hip_flexors: 0.9, gluteus_medius: 0.6, gastrocnemius: 0.6,
    },
  },
  levels: [
    { name: 'Ground School', description: 'Knots, falls and feet first: legs push, arms only keep you near the wall.' },
    { name: 'Juggler', description: 'Big holds, straight arms, and hips that stay close to the rock.' },
    { name: 'Foot Technician', description: 'Quiet feet placed once. Climbing gets easier long before fingers get stronger.' },
    { name: 'Boulderer', description: 'Short hard problems with long rests, and a warm-up that reaches the fingers.' },
    { name: 'Top-Roper', description: 'Routes long enough to pump the forearms, climbed again while tired.' },
    { name: 'Antagonist', description: 'Push-ups, presses and wrist extensors keep elbows and shoulders in balance.' },
    { name: 'Lead Climber', description: 'Clipping calmly, resting on the route, falling without a thought.' },
    { name: 'Lock-off', description: 'One arm bent holds the body while the other reaches: strength through the whole range.' },
    { name: 'Hangboarder', description: 'After years of climbing, fingers get measured, careful hangs, never cold.' },
    { name: 'Redpointer', description: 'A project of weeks, its moves rehearsed until it feels ordinary.' },
    { name: 'Onsighter', description: 'Hard routes on the first try: reading, pacing, believing.' },
    { name: 'Stone Master', description: 'Tendons grow slower than pride; yours had the time they needed.' },
  ],
};
