import { resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import Type, { type Static } from 'typebox';
import { CHECKED_ELSEWHERE } from '../http/json-schema.ts';
import { parseStorageUrl, type StorageLocation } from './storage-location.ts';

const commaSeparated = Type.String({ default: '' });

/** The environment variables that the server reads; README.md has the same table. */
const Environment = Type.Object({
  NODE_ENV: Type.Enum(['development', 'production', 'test'], { default: 'development' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65_535, default: 3001 }),
  HOST: Type.Optional(Type.String({ minLength: 1 })),
  DRAIN_SECONDS: Type.Integer({ minimum: 0, maximum: 60, default: 0 }),
  PUBLIC_URL: Type.Optional(Type.String({ format: 'uri', pattern: '^https?://' })),
  MUSCLEMAP_HOME: Type.String({ minLength: 1, default: '.musclemap' }),
  DATABASE_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  DATABASE_REPLICA_URL: Type.Optional(Type.String({ pattern: '^postgres(ql)?://' })),
  DATABASE_POOL_MAX: Type.Integer({ minimum: 2, maximum: 500, default: 20 }),
  REDIS_URL: Type.Optional(Type.String({ pattern: '^rediss?://' })),
  REDIS_ENABLED: Type.Boolean({ default: false }),
  JWT_SECRET: Type.Optional(Type.String({ minLength: 32 })),
  RATE_LIMIT_MAX: Type.Integer({ minimum: 0, default: 100 }),
  RATE_LIMIT_WINDOW_MS: Type.Integer({ minimum: 1000, default: 60_000 }),
  REQUIRE_ADMIN_SECOND_FACTOR: Type.Boolean({ default: false }),
  AUTH_LIMIT_MAX: Type.Integer({ minimum: 0, default: 10 }),
  BREACHED_PASSWORDS_FILE: Type.Optional(Type.String({ minLength: 1 })),
  IDEMPOTENCY_KEEP_DAYS: Type.Integer({ minimum: 1, maximum: 36_500, default: 90 }),
  AUDIT_KEEP_DAYS: Type.Integer({ minimum: 0, maximum: 36_500, default: 0 }),
  STRIPE_SECRET_KEY: Type.Optional(Type.String({ minLength: 8 })),
  STRIPE_WEBHOOK_SECRET: Type.Optional(Type.String({ minLength: 8 })),
  STRIPE_API_BASE: Type.Optional(Type.String({ format: 'uri', pattern: '^https?://' })),
  SMTP_URL: Type.Optional(Type.String({ pattern: '^smtps?://' })),
  MAIL_FROM: Type.Optional(Type.String({ minLength: 3 })),
  STORAGE_URL: Type.Optional(Type.String({ pattern: '^(file|s3)://' })),
  PLUGIN_DIRS: commaSeparated,
  PLUGIN_UPLOADS: Type.Enum(['on', 'off'], { default: 'on' }),
  PLUGIN_PROCESSOR_LIMIT: Type.Integer({ minimum: 0, maximum: 100, default: 0 }),
  PLUGIN_DISK_LIMIT_MB: Type.Integer({ minimum: 0, default: 0 }),
  CORS_ORIGINS: commaSeparated,
  TRUST_PROXY: Type.Integer({ minimum: 0, default: 0 }),
  LOG_LEVEL: Type.Enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], { default: 'info' }),
});

type Environment = Static<typeof Environment>;

/** How much of a plugin's mistakes the server bears. */
export interface Containment {
  /** How long each kind of a plugin's code may take, in milliseconds. A job says its own. */
  limits: {
    load: number;
    migrations: number;
    lifecycle: number;
    transaction: number;
    decision: number;
    moderation: number;
    waterfall: number;
    handler: number;
    event: number;
  };
  /** A plugin is quarantined after so many faults at one place within so many seconds, when they are that share of its runs there. */
  breaker: { faults: number; windowSeconds: number; share: number };
  /** The process is restarted when its event loop does not answer for so long, or its memory passes that share of V8's limit. */
  watchdog: { stallMs: number; memoryShare: number };
  /**
   * When the event loop is busy for more than a share of the time between two looks, it is sampled who keeps it so. A plugin that
   * takes more than the limit, a share of one processor, in so many looks in a row is quarantined; without a limit it is shown.
   */
  processor: { everyMs: number; busyShare: number; sampleMs: number; looks: number; limit: number | undefined };
  /** What a plugin's tables and files may take before it is quarantined, and how often that is looked at; undefined: anything. */
  disk: { everyMs: number; limitBytes: number | undefined };
  /** The share of the pool that one plugin may hold, how long it waits for its own, and how long it may hold one. */
  connections: { share: number; waitMs: number; heldMs: number };
  /** The largest JSON answer and the most headers that a plugin's handler may send, in bytes. */
  answers: { bodyBytes: number; headerBytes: number };
}

