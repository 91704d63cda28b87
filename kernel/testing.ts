import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import knex, { type Knex } from 'knex';
import { loadConfig, type Config } from './config/config.ts';
import { startEmbeddedDatabase, type EmbeddedDatabase } from './database/embedded/embedded-database.ts';
import { defaultSources, startKernel, type Kernel } from './kernel.ts';
import type { PluginSources } from './plugins/discovery.ts';
import type { Clock } from './telemetry/clock.ts';
import { createLogger } from './telemetry/logger.ts';

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
    settings: { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' },
  });
  return {
    adminUrl: server.adminConnectionString,
    stop: async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export interface TestKernelOptions {
  server: TestServer;
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

export interface TestAnswer {
  status: number;
  headers: Headers;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is read by what the test expects of it
  body: any;
}

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
  return { ...config, accounts: { ...config.accounts, passwordIterations: 1000 }, ...overrides };
}

export function databaseOf(server: TestServer, name: string): string {
  const url = new URL(server.adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}

export async function dropDatabase(server: TestServer, name: string): Promise<void> {
  await onServer(server, (admin) => admin.raw('DROP DATABASE IF EXISTS ?? WITH (FORCE)', [name]));
}

async function onServer<T>(server: TestServer, work: (admin: Knex) => PromiseLike<T>): Promise<T> {
  const admin = knex({ client: 'pg', connection: server.adminUrl, pool: { min: 0, max: 1 } });
  try {
    return await work(admin);
  } finally {
    await admin.destroy();
  }
}
