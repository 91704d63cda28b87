import type { MovementPattern } from '../types.ts';
import type { FreeExercise } from './entry.ts';
import { sharesOf } from './muscle-shares.ts';

const PRIMARY = { isolation: 90, compound: 82, static: 70, cardio: 65 };
const SECONDARY = { compound: 50, isolation: 35 };

/** What holds the body still in a compound lift. */
const STABILISERS: readonly { patterns: readonly MovementPattern[]; muscles: Readonly<Record<string, number>> }[] = [
  { patterns: ['squat', 'lunge', 'jump'], muscles: { erector_spinae: 15, rectus_abdominis: 10, obliques: 10 } },
  { patterns: ['hinge', 'olympic'], muscles: { forearm_flexors: 15, latissimus_dorsi: 10, rectus_abdominis: 8 } },
  { patterns: ['horizontal_push', 'vertical_push'], muscles: { rotator_cuff: 12, rectus_abdominis: 8 } },
  { patterns: ['horizontal_pull', 'vertical_pull'], muscles: { rotator_cuff: 12, forearm_flexors: 15 } },
  { patterns: ['carry'], muscles: { forearm_flexors: 19, obliques: 15, erector_spinae: 15 } },
];

/**
 * Percent by muscle, derived from what an entry names: the primary muscle concentrates the work, secondary ones share it,
 * stabilisers stay below 20. Empty for a stretch or a foam roll: those train nothing.
 */
export function deriveActivations(exercise: FreeExercise, pattern: MovementPattern): Record<string, number> {
  if (exercise.category === 'stretching' || exercise.equipment === 'foam roll') return {};
  const activations = new Map<string, number>();
  const raise = (muscle: string, value: number): void => {
    activations.set(muscle, Math.max(activations.get(muscle) ?? 0, value));
  };
  for (const muscle of exercise.primaryMuscles) {
    const base = primaryBase(exercise);
    for (const [ours, share] of Object.entries(sharesOf(muscle, exercise.name) ?? {})) raise(ours, primary(base, share));
  }
  const others = exercise.secondaryMuscles.filter((muscle) => !exercise.primaryMuscles.includes(muscle));
  for (const muscle of others) {
    const base = secondaryBase(exercise, muscle);
    for (const [ours, share] of Object.entries(sharesOf(muscle, exercise.name) ?? {})) raise(ours, secondary(base, share));
  }
  if (exercise.mechanic === 'compound') {
    const { muscles = {} } = STABILISERS.find(({ patterns }) => patterns.includes(pattern)) ?? {};
    for (const [muscle, value] of Object.entries(muscles)) raise(muscle, value);
  }
  return Object.fromEntries(activations);
}

function primaryBase({ category, force, mechanic }: FreeExercise): number {
  if (category === 'cardio') return PRIMARY.cardio;
  if (force === 'static') return PRIMARY.static;
  return mechanic === 'isolation' ? PRIMARY.isolation : PRIMARY.compound;
}

function secondaryBase({ category, mechanic }: FreeExercise, muscle: string): number {
  if (muscle === 'calves' && category !== 'plyometrics') return 25;
  if (muscle === 'forearms') return SECONDARY.isolation;
  return mechanic === 'isolation' ? SECONDARY.isolation : SECONDARY.compound;
}

function primary(base: number, share: number): number {
  if (share >= 0.7) return clamp(base * share, 60, 100);
  return share >= 0.35 ? clamp(base * share, 20, 59) : clamp(base * share, 5, 19);
}

function secondary(base: number, share: number): number {
  return share >= 0.5 ? clamp(base * share, 20, 59) : clamp(base * share, 5, 19);
}

function clamp(value: number, least: number, most: number): number {
  return Math.round(Math.min(most, Math.max(least, value)));
}
