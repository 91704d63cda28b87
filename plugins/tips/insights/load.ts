import { addDays, daysBetween } from '../days.ts';
import type { Insight } from '../hooks.ts';
import { round, workoutsOf, type TrainingLog } from './training-log.ts';

const USUAL_WEEKS = 4;
/** How many times the usual week is too much at once, and from how many weeks of training on there is a usual week. */
const TOO_MUCH = 1.5;
const FEWEST_USUAL_WEEKS = 3;

/** The last seven days hold half as much again as the weeks before, or more. */
export function findOverreaching(log: TrainingLog): Insight[] {
  const sum = (last: string, days: number): number =>
    workoutsOf(log, last, days).reduce((total, { totalTU }) => total + totalTU, 0);
  const weeks = Array.from({ length: USUAL_WEEKS }, (_, index) => sum(addDays(log.today, -7 * (index + 1)), 7));
  if (weeks.filter((total) => total > 0).length < FEWEST_USUAL_WEEKS) return [];
  const usual = weeks.reduce((total, week) => total + week, 0) / USUAL_WEEKS;
  const current = sum(log.today, 7);
  if (current < TOO_MUCH * usual) return [];
  const numbers = { lastSevenDaysTU: round(current), usualWeekTU: round(usual), percent: Math.round((current / usual) * 100) };
  const message =
    `You collected ${numbers.lastSevenDaysTU} Training Units in the last seven days; your usual week of the four before has ` +
    `${numbers.usualWeekTU}. That is ${numbers.percent} % of it. Jumps like this come before many injuries: take an easy day or ` +
    `two, and let next week be a usual one.`;
  return [{ rule: 'overreaching', subject: null, severity: 'warning', title: 'A big jump this week', message, numbers }];
}

const PLATEAU_DAYS = 42;
const FEWEST_SESSIONS = 5;
const STILL_TRAINED_DAYS = 21;
const MOST_PLATEAUS = 3;

/** A lift that is trained again and again and has had no better estimated maximum for six weeks. */
export function findPlateaus(log: TrainingLog): Insight[] {
  return log.records
    .filter(({ kind, date }) => kind === 'estimated-one-rep-maximum' && daysBetween(date, log.today) >= PLATEAU_DAYS)
    .map((record) => {
      const sessions = log.workouts.filter(
        ({ date, exercises }) => date > record.date && exercises.some(({ exerciseId }) => exerciseId === record.exerciseId),
      );
      return { record, sessions: sessions.length, last: sessions[0]?.date ?? record.date };
    })
    .filter(({ sessions, last }) => sessions >= FEWEST_SESSIONS && daysBetween(last, log.today) <= STILL_TRAINED_DAYS)
    .sort((a, b) => b.sessions - a.sessions || (a.record.exerciseId < b.record.exerciseId ? -1 : 1))
    .slice(0, MOST_PLATEAUS)
    .map(({ record, sessions }) => describePlateau(record, sessions, log.today));
}

function describePlateau(record: TrainingLog['records'][number], sessions: number, today: string): Insight {
  const { exerciseId, exerciseName, value, weight, reps, date } = record;
  const days = daysBetween(date, today);
  const best = weight === null || reps === null ? '' : ` (${round(weight)} kg × ${reps})`;
  const message =
    `Your best ${exerciseName} is an estimated maximum of ${round(value)} kg${best} from ${date}. In the ${days} days and ` +
    `${sessions} sessions since then nothing topped it. Change one thing for six weeks: the repetitions, the number of sets or a ` +
    `close variant of the lift.`;
  return {
    rule: 'plateau',
    subject: exerciseId,
    severity: 'info',
    title: `${exerciseName} stands still`,
    message,
    numbers: { bestKg: round(value), bestDate: date, days, sessions },
  };
}
