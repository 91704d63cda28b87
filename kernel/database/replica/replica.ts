import { performance } from 'node:perf_hooks';
import type { Knex } from 'knex';
import type { Client } from 'pg';
import type { Caller } from '../../http/route.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { connect } from '../connect.ts';
import { Announcements } from './announcements.ts';
import { Freshness, parseLsn } from './freshness.ts';
import { Link } from './link.ts';
import { ReplicaMetrics } from './replica-metrics.ts';

const POLL_MS = 250;
/** A poll that is older says nothing of now. */
const SILENCE_MS = 2_000;
/** How long nothing is read after a connection has failed. */
const REST_MS = 1_000;
const WAIT_MS = 2_000;

const ASK_PRIMARY = `SELECT pg_current_wal_insert_lsn()::TEXT AS lsn, extract(EPOCH FROM clock_timestamp())::FLOAT8 * 1000 AS clock`;
const ASK_REPLICA = `SELECT pg_is_in_recovery() AS "isReplica", CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()::TEXT END AS lsn`;
/** Two servers with the same number are one and its copies. */
const ASK_SYSTEM = 'SELECT system_identifier::TEXT AS system FROM pg_control_system()';

export interface ReplicaOptions {
  /** The primary's pool. */
  knex: Knex;
  databaseUrl: string;
  replicaUrl: string;
  poolMax: number;
  mostLagSeconds: number;
  log: Logger;
  metrics: Metrics;
}

/**
 * The copy of the database that reading may go to. It is watched all the time: one that is away, too far behind, or no copy any
 * more is left alone until it is well again.
 */
export class Replica {
  readonly pool: Knex;
  readonly #log: Logger;
  readonly #mostLagSeconds: number;
  readonly #freshness = new Freshness();
  readonly #metrics: ReplicaMetrics;
  readonly #primary: Link;
  readonly #replica: Link;
  readonly #announcements: Announcements;
  /** The connections with a statement under way. */
  readonly #busy = new Set<Client>();
  #timer: NodeJS.Timeout | undefined;
  #isPolling = false;
  #answeredAt = -Infinity;
  #restsUntil = -Infinity;
  /** Why the replica cannot be read from, whatever it answers. */
  #unfit: string | undefined;
  #isKnownCopy = false;
  #wasUsable = false;

  constructor({ knex, databaseUrl, replicaUrl, poolMax, mostLagSeconds, log, metrics }: ReplicaOptions) {
    this.#log = log;
    this.#mostLagSeconds = mostLagSeconds;
    this.#metrics = new ReplicaMetrics(metrics.registry, {
      lag: () => this.#freshness.lag(performance.now()),
      isUsable: () => this.isUsable,
    });
    this.pool = connect(replicaUrl, { poolMax, applicationName: 'musclemap-replica', isReadOnly: true, waitMs: WAIT_MS, log });
    this.#primary = new Link({
      ...{ connectionString: databaseUrl, applicationName: 'musclemap-replica-watch', channel: Announcements.CHANNEL },
      heard: (payload) => {
        this.#announcements.heard(payload);
      },
      connected: () => {
        this.#freshness.noteEveryone();
      },
    });
    this.#replica = new Link({
      ...{ connectionString: replicaUrl, applicationName: 'musclemap-replica-watch' },
      connected: () => {
        this.#isKnownCopy = false;
      },
      lost: () => {
        this.#lose();
      },
    });
    this.#announcements = new Announcements(this.#primary, knex, this.#freshness);
  }

  /** Begins to watch; a replica that is away now is read from when it has come. */
  async start(): Promise<void> {
    await Promise.all([this.#primary.start(), this.#replica.start()]);
    await this.#poll();
    this.#timer = setInterval(() => void this.#poll(), POLL_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([this.#primary.stop(), this.#replica.stop()]);
  }

  get isUsable(): boolean {
    const now = performance.now();
    return (
      this.#unfit === undefined &&
      this.#primary.isConnected &&
      now - this.#answeredAt < SILENCE_MS &&
      now >= this.#restsUntil &&
      this.#freshness.lag(now) <= this.#mostLagSeconds
    );
  }

  /** Whether what the caller reads may come from here: it is well, and has all that they wrote. */
  serves(caller: Caller | undefined): boolean {
    const does = this.isUsable && this.#freshness.hasAllOf(caller);
    this.#metrics.read(does ? 'replica' : 'primary');
    return does;
  }

  /** A member has written: until the replica has it, they read from the primary, on every instance. Settles once all are told. */
  wrote(userId: string): Promise<void> {
    this.#freshness.note(userId);
    return this.#announcements.tell(userId);
  }

  /** Runs a statement on one of the replica's connections, which is cut off when the replica is found to be gone meanwhile. */
  async run<T>(client: Client, statement: () => Promise<T>): Promise<T> {
    this.#busy.add(client);
    try {
      return await statement();
    } finally {
      this.#busy.delete(client);
    }
  }

  /** A read went to the primary after all. */
  fellBack(): void {
    this.#metrics.fellBack();
  }

  /** A connection has failed: nothing is read from here for a while. */
  rest(): void {
    this.#restsUntil = performance.now() + REST_MS;
    this.#report();
  }

  /** The replica is gone: whoever waits for it reads elsewhere. */
  #lose(): void {
    this.#answeredAt = -Infinity;
    // pg closes a connection at once when a statement is under way, which fails then and is sent to the primary.
    for (const client of this.#busy) client.end().catch(() => undefined);
    this.rest();
  }

  async #poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    await Promise.all([this.#askPrimary(), this.#askReplica()]);
    this.#isPolling = false;
    this.#report();
  }

  async #askPrimary(): Promise<void> {
    const poll = this.#freshness.ask();
    const at = performance.now();
    const [row] = await this.#primary.ask<{ lsn: string; clock: number }>(ASK_PRIMARY).catch(() => []);
    if (row !== undefined) this.#freshness.answered(poll, at, { lsn: parseLsn(row.lsn), clock: row.clock });
  }

  async #askReplica(): Promise<void> {
    try {
      this.#isKnownCopy ||= await this.#isCopy();
      const [row] = await this.#replica.ask<{ isReplica: boolean; lsn: string | null }>(ASK_REPLICA);
      if (row === undefined) return;
      this.#unfit = this.#isKnownCopy ? undefined : 'it is a copy of another database server';
      if (!row.isReplica || row.lsn === null) this.#unfit = 'it is no replica, or no longer one';
      if (this.#unfit !== undefined || row.lsn === null) return;
      this.#answeredAt = performance.now();
      this.#freshness.replayed(parseLsn(row.lsn));
    } catch {
      // What cannot be asked grows silent, which is looked at.
    }
  }

  /** Whether both are of one cluster; taken for granted where the login may not ask. */
  async #isCopy(): Promise<boolean> {
    const ask = async (link: Link): Promise<string | undefined> => {
      const [row] = await link.ask<{ system: string }>(ASK_SYSTEM);
      return row?.system;
    };
    try {
      return (await ask(this.#primary)) === (await ask(this.#replica));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === '42501') return true;
      throw error;
    }
  }

  #report(): void {
    const { isUsable } = this;
    if (isUsable === this.#wasUsable) return;
    this.#wasUsable = isUsable;
    if (isUsable) this.#log.info('the replica of the database is read from');
    else this.#log.warn({ reason: this.#unfit ?? 'it is away or too far behind' }, 'the replica of the database is not read from; the primary is');
  }
}
