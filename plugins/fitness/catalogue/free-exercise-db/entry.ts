import { Type, type Static } from 'musclemap';

const Nullable = <Value extends string>(values: readonly Value[]) => Type.Union([Type.Enum([...values]), Type.Null()]);

/** One object of free-exercise-db's JSON, as far as it is read. */
export const FreeExercise = Type.Object({
  id: Type.String({ pattern: '^[0-9a-zA-Z_-]+$', maxLength: 100 }),
  name: Type.String({ minLength: 1, maxLength: 200 }),
  force: Nullable(['pull', 'push', 'static']),
  level: Type.Enum(['beginner', 'intermediate', 'expert']),
  mechanic: Nullable(['compound', 'isolation']),
  equipment: Type.Union([Type.String({ maxLength: 50 }), Type.Null()]),
  primaryMuscles: Type.Array(Type.String({ maxLength: 50 }), { minItems: 1, maxItems: 20 }),
  secondaryMuscles: Type.Array(Type.String({ maxLength: 50 }), { maxItems: 20 }),
  instructions: Type.Array(Type.String({ maxLength: 5000 }), { maxItems: 50 }),
  category: Type.Enum([
    'strength',
    'stretching',
    'plyometrics',
    'powerlifting',
    'olympic weightlifting',
    'strongman',
    'cardio',
  ]),
});

export type FreeExercise = Static<typeof FreeExercise>;
