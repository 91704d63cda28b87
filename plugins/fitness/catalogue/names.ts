/**
 * The form in which exercise names are compared: lower case, no diacritics, punctuation and brackets as spaces, single spaces.
 * `'Développé-couché (Haltère)'` becomes `'developpe couche haltere'`.
 */
export function normalizeExerciseName(name: string): string {
  return name
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}
