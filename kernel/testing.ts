import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import knex, { type Knex } from 'knex';
import { loadConfig, type Config } from './config/config.ts';
import { startEmbeddedDatabase, type EmbeddedDatabase } from './database/embedded/embedded-database.ts';
import { defaultSources } from './installation.ts';
import { startKernel, type Kernel } from './kernel.ts';
import type { PluginSources } from './plugins/discovery.ts';
import { runCommand } from './plugins/lifecycle/commands.ts';
import { readManifest } from './plugins/manifest.ts';
import { installPluginResolver } from './plugins/resolver.ts';
import type { Clock } from './telemetry/clock.ts';
import { createLogger } from './telemetry/logger.ts';
import { CARELESS, startCachedServer, TEMPLATE } from './testing/cached-server.ts';

export { TestClock, type TimeSpan } from './testing/test-clock.ts';

export { FakeStripe, startFakeStripe } from './billing/testing/fake-stripe.ts';

/** A database server for tests: quick to start, not safe against a power cut. */
export interface TestServer {
  /** Of the superuser, who makes and drops databases. */
  adminUrl: string;
  stop(): Promise<void>;
}

/** Starts a PostgreSQL server in a temporary folder; it goes when it is stopped. */
export async function startTestServer(): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'musclemap-test-'));
  // The server runs under another account when this process is root.
  await chmod(directory, 0o755);
  const server: EmbeddedDatabase = await startEmbeddedDatabase({
    directory,
    log: () => undefined,
    settings: CARELESS,
  });
  return {
    adminUrl: server.adminConnectionString,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What a kernel is started on and with. */
export interface TestKernelOptions {
  server: Pick<TestServer, 'adminUrl'>;
  /** A database to copy instead of an empty one, for speed. */
  template?: string;
  /** Where plugins are found; the bundled ones unless said. */
  sources?: PluginSources;
  config?: Partial<Config>;
  clock?: Clock;
}

/** A person with an account, signed in. */
export interface TestUser {
  id: string;
  username: string;
  password: string;
  accessToken: string;
  refreshToken: string;
}

/** An answer of the server, its body read: parsed when it is JSON, else as text. */
export interface TestAnswer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is read by what the test expects of it
  body: any;
}

/** Who asks, and what is sent along. */
export interface TestRequest {
  as?: TestUser | undefined;
  /** Sent as JSON; a string or bytes are sent as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Sent as Idempotency-Key. */
  key?: string;
}

/** A real kernel on a database of its own, for tests that go through the front door. */
export class TestKernel {
  readonly kernel: Kernel;
  readonly databaseUrl: string;
  /** Drops the database; `stop` does it too. */
  readonly drop: () => Promise<void>;

  constructor(kernel: Kernel, databaseUrl: string, drop: () => Promise<void>) {
    this.kernel = kernel;
    this.databaseUrl = databaseUrl;
    this.drop = drop;
  }

  /** For looking at rows; tests change nothing through it but what no route can. */
  get knex(): Knex {
    return this.kernel.knex;
  }

