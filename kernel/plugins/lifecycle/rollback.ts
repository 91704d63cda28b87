import { ApiError } from '../../http/errors.ts';
import type { FoundPlugin } from '../discovery.ts';
import type { PluginHost } from '../host.ts';
import type { InstalledPlugin } from '../installed-plugins.ts';
import type { Change } from './changes.ts';
import { getInstalled, toVersion, type Edit, type EditContext } from './edits.ts';
import { loadMigrations, undoMigrations } from './schema.ts';

/** Goes back to a version that ran before: its code from the store, its schema by undoing what came after. */
export function prepareRollback(
  host: PluginHost,
  id: string,
  options: { version?: string | undefined },
): Pick<Change, 'edit' | 'prepare'> {
  let from: FoundPlugin | undefined;
  let to: FoundPlugin | undefined;
  return {
    edit: async (context: EditContext): Promise<Edit> => {
      const plugin = getInstalled(context, id);
      from = context.codes.get(id);
      to = await findEarlier(host, plugin, options.version);
      return { plugins: [toVersion(plugin, to, {})], forgotten: [], reloaded: [] };
    },
    prepare: async (trx, { plugins }) => {
      if (from === undefined || to === undefined) throw new ApiError('CONFLICT', `The code of ${id} is not here.`);
      const config = plugins.get(id)?.config ?? null;
      const [now, then] = [await loadMigrations(host, from, config), await loadMigrations(host, to, config)];
      const kept = new Set(then.map(({ name }) => name));
      const target = now.filter(({ name }) => kept.has(name)).at(-1)?.name ?? '';
      return undoMigrations(host, trx, id, now, target);
    },
  };
}

/** The version to go back to: the one that is named, else the one before. */
async function findEarlier(host: PluginHost, plugin: InstalledPlugin, version: string | undefined): Promise<FoundPlugin> {
  const { id } = plugin;
  const earlier = await host.services
    .knex('plugin_versions')
    .where({ plugin_id: id, ...(version !== undefined && { version }) })
    .whereNot({ version: plugin.version })
    .orderBy('position', 'desc')
    .first<{ version: string; digest: string } | undefined>('version', 'digest');
  if (earlier === undefined) {
    throw new ApiError('CONFLICT', `${id} has not run in ${version === undefined ? 'another version' : `version ${version}`} before.`);
  }
  const code = await host.store.find(id, earlier.version, earlier.digest);
  if (code === undefined) throw new ApiError('CONFLICT', `The code of ${id} ${earlier.version} is not kept on this machine.`);
  return code;
}
