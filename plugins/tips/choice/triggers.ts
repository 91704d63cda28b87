import type { Trigger } from '../catalogue/types.ts';
import type { Facts } from './facts.ts';

/** How well a value fits, above 0 to 1; 0 when it does not. */
type Fit = (value: string, facts: Facts) => number;

const UNDERTRAINED_PERCENT = 60;
/** Tips about breaks and streaks longer than this have no upper end. */
const LONG_DAYS = 30;

const FITS: Record<Trigger, Fit> = {
  exercise: (id, { exercises }) => (exercises.has(id) ? 1 : 0),
  muscle: (id, { musclePercents }) => {
    const percent = musclePercents.get(id) ?? UNDERTRAINED_PERCENT;
    return Math.max(0, 1 - percent / UNDERTRAINED_PERCENT);
  },
  goal: (goal, { goals }) => (goals.has(goal) ? 1 : 0),
  milestone: (sign, { milestones }) => (milestones.has(sign) ? 1 : 0),
  level: (level, facts) => (Number(level) === facts.level ? 1 : 0),
  inactivity: (days, { daysInactive }) => {
    if (daysInactive === null) return days === 'never' ? 1 : 0;
    return fromDaysOn(Number(days), daysInactive);
  },
  streak: (days, { streak }) => fromDaysOn(Number(days), streak),
  time_of_day: (part, facts) => (part === facts.partOfDay ? 1 : 0),
  random: () => 1,
};

/** The nearer a number of days is reached from above, the better it fits; from three times as many days on, not at all. */
function fromDaysOn(from: number, days: number): number {
  if (!(days >= from) || days === 0) return 0;
  return days < 3 * from || from >= LONG_DAYS ? from / days : 0;
}

export function isTrigger(type: string): type is Trigger {
  return Object.hasOwn(FITS, type);
}

/** How well a tip's trigger fits a member; `answers` are what other plugins say of their own types. */
export function fitOf(
  tip: { triggerType: string; triggerValue: string | null },
  facts: Facts,
  answers: ReadonlyMap<string, readonly string[]>,
): number {
  const { triggerType, triggerValue } = tip;
  if (isTrigger(triggerType)) return FITS[triggerType](triggerValue ?? '', facts);
  const values = answers.get(triggerType);
  if (values === undefined) return 0;
  return triggerValue === null || values.includes(triggerValue) ? 1 : 0;
}
