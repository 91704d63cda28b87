import { ApiError } from '../http/errors.ts';

/** More changes of a name than this are no slip any more. */
const MOST_SLIPS = 2;

/** For an id that no plugin has, with those that somebody may have meant. */
export function unknownPlugin(id: string, known: Iterable<string>): ApiError {
  const near = [...new Set(known)].filter((other) => countSlips(id, other) <= MOST_SLIPS || (id.length > 2 && other.includes(id))).sort();
  const hint = near.length === 0 ? '' : ` Did you mean ${near.join(' or ')}?`;
  return new ApiError('NOT_FOUND', `There is no plugin named ${id}.${hint}`, { details: { suggestions: near } });
}

/** How many letters have to be added, taken away or replaced to make one text of another. */
function countSlips(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let line = 0; line < from.length; line++) {
    const next = [line + 1];
    for (let column = 0; column < to.length; column++) {
      const [left = 0, above = 0, diagonal = 0] = [next[column], row[column + 1], row[column]];
      next.push(Math.min(left + 1, above + 1, diagonal + (from[line] === to[column] ? 0 : 1)));
    }
    row = next;
  }
  return row[to.length] ?? from.length;
}
