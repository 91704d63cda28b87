const LONGEST = 8_000;

/** An error as plain text: whatever was thrown, looking at it cannot fail. */
export interface DescribedError {
  type: string;
  message: string;
  stack: string | null;
}

/** Describes anything that was thrown, hostile objects included. */
export function describeError(error: unknown): DescribedError {
  try {
    if (!(error instanceof Error)) return { type: typeof error, message: shorten(textOf(error)), stack: null };
    const { name, message, stack } = error;
    return { type: name, message: shorten(message), stack: typeof stack === 'string' ? shorten(stack + causes(error)) : null };
  } catch {
    return { type: 'unknown', message: 'an error that cannot be read', stack: null };
  }
}

function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}

function causes(error: Error): string {
  const { cause } = error;
  return cause instanceof Error ? `\ncaused by ${cause.stack ?? cause.message}` : '';
}

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}
