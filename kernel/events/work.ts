import type PgBoss from 'pg-boss';
import type { EventName } from './events.ts';
import type { JobOptions } from './jobs.ts';

/** pg-boss's queue that holds all background work; `singleton_key` is the plugin that does it. */
export const WORK_QUEUE = 'work';

/** One piece of background work: an event for one subscriber, or one run of a job. */
export type Work =
  | { kind: 'event'; owner: string; id: string; event: EventName; payload: object; emittedAt: string }
  | { kind: 'job'; owner: string; job: string; data: object };

const RETRIES = 8;
const TIME_LIMIT_SECONDS = { event: 60, job: 300 };
/** How much later than the time limit the queue gives a run up by itself. */
const EXPIRY_MARGIN_SECONDS = 60;

export type Limits = Pick<JobOptions, 'retries' | 'timeLimitSeconds'>;

export function timeLimitSeconds(kind: Work['kind'], limits: Limits): number {
  return limits.timeLimitSeconds ?? TIME_LIMIT_SECONDS[kind];
}

/** A row of the queue. */
export function toInsert(work: Work, limits: Limits, startAfterSeconds?: number): PgBoss.JobInsert<Work> {
  return {
    name: WORK_QUEUE,
    data: work,
    singletonKey: work.owner,
    retryLimit: limits.retries ?? RETRIES,
    retryBackoff: true,
    expireInSeconds: timeLimitSeconds(work.kind, limits) + EXPIRY_MARGIN_SECONDS,
    // An interval, which the queue adds to the database's time.
    ...(startAfterSeconds !== undefined && { startAfter: `${String(startAfterSeconds)} seconds` }),
  };
}
