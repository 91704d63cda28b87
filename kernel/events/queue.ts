import type { Knex } from 'knex';
import PgBoss from 'pg-boss';
import { query } from '../database/statement.ts';
import { afterCommit, collect, type Collector, type Transaction } from '../database/transaction.ts';
import { runContained, withTimeLimit, type Observer } from '../plugins/containment.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Clock } from '../telemetry/clock.ts';
import { HELD, holdWork, putBack, resumeWork } from './held-work.ts';
import type { DeliveredEvent, EventName } from './events.ts';
import type { JobOptions } from './jobs.ts';
import { Schedules } from './schedules.ts';

const DELIVERIES = 'deliveries';
const DEAD_LETTERS = 'dead-letters';
const DEFAULT_RETRIES = 5;
const DEFAULT_LIMIT_SECONDS = 300;
const POLL_SECONDS = 2;
const BATCH = 20;

/** One piece of background work: an event for one subscriber, or one run of a job. */
type Work =
  | { kind: 'event'; owner: string; event: EventName; payload: object; emittedAt: string }
  | { kind: 'job'; owner: string; job: string; data: object };

export interface QueueContext {
  knex: Knex;
  log: Logger;
  observer: Observer;
  clock: Clock;
  composition(): Composition;
  /** Whether the work of a plugin has to wait. */
  isQuarantined(pluginId: string): boolean;
}

/**
 * Events and jobs on pg-boss: the rows are written in the caller's transaction, taken with SKIP LOCKED, tried again with
 * back-off and kept as dead letters when that does not help.
 */
