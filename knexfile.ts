import type { Knex } from 'knex';

/**
 * For the knex command line: `NODE_OPTIONS="--import tsx" npx knex migrate:status`. The server itself migrates when it starts; both
 * write the same ledger.
 */
const config: Knex.Config = {
  client: 'pg',
  connection: process.env.DATABASE_URL ?? 'postgres://127.0.0.1/musclemap',
  migrations: {
    directory: './migrations',
    tableName: 'knex_migrations',
    extension: 'ts',
    loadExtensions: ['.ts'],
  },
};

export default config;
