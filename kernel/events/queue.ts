import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import PgBoss from 'pg-boss';
import type { Notifications } from '../database/notifications.ts';
import { query } from '../database/statement.ts';
import { afterCommit, collect, inTransaction, type Collector, type Transaction } from '../database/transaction.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Observer } from '../plugins/containment.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { EventName } from './events.ts';
import { createQueueTables } from './queue-tables.ts';
import { Schedules } from './schedules.ts';
import { toInsert, type Work } from './work.ts';
import { Worker } from './worker.ts';

const CHANNEL = 'musclemap_work';
const DAY_SECONDS = 24 * 60 * 60;
const STOP_LIMIT_MS = 5_000;

/** Has every instance look for work. Not within a transaction: those that notify commit one after the other. */
export async function tellWorkers(knex: Knex): Promise<void> {
  await query(knex, `NOTIFY ${CHANNEL}`);
}

export interface QueueContext {
  knex: Knex;
  log: Logger;
  observer: Observer;
  clock: Clock;
  notifications: Notifications;
  composition(): Composition;
  /** Whether a plugin's failures are no longer counted, since it is being left out. */
  isQuarantined(pluginId: string): boolean;
}

/**
 * Events and jobs on pg-boss: the rows are written in the caller's transaction, taken with SKIP LOCKED, tried again with
 * back-off, and kept as dead letters when that does not help.
 */
export class WorkQueue {
  readonly #context: QueueContext;
  readonly #boss: PgBoss;
  readonly #schedules: Schedules;
  /** All that a transaction queues goes out in one statement. */
  readonly #outbox: Collector<PgBoss.JobInsert<Work>> = {
    flush: async (trx, jobs) => {
      if (jobs.length === 0) return;
      await this.#boss.insert([...jobs], { db: { executeSql: (text, values) => query(trx, text, values) } });
      afterCommit(trx, () => {
        this.nudge();
      });
    },
  };
  #worker: Worker | undefined;
  #telling: Promise<void> | undefined;

  constructor(context: QueueContext) {
    const { knex, log, notifications } = context;
    this.#context = context;
    this.#boss = new PgBoss({
      db: { executeSql: (text, values) => query(knex, text, values) },
      schema: 'pgboss',
      supervise: true,
      schedule: false,
      archiveCompletedAfterSeconds: DAY_SECONDS / 24,
      archiveFailedAfterSeconds: 90 * DAY_SECONDS,
      deleteAfterDays: 7,
    });
    this.#boss.on('error', (error) => {
      log.warn({ err: error }, 'the job queue could not reach the database');
    });
    this.#schedules = new Schedules({
      ...context,
      enqueue: (trx, { owner, name, options }, data) => {
        collect(trx, this.#outbox, toInsert({ kind: 'job', owner, job: name, data }, options));
      },
      failed: (error) => {
        log.warn({ err: error }, 'the schedules of jobs could not be read');
      },
    });
    notifications.on(CHANNEL, () => this.#worker?.nudge());
  }

  /** Makes the queue's tables, so that work can be queued. */
  async prepare(): Promise<void> {
    await this.#boss.start();
    await createQueueTables(this.#context.knex, this.#boss);
  }

  /** Starts to work. Without it work is queued for other instances. */
  start(): void {
    const { log, notifications } = this.#context;
    this.#schedules.start();
    this.#worker = new Worker({
      ...this.#context,
      boss: this.#boss,
      instance: notifications.instance,
      failed: (error) => {
        log.warn({ err: error }, 'background work could not be taken or ended');
      },
    });
    this.#worker.start();
  }

  /** Finishes what runs, then stops. */
  async stop(): Promise<void> {
    await this.#schedules.stop();
    await this.#worker?.stop(STOP_LIMIT_MS);
    await this.#telling;
    await this.#boss.stop({ graceful: false, close: false });
  }

  /** Queues the cron jobs that are due, without waiting for the next look. */
  async lookAtSchedules(): Promise<void> {
    await this.#schedules.look();
  }

  /** Queues an event, in `trx`, for every subscriber that runs, and for those that would if they could. */
  emit(trx: Transaction, event: EventName, payload: object): void {
    const { subscriptions, waiting } = this.#context.composition();
    const common = { kind: 'event', id: randomUUID(), event, payload, emittedAt: this.#context.clock.now().toISOString() } as const;
    for (const { owner, options } of subscriptions.get(event) ?? []) {
      collect(trx, this.#outbox, toInsert({ ...common, owner }, options));
    }
    for (const owner of waiting.get(event) ?? []) collect(trx, this.#outbox, toInsert({ ...common, owner }, {}));
  }

  /** Queues a run of a job, in `trx` when there is one. */
  async enqueue(
    owner: string,
    job: string,
    data: object,
    options: { trx?: Transaction; startAfterSeconds?: number } = {},
  ): Promise<void> {
    const definition = this.#context.composition().jobs.get(`${owner}/${job}`);
    if (definition === undefined) throw new TypeError(`${owner} has no job named ${job}.`);
    const insert = toInsert({ kind: 'job', owner, job, data }, definition.options, options.startAfterSeconds);
    const add = (trx: Transaction): Promise<void> => {
      collect(trx, this.#outbox, insert);
      return Promise.resolve();
    };
    await (options.trx === undefined ? inTransaction(this.#context.knex, add) : add(options.trx));
  }

  /** Has the instances look for work: this one, and the others when this one cannot do it at once. */
  nudge(): void {
    this.#worker?.nudge();
    if (this.#worker?.isBusy() === false) return;
    this.#telling ??= tellWorkers(this.#context.knex)
      .catch(() => undefined)
      .then(() => (this.#telling = undefined));
  }
}
