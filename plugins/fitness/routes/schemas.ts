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

/** A day of a year that people may have trained in. */
export const Day = Type.String({ format: 'date', pattern: '^(19|20)[0-9]{2}-' });

const SetDetail = Type.Object({
  type: Type.Optional(Type.Enum(['normal', 'warmup', 'drop', 'failure'], { default: 'normal' })),
  reps: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
  weight: Type.Optional(Type.Number({ minimum: 0, maximum: 10_000, description: 'Kilograms, whatever the unit' })),
  unit: Type.Optional(Type.Enum(['kg', 'lb'], { description: 'In which the weight was entered, to show it so' })),
  duration: Type.Optional(Type.Number({ minimum: 0, maximum: 86_400, description: 'Seconds' })),
  distance: Type.Optional(Type.Number({ minimum: 0, maximum: 1_000_000, description: 'Metres' })),
  rpe: Type.Optional(Type.Number({ minimum: 1, maximum: 10 })),
});

const Performed = Type.Object({
  exerciseId: Type.String({ minLength: 1, maxLength: 100 }),
  sets: Type.Integer({ minimum: 1, maximum: 100 }),
  reps: Type.Optional(Nullable(Type.Integer({ minimum: 1, maximum: 1000 }))),
  weight: Type.Optional(Nullable(Type.Number({ minimum: 0, maximum: 10_000, description: 'Kilograms' }))),
  duration: Type.Optional(Nullable(Type.Integer({ minimum: 0, maximum: 86_400, description: 'Seconds of one set' }))),
  notes: Type.Optional(Nullable(Type.String({ maxLength: 500 }))),
  setDetails: Type.Optional(
    Type.Array(SetDetail, { minItems: 1, maxItems: 100, description: 'One for each set; warm-ups do not count' }),
  ),
});

const workoutFields = {
  exercises: Type.Array(Performed, { minItems: 1, maxItems: 50 }),
  date: Type.Optional(Day),
  notes: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
};

export const WorkoutBody = Type.Object({
  ...workoutFields,
  isPublic: Type.Optional(Type.Boolean({ default: true })),
});

export const WorkoutPatch = Type.Object(
  { ...workoutFields, exercises: Type.Optional(workoutFields.exercises), isPublic: Type.Optional(Type.Boolean()) },
  { minProperties: 1 },
);

export const Workout = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  date: Day,
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

const sums = {
  workouts: Type.Integer(),
  totalTU: Type.Number(),
  sets: Type.Integer({ description: 'Working sets' }),
  reps: Type.Integer(),
  minutes: Type.Number({ description: 'Of timed sets' }),
  volumeKg: Type.Number(),
  daysTrained: Type.Integer(),
};
const Sums = Type.Object(sums);
const Week = Type.Object({
  week: Day,
  workouts: Type.Integer(),
  totalTU: Type.Number(),
  daysTrained: Type.Integer(),
});

export const Statistics = Type.Object({
  week: Sums,
  month: Sums,
  all: Type.Object({ ...sums, exercises: Type.Integer(), firstDate: Nullable(Day), lastDate: Nullable(Day) }),
  streak: Type.Object({ current: Type.Integer(), longest: Type.Integer(), lastDate: Nullable(Day) }),
  weeks: Type.Array(Week),
});

export const CalendarDay = Type.Object({
  date: Day,
  workouts: Type.Integer(),
  totalTU: Type.Number(),
  sets: Type.Integer(),
  level: Type.Integer({ minimum: 1, maximum: 4, description: 'Quarter of the best day of the span' }),
});

export const MuscleWork = Type.Object({
  muscleId: Type.String(),
  muscleName: Type.String(),
  muscleGroup: Type.String(),
  effectiveSets: Type.Number(),
  optimalSets: Type.Number(),
  balance: Type.Enum(['underworked', 'balanced', 'overworked']),
  lastTrainedAt: Nullable(Type.String({ format: 'date-time' })),
  recoveredPercent: Type.Integer({ minimum: 0, maximum: 100 }),
  colorTier: Type.Integer({ minimum: 0, maximum: 5 }),
});

export const RecordEntry = Type.Object({
  exerciseId: Type.String(),
  exerciseName: Type.String(),
  kind: Type.Enum(['weight', 'estimated-one-rep-maximum', 'reps', 'seconds', 'distance']),
  value: Type.Number(),
  weight: Nullable(Type.Number()),
  reps: Nullable(Type.Integer()),
  workoutId: Type.String(),
  date: Day,
});

export const PastExercise = Type.Object({
  workoutId: Type.String(),
  position: Type.Integer(),
  date: Day,
  sets: Type.Integer(),
  reps: Type.Integer(),
  seconds: Type.Integer(),
  volumeKg: Type.Number(),
  weight: Nullable(Type.Number()),
  estimatedOneRepMax: Nullable(Type.Number()),
});
