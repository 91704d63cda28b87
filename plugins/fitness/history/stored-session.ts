import { compact, type ExportedExercise, type ExportedSession, type WorkoutSet } from '../import/session.ts';
import type { SourcedWorkout, SourceExercise } from '../models/imports.ts';
import type { SetDetail, WorkoutExercise } from '../models/workouts.ts';

/**
 * A stored workout as it is exported. What a file once said of it beyond `exercise_data` (the name an exercise had there,
 * notes of sets, supersets) is said again as long as the exercise is still the same.
 */
export function toExportedSession(workout: SourcedWorkout, nameOf: (exerciseId: string) => string): ExportedSession {
  const { date, startedAt, title, notes, durationSeconds, isPublic, exerciseData, details } = workout;
  return compact<ExportedSession>({
    date,
    startedAt: startedAt?.startsWith(date) === true ? startedAt : undefined,
    title: title ?? undefined,
    notes: notes ?? undefined,
    durationSeconds: durationSeconds ?? undefined,
    isPublic: isPublic ? undefined : false,
    exercises: exerciseData.map((exercise, index) => {
      const source = details?.exercises[index];
      return toExportedExercise(exercise, source?.exerciseId === exercise.exerciseId ? source : undefined, nameOf);
    }),
  });
}

function toExportedExercise(
  exercise: WorkoutExercise,
  source: SourceExercise | undefined,
  nameOf: (exerciseId: string) => string,
): ExportedExercise {
  const { exerciseId, notes, setDetails } = exercise;
  const sets = setDetails?.map(toSet) ?? equalSets(exercise);
  const extras = source?.sets.length === sets.length ? source.sets : [];
  return compact<ExportedExercise>({
    name: source?.name ?? nameOf(exerciseId),
    notes: notes ?? undefined,
    sets: sets.map((set, index) => compact<WorkoutSet>({ ...set, ...extras[index] })),
  });
}

function toSet({ type, reps, weight, unit, duration, distance, rpe }: SetDetail): WorkoutSet {
  return compact<WorkoutSet>({
    type,
    reps: reps ?? undefined,
    weightKg: weight ?? undefined,
    unit: unit ?? 'kg',
    seconds: duration ?? undefined,
    distanceMeters: distance ?? undefined,
    rpe: rpe ?? undefined,
  });
}

/** Logged without details, all sets of an exercise were alike. */
function equalSets({ sets, reps, weight, duration }: WorkoutExercise): WorkoutSet[] {
  const set = toSet({
    type: 'normal',
    reps: reps ?? undefined,
    weight: weight ?? undefined,
    duration: duration ?? undefined,
  });
  return Array.from({ length: sets }, () => set);
}
