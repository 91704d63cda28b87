export interface Limit {
  least: number;
  most: number;
  isWhole?: true;
}

/** What a set and a session may hold. Weight as entered, in its own unit; in files of ours, kilograms. */
export const LIMITS = {
  weight: { least: 0, most: 10_000 },
  reps: { least: 0, most: 1000, isWhole: true },
  seconds: { least: 0, most: 86_400 },
  distanceMeters: { least: 0, most: 1_000_000 },
  rpe: { least: 1, most: 10 },
  sessionSeconds: { least: 0, most: 86_400, isWhole: true },
} as const satisfies Record<string, Limit>;

export const MOST_SETS_PER_SESSION = 5000;
export const LONGEST_NAME = 200;
export const LONGEST_NOTE = 10_000;

/** Why a number is not acceptable, or undefined when it is. */
export function faultOfNumber(limit: Limit, value: number): string | undefined {
  if (!Number.isFinite(value)) return 'is not a number';
  if (limit.least === 0 && value < 0) return 'must not be negative';
  if (value < limit.least) return `must be at least ${String(limit.least)}`;
  if (value > limit.most) return `must be at most ${String(limit.most)}`;
  if (limit.isWhole && !Number.isInteger(value)) return 'must be a whole number';
  return undefined;
}

/** Why a text is not acceptable, or undefined when it is. A database refuses NUL and lone surrogates. */
export function faultOfText(text: string, longest: number): string | undefined {
  if (/[\0\p{Surrogate}]/u.test(text)) return 'holds characters that are not text';
  if (text.length > longest) return `is longer than ${String(longest)} characters`;
  return undefined;
}
