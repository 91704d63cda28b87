import { migrateDown, migrateUp, pluginLedger, readMigrations, type Migration } from '../../database/migrations.ts';
import type { Transaction } from '../../database/transaction.ts';
import { PluginFailure } from '../activation.ts';
import { withTimeLimit } from '../containment.ts';
import type { Composition } from '../composition.ts';
import { ensureSchemas, schemaOwners } from '../database/schemas.ts';
import { OPEN, type DatabaseView } from '../database/views.ts';
import type { FoundPlugin } from '../discovery.ts';
import type { PluginHost } from '../host.ts';

/** A migration that was run, with what it sent to the database. */
export interface MigrationRun {
  plugin: string;
  name: string;
  direction: 'up' | 'down';
  statements: string[];
}

/** A migration that works with what its plugin sees of the database. */
export interface PluginMigration extends Migration {
  view: DatabaseView;
}

/** The migrations of a plugin, in their order. @throws PluginFailure when they cannot be read. */
async function migrationsOf(composition: Composition, id: string): Promise<PluginMigration[]> {
  const directories = composition.migrations.get(id) ?? [];
  const view = composition.activations.get(id)?.view ?? OPEN;
  const migrations = await namingPlugin(id, async () => (await Promise.all(directories.map(readMigrations))).flat());
  return migrations.map((migration) => ({
    ...{ name: migration.name, checksum: migration.checksum, view },
    up: (trx) => migration.up(view.transaction(trx as Transaction)),
    down: (trx) => migration.down(view.transaction(trx as Transaction)),
  }));
}

/** A composition of the kernel and one plugin, for work with code that does not run now. */
export async function loadAlone(
  host: PluginHost,
  code: FoundPlugin,
  config: Record<string, unknown> | null,
): Promise<Composition> {
  return host.builder.composeAlone(code, config);
}

/** The migrations of a version of a plugin that does not run now. */
export async function loadMigrations(
  host: PluginHost,
  code: FoundPlugin,
  config: Record<string, unknown> | null,
): Promise<PluginMigration[]> {
  return migrationsOf(await loadAlone(host, code, config), code.manifest.id);
}

/** Brings a plugin's schema to what its code needs, in `trx`, and answers what was run. */
export async function migratePlugin(host: MigrationLimits, trx: Transaction, composition: Composition, id: string): Promise<MigrationRun[]> {
  await ensureSchemas(trx, schemaOwners([composition.activations.get(id)?.found]));
  const migrations = await migrationsOf(composition, id);
  if (migrations.length === 0) return [];
  const run: RecordedRun = { host, trx, plugin: id, direction: 'up', migrations };
  return recording(run, (recorded) => migrateUp(trx, pluginLedger(id), recorded));
}

/** Undoes a plugin's migrations after `target`, all of them without one. */
export async function undoMigrations(
  host: MigrationLimits,
  trx: Transaction,
  id: string,
  migrations: readonly PluginMigration[],
  target?: string,
): Promise<MigrationRun[]> {
  const run: RecordedRun = { host, trx, plugin: id, direction: 'down', migrations };
  return recording(run, (recorded) => migrateDown(trx, pluginLedger(id), recorded, target));
}

type MigrationLimits = Pick<PluginHost, 'limits'>;

interface RecordedRun {
  host: MigrationLimits;
  trx: Transaction;
  plugin: string;
  direction: 'up' | 'down';
  migrations: readonly PluginMigration[];
}

/** Runs migrations and keeps their statements. */
async function recording(
  { host, trx, plugin, direction, migrations }: RecordedRun,
  work: (recorded: Migration[]) => Promise<unknown>,
): Promise<MigrationRun[]> {
  const limit = host.limits.migrations;
  const runs: MigrationRun[] = [];
  const note = ({ sql, bindings }: { sql: string; bindings?: unknown[] }): void => {
    const values = bindings !== undefined && bindings.length > 0 ? ` -- ${JSON.stringify(bindings)}` : '';
    runs.at(-1)?.statements.push(`${sql.trim()}${values}`);
  };
  const wrap = (migration: PluginMigration): Migration => ({
    ...migration,
    [direction]: async () => {
      runs.push({ plugin, name: migration.name, direction, statements: [] });
      await trx.raw('SELECT set_config(?, ?, TRUE)', ['statement_timeout', String(limit)]);
      const seen = migration.view.transaction(trx);
      seen.on('query', note);
      try {
        await withTimeLimit(migration[direction](trx), limit, `${migration.name} going ${direction}`);
      } finally {
        seen.removeListener('query', note);
      }
    },
  });
  await namingPlugin(plugin, () => work(migrations.map(wrap)));
  return runs;
}

/** Runs a plugin's install tap, unless another instance has done so meanwhile. */
export async function installPlugin(trx: Transaction, composition: Composition, id: string): Promise<void> {
  await trx('plugin_states').insert({ plugin_id: id }).onConflict('plugin_id').ignore();
  const isTurn = await trx('plugin_states').where({ plugin_id: id, is_installed: false }).update({ is_installed: true });
  if (isTurn === 0) return;
  await trx('credit_actions').where({ plugin_id: id }).update({ enabled: true });
  await namingPlugin(id, () => composition.hooks.install.promise({ plugin: id, trx }), 'install failed: ');
}

/** Runs `work` so that its failure has an owner. */
export async function namingPlugin<T>(id: string, work: () => Promise<T>, what = ''): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PluginFailure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new PluginFailure(id, reason.startsWith(`${id}: `) ? reason : `${id}: ${what}${reason}`, { cause: error });
  }
}