/** Everything that can be set from outside, validated. Paths are absolute, durations in the unit that their name ends with. */
export interface Config {
  mode: Environment['NODE_ENV'];
  host: string;
  port: number;
  /** How long it serves on, not ready, after it was told to stop. */
  drainSeconds: number;
  publicUrl: string | undefined;
  /** Embedded database, uploads, generated keys. */
  home: string;
  /** Undefined: the embedded server. */
  databaseUrl: string | undefined;
  /** Undefined: everything is read from the database itself. */
  databaseReplicaUrl: string | undefined;
  /** How many seconds it may be behind before it is left alone. */
  replicaLagSeconds: number;
  databasePoolMax: number;
  redisUrl: string | undefined;
  jwtSecret: string | undefined;
  rateLimit: { max: number; windowMs: number };
  authLimit: { max: number; windowMs: number };
  stripe: { secretKey: string; webhookSecret: string | undefined; apiBase: string | undefined } | undefined;
  mail: { smtpUrl: string | undefined; from: string };
  /** Undefined: a folder of the home. */
  storage: StorageLocation | undefined;
  pluginDirs: string[];
  /** Whether an administrator may bring plugins as archives. */
  takesPlugins: boolean;
  corsOrigins: string[];
  /** How many proxies stand before the server and may name the client's address. */
  trustProxy: number;
  logLevel: Environment['LOG_LEVEL'];
  /** Start the kernel alone, without any plugin. */
  safeMode: boolean;
  /** Start with these plugins only, as bisecting does; undefined for all. */
  onlyPlugins: readonly string[] | undefined;
  containment: Containment;
  realtime: {
    socketsPerUser: number;
    /** Channels that one socket may read. */
    channels: number;
    messagesPerSecond: number;
    /** Bytes that may wait for a reader before it counts as too slow and is let go. */
    backlogBytes: number;
    /** How long who was away can catch up. */
    keepSeconds: number;
  };
  /** How many days old rows are kept. */
  retention: {
    /** How long a request that is sent again under its key gets its first answer. */
    idempotencyDays: number;
    /** 0: for ever. */
    auditDays: number;
    /** How long a session that ended tells that a device is known. */
    knownDeviceDays: number;
    stripeEventDays: number;
  };
  accounts: {
    accessTokenSeconds: number;
    /** How long a session lives without being used. */
    refreshTokenDays: number;
    /** How long a session lives at most. */
    sessionDays: number;
    /** How long a refresh token that was just used gets the same successor again. */
    refreshGraceSeconds: number;
    /** An administrator without a second factor is treated as a user. */
    adminNeedsSecondFactor: boolean;
    /** How failed sign-ins slow down the next ones, per account and per address. */
    signInDelay: { free: number; firstMs: number; longestMs: number };
    passwordIterations: number;
    /** A file of the SHA-1 of passwords that are known from breaches. */
    breachedPasswords: string | undefined;
    /** How long somebody who asked to be erased can still change their mind. */
    erasureGraceDays: number;
    trialDays: number;
    signUpBonus: number;
  };
}

const REALTIME: Config['realtime'] = {
  socketsPerUser: 20,
  channels: 100,
  messagesPerSecond: 20,
  backlogBytes: 1024 * 1024,
  keepSeconds: 3600,
};

/** What no variable changes. */
const RETENTION: Pick<Config['retention'], 'knownDeviceDays' | 'stripeEventDays'> = { knownDeviceDays: 365, stripeEventDays: 400 };

/** An entry of the audit is kept for so long at least: a mistake in a setting must not cost what it is for. */
const LEAST_AUDIT_DAYS = 30;

/** The settings that no variable changes; tests lower the cost of a password. */
const ACCOUNTS: Omit<Config['accounts'], 'adminNeedsSecondFactor' | 'breachedPasswords'> = {
  accessTokenSeconds: 15 * 60,
  refreshTokenDays: 30,
  sessionDays: 180,
  refreshGraceSeconds: 10,
  signInDelay: { free: 5, firstMs: 200, longestMs: 5_000 },
  passwordIterations: 210_000,
  erasureGraceDays: 14,
  trialDays: 90,
  signUpBonus: 100,
};

/** No variable changes these; tests shorten them. */
const CONTAINMENT: Containment = {
  limits: {
    load: 10_000,
    migrations: 600_000,
    lifecycle: 30_000,
    transaction: 5_000,
    decision: 2_000,
    moderation: 120_000,
    waterfall: 2_000,
    handler: 30_000,
    event: 60_000,
  },
  breaker: { faults: 20, windowSeconds: 60, share: 0.5 },
  watchdog: { stallMs: 3_000, memoryShare: 0.5 },
  processor: { everyMs: 60_000, busyShare: 0.7, sampleMs: 1_000, looks: 6, limit: undefined },
  disk: { everyMs: 60_000, limitBytes: undefined },
  connections: { share: 0.5, waitMs: 5_000, heldMs: 15_000 },
  answers: { bodyBytes: 16 * 1024 * 1024, headerBytes: 8 * 1024 },
};

/** Why the server cannot start as it is set up; `message` names each variable and what is wrong with it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const ajv = new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, coerceTypes: true, useDefaults: true, formats: { uri: fullFormats.uri } });
const isEnvironment = ajv.compile<Environment>(Environment);

/** What the command line says beside the environment. */
export interface StartFlags {
  safeMode?: boolean;
  onlyPlugins?: readonly string[] | undefined;
}

