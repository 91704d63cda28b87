import { migrateDown, migrateUp, pluginLedger } from '../../database/migrations.ts';
import { inTransaction } from '../../database/transaction.ts';
import type { Kernel } from '../../kernel.ts';
import type { FoundPlugin } from '../../plugins/discovery.ts';
import { loadMigrations } from '../../plugins/lifecycle/schema.ts';
import { diffSchemas, snapshotSchema } from './schema-snapshot.ts';

class LookedEnough extends Error {}

/**
 * Undoes the migrations of a plugin that is not running and runs them again; all of it is taken back.
 *
 * @param without The schema before the plugin was first enabled.
 */
export async function checkMigrations(kernel: Kernel, found: FoundPlugin, without: ReadonlySet<string>): Promise<string[]> {
  const { id } = found.manifest;
  const migrations = await loadMigrations(kernel.plugins, found, null);
  const problems: string[] = [];
  try {
    await inTransaction(kernel.knex, async (trx) => {
      const first = await snapshotSchema(trx);
      await migrateDown(trx, pluginLedger(id), migrations);
      const undone = diffSchemas(without, await snapshotSchema(trx));
      problems.push(...undone.map((line) => `Going down does not undo what going up did: ${line}`));
      await migrateUp(trx, pluginLedger(id), migrations);
      const again = diffSchemas(first, await snapshotSchema(trx));
      problems.push(...again.map((line) => `Going up again makes another schema than the first time: ${line}`));
      throw new LookedEnough();
    });
  } catch (error) {
    if (!(error instanceof LookedEnough)) throw error;
  }
  return problems;
}
