import type { Rows } from '../../database/connect.ts';
import type { Transaction } from '../../database/transaction.ts';
import { forgetWork } from '../../events/dead-letters.ts';
import { ApiError } from '../../http/errors.ts';
import { PluginFailure } from '../activation.ts';
import { schemaOf } from '../database/access-function.ts';
import { isMisplaced, readDataPlaces } from '../database/data-place.ts';
import { dropSchema, ensureSchemas, schemaOwners } from '../database/schemas.ts';
import type { FoundPlugin } from '../discovery.ts';
import type { PluginHost } from '../host.ts';
import type { Change } from './changes.ts';
import type { UninstallCommand } from './commands.ts';
import { uninstall, type Edit, type EditContext } from './edits.ts';
import { readRemains } from './remains.ts';
import { loadAlone, loadMigrations, namingPlugin, undoMigrations, type MigrationRun } from './schema.ts';
import { countRows, tablesOf, viewOfTables } from './tables.ts';
import { inSavepoint } from './transition.ts';

/**
 * Takes a plugin away, and its data when it is a purge: also those of one that is not installed any more. The ledger stays, and the
 * names of its actions with it.
 */
export function prepareUninstall(
  host: PluginHost,
  id: string,
  command: UninstallCommand,
  isRehearsal: boolean,
): Pick<Change, 'edit' | 'prepare'> {
  return {
    edit: async (context) => {
      const isPurge = command.purge === true;
      const edit = (isPurge ? await forgetRemains(host, context, id) : undefined) ?? uninstall(context, id, { cascade: command.cascade, purge: isPurge });
      if (isPurge && command.confirm !== id && !isRehearsal) await refuseUnconfirmed(host, context, id);
      return edit;
    },
    prepare: async (trx, context) => {
      const isPurge = command.purge === true;
      const isAble = context.plugins.has(id) && (!isPurge || (await codeAtHand(trx, context, id)) !== undefined);
      if (isAble && !isRehearsal) await unlessForced(trx, command, () => callUninstall(host, trx, context, id));
      await trx('plugin_states').where({ plugin_id: id }).update({ is_installed: false });
      await trx('plugin_routes').where({ plugin_id: id }).delete();
      await forgetWork(trx, id);
      return isPurge ? purge(host, trx, context, { id, isForced: command.force === true }) : [];
    },
  };
}

/** The change that takes away what is left of a plugin that is not installed; undefined when it is, or nothing is left. */
async function forgetRemains(host: PluginHost, { plugins, discovery }: EditContext, id: string): Promise<Edit | undefined> {
  if (plugins.has(id) || !(await readRemains(host.services.knex, discovery.found)).has(id)) return undefined;
  return { plugins: [], forgotten: [id], reloaded: [] };
}

/** The code of a plugin that can clean up: that is there, and finds its tables. */
async function codeAtHand(trx: Transaction, context: EditContext, id: string): Promise<FoundPlugin | undefined> {
  const code = context.plugins.has(id) ? context.codes.get(id) : context.discovery.found.get(id);
  const place = (await readDataPlaces(trx)).get(id);
  return code === undefined || isMisplaced(code, place) ? undefined : code;
}

/** @throws ApiError CONFLICT saying what would be lost. */
async function refuseUnconfirmed(host: PluginHost, context: EditContext, id: string): Promise<never> {
  const { knex } = host.services;
  const view = await viewOfTables(knex, context, id);
  const tables = await countRows(view.pool(knex), await tablesOf(host, context, id));
  const counted = tables.map(({ table, rows }) => `${table}: ${String(rows)} ${rows === 1 ? 'row' : 'rows'}`).join(', ');
  throw new ApiError('CONFLICT', `This takes away everything that ${id} keeps${counted && ` (${counted})`}. Repeat its id in confirm.`, { details: { tables } });
}

/** Runs the uninstall tap of the code that is installed, whether it is enabled or not. */
async function callUninstall(host: PluginHost, trx: Transaction, context: EditContext, id: string): Promise<void> {
  const composition = await loadAlone(host, codeOf(context, id), context.plugins.get(id)?.config ?? null);
  await namingPlugin(id, () => composition.hooks.uninstall.promise({ plugin: id, trx }), 'uninstall failed: ');
}

/** What is kept of a plugin beside its own tables. */
const PLUGIN_TABLES = ['plugin_migrations', 'plugin_versions', 'plugin_erasures', 'plugin_deaths', 'plugin_breakers'];

async function purge(
  host: PluginHost,
  trx: Transaction,
  context: EditContext,
  { id, isForced }: { id: string; isForced: boolean },
): Promise<MigrationRun[]> {
  const code = await codeAtHand(trx, context, id);
  const place = (await readDataPlaces(trx)).get(id);
  const isConfined = place === undefined ? code?.isConfined !== false : place === 'own';
  if (code === undefined && !isConfined) throw new ApiError('CONFLICT', withoutCode(context, id));
  const undone: MigrationRun[] = [];
  const undo = async (): Promise<void> => {
    if (code === undefined) return;
    await ensureSchemas(trx, schemaOwners([code]));
    const migrations = await loadMigrations(host, code, context.plugins.get(id)?.config ?? null);
    undone.push(...(await undoMigrations(host, trx, id, migrations)));
  };
  const { rows } = await trx.raw<Rows<object>>('SELECT FROM plugin_migrations WHERE plugin_id = ? LIMIT 1', [id]);
  // All that a plugin which is not bundled has goes with its schema: where its own code cannot undo it, that is enough.
  const isUndone = rows.length > 0 && (context.plugins.has(id) || !isConfined);
  if (isUndone) await unlessForced(trx, { force: isForced && isConfined }, undo);
  if (isConfined) {
    await dropSchema(trx, id);
    if (undone.length === 0) undone.push({ plugin: id, name: 'drop_schema', direction: 'down', statements: [`DROP SCHEMA ${schemaOf(id)} CASCADE`] });
  }
  for (const table of PLUGIN_TABLES) await trx(table).where({ plugin_id: id }).delete();
  await host.services.storage.purge(trx, id);
  // What was paid for keeps its name: entries of the ledger refer to the action.
  await trx('credit_actions').where({ plugin_id: id }).update({ enabled: false });
  return undone;
}

/** Why what a plugin has left among the kernel's tables cannot be taken away. */
function withoutCode({ discovery }: EditContext, id: string): string {
  const directory = discovery.found.get(id)?.directory;
  const where = directory === undefined ? 'its code is gone' : `its code lies in ${directory}, from where it does not see them`;
  return `${id}: its tables lie among MuscleMap's own, only its own migrations find them, and ${where}. Put it back into plugins/, then purge it.`;
}

function codeOf(context: EditContext, id: string): FoundPlugin {
  const code = context.codes.get(id);
  if (code === undefined) throw new PluginFailure(id, `${id}: its code is gone, so that it cannot clean up after itself: say force to take it away all the same.`);
  return code;
}

/** A plugin whose own code cannot clean up goes all the same, when that is asked for. */
async function unlessForced(trx: Transaction, { force }: Pick<UninstallCommand, 'force'>, work: () => Promise<void>): Promise<void> {
  try {
    await inSavepoint(trx, work);
  } catch (error) {
    if (force !== true) throw error;
  }
}