/**
 * Reads the configuration from environment variables; an empty one counts as not set.
 *
 * @throws ConfigError naming every variable that is not valid.
 */
export function loadConfig(variables: NodeJS.ProcessEnv, flags: StartFlags = {}): Config {
  const environment: Record<string, unknown> = Object.fromEntries(
    Object.keys(Environment.properties).flatMap((name) => (variables[name] ? [[name, variables[name].trim()]] : [])),
  );
  if (!isEnvironment(environment)) {
    const problems = (isEnvironment.errors ?? []).map(
      (error) => `${error.instancePath.slice(1)} ${error.message ?? 'is not valid'}`,
    );
    throw new ConfigError(`The environment is not valid: ${problems.join('; ')}.`);
  }
  if (environment.DATABASE_URL && !environment.JWT_SECRET) {
    throw new ConfigError(
      'JWT_SECRET is required with DATABASE_URL, so that every instance signs alike: set at least 32 characters.',
    );
  }
  if (environment.DATABASE_REPLICA_URL && !environment.DATABASE_URL) {
    throw new ConfigError('DATABASE_REPLICA_URL is a copy of the server that DATABASE_URL names: set that as well.');
  }
  if (environment.AUDIT_KEEP_DAYS > 0 && environment.AUDIT_KEEP_DAYS < LEAST_AUDIT_DAYS) {
    throw new ConfigError(`AUDIT_KEEP_DAYS must be 0, which keeps the audit for ever, or at least ${String(LEAST_AUDIT_DAYS)}.`);
  }
  return fromEnvironment(environment, flags);
}

function fromEnvironment(environment: Environment, { safeMode = false, onlyPlugins }: StartFlags): Config {
  const home = resolve(environment.MUSCLEMAP_HOME);
  return {
    mode: environment.NODE_ENV,
    host: environment.HOST ?? (environment.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
    port: environment.PORT,
    drainSeconds: environment.DRAIN_SECONDS,
    publicUrl: environment.PUBLIC_URL?.replace(/\/+$/, ''),
    home,
    databaseUrl: environment.DATABASE_URL,
    databaseReplicaUrl: environment.DATABASE_REPLICA_URL,
    replicaLagSeconds: 10,
    databasePoolMax: environment.DATABASE_POOL_MAX,
    redisUrl: environment.REDIS_URL ?? (environment.REDIS_ENABLED ? 'redis://127.0.0.1:6379' : undefined),
    jwtSecret: environment.JWT_SECRET,
    rateLimit: { max: environment.RATE_LIMIT_MAX, windowMs: environment.RATE_LIMIT_WINDOW_MS },
    authLimit: { max: environment.AUTH_LIMIT_MAX, windowMs: 15 * 60_000 },
    stripe: environment.STRIPE_SECRET_KEY
      ? {
          secretKey: environment.STRIPE_SECRET_KEY,
          webhookSecret: environment.STRIPE_WEBHOOK_SECRET,
          apiBase: environment.STRIPE_API_BASE,
        }
      : undefined,
    mail: { smtpUrl: environment.SMTP_URL, from: environment.MAIL_FROM ?? 'MuscleMap <no-reply@localhost>' },
    storage: environment.STORAGE_URL === undefined ? undefined : readStorageUrl(environment.STORAGE_URL),
    pluginDirs: splitList(environment.PLUGIN_DIRS).map((directory) => resolve(directory)),
    takesPlugins: environment.PLUGIN_UPLOADS === 'on',
    corsOrigins: splitList(environment.CORS_ORIGINS),
    trustProxy: environment.TRUST_PROXY,
    logLevel: environment.LOG_LEVEL,
    safeMode,
    onlyPlugins,
    containment: withBudgets(environment),
    realtime: REALTIME,
    retention: {
      ...RETENTION,
      idempotencyDays: environment.IDEMPOTENCY_KEEP_DAYS,
      auditDays: environment.AUDIT_KEEP_DAYS,
    },
    accounts: {
      ...ACCOUNTS,
      adminNeedsSecondFactor: environment.REQUIRE_ADMIN_SECOND_FACTOR,
      breachedPasswords: environment.BREACHED_PASSWORDS_FILE && resolve(environment.BREACHED_PASSWORDS_FILE),
    },
  };
}

function withBudgets({ PLUGIN_PROCESSOR_LIMIT: percent, PLUGIN_DISK_LIMIT_MB: megabytes }: Environment): Containment {
  return {
    ...CONTAINMENT,
    // A look stops a busy server for some tens of milliseconds: who set no limit is spared most of them.
    processor: { ...CONTAINMENT.processor, ...(percent > 0 && { everyMs: 10_000, limit: percent / 100 }) },
    disk: { ...CONTAINMENT.disk, limitBytes: megabytes === 0 ? undefined : megabytes * 1024 ** 2 },
  };
}

function readStorageUrl(text: string): StorageLocation {
  try {
    return parseStorageUrl(text);
  } catch (error) {
    throw new ConfigError(`STORAGE_URL ${error instanceof Error ? error.message : String(error)}.`, { cause: error });
  }
}

function splitList(value: string): string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
