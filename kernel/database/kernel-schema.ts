import { fileURLToPath } from 'node:url';
import type { Knex } from 'knex';
import { KERNEL_LEDGER, migrateUp, readMigrations } from './migrations.ts';

const directory = fileURLToPath(new URL('../../migrations', import.meta.url));

/** Brings the kernel's own tables to what this version needs. */
export async function migrateKernel(knex: Knex): Promise<void> {
  await migrateUp(knex, KERNEL_LEDGER, await readMigrations(directory));
}

/** The names of all that this version knows, oldest first. */
export async function kernelMigrationNames(): Promise<string[]> {
  return (await readMigrations(directory)).map(({ name }) => name);
}
