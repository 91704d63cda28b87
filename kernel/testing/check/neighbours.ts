import { discoverPlugins, type FoundPlugin, type PluginSources } from '../../plugins/discovery.ts';
import type { PluginManifest } from '../../plugins/manifest.ts';
import { CheckFailure } from './report.ts';

/**
 * The plugins that one works with, directly or through others, providers before those that need them.
 *
 * @throws CheckFailure when one that is required is nowhere.
 */
export async function findNeighbours(manifest: PluginManifest, sources: PluginSources): Promise<FoundPlugin[]> {
  const { found } = await discoverPlugins(sources);
  const order = new Map<string, FoundPlugin>();
  const seen = new Set([manifest.id]);
  const visit = (of: PluginManifest): void => {
    const required = Object.keys(of.requires ?? {});
    for (const id of [...required, ...Object.keys(of.uses ?? {})]) {
      if (seen.has(id)) continue;
      seen.add(id);
      const plugin = found.get(id);
      if (plugin === undefined && required.includes(id)) {
        throw new CheckFailure(`plugin.json: requires.${id}: there is no plugin of that name here. Name its folder with --with.`);
      }
      if (plugin === undefined) continue;
      visit(plugin.manifest);
      order.set(id, plugin);
    }
  };
  visit(manifest);
  return [...order.values()];
}
