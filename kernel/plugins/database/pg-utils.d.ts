declare module 'pg/lib/utils.js' {
  /** What pg sends for a value of JavaScript. */
  export function prepareValue(value: unknown): string | number | Buffer | null;
}
