/**
 * The form in which exercise names are compared: lower case, without accents, apostrophes and other punctuation, one space
 * between words.
 */
export function normalizeExerciseName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/[\p{M}'’‘\u0060´]+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
