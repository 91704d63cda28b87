/** A participant at the end, best first. */
export interface Finisher {
  userId: string;
  score: number;
  /** 1 for the best; who scored the same has the same rank, and the ranks after it are left out. */
  rank: number;
}

/** Gives ranks to scores that are sorted, best first. */
export function rankFinishers(sorted: readonly { userId: string; score: number }[]): Finisher[] {
  let rank = 0;
  return sorted.map(({ userId, score }, index) => {
    if (index === 0 || score !== sorted[index - 1]?.score) rank = index + 1;
    return { userId, score, rank };
  });
}

/**
 * Splits a pool without losing or making a credit. Who ties shares what their places win together; places that nobody holds leave
 * their share to the others; what cannot be divided goes to the best, one credit each.
 *
 * @param split Percent for each place.
 * @returns What each wins, for those who win something.
 */
export function splitPrizes(pool: number, split: readonly number[], finishers: readonly Finisher[]): Map<string, number> {
  const places = split.slice(0, finishers.length);
  const total = places.reduce((sum, share) => sum + share, 0);
  if (pool === 0 || total === 0) return new Map();
  const winners = finishers.filter(({ rank }) => rank <= places.length);
  const shares = new Map(winners.map(({ userId, rank }) => [userId, tiedShare(rank, places, winners)]));
  const prizes = new Map([...shares].map(([userId, share]) => [userId, Math.floor((pool * share) / total)]));
  let left = pool - [...prizes.values()].reduce((sum, prize) => sum + prize, 0);
  for (const { userId } of winners) {
    if (left === 0) break;
    prizes.set(userId, (prizes.get(userId) ?? 0) + 1);
    left -= 1;
  }
  return new Map([...prizes].filter(([, prize]) => prize > 0));
}

/** The mean share of the places that the members of this rank hold together. */
function tiedShare(rank: number, places: readonly number[], winners: readonly Finisher[]): number {
  const tied = winners.filter((other) => other.rank === rank).length;
  return places.slice(rank - 1, rank - 1 + tied).reduce((sum, share) => sum + share, 0) / tied;
}