  async request(method: string, path: string, options: TestRequest = {}): Promise<TestAnswer> {
    const { body, as, key } = options;
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const response = await fetch(this.kernel.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(body !== undefined && !isRaw && { 'Content-Type': 'application/json' }),
        ...(as && { Authorization: `Bearer ${as.accessToken}` }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
        ...options.headers,
      },
      ...(body !== undefined && { body: isRaw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson && text !== '' ? (JSON.parse(text) as unknown) : text };
  }

  get(path: string, options?: TestRequest): Promise<TestAnswer> {
    return this.request('GET', path, options);
  }

  post(path: string, options?: TestRequest): Promise<TestAnswer> {
    return this.request('POST', path, options);
  }

  /** Signs somebody up. With `credits` the trial is over and the balance is that. */
  async signUp(options: { credits?: number; roles?: readonly string[] } = {}): Promise<TestUser> {
    const username = `u${randomBytes(8).toString('hex')}`;
    const password = 'correct horse battery';
    const signUp = await this.post('/api/auth/register', { body: { email: `${username}@example.org`, username, password } });
    if (signUp.status !== 201) throw new Error(`Signing up failed: ${JSON.stringify(signUp.body)}`);
    const { user } = (signUp.body as { data: { user: { id: string } } }).data;
    const { id } = user;
    if (options.credits !== undefined) await this.setCredits(id, options.credits);
    if (options.roles === undefined) return { id, username, password, ...tokensOf(signUp) };
    await this.knex('users').where({ id }).update({ roles: JSON.stringify(options.roles) });
    return { id, username, password, ...tokensOf(await this.post('/api/auth/login', { body: { username, password } })) };
  }

  /** Ends a user's trial and brings their balance to `credits`, through the ledger. */
  async setCredits(userId: string, credits: number): Promise<void> {
    await this.knex('users').where({ id: userId }).update({ trial_ends_at: new Date(0) });
    const row = await this.knex('credit_balances').where({ user_id: userId }).first<{ balance: number }>('balance');
    const difference = credits - row.balance;
    if (difference === 0) return;
    await this.knex.raw('SELECT * FROM update_credit_balance(?, ?, ?, NULL, ?)', [
      userId,
      difference,
      'test_setup',
      `test:${randomBytes(8).toString('hex')}`,
    ]);
  }

  /** Changes a plugin's configuration, as an administrator does. */
  async configure(plugin: string, config: Record<string, unknown>): Promise<void> {
    await runCommand(this.kernel.plugins, plugin, { verb: 'configure', config }, { kind: 'cli' });
  }

  /** Waits until `condition` answers something true, and answers that. @throws Error naming `what` after `limitMs`. */
  async until<T>(condition: () => Promise<T> | T, what: string, limitMs = 15_000): Promise<NonNullable<T>> {
    for (const deadline = Date.now() + limitMs; Date.now() < deadline; ) {
      const answer = await condition();
      if (answer) return answer;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`Waited in vain for ${what}.`);
  }

  /** Waits until every event is delivered and every job that is due by the kernel's clock has run; not for retries. */
  async settle(): Promise<void> {
    const { queue } = this.kernel;
    await queue.lookAtSchedules();
    queue.nudge();
    const left = this.knex('pgboss.job').where({ name: 'work' }).whereRaw(`state <= 'active' AND (state = 'active' OR start_after <= now())`);
    await this.until(async () => (await left.clone().limit(1)).length === 0, 'the background work to end', 60_000);
  }

  async stop(): Promise<void> {
    await this.kernel.stop();
    await this.drop();
  }
}

function tokensOf(answer: TestAnswer): { accessToken: string; refreshToken: string } {
  const { accessToken, refreshToken } = (answer.body as { data: { accessToken: string; refreshToken: string } }).data;
  return { accessToken, refreshToken };
}

/** Starts a kernel on a fresh database of the server. */
export async function startTestKernel(options: TestKernelOptions): Promise<TestKernel> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await onServer(options.server, (admin) =>
    admin.raw(`CREATE DATABASE ?? ${options.template ? 'TEMPLATE ??' : ''}`, [name, ...(options.template ? [options.template] : [])]),
  );
  const databaseUrl = databaseOf(options.server, name);
  const home = await mkdtemp(join(tmpdir(), 'musclemap-home-'));
  const config = testConfig({ home, ...options.config });
  const drop = async (): Promise<void> => {
    await dropDatabase(options.server, name);
    await rm(home, { recursive: true, force: true });
  };
  try {
    const kernel = await startKernel({
      config,
      databaseUrl,
      log: createLogger(config, false),
      sources: options.sources ?? defaultSources(config),
      ...(options.clock && { clock: options.clock }),
    });
    return new TestKernel(kernel, databaseUrl, drop);
  } catch (error) {
    await drop();
    throw error;
  }
}

/** How to start a kernel for a plugin's own tests. */
export interface PluginTestOptions {
  /** What `kernel.clock` answers; the real time unless said. */
  clock?: Clock;
  /** Settings of the kernel that differ from testConfig(). */
  config?: Partial<Config>;
}

/**
 * Starts a real kernel with the bundled plugins and those of the given folders, each enabled in that order, on a database of
 * its own. The database server and a migrated database are kept from run to run, so that this takes about a second.
 *
 * @throws Error saying why a plugin could not be enabled.
 * @example
 * const kernel = await startWithPlugins([import.meta.dirname]);
 * const ada = await kernel.signUp({ credits: 10 });
 * assert.equal((await kernel.get('/api/hello', { as: ada })).status, 200);
 * await kernel.stop();
 */
export async function startWithPlugins(directories: readonly string[], options: PluginTestOptions = {}): Promise<TestKernel> {
  installPluginResolver();
  const server = await startCachedServer(migrateForTests);
  const { bundled } = defaultSources({ pluginDirs: [] });
  const sources = { bundled, directories: [...directories], nodeModules: [] };
  const stopServer = (): Promise<void> => server.stop();
  const kernel = await startTestKernel({ ...options, server, template: TEMPLATE, sources }).catch(async (error: unknown) => {
    await stopServer();
    throw error;
  });
  const test = new TestKernel(kernel.kernel, kernel.databaseUrl, () => kernel.drop().then(stopServer));
  try {
    for (const directory of directories) {
      const { id } = await readManifest(directory);
      await runCommand(test.kernel.plugins, id, { verb: 'enable' }, { kind: 'cli' });
    }
    return test;
  } catch (error) {
    await test.stop();
    throw error;
  }
}

/** Brings an empty database to what the kernel and the bundled plugins need. */
export async function migrateForTests(databaseUrl: string): Promise<void> {
  const config = testConfig();
  const kernel = await startKernel({ config, databaseUrl, log: createLogger(config, false) });
  await kernel.stop();
}

/** A configuration with cheap passwords, no limits and a port of its own. */
export function testConfig(overrides: Partial<Config> = {}): Config {
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: '0',
    RATE_LIMIT_MAX: '0',
    AUTH_LIMIT_MAX: '0',
    LOG_LEVEL: 'silent',
    JWT_SECRET: randomBytes(32).toString('hex'),
  });
  const { containment } = config;
  return {
    ...config,
    accounts: { ...config.accounts, passwordIterations: 1000 },
    // Tests keep the event loop busy, and nobody wants to know with what.
    containment: { ...containment, processor: { ...containment.processor, everyMs: 0 } },
    ...overrides,
  };
}

/** The address of a database of the server. */
export function databaseOf(server: Pick<TestServer, 'adminUrl'>, name: string): string {
  const url = new URL(server.adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

/** Drops a database with the roles of its plugins, whoever is connected to it. */
export async function dropDatabase(server: Pick<TestServer, 'adminUrl'>, name: string): Promise<void> {
  await onServer(server, async (admin) => {
    await admin.raw('DROP DATABASE IF EXISTS ?? WITH (FORCE)', [name]);
    // The roles of its plugins are the whole server's, and would stay.
    const roles = await admin('pg_roles').whereRaw('starts_with(rolname, ?)', [`${name}_plugin_`]).pluck<string[]>('rolname');
    for (const role of roles) await admin.raw('DROP ROLE ??', [role]);
  });
}

async function onServer<T>(server: Pick<TestServer, 'adminUrl'>, work: (admin: Knex) => PromiseLike<T>): Promise<T> {
  const admin = knex({ client: 'pg', connection: server.adminUrl, pool: { min: 0, max: 1 } });
  try {
    return await work(admin);
  } finally {
    await admin.destroy();
  }
}
