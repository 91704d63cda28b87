import { randomBytes } from 'node:crypto';
import { databaseOf, dropDatabase, startTestKernel, startTestServer, testConfig, type TestServer } from '../../kernel/testing.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import knex from 'knex';

let server: TestServer | undefined;
const TEMPLATE = 'migrated_template';

/** One server for the whole run, and one migrated database that every test file copies. */
export async function mochaGlobalSetup(): Promise<void> {
  installPluginResolver();
  server = await startTestServer();
  try {
    await makeTemplate(server);
  } catch (error) {
    // Mocha does not tear down what was not set up: a server that is left running would keep the process.
    await server.stop();
    throw error;
  }
}

async function makeTemplate(on: TestServer): Promise<void> {
  const admin = knex({ client: 'pg', connection: on.adminUrl });
  await admin.raw(`CREATE DATABASE ${TEMPLATE}`);
  await admin.destroy();
  const config = testConfig();
  const kernel = await startKernel({ config, databaseUrl: databaseOf(on, TEMPLATE), log: createLogger(config, false) });
  await kernel.stop();
}

export async function mochaGlobalTeardown(): Promise<void> {
  await server?.stop();
}

/** The database server of this run. */
export function testServer(): TestServer {
  if (server === undefined) throw new Error('The test server is not running.');
  return server;
}

/** The address of a migrated database for a server in a process of its own, and how to drop it. */
export async function createDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const name = `process_${randomBytes(8).toString('hex')}`;
  const admin = knex({ client: 'pg', connection: testServer().adminUrl });
  await admin.raw('CREATE DATABASE ?? TEMPLATE ??', [name, TEMPLATE]);
  await admin.destroy();
  return { url: databaseOf(testServer(), name), drop: () => dropDatabase(testServer(), name) };
}

/** A kernel on a copy of the migrated database. */
export function startCopy(
  options: Omit<Parameters<typeof startTestKernel>[0], 'server' | 'template'> = {},
): ReturnType<typeof startTestKernel> {
  return startTestKernel({ ...options, server: testServer(), template: TEMPLATE });
}
