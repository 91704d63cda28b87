/** The form in which exercise names are compared: lower case, without accents and punctuation, one space between words. */
export function normalizeExerciseName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
