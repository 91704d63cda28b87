import { Type, type TSchema } from 'musclemap';

const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);
const Instant = Type.String({ format: 'date-time' });

export const Archetype = Type.Object({
  id: Type.String(),
  name: Type.String(),
  philosophy: Nullable(Type.String()),
  description: Nullable(Type.String()),
  focusAreas: Type.Array(Type.String(), { description: 'Muscle groups, the most important first' }),
  iconUrl: Nullable(Type.String()),
  levels: Type.Integer({ description: 'How many levels it has' }),
});

export const Level = Type.Object({
  level: Type.Integer(),
  name: Type.String(),
  totalTU: Type.Integer({ description: 'Training Units needed' }),
  description: Nullable(Type.String()),
  muscleTargets: Type.Record(Type.String(), Type.Number(), { description: 'Weight above 0 to 1, by muscle id' }),
});

export const Following = Type.Object({
  archetypeId: Type.String(),
  name: Type.String(),
  members: Type.Integer(),
  averageLevel: Nullable(Type.Number({ description: 'Null while nobody follows it' })),
  highestLevel: Nullable(Type.Integer()),
});

export const Selection = Type.Object({
  archetypeId: Type.String(),
  level: Type.Integer(),
  levelName: Type.String(),
  totalTU: Type.Number(),
});

const BalancedMuscle = Type.Object({
  muscleId: Type.String(),
  muscleName: Type.String(),
  muscleGroup: Type.String(),
  weight: Type.Number({ description: 'Of the archetype, 0 to 1' }),
  sets: Type.Number({ description: 'Effective sets in the window' }),
  targetSets: Type.Number(),
  percent: Type.Integer({ description: 'Sets of the target' }),
});

export const Journey = Type.Object({
  archetype: Nullable(Type.Object({ id: Type.String(), name: Type.String() })),
  level: Type.Integer(),
  levelName: Nullable(Type.String()),
  totalTU: Type.Number(),
  nextLevelName: Nullable(Type.String()),
  nextLevelTU: Nullable(Type.Integer()),
  tuToNextLevel: Nullable(Type.Number()),
  progressPercent: Nullable(Type.Number({ description: 'Of the way from this level to the next, 100 at the last one' })),
  streak: Type.Object({
    current: Type.Integer(),
    longest: Type.Integer(),
    lastDate: Nullable(Type.String({ format: 'date' })),
  }),
  weekly: Type.Array(
    Type.Object({
      week: Type.String({ format: 'date', description: 'The Monday' }),
      workouts: Type.Integer(),
      totalTU: Type.Number(),
      daysTrained: Type.Integer(),
    }),
    { description: 'The last 12 weeks, this one last' },
  ),
  muscleBalance: Type.Object({
    days: Type.Integer(),
    overworked: Type.Array(BalancedMuscle),
    underworked: Type.Array(BalancedMuscle),
    balanced: Type.Array(BalancedMuscle),
  }),
  recentLevels: Type.Array(Type.Object({ level: Type.Integer(), name: Type.String(), reachedAt: Instant })),
});
