import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Knex } from 'knex';

const directory = join(import.meta.dirname, 'migrations');

/**
 * For the knex command line: `NODE_OPTIONS="--import tsx" npx knex migrate:status`. The server itself migrates when it starts; both
 * write the same ledger.
 */
const config: Knex.Config = {
  client: 'pg',
  connection: process.env.DATABASE_URL ?? 'postgres://127.0.0.1/musclemap',
  migrations: {
    tableName: 'knex_migrations',
    migrationSource: {
      getMigrations: async () => (await readdir(directory)).sort(),
      getMigrationName: (file) => parse(file).name,
      getMigration: (file) => import(pathToFileURL(join(directory, file)).href) as Promise<Knex.Migration>,
    } satisfies Knex.MigrationSource<string>,
  },
};

export default config;
