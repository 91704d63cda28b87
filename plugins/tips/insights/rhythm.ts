import { daysBetween } from '../days.ts';
import type { Insight } from '../hooks.ts';
import type { TrainingLog } from './training-log.ts';

const BREAK_DAYS = 14;
const BACK_SINCE_DAYS = 7;
const LONG_BREAK_DAYS = 30;

/** Two weeks or more without a workout: still, or ended within the last week. */
export function findBreak(log: TrainingLog): Insight[] {
  const [last, ...earlier] = [...new Set(log.workouts.map(({ date }) => date))].sort().reverse();
  if (last === undefined) return [];
  const pause = daysBetween(last, log.today);
  if (pause >= BREAK_DAYS) {
    const message =
      `Your last workout was ${pause} days ago, on ${last}. ${howToReturn(pause)} ` +
      `One short session this week is worth more than the perfect plan for the next one.`;
    const numbers = { days: pause, lastDate: last };
    return [{ rule: 'return-after-break', subject: null, severity: 'attention', title: 'Time to come back', message, numbers }];
  }
  const days = [last, ...earlier];
  const recent = days.filter((day) => daysBetween(day, log.today) <= BACK_SINCE_DAYS);
  const back = recent.at(-1);
  const before = days[recent.length];
  if (back === undefined || before === undefined) return [];
  const length = daysBetween(before, back);
  if (length < BREAK_DAYS) return [];
  const message = `You are back since ${back}, after ${length} days without a workout. ${howToReturn(length)}`;
  const numbers = { days: length, lastDate: before, backSince: back, workoutsSince: recent.length };
  return [{ rule: 'return-after-break', subject: null, severity: 'info', title: 'Welcome back', message, numbers }];
}

function howToReturn(days: number): string {
  return days >= LONG_BREAK_DAYS
    ? 'Start with half the sets and two thirds of your weights, and add a little each session.'
    : 'Start with about 90 % of your weights and leave two repetitions in every set.';
}

const STREAK_WORTH_KEEPING = 3;

/** A streak that ends today unless something is trained. */
export function findStreakAtRisk({ streak, today }: TrainingLog): Insight[] {
  const { current, longest, lastDate } = streak;
  if (current < STREAK_WORTH_KEEPING || lastDate === null || daysBetween(lastDate, today) !== 1) return [];
  const record = current >= longest ? 'It is your longest so far.' : `Your longest was ${longest}.`;
  const message =
    `You have trained ${current} days in a row, last on ${lastDate}, and not yet today. ${record} ` +
    `Twenty easy minutes keep it; if you need the rest, take it and start anew.`;
  const numbers = { streak: current, longest, lastDate };
  return [{ rule: 'streak-at-risk', subject: null, severity: 'info', title: `Keep your ${current} days`, message, numbers }];
}
