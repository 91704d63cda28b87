import { randomBytes } from 'node:crypto';
import { databaseOf, dropDatabase, startTestKernel, startTestServer, testConfig, type TestServer } from '../../kernel/testing.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { installPluginResolver } from '../../kernel/plugins/resolver.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import knex from 'knex';

// In every process that runs tests, mocha's own or one of those it runs the files in.
installPluginResolver();

let server: TestServer | undefined;
/** Where the processes that mocha runs the files in find the server, which its own process has started. */
const ADDRESS = 'MUSCLEMAP_TEST_SERVER';
const TEMPLATE = 'migrated_template';

/** One server for the whole run, and one migrated database that every test file copies. */
export async function mochaGlobalSetup(): Promise<void> {
  server = await startTestServer();
  try {
    await makeTemplate(server);
    process.env[ADDRESS] = server.adminUrl;
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
export function testServer(): Pick<TestServer, 'adminUrl'> {
  const adminUrl = process.env[ADDRESS];
  if (adminUrl === undefined) throw new Error('The test server is not running.');
  return { adminUrl };
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
