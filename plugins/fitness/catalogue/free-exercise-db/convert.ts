import type { CatalogueExercise, ExerciseType } from '../types.ts';
import { deriveActivations } from './activations.ts';
import type { FreeExercise } from './entry.ts';
import { deriveEquipment, derivePlaces } from './equipment.ts';
import { derivePattern } from './pattern.ts';

const DIFFICULTY = { beginner: 1, intermediate: 3, expert: 5 } as const;
const HARDER = /one.arm|single.arm pull|muscle up|planche|pistol|handstand/i;
const EASIER = /assisted|machine|\bseated\b/i;
const MOST_DESCRIBED = 4000;

/** Seconds of one set and of the rest after it. */
const TIMES: Partial<Record<FreeExercise['category'], [number, number]>> = {
  stretching: [45, 15],
  cardio: [600, 60],
  plyometrics: [30, 90],
  powerlifting: [40, 180],
  'olympic weightlifting': [40, 150],
  strongman: [45, 150],
};
const COMPOUND: [number, number] = [40, 90];
const ISOLATION: [number, number] = [40, 60];

/** An entry of free-exercise-db as an exercise of ours; what the file does not say is derived from what it does. */
export function convertExercise(exercise: FreeExercise): CatalogueExercise {
  const isCompound = exercise.mechanic === 'compound';
  const movementPattern = derivePattern(exercise);
  const equipmentRequired = deriveEquipment(exercise);
  const [estimatedSeconds, restSeconds] = TIMES[exercise.category] ?? (isCompound ? COMPOUND : ISOLATION);
  return {
    id: exercise.id.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, ''),
    name: exercise.name,
    type: exercise.category.replaceAll(' ', '_') as ExerciseType,
    difficulty: difficultyOf(exercise),
    description: exercise.instructions.join(' ').slice(0, MOST_DESCRIBED),
    cues: '',
    equipmentRequired,
    equipmentOptional: [],
    locations: derivePlaces(equipmentRequired, exercise.category),
    isCompound,
    estimatedSeconds,
    restSeconds,
    movementPattern,
    aliases: [],
    activations: deriveActivations(exercise, movementPattern),
  };
}

function difficultyOf({ level, name }: FreeExercise): CatalogueExercise['difficulty'] {
  const base = DIFFICULTY[level];
  const shift = Number(HARDER.test(name)) - Number(EASIER.test(name));
  return Math.min(5, Math.max(1, base + shift)) as CatalogueExercise['difficulty'];
}
