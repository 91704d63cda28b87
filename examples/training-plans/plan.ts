const SPLITS: Record<number, readonly string[]> = {
  2: ['Full body', 'Full body'],
  3: ['Push', 'Pull', 'Legs'],
  4: ['Upper body', 'Lower body', 'Upper body', 'Lower body'],
};
const SHORTEST_SESSION = 20;

/** What to train on each day, or undefined when the week's minutes are too few for that many sessions. */
export function planWeek(days: number, minutes: number): { focus: string; minutes: number }[] | undefined {
  const each = Math.floor(minutes / days);
  if (each < SHORTEST_SESSION) return undefined;
  return SPLITS[days]?.map((focus) => ({ focus, minutes: each }));
}
