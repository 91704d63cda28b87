import type { PluginContracts, PluginKernel } from 'musclemap';
import { addDays, dayOf } from '../days.ts';
import { fitnessOf } from '../training.ts';

type History = PluginContracts['fitness']['services']['history'];

/** What the rules look at. */
export interface TrainingLog {
  /** UTC. */
  today: string;
  workouts: Awaited<ReturnType<History['recentWorkouts']>>;
  /** Over the last four weeks. */
  muscles: readonly MuscleWindow[];
  records: Awaited<ReturnType<History['records']>>;
  streak: { current: number; longest: number; lastDate: string | null };
}

/** A muscle's training over the last four weeks. */
export interface MuscleWindow {
  muscleId: string;
  muscleName: string;
  /** Effective sets. */
  sets: number;
  /** What the four weeks should hold. */
  optimum: number;
}

export const WINDOW_DAYS = 28;
/** About a year of frequent training: what the rules look back on. */
const MOST_WORKOUTS = 200;
const MOST_RECORDS = 200;

export async function readTrainingLog(kernel: PluginKernel, userId: string): Promise<TrainingLog> {
  const { history } = fitnessOf(kernel);
  const [workouts, muscles, records, streaks] = await Promise.all([
    history.recentWorkouts(userId, { limit: MOST_WORKOUTS }),
    history.muscles([userId], { days: WINDOW_DAYS }),
    history.records(userId, { limit: MOST_RECORDS }),
    history.streaks([userId]),
  ]);
  return {
    today: dayOf(kernel.clock.now()),
    workouts,
    muscles: (muscles.get(userId) ?? []).map(({ muscleId, muscleName, effectiveSets, optimalSets }) => ({
      muscleId,
      muscleName,
      sets: effectiveSets,
      optimum: optimalSets,
    })),
    records,
    streak: streaks.get(userId) ?? { current: 0, longest: 0, lastDate: null },
  };
}

/** The workouts of `days` days that end with `last`. */
export function workoutsOf({ workouts }: TrainingLog, last: string, days: number): TrainingLog['workouts'] {
  const first = addDays(last, 1 - days);
  return workouts.filter(({ date }) => date >= first && date <= last);
}

/** To one decimal. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
