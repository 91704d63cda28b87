import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import type { Rows } from './connect.ts';

/** One step of a schema. `down` undoes exactly what `up` does. */
export interface Migration {
  /** `0001_what`, unique within its owner and applied in this order. */
  name: string;
  /** SHA-256 of its source: an applied migration is never edited. */
  checksum: string;
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
}

/** Where it is written down which migrations of an owner are applied. */
export interface MigrationLedger {
  owner: string;
  table: string;
  /** The columns that mark the owner's rows, when several owners share the table. */
  key: Record<string, string>;
}

/** The kernel's ledger is the table that the knex command line reads and writes. */
export const KERNEL_LEDGER: MigrationLedger = { owner: 'kernel', table: 'knex_migrations', key: {} };

export function pluginLedger(pluginId: string): MigrationLedger {
  return { owner: pluginId, table: 'plugin_migrations', key: { plugin_id: pluginId } };
}

/** Why a schema could not be brought to where the code needs it; names the owner and the migration. */
export class MigrationError extends Error {
  override name = 'MigrationError';
}

const FILE = /^(\d{4}_[a-z0-9_]+)\.(ts|js|mjs)$/;

/** Loads every `0001_what.ts` of a folder in order. A migration file exports `up(knex)` and `down(knex)`. */
export async function readMigrations(directory: string): Promise<Migration[]> {
  const files = (await readdir(directory)).filter((file) => !file.startsWith('.') && !file.endsWith('.d.ts')).sort();
  return Promise.all(files.map((file) => readMigration(join(directory, file))));
}

async function readMigration(path: string): Promise<Migration> {
  const name = FILE.exec(basename(path))?.[1];
  if (name === undefined) throw new MigrationError(`${path}: a migration is named like 0001_what.ts.`);
  const [source, module] = await Promise.all([
    readFile(path, 'utf8'),
    import(pathToFileURL(path).href) as Promise<Partial<Migration>>,
  ]);
  const { up, down } = module;
  if (typeof up !== 'function' || typeof down !== 'function') {
    throw new MigrationError(`${path}: a migration exports the functions up and down.`);
  }
  return { name, checksum: createHash('sha256').update(source).digest('hex'), up, down };
}

/** The migrations that `up` would run, after checking that the applied ones are the ones in the code. */
export async function pendingMigrations(
  knex: Knex,
  ledger: MigrationLedger,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const applied = await appliedMigrations(knex, ledger);
  for (const { name, checksum } of applied) {
    const known = migrations.find((migration) => migration.name === name);
    if (known === undefined) {
      throw new MigrationError(`${ledger.owner}: the database has migration ${name}, which this version does not know.`);
    }
    if (checksum !== null && checksum !== known.checksum) {
      throw new MigrationError(`${ledger.owner}: migration ${name} was edited after it had been applied.`);
    }
  }
  const done = new Set(applied.map(({ name }) => name));
  const pending = migrations.filter(({ name }) => !done.has(name));
  const last = applied.at(-1)?.name ?? '';
  const late = pending.find(({ name }) => name < last);
  if (late) throw new MigrationError(`${ledger.owner}: migration ${late.name} comes before ${last}, which is applied.`);
  return pending;
}

/**
 * Applies what is pending, all or nothing, and answers the names. Instances that start together wait for each other and
 * find nothing left to do. Pass a transaction to make the schema part of a larger change.
 */
export async function migrateUp(
  knex: Knex,
  ledger: MigrationLedger,
  migrations: readonly Migration[],
): Promise<string[]> {
  return inLockedTransaction(knex, ledger, async (trx) => {
    if (ledger === KERNEL_LEDGER) await createKernelLedger(trx);
    const pending = await pendingMigrations(trx, ledger, migrations);
    const batch = await nextBatch(trx, ledger);
    for (const migration of pending) {
      await run(trx, ledger, migration, 'up');
      await trx(ledger.table).insert({
        ...ledger.key,
        name: migration.name,
        checksum: migration.checksum,
        batch,
        migration_time: new Date(),
      });
    }
    return pending.map(({ name }) => name);
  });
}

/** Undoes the applied migrations after `target` (all of them without one), newest first, and answers their names. */
export async function migrateDown(
  knex: Knex,
  ledger: MigrationLedger,
  migrations: readonly Migration[],
  target?: string,
): Promise<string[]> {
  return inLockedTransaction(knex, ledger, async (trx) => {
    const applied = await appliedMigrations(trx, ledger);
    const toUndo = applied.filter(({ name }) => target === undefined || name > target).reverse();
    for (const { name } of toUndo) {
      const migration = migrations.find((known) => known.name === name);
      if (migration === undefined) {
        throw new MigrationError(`${ledger.owner}: migration ${name} cannot be undone, its code is not here.`);
      }
      await run(trx, ledger, migration, 'down');
      await trx(ledger.table)
        .where({ ...ledger.key, name })
        .delete();
    }
    return toUndo.map(({ name }) => name);
  });
}

async function run(trx: Knex, ledger: MigrationLedger, migration: Migration, direction: 'up' | 'down'): Promise<void> {
  try {
    await migration[direction](trx);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MigrationError(`${ledger.owner}: migration ${migration.name} failed going ${direction}: ${reason}`, {
      cause: error,
    });
  }
}

/** The applied migrations, oldest first. The table is knex's own, which the kernel's first run has to create. */
export async function appliedMigrations(
  knex: Knex,
  ledger: MigrationLedger,
): Promise<{ name: string; checksum: string | null }[]> {
  if (!(await knex.schema.hasTable(ledger.table))) return [];
  return knex(ledger.table).where(ledger.key).orderBy('name').select('name', 'checksum');
}

async function nextBatch(trx: Knex, ledger: MigrationLedger): Promise<number> {
  const newest = await trx(ledger.table).where(ledger.key).max<{ batch: number | null }[]>({ batch: 'batch' });
  return (newest[0]?.batch ?? 0) + 1;
}

/** The knex command line may have made the table before; it knows no checksums. */
async function createKernelLedger(trx: Knex): Promise<void> {
  await trx.raw(`
    CREATE TABLE IF NOT EXISTS knex_migrations (
      id SERIAL PRIMARY KEY,
      name VARCHAR(255),
      batch INTEGER,
      migration_time TIMESTAMPTZ,
      checksum TEXT
    );
    ALTER TABLE knex_migrations ADD COLUMN IF NOT EXISTS checksum TEXT`);
}

async function inLockedTransaction<T>(
  knex: Knex,
  ledger: MigrationLedger,
  work: (trx: Knex) => Promise<T>,
): Promise<T> {
  const locked = async (trx: Knex): Promise<T> => {
    await trx.raw<Rows<object>>('SELECT set_config(?, ?, TRUE), set_config(?, ?, TRUE)', [
      'lock_timeout',
      '0',
      'statement_timeout',
      '0',
    ]);
    await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`musclemap:migrations:${ledger.owner}`]);
    return work(trx);
  };
  return knex.isTransaction === true ? locked(knex) : knex.transaction(locked);
}
