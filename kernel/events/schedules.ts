import { CronExpressionParser } from 'cron-parser';
import type { Knex } from 'knex';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { CronRun, JobDefinition } from './jobs.ts';

const LOOK_MS = 1_000;

export interface SchedulesContext {
  knex: Knex;
  clock: Clock;
  composition(): Composition;
  /** Queues a run within the transaction that takes the tick. */
  enqueue(trx: Transaction, job: JobDefinition, data: CronRun): void;
  failed(error: unknown): void;
}

interface ScheduleRow {
  plugin_id: string;
  job: string;
  cron: string;
  next_run_at: Date;
}

/** Time that goes back by less is the jitter of a question to the database. */
const JITTER_MS = 1_000;

/** The first tick after `moment`. @throws Error saying what is wrong with the expression. */
export function nextTick(cron: string, moment: Date): Date {
  return CronExpressionParser.parse(cron, { currentDate: moment, tz: 'UTC' }).next().toDate();
}

/** What keeps an expression from being five fields that come true some day; undefined when nothing does. */
export function cronProblem(cron: string | undefined): string | undefined {
  if (cron === undefined) return undefined;
  if (cron.trim().split(/\s+/).length !== 5) return `cron "${cron}" has not five fields.`;
  try {
    nextTick(cron, new Date(0));
    return undefined;
  } catch (error) {
    return `cron "${cron}" is not valid: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

/**
 * Queues cron jobs when they are due. The time of the next tick is a row that instances compete to move on; who does
 * queues the run in the same transaction, so that a tick is neither lost nor run twice.
 */
export class Schedules {
  readonly #context: SchedulesContext;
  /** When each job is due, as far as this instance knows; the rows decide. */
  #due = new Map<JobDefinition, Date>();
  #known: Composition | undefined;
  #lookedAt = new Date(0);
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(context: SchedulesContext) {
    this.#context = context;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.look()
        .catch((error: unknown) => {
          this.#context.failed(error);
        })
        .finally(() => (this.#looking = undefined));
    }, LOOK_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** Queues what is due. */
  async look(): Promise<void> {
    const now = this.#context.clock.now();
    // The rows may wait for ticks of a time that is not to come for long.
    if (now.getTime() < this.#lookedAt.getTime() - JITTER_MS) this.#known = undefined;
    this.#lookedAt = now;
    await this.#readSchedules(now);
    for (const [job, due] of this.#due) {
      if (due <= now) this.#due.set(job, await this.#take(job, due, now));
    }
  }

  /** Writes down the cron jobs of a new composition, and learns when each is due. */
  async #readSchedules(now: Date): Promise<void> {
    const { knex } = this.#context;
    const current = this.#context.composition();
    if (current === this.#known) return;
    const jobs = [...current.jobs.values()].filter(({ options }) => options.cron !== undefined);
    const rows = jobs.map(({ owner, name, options: { cron = '' } }) => {
      const next = nextTick(cron, now);
      return { plugin_id: owner, job: name, cron, next_run_at: next, latest: nextTick(cron, next) };
    });
    const due = new Map<JobDefinition, Date>();
    if (rows.length > 0) {
      // A job whose expression has changed starts over; every other keeps the tick that it waits for, unless time went back by more than one.
      await knex.raw(
        `INSERT INTO job_schedules AS s (plugin_id, job, cron, next_run_at)
         SELECT plugin_id, job, cron, next_run_at
         FROM jsonb_to_recordset(:rows::JSONB) AS r (plugin_id TEXT, job TEXT, cron TEXT, next_run_at TIMESTAMPTZ)
         ON CONFLICT (plugin_id, job) DO UPDATE SET cron = EXCLUDED.cron, next_run_at = EXCLUDED.next_run_at
         WHERE s.cron <> EXCLUDED.cron OR s.next_run_at > (
           SELECT latest FROM jsonb_to_recordset(:rows::JSONB) AS l (plugin_id TEXT, job TEXT, latest TIMESTAMPTZ)
           WHERE l.plugin_id = s.plugin_id AND l.job = s.job)`,
        { rows: JSON.stringify(rows) },
      );
      const stored = await knex<ScheduleRow>('job_schedules').select();
      const times = new Map(stored.map((row) => [`${row.plugin_id}/${row.job}`, row.next_run_at]));
      for (const job of jobs) due.set(job, times.get(`${job.owner}/${job.name}`) ?? now);
    }
    this.#due = due;
    this.#known = current;
  }

  /** Takes a tick, unless another instance has, and answers when the next one is. */
  async #take(job: JobDefinition, due: Date, now: Date): Promise<Date> {
    const key = { plugin_id: job.owner, job: job.name };
    const next = nextTick(job.options.cron ?? '', now > due ? now : due);
    return inTransaction(this.#context.knex, async (trx) => {
      const taken = await trx('job_schedules').where({ ...key, next_run_at: due }).update({ next_run_at: next });
      if (taken === 1) {
        this.#context.enqueue(trx, job, { dueAt: due.toISOString() });
        return next;
      }
      const row = await trx<ScheduleRow>('job_schedules').where(key).first('next_run_at');
      if (row !== undefined) return row.next_run_at;
      this.#known = undefined;
      return next;
    });
  }
}
