import { ApiError, type Transaction } from 'musclemap';
import { normalizeExerciseName } from '../catalogue/names.ts';
import { countExerciseNames, rememberExerciseNames, type ExerciseName } from '../models/exercise-names.ts';
import {
  countOwnExercises,
  findOwnIds,
  insertOwnExercise,
  MOST_OWN_EXERCISES,
  USUAL_EXERCISE,
} from '../models/own-exercises.ts';

/** In place of an exercise: the name becomes an exercise of the member's own. */
export const OWN = 'own';
const MOST_NAMES = 2000;

/**
 * Remembers what names mean, and makes the exercises that are to be the member's own.
 *
 * @returns The decisions with the ids of what was made.
 * @throws ApiError UNPROCESSABLE when there are too many of either.
 */
export async function decideNames(trx: Transaction, userId: string, given: readonly ExerciseName[]): Promise<ExerciseName[]> {
  if (given.length === 0) return [];
  if ((await countExerciseNames(trx, userId)) + given.length > MOST_NAMES) {
    throw new ApiError('UNPROCESSABLE', `No more than ${String(MOST_NAMES)} names are remembered; forget some.`);
  }
  const made = await makeOwnExercises(trx, userId, given.filter(({ exerciseId }) => exerciseId === OWN));
  const decided = given.map(({ name, exerciseId }) => ({
    name,
    exerciseId: exerciseId === OWN ? (made.get(normalizeExerciseName(name)) ?? null) : exerciseId,
  }));
  await rememberExerciseNames(trx, userId, decided);
  return decided;
}

async function makeOwnExercises(trx: Transaction, userId: string, wanted: readonly ExerciseName[]): Promise<Map<string, string>> {
  if (wanted.length === 0) return new Map();
  const count = await countOwnExercises(trx, userId);
  const known = await findOwnIds(trx, userId);
  const missing = wanted.filter(({ name }) => !known.has(normalizeExerciseName(name)));
  if (count + missing.length > MOST_OWN_EXERCISES) {
    throw new ApiError('UNPROCESSABLE', `There can be ${String(MOST_OWN_EXERCISES)} exercises of your own.`);
  }
  for (const { name } of missing) {
    const key = normalizeExerciseName(name);
    if (key === '') throw new ApiError('UNPROCESSABLE', `"${name}" has no letter, so it is no name of an exercise.`);
    if (!known.has(key)) known.set(key, await insertOwnExercise(trx, userId, { ...USUAL_EXERCISE, name: name.trim().slice(0, 100) }));
  }
  return known;
}
