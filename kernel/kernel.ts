import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Knex } from 'knex';
import { AccountsService } from './accounts/accounts-service.ts';
import { registerAccountPages } from './accounts/pages/pages.ts';
import { issueSetupToken } from './accounts/setup.ts';
import { createBillingContext, type BillingContext } from './billing/billing.ts';
import { BillingUpkeep } from './billing/upkeep.ts';
import type { Config } from './config/config.ts';
import { loadSigningKeys, type SigningKey } from './config/signing-keys.ts';
import { chargeRequest, createCreditsContext, type CreditsContext } from './credits/credits.ts';
import { CreditsUpkeep } from './credits/upkeep.ts';
import { Readers } from './database/readers.ts';
import { Replica } from './database/replica/replica.ts';
import { shareConnections } from './database/shares.ts';
import { connect } from './database/connect.ts';
import { DatabaseClock } from './database/database-clock.ts';
import { Notifications } from './database/notifications.ts';
import { connectRedis } from './database/redis.ts';
import { migrateKernel } from './database/kernel-schema.ts';
import { WorkQueue } from './events/queue.ts';
import { createApplication } from './http/application.ts';
import { createDispatcher } from './http/dispatcher.ts';
import { GracefulServer, type Leaving } from './http/graceful-server.ts';
import { createOperations } from './http/operations.ts';
import { RateLimit } from './http/rate-limit.ts';
import { defaultSources, KERNEL_VERSION } from './installation.ts';
import type { PluginSources } from './plugins/discovery.ts';
import { createBudgets, type Budgets } from './plugins/health/budgets.ts';
import { PluginHealth } from './plugins/health/plugin-health.ts';
import { ProcessKeeper } from './plugins/health/process-keeper.ts';
import { PluginHost } from './plugins/host.ts';
import { Cluster } from './plugins/lifecycle/cluster.ts';
import { answerCommands } from './plugins/lifecycle/delegation.ts';
import { PluginReloader } from './plugins/reloader.ts';
import { Realtime } from './realtime/realtime.ts';
import { registerKernel } from './registrations.ts';
import { Storage } from './storage/storage.ts';
import { Retention } from './retention/retention.ts';
import { Settings } from './settings/settings.ts';
import { Boot } from './telemetry/boot.ts';
import type { Clock } from './telemetry/clock.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';
import { Metrics } from './telemetry/metrics.ts';

const CLOSE_LIMIT_MS = 2_000;

export interface KernelOptions {
  config: Config;
  databaseUrl: string;
  log?: Logger;
  /** What the kernel and its plugins take for the time; the database's unless said. */
  clock?: Clock;
  sources?: PluginSources;
  /** Without it plugins run, but nothing listens nor works the queue: for commands. */
  isServing?: boolean;
  /** A plugin whose files change is started anew: for development. */
  reloadsPlugins?: boolean;
  /** The process is the kernel's alone: errors that nobody caught are the kernel's to handle. */
  ownsProcess?: boolean;
}

/** The running server: people, credits, plugins, and the HTTP around them. */
export class Kernel {
  readonly config: Config;
  readonly log: Logger;
  readonly knex: Knex;
  readonly metrics: Metrics;
  readonly plugins: PluginHost;
  readonly queue: WorkQueue;
  readonly notifications: Notifications;
  readonly realtime: Realtime;
  readonly accounts: AccountsService;
  readonly settings: Settings;
  readonly credits: CreditsContext;
  readonly creditsUpkeep: CreditsUpkeep;
  readonly storage: Storage;
  readonly billing: BillingContext;
  readonly billingUpkeep: BillingUpkeep;
  readonly retention: Retention;
  readonly #time: DatabaseClock;
  readonly #health: PluginHealth;
  readonly #budgets: Budgets;
  readonly #isServing: boolean;
  readonly #boot = new Boot();
  #reloader: PluginReloader | undefined;
  readonly #cluster: Cluster;
  /** Undefined on a server without Redis. */
  readonly redis: Redis | undefined;
  readonly #requestLimit: RateLimit;
  #server: GracefulServer | undefined;
  #isAccepting = false;
  readonly #unshare: (() => void)[];
  readonly #replica: Replica | undefined;
  readonly #readers: Readers;
  #keeper: ProcessKeeper | undefined;

