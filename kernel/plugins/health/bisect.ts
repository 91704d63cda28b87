/** A plugin and what it cannot run without. */
export interface Suspect {
  id: string;
  requires: readonly string[];
}

export interface BisectResult {
  /** Undefined when no plugin is to blame by itself. */
  culprit: string | undefined;
  boots: number;
}

/**
 * Finds the one plugin that makes a server bad, by starting servers with half of the suspects each time: 32 take five starts and
 * one more, which proves that the last suspect alone is bad.
 *
 * @param isGood starts a server with only these plugins and says whether all is well.
 */
export async function bisect(suspects: readonly Suspect[], isGood: (ids: readonly string[]) => Promise<boolean>): Promise<BisectResult> {
  const byId = new Map(suspects.map((suspect) => [suspect.id, suspect]));
  let left = suspects.map(({ id }) => id);
  let boots = 0;
  while (left.length > 1) {
    const tried = withRequired(left.slice(0, Math.floor(left.length / 2)), byId);
    // Everybody left may be needed by the first half: then one of them is left out instead.
    const isHalving = left.some((id) => !tried.has(id));
    const ids = isHalving ? tried : withRequired(independentOf(left, byId), byId);
    boots += 1;
    const good = await isGood([...ids]);
    left = left.filter((id) => ids.has(id) !== good);
  }
  const [last] = left;
  if (last === undefined) return { culprit: undefined, boots };
  boots += 1;
  const isInnocent = await isGood([...withRequired([last], byId)]);
  return { culprit: isInnocent ? undefined : last, boots };
}

/** Plugins with all that they need. */
function withRequired(ids: readonly string[], byId: ReadonlyMap<string, Suspect>): Set<string> {
  const all = new Set<string>();
  const add = (id: string): void => {
    if (all.has(id)) return;
    all.add(id);
    for (const required of byId.get(id)?.requires ?? []) add(required);
  };
  for (const id of ids) add(id);
  return all;
}

/** The first of those whose own needs leave somebody out. */
function independentOf(left: readonly string[], byId: ReadonlyMap<string, Suspect>): string[] {
  const sizes = left.map((id) => ({ id, size: withRequired([id], byId).size })).sort((a, b) => a.size - b.size);
  return sizes.slice(0, 1).map(({ id }) => id);
}
