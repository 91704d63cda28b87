import type { MuscleTargets } from './catalogue/types.ts';

/** What the balance needs to know of a muscle's training in a window of days. */
export interface TrainedMuscle {
  muscleId: string;
  muscleName: string;
  muscleGroup: string;
  effectiveSets: number;
  /** What the window would hold for somebody who wants this muscle to grow as fast as it can. */
  optimalSets: number;
}

export interface BalancedMuscle {
  muscleId: string;
  muscleName: string;
  muscleGroup: string;
  /** Of the archetype, 0 to 1. */
  weight: number;
  /** Effective sets in the window. */
  sets: number;
  /** What the archetype asks for. */
  targetSets: number;
  /** Sets of the target. */
  percent: number;
}

export interface MuscleBalance {
  overworked: BalancedMuscle[];
  underworked: BalancedMuscle[];
  balanced: BalancedMuscle[];
}

/** The share of the best volume that keeps a muscle as it is. */
const MAINTENANCE = 0.5;
const UNDER_PERCENT = 60;
const OVER_PERCENT = 150;

/**
 * Compares what was trained with what the archetype asks for: its most important muscles at their best volume, muscles that
 * it does not name at what maintains them. The furthest from the target come first.
 */
export function muscleBalance(muscles: readonly TrainedMuscle[], targets: MuscleTargets): MuscleBalance {
  const all = muscles.map((muscle) => assess(muscle, targets[muscle.muscleId] ?? 0));
  return {
    overworked: all.filter(({ percent }) => percent > OVER_PERCENT).sort((a, b) => b.percent - a.percent),
    underworked: all
      .filter(({ percent }) => percent < UNDER_PERCENT)
      .sort((a, b) => a.percent - b.percent || b.targetSets - a.targetSets),
    balanced: all.filter(({ percent }) => percent >= UNDER_PERCENT && percent <= OVER_PERCENT),
  };
}

function assess(muscle: TrainedMuscle, weight: number): BalancedMuscle {
  const { muscleId, muscleName, muscleGroup, effectiveSets, optimalSets } = muscle;
  const targetSets = optimalSets * (MAINTENANCE + (1 - MAINTENANCE) * weight);
  const percent = targetSets > 0 ? Math.round((effectiveSets / targetSets) * 100) : 100;
  return { muscleId, muscleName, muscleGroup, weight, sets: round(effectiveSets), targetSets: round(targetSets), percent };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