  /** Use `startKernel`. */
  constructor(options: KernelOptions, knex: Knex, keys: readonly SigningKey[]) {
    this.#time = new DatabaseClock(knex);
    const { config, clock = this.#time } = options;
    this.config = config;
    this.#isServing = options.isServing ?? true;
    this.log = options.log ?? createLogger(config);
    this.knex = knex;
    this.metrics = new Metrics(this.log, config.containment.limits);
    this.#replica = this.#isServing ? openReplica(options, knex, this) : undefined;
    this.#readers = new Readers(knex, this.#replica);
    this.#unshare = [knex, this.#replica?.pool].flatMap((pool) => (pool ? [sharePool(pool, config, this.metrics)] : []));
    this.redis = config.redisUrl === undefined ? undefined : connectRedis(config.redisUrl, this.log);
    this.#requestLimit = new RateLimit({ name: 'requests', ...config.rateLimit, redis: this.redis });
    this.credits = createCreditsContext({ knex, clock, composition: () => this.plugins.composition });
    this.creditsUpkeep = new CreditsUpkeep({ knex, clock, log: this.log, registry: this.metrics.registry });
    this.billing = createBillingContext({ knex, clock, log: this.log }, config, () => this.settings.current.stripe);
    this.billingUpkeep = new BillingUpkeep(this.billing, this.metrics.registry);
    this.retention = new Retention({ knex, clock, log: this.log, registry: this.metrics.registry, config });
    const composition = (): PluginHost['composition'] => this.plugins.composition;
    this.notifications = new Notifications(options.databaseUrl, this.log);
    this.queue = new WorkQueue({
      ...{ knex, log: this.log, observer: this.metrics, clock, notifications: this.notifications, composition },
      isQuarantined: (id) => this.plugins.isQuarantined(id),
    });
    this.#health = new PluginHealth({
      ...{ knex, log: this.log, metrics: this.metrics, queue: this.queue, breaker: config.containment.breaker },
      runs: (id) => this.plugins.running.has(id),
      recompose: () => this.plugins.recompose(),
    });
    this.#budgets = createBudgets(this, this.#health, () => this.plugins.folders);
    this.storage = new Storage({ knex, config, queue: this.queue, disk: this.#budgets.disk });
    this.accounts = new AccountsService({
      ...{ knex, databaseUrl: options.databaseUrl, log: this.log, clock, config, keys, queue: this.queue, composition, redis: this.redis },
      ...{ observer: this.metrics, time: this.#time },
      baseUrl: () => this.#baseUrl,
      gymName: () => this.settings.current.gymName,
    });
    this.settings = new Settings(knex, this.accounts.context.ring, this.log);
    this.realtime = new Realtime({
      ...{ knex, config, redis: this.redis, log: this.log, databaseUrl: options.databaseUrl },
      observer: this.metrics,
      rateLimit: this.#requestLimit,
      authenticate: (token) => this.accounts.tokens.verify(token),
      hasEnded: (caller) => this.accounts.context.revocations.reasonOfEnd(caller) !== undefined,
      channels: () => this.plugins.composition.channels,
      wrote: (userId) => this.#readers.wrote(userId),
    });
    this.plugins = this.#createPlugins(options.sources ?? defaultSources(config), clock);
    this.#cluster = new Cluster(this.plugins, (instance) => answerCommands(this.plugins, instance));
  }

  #createPlugins(sources: PluginSources, clock: Clock): PluginHost {
    const { config, knex, log, credits, queue, redis, storage } = this;
    const services = { knex, log, clock, credits, queue, redis, storage, realtime: () => this.realtime, accounts: () => this.accounts };
    return new PluginHost(services, this.metrics, {
      kernelVersion: KERNEL_VERSION,
      sources,
      storeDirectory: join(config.home, 'plugins'),
      ring: this.accounts.context.ring,
      ...{ safeMode: config.safeMode, onlyPlugins: config.onlyPlugins, takesPlugins: config.takesPlugins },
      marksStarts: this.#isServing && config.onlyPlugins === undefined,
      registerKernel: (recorder) => {
        registerKernel(recorder, { kernel: this, health: this.#health, boot: this.#boot, version: KERNEL_VERSION, baseUrl: () => this.#baseUrl });
      },
      stopped: (id) => this.#keeper?.stopped(id),
      composed: () => this.#recomposed(),
    });
  }

  /** Where the server listens, as `http://127.0.0.1:3001`. */
  get url(): string {
    const address = this.#server?.server.address() as AddressInfo | null | undefined;
    if (!address) throw new TypeError('The server does not listen.');
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `http://${host}:${String(address.port)}`;
  }

  /** What links begin with. */
  get #baseUrl(): string {
    return this.config.publicUrl ?? (this.#server ? this.url : `http://localhost:${String(this.config.port)}`);
  }

  async start(): Promise<void> {
    const boot = this.#boot;
    await boot.step('schema', () => migrateKernel(this.knex));
    await (this.#isServing ? this.#time.start() : this.#time.ask());
    await boot.step('accounts', () => this.accounts.start());
    this.settings.follow(this.notifications);
    await this.settings.read();
    await this.#health.start();
    await boot.step('queue', () => this.queue.prepare());
    await boot.step('plugins', () => this.plugins.start());
    boot.broughtUp(this.plugins.stepTimes, this.plugins.composition.times);
    if (!this.#isServing) return;
    await boot.step('storage', () => Promise.all([this.storage.spool.sweep(), this.plugins.packages.sweep()]));
    await boot.step('credits', () => this.creditsUpkeep.start());
    await boot.step('notifications', () => this.notifications.start());
    await this.#replica?.start();
    this.queue.start();
    this.billingUpkeep.start();
    await boot.step('realtime', () => this.realtime.start());
    await boot.step('listen', () => this.#listen());
    await boot.step('cluster', () => this.#cluster.start());
    this.#isAccepting = true;
    this.#budgets.disk.start();
    this.#budgets.processor.start();
    boot.expose(this.metrics.registry);
    this.log.info({ boot: boot.tree }, boot.describe());
  }

  /** Says that it is not ready, stops accepting, finishes what runs, closes. */
  async stop(leaving: Leaving = {}): Promise<void> {
    this.#isAccepting = false;
    this.#reloader?.stop();
    await this.#server?.drain(leaving);
    this.#budgets.processor.stop();
    await this.#budgets.disk.stop();
    if (this.#isServing) await this.#cluster.stop();
    this.realtime.closeReaders();
    await this.#server?.close(leaving);
    await this.plugins.stop();
    await this.creditsUpkeep.stop();
    await this.billingUpkeep.stop();
    await this.queue.stop();
    await this.#health.stop();
    await this.notifications.stop();
    await this.realtime.stop();
    this.redis?.disconnect();
    await this.accounts.stop();
    this.#time.stop();
    await this.#replica?.stop();
    for (const unshare of this.#unshare) unshare();
    // A plugin that keeps a connection would keep the pool from closing.
    await Promise.race([Promise.all([this.knex.destroy(), this.#replica?.pool.destroy()]), delay(CLOSE_LIMIT_MS, undefined, { ref: false })]);
    this.#keeper?.release();
  }

  /** The link that makes the first administrator, good for a day; undefined when there is one. */
  async firstAdministratorLink(): Promise<string | undefined> {
    const token = await issueSetupToken(this.knex);
    const path = this.plugins.composition.pages.setup ?? '/account/setup';
    return token === undefined ? undefined : `${this.config.publicUrl ?? this.url}${path}#${token}`;
  }

  /** From now on errors that nobody caught are handled here, and whoever blocks the process is found. */
  keepProcess(databaseUrl: string): void {
    this.metrics.collectProcess();
    const { watchdog } = this.config.containment;
    this.#keeper = new ProcessKeeper({ metrics: this.metrics, databaseUrl, watchdog, folders: () => this.plugins.folders });
  }

  /** From now on a plugin whose files change is started anew. */
  reloadPlugins(): void {
    this.#reloader = new PluginReloader(this.plugins, this.log);
    this.#reloader.follow();
  }

  #recomposed(): void {
    this.realtime.recomposed();
    if (this.#isAccepting) {
      const { generation } = this.plugins.desired;
      this.realtime.serviceFor('kernel').publish('monitor', 'plugins.changed', { generation }).catch((error: unknown) => {
        this.log.warn({ err: error }, 'who watches could not be told of the change');
      });
    }
    this.accounts.recomposed();
    this.#reloader?.follow();
  }

  async #listen(): Promise<void> {
    const { config, knex } = this;
    const routes = (): PluginHost['composition']['routes'] => this.plugins.composition.routes;
    const operations = createOperations({
      knex,
      version: KERNEL_VERSION,
      metrics: this.metrics,
      routes,
      isAccepting: () => this.#isAccepting,
    });
    registerAccountPages(operations);
    const dispatch = createDispatcher({
      knex,
      readers: this.#readers,
      log: this.log,
      observer: this.metrics,
      rateLimit: this.#requestLimit,
      spool: this.storage.spool,
      validatesAnswers: config.mode !== 'production',
      answers: config.containment.answers,
      routes,
      pages: () => this.plugins.composition.pages,
      authenticate: (token) => this.accounts.tokens.verify(token),
      permits: (caller, permission) => this.accounts.permissions.permits(caller.roles, permission),
      isQuarantined: (id) => this.plugins.isQuarantined(id),
      charge: (trx, request, route) => chargeRequest(trx, this.credits, request, route),
      answered: (ctx, route, milliseconds, error) => {
        this.metrics.requested(route, ctx.status, milliseconds);
        const line = { method: ctx.method, path: ctx.path, status: ctx.status, ms: Math.round(milliseconds * 10) / 10 };
        if (error?.status === 500 || error?.code === 'STORAGE_FULL') this.log.error({ ...line, err: error.cause }, 'request failed');
        else this.log.info(line, 'request');
      },
    });
    const app = createApplication(config, operations, dispatch);
    const graceful = new GracefulServer({ requestTimeout: 60_000, headersTimeout: 15_000, maxHeaderSize: 32_768 });
    const { server } = graceful;
    const serve = app.callback();
    server.on('request', (request, response) => {
      response.once('close', this.plugins.inFlight.enter());
      void serve(request, response);
    });
    this.realtime.attach(server);
    this.#server = graceful;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(config.port, config.host, resolve);
    });
  }
}

function openReplica({ config, databaseUrl }: KernelOptions, knex: Knex, { log, metrics }: Pick<Kernel, 'log' | 'metrics'>): Replica | undefined {
  const { databaseReplicaUrl: replicaUrl, databasePoolMax: poolMax, replicaLagSeconds: mostLagSeconds } = config;
  return replicaUrl === undefined ? undefined : new Replica({ knex, databaseUrl, replicaUrl, poolMax, mostLagSeconds, log, metrics });
}

/** Lets no plugin hold more than its share of the pool. */
function sharePool(knex: Knex, { containment, databasePoolMax }: Config, metrics: Metrics): () => void {
  const { share, ...limits } = containment.connections;
  return shareConnections(knex, {
    ...{ ...limits, most: Math.max(2, Math.floor(databasePoolMax * share)) },
    heldTooLong: (owner, where, error) => {
      metrics.strayed({ owner, where, error });
    },
    waited: (milliseconds, owner) => {
      metrics.waited(owner, milliseconds);
    },
  });
}

/** Connects, migrates, brings up the plugins and listens. */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const keys = await loadSigningKeys(options.config);
  const knex = connect(options.databaseUrl, { poolMax: options.config.databasePoolMax, applicationName: 'musclemap', log: options.log });
  try {
    const kernel = new Kernel(options, knex, keys);
    if (options.ownsProcess === true) kernel.keepProcess(options.databaseUrl);
    await kernel.start();
    if (options.reloadsPlugins === true) kernel.reloadPlugins();
    return kernel;
  } catch (error) {
    await knex.destroy();
    throw error;
  }
}