export class WorkQueue {
  readonly #context: QueueContext;
  readonly #boss: PgBoss;
  /** All that a transaction emits goes out in one statement. */
  readonly #outbox: Collector<PgBoss.JobInsert<Work>> = {
    flush: async (trx, jobs) => {
      if (jobs.length === 0) return;
      await this.#boss.insert([...jobs], { db: { executeSql: (text, values) => query(trx, text, values) } });
      afterCommit(trx, () => {
        this.#nudge();
      });
    },
  };
  readonly #schedules: Schedules;
  #workerId: string | undefined;

  constructor(context: QueueContext) {
    this.#context = context;
    this.#schedules = new Schedules({
      ...context,
      enqueue: (trx, { owner, name, options }, data) => {
        this.#add(trx, { kind: 'job', owner, job: name, data }, limitsOf(options));
      },
      failed: (error) => {
        context.log.warn({ err: error }, 'the schedules of jobs could not be read');
      },
    });
    this.#boss = new PgBoss({
      db: { executeSql: (text, values) => query(context.knex, text, values) },
      schema: 'pgboss',
      supervise: true,
      schedule: false,
      archiveCompletedAfterSeconds: 3600,
      deleteAfterDays: 7,
    });
    this.#boss.on('error', (error) => {
      context.log.warn({ err: error }, 'the job queue could not reach the database');
    });
  }

  /** Makes the queue's tables and starts to work; an idle one only takes what others will do. */
  async start(options: { isIdle?: boolean } = {}): Promise<void> {
    await this.#boss.start();
    await this.#boss.createQueue(DEAD_LETTERS);
    await this.#boss.createQueue(DELIVERIES, { name: DELIVERIES, deadLetter: DEAD_LETTERS });
    if (options.isIdle === true) return;
    this.#schedules.start();
    this.#workerId = await this.#boss.work<Work>(
      DELIVERIES,
      { batchSize: BATCH, pollingIntervalSeconds: POLL_SECONDS },
      (jobs) => this.#workAll(jobs),
    );
  }

  /** Finishes what runs, then stops. */
  async stop(): Promise<void> {
    await this.#schedules.stop();
    await this.#boss.stop({ graceful: true, wait: true, close: false, timeout: 5_000 });
  }

  /** Queues the cron jobs that are due, without waiting for the next look. */
  async lookAtSchedules(): Promise<void> {
    await this.#schedules.look();
  }

  /** Queues an event for every subscriber, in `trx`. */
  emit(trx: Transaction, event: EventName, payload: object): void {
    const { subscriptions, waiting } = this.#context.composition();
    const emittedAt = new Date().toISOString();
    for (const { owner } of subscriptions.get(event) ?? []) {
      this.#add(trx, { kind: 'event', owner, event, payload, emittedAt }, {});
    }
    for (const owner of waiting.get(event) ?? []) {
      this.#add(trx, { kind: 'event', owner, event, payload, emittedAt }, { startAfter: HELD, keepUntil: HELD });
    }
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
    const work: Work = { kind: 'job', owner, job, data };
    const insert = {
      ...(options.startAfterSeconds !== undefined && {
        startAfter: new Date(Date.now() + options.startAfterSeconds * 1000),
      }),
      ...limitsOf(definition.options),
    };
    if (options.trx !== undefined) {
      this.#add(options.trx, work, insert);
      return;
    }
    await this.#boss.insert([toInsert(work, insert)]);
    this.#nudge();
  }

  /** Lets what is queued for a plugin wait until `resume`. */
  async hold(owner: string): Promise<void> {
    await holdWork(this.#context.knex, DELIVERIES, owner);
  }

  async resume(owner: string): Promise<void> {
    await resumeWork(this.#context.knex, DELIVERIES, owner);
    this.#nudge();
  }

  #add(trx: Transaction, work: Work, options: Partial<PgBoss.JobInsert<Work>>): void {
    collect(trx, this.#outbox, toInsert(work, options));
  }

  #nudge(): void {
    if (this.#workerId !== undefined) this.#boss.notifyWorker(this.#workerId);
  }

  async #workAll(jobs: PgBoss.Job<Work>[]): Promise<void> {
    await Promise.all(
      jobs.map(async (job) => {
        try {
          await this.#work(job);
        } catch (error) {
          if (this.#context.isQuarantined(job.data.owner)) await putBack(this.#context.knex, DELIVERIES, job.id);
          else await this.#boss.fail(DELIVERIES, job.id, { message: error instanceof Error ? error.message : String(error) });
        }
      }),
    );
  }

  async #work(job: PgBoss.Job<Work>): Promise<void> {
    const work = job.data;
    const composition = this.#context.composition();
    if (work.kind === 'job') {
      const definition = composition.jobs.get(`${work.owner}/${work.job}`);
      if (definition === undefined) throw new Error(`The job ${work.owner}/${work.job} is not registered.`);
      const limit = (definition.options.timeLimitSeconds ?? DEFAULT_LIMIT_SECONDS) * 1000;
      await this.#run(work.owner, `job ${work.job}`, limit, () => definition.handler(work.data, { id: job.id }));
      return;
    }
    const { owner, event: name, payload, emittedAt } = work;
    const subscription = composition.subscriptions.get(name)?.find((candidate) => candidate.owner === owner);
    if (subscription === undefined) throw new Error(`${owner} does not subscribe to ${name}.`);
    const event: DeliveredEvent = { id: job.id, name, payload, emittedAt };
    await this.#run(owner, `event ${name}`, this.#context.observer.limits.event, () => subscription.handler(event));
  }

  async #run(owner: string, where: string, limit: number, work: () => Promise<void> | void): Promise<void> {
    await runContained(this.#context.observer, owner, where, () => withTimeLimit(work(), limit, where));
  }
}

function limitsOf(options: JobOptions): { retryLimit: number; expireInSeconds: number } {
  return {
    retryLimit: options.retries ?? DEFAULT_RETRIES,
    expireInSeconds: options.timeLimitSeconds ?? DEFAULT_LIMIT_SECONDS,
  };
}

function toInsert(work: Work, options: Partial<PgBoss.JobInsert<Work>>): PgBoss.JobInsert<Work> {
  return {
    name: DELIVERIES,
    data: work,
    retryLimit: DEFAULT_RETRIES,
    retryBackoff: true,
    deadLetter: DEAD_LETTERS,
    ...options,
  };
}
