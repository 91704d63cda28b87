import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import type { DormantRoute } from '../http/route-table.ts';
import type { Composition } from './composition.ts';
import type { FoundPlugin } from './discovery.ts';
import { recordSubscriptions } from './health/waiting-events.ts';

/** What is wanted of an installed plugin. */
export interface InstalledPlugin {
  id: string;
  /** The version that is to run; a newer one on disk waits for an upgrade, unless the plugin is bundled. */
  version: string;
  displayName: string | null;
  description: string | null;
  enabled: boolean;
  /** As it is stored: secrets are sealed. */
  config: Record<string, unknown> | null;
  /** Whether its install tap has run. */
  isInstalled: boolean;
  /** Whether it may run outside the ranges of its manifest. */
  isForced: boolean;
  /** The plugin that took it along when it was disabled, and brings it back. */
  disabledWith: string | null;
  /** The scopes that were agreed to. */
  scopes: readonly string[];
}

/** What is wanted of all plugins, and the number of the change that made it so. */
export interface DesiredState {
  generation: number;
  plugins: ReadonlyMap<string, InstalledPlugin>;
}

/** Adds the bundled plugins that are new: they are enabled until somebody says otherwise. */
export async function installBundled(knex: Knex, bundled: readonly FoundPlugin[]): Promise<void> {
  if (bundled.length === 0) return;
  const rows = bundled.map(({ manifest: { id, version, displayName, description } }) => ({
    ...{ id, name: id, version, description, enabled: true },
    display_name: displayName,
  }));
  await knex('installed_plugins').insert(rows).onConflict('id').ignore();
}

export async function readDesiredState(knex: Knex): Promise<DesiredState> {
  const { rows } = await knex.raw<Rows<InstalledPlugin & { generation: number; isThere: boolean }>>(
    `SELECT g.generation, p.id IS NOT NULL AS "isThere", p.id, p.version, p.display_name AS "displayName", p.description, coalesce(p.enabled, FALSE) AS enabled,
       p.config, coalesce(s.is_installed, FALSE) AS "isInstalled", coalesce(s.is_forced, FALSE) AS "isForced",
       s.disabled_with AS "disabledWith", coalesce(s.scopes, '[]') AS scopes
     FROM plugin_generation g LEFT JOIN installed_plugins p ON TRUE LEFT JOIN plugin_states s ON s.plugin_id = p.id
     ORDER BY p.id`,
  );
  const plugins = rows.filter(({ isThere }) => isThere).map(({ generation: _generation, isThere: _isThere, ...plugin }) => plugin);
  return { generation: rows[0]?.generation ?? 0, plugins: new Map(plugins.map((plugin) => [plugin.id, plugin])) };
}

/** Writes what is wanted of one plugin. */
export async function writeInstalled(trx: Transaction, plugin: InstalledPlugin): Promise<void> {
  const { id, version, displayName, description, enabled, config } = plugin;
  await trx('installed_plugins')
    .insert({
      ...{ id, name: id, version, description, enabled },
      display_name: displayName,
      config: config === null ? null : JSON.stringify(config),
    })
    .onConflict('id')
    .merge();
  await trx('plugin_states')
    .insert({
      plugin_id: id,
      is_installed: plugin.isInstalled,
      is_forced: plugin.isForced,
      disabled_with: plugin.disabledWith,
      scopes: JSON.stringify(plugin.scopes),
    })
    .onConflict('plugin_id')
    .merge();
}

const COMPOSITION_LOCK = 'musclemap:plugins';

/** Lets one change of the plugins happen at a time, in all instances; held until the transaction ends. */
export async function lockPlugins(trx: Transaction): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [COMPOSITION_LOCK]);
}

/** One command at a time for a plugin: the second is refused instead of waiting, since it was decided on what it saw before. */
export async function lockPlugin(trx: Transaction, id: string): Promise<void> {
  const { rows } = await trx.raw<Rows<{ isMine: boolean }>>(
    'SELECT pg_try_advisory_xact_lock(hashtextextended(?, 0)) AS "isMine"',
    [`musclemap:plugin:${id}`],
  );
  if (rows[0]?.isMine !== true) throw new ApiError('CONFLICT', `Another command is working on ${id}. Try again when it is done.`);
}

/** The channel that tells the other instances of a change. */
export const CHANNEL = 'musclemap_plugins';

/** Counts a change of what is wanted and tells every instance when it is committed. */
export async function announce(trx: Transaction): Promise<number> {
  const { rows } = await trx.raw<Rows<{ generation: number }>>(
    'UPDATE plugin_generation SET generation = generation + 1 RETURNING generation, pg_notify(?, generation::TEXT)',
    [CHANNEL],
  );
  return rows[0]?.generation ?? 0;
}

/** Writes down what a composition brings: versions, new credit actions with their first price, and the routes. */
export async function recordComposition(trx: Transaction, composition: Composition): Promise<void> {
  const manifests = [...composition.activations.values()].flatMap(({ found }) => found?.manifest ?? []);
  await trx.raw(
    `UPDATE installed_plugins p SET version = m.version, display_name = m."displayName", description = m.description
     FROM jsonb_to_recordset(?::JSONB) AS m (id TEXT, version TEXT, "displayName" TEXT, description TEXT)
     WHERE p.id = m.id AND p.version <> m.version`,
    [JSON.stringify(manifests)],
  );
  await recordCreditActions(trx, composition);
  await recordRoutes(trx, composition);
  await recordSubscriptions(trx, composition.activations.keys(), composition.subscriptions);
}

async function recordCreditActions(trx: Transaction, composition: Composition): Promise<void> {
  const actions = [...composition.creditActions.values()];
  if (actions.length === 0) return;
  const rows = actions.map(({ id, name, description, defaultCost, owner }) => ({
    id,
    name,
    description: description ?? null,
    default_cost: defaultCost,
    plugin_id: owner,
  }));
  // The price stays: it may be the administrator's.
  await trx('credit_actions').insert(rows).onConflict('id').merge(['name', 'description', 'plugin_id']);
}

async function recordRoutes(trx: Transaction, composition: Composition): Promise<void> {
  const routes = composition.routes.routes.filter(({ owner }) => owner !== 'kernel');
  const owners = [...composition.activations.keys()];
  const pages = composition.pages.all.flatMap(({ owner, path }) => [{ owner, method: 'GET', path }, { owner, method: 'GET', path: `${path}/*` }]);
  await trx('plugin_routes').whereIn('plugin_id', owners).delete();
  const rows = [...routes, ...pages].map(({ owner, method, path }) => ({ plugin_id: owner, method, path }));
  if (rows.length > 0) await trx('plugin_routes').insert(rows);
}

/** The routes of plugins that are not running, as they were when they last ran. */
export async function readDormantRoutes(knex: Knex, running: readonly string[]): Promise<DormantRoute[]> {
  const { rows } = await knex.raw<Rows<DormantRoute>>(
    'SELECT plugin_id AS owner, method, path FROM plugin_routes WHERE plugin_id <> ALL (?) ORDER BY plugin_id, path',
    [[...running]],
  );
  return rows;
}
