import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import knex, { type Knex } from 'knex';
import { connect } from '../../../kernel/database/connect.ts';
import { KERNEL_LEDGER, migrateDown, migrateUp, readMigrations } from '../../../kernel/database/migrations.ts';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import { databaseOf, dropDatabase, testConfig } from '../../../kernel/testing.ts';
import { createLogger } from '../../../kernel/telemetry/logger.ts';
import { testServer } from '../../support/setup.ts';

/** Statements that no role of the application may get through, and the rights that would be the way around. */
const FORBIDDEN = [
  'UPDATE credit_ledger SET amount = 1',
  'DELETE FROM credit_ledger',
  'TRUNCATE credit_ledger',
  `INSERT INTO credit_ledger (user_id, action, amount, balance_after, idempotency_key) VALUES ('u', 'a', 1, 1, 'k')`,
  'UPDATE credit_balances SET balance = 1000000',
  'DELETE FROM credit_shortfalls',
  'ALTER TABLE credit_ledger DISABLE TRIGGER ALL',
  'DROP TRIGGER credit_ledger_append_only ON credit_ledger',
  'ALTER TABLE credit_ledger OWNER TO CURRENT_USER',
  'CREATE OR REPLACE FUNCTION refuse_ledger_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$',
  `SELECT append_credit_entry(b, 1000, 'a', NULL, 'k') FROM credit_balances b`,
];

describe('the rights of the application on its ledger', function () {
  this.timeout(60_000);
  const database = 'money_protection';
  let admin: Knex;
  before(async () => {
    admin = knex({ client: 'pg', connection: testServer().adminUrl });
    await admin.raw(`CREATE ROLE money_maker LOGIN CREATEROLE PASSWORD 'x'`);
    await admin.raw(`CREATE ROLE money_plain LOGIN PASSWORD 'x'`);
  });
  after(() => admin.destroy());
  afterEach(async () => {
    await dropDatabase(testServer(), database);
    await admin.raw(`DROP ROLE IF EXISTS ${database}_ledger`);
  });

  const urlOf = async (role: string): Promise<string> => {
    await admin.raw(`CREATE DATABASE ${database} OWNER ${role}`);
    const url = new URL(databaseOf(testServer(), database));
    url.username = role;
    url.password = 'x';
    return url.href;
  };
  const start = async (databaseUrl: string): Promise<Kernel> => {
    const config = testConfig();
    return startKernel({ config, databaseUrl, log: createLogger(config, false) });
  };
  const register = async (kernel: Kernel): Promise<string> => {
    const person = { email: 'ada@example.org', username: 'ada', password: 'correct horse battery' };
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(`${kernel.url}/api/auth/register`, { method: 'POST', headers, body: JSON.stringify(person) });
    assert.equal(answer.status, 201);
    const { rows } = await kernel.knex.raw('SELECT user_id, balance FROM credit_balances');
    assert.equal(rows[0].balance, 100);
    return rows[0].user_id as string;
  };
  const isProtected = async (knexOf: Knex): Promise<boolean> => {
    const { rows } = await knexOf.raw('SELECT protect_credit_ledger() AS problem');
    return rows[0].problem === null;
  };

  it('are SELECT and the functions, for a role that may make roles', async () => {
    const kernel = await start(await urlOf('money_maker'));
    try {
      const userId = await register(kernel);
      assert.equal(await isProtected(kernel.knex), true);
      for (const sql of FORBIDDEN) {
        await assert.rejects(kernel.knex.raw(sql), { code: '42501' }, sql);
      }
      const { rows } = await kernel.knex.raw(`SELECT * FROM update_credit_balance(?, -10, 'test', NULL, 'k')`, [userId]);
      assert.equal(rows[0].new_balance, 90);
      await assert.rejects(kernel.knex('users').where({ id: userId }).delete(), /foreign key/);
    } finally {
      await kernel.stop();
    }
  });

  it('go away and come back with the migration, run by the application itself', async () => {
    const knexOf = connect(await urlOf('money_maker'), { poolMax: 2, applicationName: 'test' });
    try {
      const migrations = await readMigrations(resolve('migrations'));
      await migrateUp(knexOf, KERNEL_LEDGER, migrations);
      assert.equal(await isProtected(knexOf), true);
      await migrateDown(knexOf, KERNEL_LEDGER, migrations);
      assert.deepEqual((await admin.raw(`SELECT rolname FROM pg_roles WHERE rolname = '${database}_ledger'`)).rows, []);
      await migrateUp(knexOf, KERNEL_LEDGER, migrations);
      assert.equal(await isProtected(knexOf), true);
    } finally {
      await knexOf.destroy();
    }
  });

  it('are guarded by the triggers alone for a role that may make none, until somebody who may prepares the role', async () => {
    const url = await urlOf('money_plain');
    let kernel = await start(url);
    try {
      await register(kernel);
      const { rows } = await kernel.knex.raw('SELECT protect_credit_ledger() AS problem');
      assert.match(rows[0].problem, /permission denied/);
      for (const sql of FORBIDDEN.slice(0, 3)) await assert.rejects(kernel.knex.raw(sql), /append-only/, sql);
    } finally {
      await kernel.stop();
    }
    await admin.raw(`CREATE ROLE ${database}_ledger NOLOGIN`);
    await admin.raw(`GRANT ${database}_ledger TO money_plain WITH ADMIN OPTION`);
    kernel = await start(url);
    try {
      await admin.raw(`REVOKE ${database}_ledger FROM money_plain`);
      assert.equal(await isProtected(kernel.knex), true);
      for (const sql of FORBIDDEN) await assert.rejects(kernel.knex.raw(sql), { code: '42501' }, sql);
    } finally {
      await kernel.stop();
    }
  });
});
