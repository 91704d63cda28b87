import { Type, type TSchema } from 'musclemap';

export const Nullable = <Schema extends TSchema>(schema: Schema) => Type.Union([schema, Type.Null()]);

export const Muscle = Type.Object({
  id: Type.String(),
  name: Type.String(),
  anatomicalName: Nullable(Type.String()),
  muscleGroup: Type.String(),
  biasWeight: Type.Number(),
  optimalWeeklyVolume: Nullable(Type.Integer()),
  recoveryTime: Nullable(Type.Integer()),
});

const exercise = {
  id: Type.String(),
  name: Type.String(),
  type: Type.String(),
  difficulty: Type.Integer(),
  description: Nullable(Type.String()),
  cues: Nullable(Type.String()),
  primaryMuscles: Nullable(Type.Array(Type.String())),
  equipmentRequired: Type.Array(Type.String()),
  equipmentOptional: Type.Array(Type.String()),
  locations: Type.Array(Type.String()),
  isCompound: Type.Boolean(),
  estimatedSeconds: Type.Integer(),
  restSeconds: Type.Integer(),
  movementPattern: Nullable(Type.String()),
};

export const Exercise = Type.Object(exercise);
export const Activations = Type.Array(
  Type.Object({ muscleId: Type.String(), muscleName: Type.String(), activation: Type.Integer() }),
);
export const ExerciseWithActivations = Type.Object({ ...exercise, activations: Activations });

const Date = Type.String({ format: 'date' });

export const WorkoutBody = Type.Object({
  exercises: Type.Array(
    Type.Object({
      exerciseId: Type.String({ minLength: 1, maxLength: 100 }),
      sets: Type.Integer({ minimum: 1, maximum: 100 }),
      reps: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
      weight: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000 })),
      duration: Type.Optional(Type.Integer({ minimum: 0, maximum: 86_400 })),
      notes: Type.Optional(Type.String({ maxLength: 500 })),
    }),
    { minItems: 1, maxItems: 50 },
  ),
  date: Type.Optional(Date),
  notes: Type.Optional(Type.String({ maxLength: 2000 })),
  isPublic: Type.Optional(Type.Boolean({ default: true })),
});

export const Workout = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  date: Date,
  totalTU: Type.Number(),
  creditsUsed: Type.Integer(),
  notes: Nullable(Type.String()),
  isPublic: Type.Boolean(),
  exerciseData: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  muscleActivations: Type.Record(Type.String(), Type.Number()),
  createdAt: Type.String({ format: 'date-time' }),
});

export const Preview = Type.Object({
  totalTU: Type.Number(),
  muscleActivations: Type.Record(Type.String(), Type.Number()),
  muscles: Type.Array(
    Type.Object({
      muscleId: Type.String(),
      muscleName: Type.String(),
      muscleGroup: Type.String(),
      effectiveSets: Type.Number(),
      normalizedActivation: Type.Number(),
      colorTier: Type.Integer({ minimum: 0, maximum: 5 }),
    }),
  ),
});

export const ImportQuery = Type.Object({
  dryRun: Type.Optional(Type.Boolean({ default: false })),
  isPublic: Type.Optional(Type.Boolean({ default: true })),
  unit: Type.Optional(
    Type.Enum(['kg', 'lb'], { default: 'kg', description: 'Of weights whose unit the file does not name' }),
  ),
});

export const ImportReport = Type.Object({
  format: Type.String(),
  dryRun: Type.Boolean(),
  workouts: Type.Integer(),
  sets: Type.Integer(),
  volumeKg: Type.Number(),
  totalTU: Type.Number(),
  duplicates: Type.Integer(),
  skipped: Type.Array(Type.Object({ line: Type.Integer(), reason: Type.String() })),
  unmatched: Type.Array(
    Type.Object({
      name: Type.String(),
      suggestions: Type.Array(
        Type.Object({ exerciseId: Type.String(), name: Type.String(), score: Type.Number() }),
      ),
    }),
  ),
});

export const LeaderboardEntry = Type.Object({
  rank: Type.Integer(),
  userId: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  archetypeId: Nullable(Type.String()),
  level: Type.Integer(),
  totalTU: Type.Number(),
  workoutCount: Type.Integer(),
});
