/** A number that depends on the seed and the id alone, so that leaving out another candidate changes nothing. */
export function lotOf(seed: number, id: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0;
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Scores within some 15 % of each other are a tie, which the seed decides. */
export function roughly(score: number): number {
  return Math.round(Math.log(score) * 7);
}

/** The best by rough score, then by lot, then by id; what scores nothing is not chosen. */
export function pickBest<Item>(
  items: readonly Item[],
  scoreOf: (item: Item) => number,
  lotOfItem: (item: Item) => { lot: number; id: string },
): Item | undefined {
  let best: { item: Item; score: number } | undefined;
  for (const item of items) {
    const exact = scoreOf(item);
    if (exact <= 0) continue;
    const score = roughly(exact);
    if (best === undefined || score > best.score || (score === best.score && comesBefore(lotOfItem(item), lotOfItem(best.item)))) {
      best = { item, score };
    }
  }
  return best?.item;
}

function comesBefore(one: { lot: number; id: string }, other: { lot: number; id: string }): boolean {
  return one.lot > other.lot || (one.lot === other.lot && one.id < other.id);
}
