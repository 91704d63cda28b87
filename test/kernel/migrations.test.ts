import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import knex, { type Knex } from 'knex';
import {
  KERNEL_LEDGER,
  migrateDown,
  migrateUp,
  pluginLedger,
  readMigrations,
  type Migration,
} from '../../kernel/database/migrations.ts';
import { databaseOf, dropDatabase } from '../../kernel/testing.ts';
import { testServer } from '../support/setup.ts';

const COLUMNS = `
  SELECT table_name, column_name, data_type, column_default, is_nullable FROM information_schema.columns
  WHERE table_schema = 'public' AND table_name <> 'knex_migrations' ORDER BY table_name, ordinal_position`;
const INDEXES = `SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1, 2`;
const FUNCTIONS = `SELECT proname FROM pg_proc WHERE pronamespace = 'public'::REGNAMESPACE ORDER BY 1`;

describe('the schema', () => {
  const name = 'migrations_test';
  let database: Knex;
  before(async () => {
    const admin = knex({ client: 'pg', connection: testServer().adminUrl });
    await admin.raw(`CREATE DATABASE ${name}`);
    await admin.destroy();
    database = knex({ client: 'pg', connection: databaseOf(testServer(), name), pool: { min: 0, max: 8 } });
  });
  after(async () => {
    await database.destroy();
    await dropDatabase(testServer(), name);
  });

  const schema = async (): Promise<unknown[]> => {
    const [columns, indexes, functions] = await Promise.all([COLUMNS, INDEXES, FUNCTIONS].map((sql) => database.raw(sql)));
    return [columns.rows, indexes.rows, functions.rows];
  };
  const all = async (): Promise<[typeof KERNEL_LEDGER, Migration[]][]> => [
    [KERNEL_LEDGER, await readMigrations(resolve('migrations'))],
    [pluginLedger('fitness'), await readMigrations(resolve('plugins/fitness/migrations'))],
    [pluginLedger('archetypes'), await readMigrations(resolve('plugins/archetypes/migrations'))],
    [pluginLedger('tips'), await readMigrations(resolve('plugins/tips/migrations'))],
  ];

  it('goes up, down to nothing and up again to the same', async () => {
    for (const [ledger, migrations] of await all()) await migrateUp(database, ledger, migrations);
    const first = await schema();
    for (const [ledger, migrations] of (await all()).reverse()) await migrateDown(database, ledger, migrations);
    assert.deepEqual((await database.raw(COLUMNS)).rows, []);
    assert.deepEqual((await database.raw(FUNCTIONS)).rows, []);
    for (const [ledger, migrations] of await all()) await migrateUp(database, ledger, migrations);
    assert.deepEqual(await schema(), first);
  });

  it('runs each migration once when five instances start at once', async () => {
    for (const [ledger, migrations] of (await all()).reverse()) await migrateDown(database, ledger, migrations);
    const [[ledger, migrations] = [KERNEL_LEDGER, []]] = await all();
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrateUp(database, ledger, migrations)));
    assert.equal(runs.flat().length, migrations.length);
  });

  it('refuses a migration that was edited after it had been applied', async () => {
    const [[ledger, migrations] = [KERNEL_LEDGER, []]] = await all();
    const edited = migrations.map((migration, index) => (index === 1 ? { ...migration, checksum: 'other' } : migration));
    await assert.rejects(migrateUp(database, ledger, edited), /0002_accounts was edited/);
  });

  it('has the indexes and triggers that DATA_MODEL names', async () => {
    const { rows } = await database.raw(`SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'`);
    const names = new Set(rows.map((row: { name: string }) => row.name));
    for (const index of ['users_email', 'users_username', 'users_created_at', 'users_roles', 'refresh_tokens_user']) {
      assert.ok(names.has(`idx_${index}`), index);
    }
    for (const index of ['refresh_tokens_hash', 'credit_ledger_user', 'credit_ledger_created', 'credit_ledger_action']) {
      assert.ok(names.has(`idx_${index}`), index);
    }
    const triggers = await database.raw(`SELECT DISTINCT event_object_table AS name FROM information_schema.triggers
      WHERE action_statement LIKE '%update_updated_at%' ORDER BY 1`);
    const tables = triggers.rows.map((row: { name: string }) => row.name);
    assert.deepEqual(tables, ['installed_plugins', 'subscriptions', 'users']);
  });
});
