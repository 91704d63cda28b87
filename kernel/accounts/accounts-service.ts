import { loadSigningKeys, type SigningKey } from '../config/signing-keys.ts';
import { ConfigError, type Config } from '../config/config.ts';
import type { Redis } from 'ioredis';
import type { Knex } from 'knex';
import { Listener } from '../database/listener.ts';
import type { WorkQueue } from '../events/queue.ts';
import { RateLimit } from '../http/rate-limit.ts';
import { Mail } from '../mail/mail.ts';
import type { Observer } from '../plugins/containment.ts';
import type { Recorder } from '../plugins/activation.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { registerAdminRoutes } from './admin-routes.ts';
import { AccessTokens } from './access-tokens.ts';
import type { AccountsContext } from './accounts.ts';
import { eraseDueAccounts, erasePluginData, ERASE_JOB, type ErasureContext } from './erasure.ts';
import { KeyRing } from './key-ring.ts';
import { registerOwnData } from './own-data.ts';
import { BreachedPasswords } from './breached-passwords.ts';
import { Passwords } from './passwords.ts';
import { RolePermissions } from './permissions.ts';
import { registerPrivacyRoutes } from './privacy-routes.ts';
import { mailPasswordReset, RESET_JOB } from './recovery.ts';
import { ACCOUNTS_CHANNEL, Revocations } from './revocations.ts';
import { registerAccountRoutes } from './routes.ts';
import { Sessions } from './sessions.ts';
import { SignInDelay } from './sign-in-delay.ts';

export interface AccountsServiceOptions {
  knex: Knex;
  databaseUrl: string;
  log: Logger;
  clock: Clock;
  /** The database's, which access tokens live by. */
  time: Clock;
  config: Config;
  keys: readonly SigningKey[];
  queue: Pick<WorkQueue, 'enqueue'>;
  redis: Redis | undefined;
  observer: Observer;
  composition: () => Composition;
  /** Where the server is reached, for links in mails. */
  baseUrl(): string;
  gymName(): string | undefined;
}

const POLL_MS = 5_000;

/** People: their accounts, sessions, permissions and mail, put together. */
export class AccountsService {
  readonly context: AccountsContext;
  readonly tokens: AccessTokens;
  readonly permissions: RolePermissions;
  readonly #options: AccountsServiceOptions;
  readonly #listener: Listener;
  readonly #breached: BreachedPasswords | undefined;
  #keysTimer: NodeJS.Timeout | undefined;

  constructor(options: AccountsServiceOptions) {
    this.#options = options;
    const { knex, log, clock, config, queue, redis } = options;
    const { accounts: settings } = config;
    const ring = new KeyRing(options.keys);
    this.#breached = settings.breachedPasswords === undefined ? undefined : new BreachedPasswords(settings.breachedPasswords);
    const revocations = new Revocations(knex, settings.accessTokenSeconds);
    this.tokens = new AccessTokens(ring, revocations, settings.accessTokenSeconds, options.time);
    this.permissions = new RolePermissions(() => options.composition().permissions);
    const delays = config.authLimit.max === 0 ? { ...settings.signInDelay, firstMs: 0, longestMs: 0 } : settings.signInDelay;
    this.context = {
      ...{ knex, clock, settings, site: config, ring, revocations, queue },
      passwords: new Passwords(settings.passwordIterations, this.#breached),
      sessions: new Sessions(ring, this.tokens, revocations, settings),
      mail: new Mail({ knex, log, ring, queue, settings: config.mail, baseUrl: () => options.baseUrl() }),
      signInLimit: new RateLimit({ name: 'sign-in', ...config.authLimit, redis }),
      signInDelay: new SignInDelay(delays),
      mailLimit: new RateLimit({ name: 'mail', ...config.authLimit, redis }),
      gymName: () => options.gymName(),
      hooks: () => options.composition().hooks,
    };
    this.#listener = new Listener(options.databaseUrl, ACCOUNTS_CHANNEL, () => {
      this.#readNews();
    });
  }

  register({ hooks }: Recorder): void {
    const { context } = this;
    const erasure = this.#erasure();
    hooks.routes.tap('kernel', (routes) => {
      registerAccountRoutes(routes, context);
      registerPrivacyRoutes(routes, erasure);
      registerAdminRoutes(routes, context, this.permissions);
    });
    hooks.exporters.tap('kernel', (exporters) => {
      registerOwnData(exporters, context.knex);
    });
    hooks.jobs.tap('kernel', (jobs) => {
      context.mail.register(jobs);
      jobs.add<{ sealed: string }>(RESET_JOB, {}, ({ sealed }) => mailPasswordReset(context, sealed));
      jobs.add(ERASE_JOB, { cron: '40 * * * *', timeLimitSeconds: 3600 }, () => eraseDueAccounts(erasure));
    });
  }

  /** Whatever plugin has come back erases now whom it has still to. */
  recomposed(): void {
    const erasure = this.#erasure();
    erasePluginData(erasure).catch((error: unknown) => {
      erasure.log.warn({ err: error }, 'what plugins have still to erase could not be read');
    });
  }

  async start(): Promise<void> {
    await this.#breached?.check().catch((error: unknown) => {
      throw new ConfigError(`BREACHED_PASSWORDS_FILE cannot be used: ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
    });
    await this.context.revocations.start((error) => {
      this.#options.log.warn({ err: error }, 'revocations could not be read');
    });
    await this.permissions.read(this.context.knex);
    void this.#listener.start();
    this.#keysTimer = setInterval(() => {
      this.#readKeys();
      this.permissions.read(this.context.knex).catch(() => undefined);
    }, POLL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#keysTimer);
    this.context.revocations.stop();
    await this.#listener.stop();
    this.context.mail.stop();
  }

  #erasure(): ErasureContext {
    const { observer, log, composition } = this.#options;
    return { accounts: this.context, observer, log, composition };
  }

  /** What a notification announces; what fails is read by the next poll. */
  #readNews(): void {
    this.context.revocations.refresh().catch(() => undefined);
    this.permissions.read(this.context.knex).catch(() => undefined);
  }

  /** A key that the command line has made is used without a restart, and a permission whose notification was missed. */
  #readKeys(): void {
    loadSigningKeys(this.#options.config).then(
      (keys) => {
        this.context.ring.replace(keys);
      },
      (error: unknown) => {
        this.#options.log.warn({ err: error }, 'the signing keys could not be read');
      },
    );
  }
}
