const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The last day that it is anywhere on earth. */
export function latestDay(now: Date): string {
  return dayOf(now.getTime() + 14 * HOUR);
}

/** The first day that it still is anywhere on earth. */
export function earliestDay(now: Date): string {
  return dayOf(now.getTime() - 12 * HOUR);
}

/** Today in UTC. */
export function today(now: Date): string {
  return dayOf(now.getTime());
}

/** A day as many days later, or earlier when negative. */
export function addDays(day: string, days: number): string {
  return dayOf(Date.parse(day) + days * DAY);
}

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  return addDays(day, -((new Date(day).getUTCDay() + 6) % 7));
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}
