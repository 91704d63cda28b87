import type { Knex } from 'knex';
import { Model, snakeCaseMappers } from 'objection';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import type { DormantRoute } from '../http/route-table.ts';
import type { Composition } from './composition.ts';
import type { FoundPlugin } from './discovery.ts';

/** A row of `installed_plugins`. */
export class InstalledPlugin extends Model {
  static override readonly tableName = 'installed_plugins';
  static override readonly columnNameMappers = snakeCaseMappers();
  static override readonly jsonAttributes = ['config'];

  declare id: string;
  declare name: string;
  declare version: string;
  declare displayName: string | null;
  declare description: string | null;
  declare enabled: boolean;
  declare config: Record<string, unknown> | null;
}

/** Every plugin that was ever enabled, after adding the bundled ones that are new. */
export async function readInstalled(knex: Knex, bundled: readonly FoundPlugin[]): Promise<InstalledPlugin[]> {
  if (bundled.length > 0) {
    const rows = bundled.map(({ manifest: { id, version, displayName, description } }) => ({
      ...{ id, name: id, version, description, enabled: true },
      display_name: displayName,
    }));
    // With knex: objection expects a returned row for each inserted one, and those that are there return none.
    await knex('installed_plugins').insert(rows).onConflict('id').ignore();
  }
  return InstalledPlugin.query(knex).orderBy('id');
}

function describe(manifest: FoundPlugin['manifest']): Partial<InstalledPlugin> {
  const { id, version, displayName, description } = manifest;
  return { id, name: id, version, displayName, description };
}

/** Writes down what a composition brings: versions, new credit actions with their first price, and the routes. */
export async function recordComposition(trx: Transaction, composition: Composition): Promise<void> {
  for (const { found } of composition.activations.values()) {
    if (found === undefined) continue;
    const { id, ...rest } = describe(found.manifest);
    await InstalledPlugin.query(trx).patch(rest).where({ id: id ?? '' }).whereNot({ version: rest.version ?? '' });
  }
  await recordCreditActions(trx, composition);
  await recordRoutes(trx, composition);
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
  await trx('plugin_routes').whereIn('plugin_id', owners).delete();
  if (routes.length === 0) return;
  await trx('plugin_routes').insert(routes.map(({ owner, method, path }) => ({ plugin_id: owner, method, path })));
}

/** The routes of plugins that are not running, as they were when they last ran. */
export async function readDormantRoutes(knex: Knex, running: readonly string[]): Promise<DormantRoute[]> {
  const { rows } = await knex.raw<Rows<DormantRoute>>(
    'SELECT plugin_id AS owner, method, path FROM plugin_routes WHERE plugin_id <> ALL (?) ORDER BY plugin_id, path',
    [[...running]],
  );
  return rows;
}
