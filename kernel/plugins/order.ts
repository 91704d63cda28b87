import { satisfies } from 'semver';
import type { PluginManifest } from './manifest.ts';

export interface Ordering {
  /** Providers before those that need them. */
  order: PluginManifest[];
  /** Why each of the others cannot run, by id. */
  refused: Map<string, string>;
}

/** Puts plugins into their starting order and refuses those whose kernel, dependency or version is not there. */
export function orderPlugins(
  manifests: readonly PluginManifest[],
  kernelVersion: string,
  options: { ignoreRangesOf?: ReadonlySet<string> } = {},
): Ordering {
  const refused = new Map<string, string>();
  const candidates = new Map(manifests.map((manifest) => [manifest.id, manifest]));
  const isLoose = (id: string): boolean => options.ignoreRangesOf?.has(id) ?? false;

  for (let settled = false; !settled; ) {
    settled = true;
    for (const manifest of candidates.values()) {
      const reason = reasonAgainst(manifest, candidates, kernelVersion, isLoose(manifest.id));
      if (reason === undefined) continue;
      refused.set(manifest.id, reason);
      candidates.delete(manifest.id);
      settled = false;
    }
  }
  const { order, cycles } = sortTopologically(candidates);
  for (const cycle of cycles) {
    for (const id of cycle) refused.set(id, `requires itself in a cycle: ${[...cycle, cycle[0]].join(' → ')}`);
  }
  return cycles.length === 0 ? { order, refused } : refuseDependents(order, refused, kernelVersion, options);
}

function refuseDependents(
  order: PluginManifest[],
  refused: Map<string, string>,
  kernelVersion: string,
  options: { ignoreRangesOf?: ReadonlySet<string> },
): Ordering {
  const rest = orderPlugins(order, kernelVersion, options);
  return { order: rest.order, refused: new Map([...refused, ...rest.refused]) };
}

function reasonAgainst(
  manifest: PluginManifest,
  candidates: ReadonlyMap<string, PluginManifest>,
  kernelVersion: string,
  isLoose: boolean,
): string | undefined {
  const inRange = (version: string, range: string): boolean =>
    isLoose || satisfies(version, range, { includePrerelease: true });
  if (!inRange(kernelVersion, manifest.kernel)) {
    return `needs kernel ${manifest.kernel}, this is ${kernelVersion}`;
  }
  for (const [id, range] of Object.entries(manifest.requires ?? {})) {
    const provider = candidates.get(id);
    if (provider === undefined) return `requires the plugin ${id}, which is not enabled`;
    if (!inRange(provider.version, range)) return `requires ${id} ${range}, version ${provider.version} is here`;
  }
  for (const [id, range] of Object.entries(manifest.uses ?? {})) {
    const provider = candidates.get(id);
    if (provider !== undefined && !inRange(provider.version, range)) {
      return `works with ${id} ${range}, version ${provider.version} is here`;
    }
  }
  return undefined;
}

/** Depth first; an optional neighbour comes first too, unless it needs the plugin that uses it. */
function sortTopologically(candidates: ReadonlyMap<string, PluginManifest>): {
  order: PluginManifest[];
  cycles: string[][];
} {
  const order = new Set<PluginManifest>();
  const cycles: string[][] = [];
  const visit = (manifest: PluginManifest, path: readonly string[]): void => {
    if (order.has(manifest)) return;
    if (path.includes(manifest.id)) {
      cycles.push(path.slice(path.indexOf(manifest.id)));
      return;
    }
    for (const provider of providers(manifest, candidates)) visit(provider, [...path, manifest.id]);
    order.add(manifest);
  };
  for (const manifest of [...candidates.values()].sort((a, b) => a.id.localeCompare(b.id))) visit(manifest, []);
  const cyclic = new Set(cycles.flat());
  return { order: [...order].filter(({ id }) => !cyclic.has(id)), cycles };
}

function providers(manifest: PluginManifest, candidates: ReadonlyMap<string, PluginManifest>): PluginManifest[] {
  const used = Object.keys(manifest.uses ?? {}).filter((id) => !reaches(id, manifest.id, candidates, new Set()));
  return [...Object.keys(manifest.requires ?? {}), ...used].flatMap((id) => candidates.get(id) ?? []);
}

/** Whether `from` needs `target`, directly or through others, counting optional neighbours as well. */
function reaches(
  from: string,
  target: string,
  candidates: ReadonlyMap<string, PluginManifest>,
  seen: Set<string>,
): boolean {
  if (from === target) return true;
  if (seen.has(from)) return false;
  seen.add(from);
  const manifest = candidates.get(from);
  const next = Object.keys({ ...manifest?.requires, ...manifest?.uses });
  return next.some((id) => reaches(id, target, candidates, seen));
}
