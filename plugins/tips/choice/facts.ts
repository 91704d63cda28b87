import type { PluginKernel } from 'musclemap';
import { addDays, dayOf, daysBetween } from '../days.ts';
import { findMilestoneSigns } from '../models/progress.ts';
import { fitnessOf } from '../training.ts';
import { goalsShown, type Goal } from './goals.ts';
import { partOfDay, type PartOfDay } from './time-of-day.ts';

const RECENT_DAYS = 14;
const BALANCE_DAYS = 28;
const MOST_WORKOUTS = 30;

/** What triggers compare a member with. */
export interface Facts {
  level: number;
  /** Since the last workout; null for who has none. */
  daysInactive: number | null;
  streak: number;
  /** Of the last two weeks. */
  exercises: ReadonlySet<string>;
  /** Of the last four weeks: percent of the best volume, by muscle id; empty for who has not trained. */
  musclePercents: ReadonlyMap<string, number>;
  goals: ReadonlySet<string>;
  milestones: ReadonlySet<string>;
  partOfDay: PartOfDay;
}

/** What a client says of its user beside what is known. */
export interface ToldFacts {
  timeZone: string;
  goal?: Goal | undefined;
  exerciseId?: string | undefined;
}

export async function readFacts(kernel: PluginKernel, userId: string, level: number, told: ToldFacts): Promise<Facts> {
  const { history, catalogue } = fitnessOf(kernel);
  const now = kernel.clock.now();
  const [streaks, muscles, recent, milestones] = await Promise.all([
    history.streaks([userId]),
    history.muscles([userId], { days: BALANCE_DAYS }),
    history.recentWorkouts(userId, { limit: MOST_WORKOUTS }),
    findMilestoneSigns(kernel.database.knex, userId, now),
  ]);
  const today = dayOf(now);
  const trainedSince = (days: number): typeof recent => recent.filter(({ date }) => date > addDays(today, -days));
  const month = trainedSince(BALANCE_DAYS);
  const performed = trainedSince(RECENT_DAYS).flatMap(({ exercises }) => exercises.map(({ exerciseId }) => exerciseId));
  const ids = new Set(month.flatMap(({ exercises }) => exercises.map(({ exerciseId }) => exerciseId)));
  const { current = 0, lastDate = null } = streaks.get(userId) ?? {};
  const balance = month.length === 0 ? [] : (muscles.get(userId) ?? []);
  return {
    level,
    daysInactive: lastDate === null ? null : Math.max(0, daysBetween(lastDate, today)),
    streak: current,
    exercises: new Set(told.exerciseId === undefined ? performed : [told.exerciseId]),
    musclePercents: new Map(
      balance.map(({ muscleId, effectiveSets, optimalSets }) => [muscleId, (effectiveSets / optimalSets) * 100]),
    ),
    goals: told.goal === undefined ? goalsShown(month, await catalogue.exercises([...ids])) : new Set([told.goal]),
    milestones,
    partOfDay: partOfDay(now, told.timeZone),
  };
}
