import type { PluginContracts } from 'musclemap';
import type { CompetitionType, CustomRule } from './rules.ts';

type Workout = Awaited<ReturnType<PluginContracts['fitness']['services']['history']['recentWorkouts']>>[number];

const DAY_MS = 86_400_000;

/**
 * A member's score: what their workouts within the competition's days add up to, to two decimals. The same workouts always give the
 * same score, so that a running score and a recomputation cannot differ.
 */
export function scoreOf(type: CompetitionType, rule: CustomRule | undefined, workouts: readonly Workout[]): number {
  switch (type) {
    case 'total_tu':
      return round(sum(workouts.map(({ totalTU }) => totalTU)));
    case 'workouts':
      return workouts.length;
    case 'streak':
      return longestStreak(workouts.map(({ date }) => date));
    case 'custom':
      return rule === undefined ? 0 : customScore(rule, workouts);
  }
}

/** The most days in a row with a workout. */
function longestStreak(dates: readonly string[]): number {
  let longest = 0;
  let current = 0;
  let previous = Number.NaN;
  for (const day of [...new Set(dates)].sort().map((date) => Date.parse(date) / DAY_MS)) {
    current = day === previous + 1 ? current + 1 : 1;
    previous = day;
    longest = Math.max(longest, current);
  }
  return longest;
}

function customScore(rule: CustomRule, workouts: readonly Workout[]): number {
  const days = new Map<string, number>();
  for (const workout of workouts) {
    const value = measure(rule, workout);
    if (value > 0) days.set(workout.date, (days.get(workout.date) ?? 0) + value);
  }
  if (rule.metric === 'days') return days.size;
  const most = rule.mostPerDay ?? Infinity;
  return round(sum([...days.values()].map((value) => Math.min(value, most))));
}

function measure({ metric, exerciseIds, muscleIds }: CustomRule, workout: Workout): number {
  const exercises = exerciseIds === undefined ? workout.exercises : workout.exercises.filter(({ exerciseId }) => exerciseIds.includes(exerciseId));
  const muscles = Object.entries(workout.muscleActivations).filter(([id]) => muscleIds?.includes(id) ?? true);
  const counts = exercises.length > 0 && muscles.length > 0;
  switch (metric) {
    case 'total_tu':
      return counts ? workout.totalTU : 0;
    case 'workouts':
    case 'days':
      return counts ? 1 : 0;
    case 'effective_sets':
      return sum(muscles.map(([, sets]) => sets));
    case 'sets':
      return sum(exercises.map(({ sets }) => sets));
    case 'reps':
      return sum(exercises.map(({ reps }) => reps));
    case 'minutes':
      return sum(exercises.map(({ seconds }) => seconds)) / 60;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A REAL keeps seven digits: more would come back from the database as another number. */
function round(value: number): number {
  return Math.fround(Math.round(value * 100) / 100);
}
