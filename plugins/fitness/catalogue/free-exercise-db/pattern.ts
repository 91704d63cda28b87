import type { MovementPattern } from '../types.ts';
import type { FreeExercise } from './entry.ts';

const BY_CATEGORY: Partial<Record<FreeExercise['category'], MovementPattern>> = {
  stretching: 'stretch',
  cardio: 'cardio',
  plyometrics: 'jump',
  'olympic weightlifting': 'olympic',
};
const BY_NAME: readonly [RegExp, MovementPattern][] = [
  [/carry|farmer|yoke|conan|\bload\b|\bdrag|sled push|prowler/i, 'carry'],
  [/twist|woodchop|wood chop|russian|side bend|landmine 180|sledgehammer/i, 'rotation'],
  [/lunge|step.?up|split squat|single.leg.*squat/i, 'lunge'],
  [/squat|leg press/i, 'squat'],
  [/deadlift|good morning|swing|thrust|bridge|pull through|hyperextension|back extension|glute.ham|reverse hyper/i, 'hinge'],
];
const LEGS = ['quadriceps', 'hamstrings', 'calves', 'glutes', 'abductors', 'adductors'];
const PULLING = ['lats', 'middle back', 'traps', 'biceps', 'forearms', 'lower back', 'neck'];

/** The movement that force, mechanic, muscle and name of an entry amount to. */
export function derivePattern(exercise: FreeExercise): MovementPattern {
  const { category, name, mechanic, primaryMuscles: [muscle = ''] } = exercise;
  const sure = BY_CATEGORY[category] ?? BY_NAME.find(([pattern]) => pattern.test(name))?.[1];
  if (sure !== undefined) return sure;
  if (muscle === 'abdominals') return 'core';
  if (mechanic === 'compound') return compoundPattern(exercise, muscle);
  if (LEGS.includes(muscle)) return 'isolation_legs';
  return PULLING.includes(muscle) || exercise.force === 'pull' ? 'isolation_pull' : 'isolation_push';
}

function compoundPattern({ force, name }: FreeExercise, muscle: string): MovementPattern {
  if (LEGS.includes(muscle)) return force === 'pull' ? 'hinge' : 'squat';
  if (muscle === 'lats' && /pull-?down|pull-?up|chin|climb|muscle up/i.test(name)) return 'vertical_pull';
  if (PULLING.includes(muscle) || force === 'pull') return muscle === 'lower back' ? 'hinge' : 'horizontal_pull';
  return muscle === 'shoulders' ? 'vertical_push' : 'horizontal_push';
}
