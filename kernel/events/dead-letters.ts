import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import { WORK_QUEUE } from './work.ts';

/** Background work that kept failing. It stays for 90 days, to be looked at, replayed or deleted. */
export interface DeadLetter {
  id: string;
  plugin: string;
  kind: 'event' | 'job';
  /** Of the event or the job. */
  name: string;
  /** The event's payload or the job's data. */
  data: object;
  /** Of the last attempt. */
  error: string;
  attempts: number;
  queuedAt: Date;
  /** To the microsecond, so that it says where a page ends. */
  failedAt: string;
}

/** Where a plugin's background work stands. */
export interface WorkState {
  plugin: string;
  waiting: number;
  running: number;
  /** Its dead letters. */
  failed: number;
  /** When the longest overdue of the waiting should have started. */
  waitingSince: Date | null;
}

/** Which dead letters are meant: one, or all of a plugin. */
export type DeadLetterChoice = { id: string } | { plugin: string };

/** The newest dead letters first, after the position of a cursor. */
export async function listDeadLetters(
  knex: Knex,
  { plugin, after, limit }: { plugin?: string | undefined; after?: readonly [failedAt: string, id: string] | undefined; limit: number },
): Promise<DeadLetter[]> {
  const letters = knex('pgboss.job')
    .where({ name: WORK_QUEUE, state: 'failed' })
    .orderBy([
      { column: 'completed_on', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit)
    .select<DeadLetter[]>(
      'id',
      { plugin: 'singleton_key', queuedAt: 'created_on' },
      knex.raw(`data->>'kind' AS kind, coalesce(data->>'event', data->>'job') AS name, coalesce(data->'payload', data->'data') AS data`),
      knex.raw(`coalesce(output->>'message', output->'value'->>'message', '') AS error, retry_count + 1 AS attempts`),
      knex.raw(`to_char(completed_on, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS "failedAt"`),
    );
  if (plugin !== undefined) letters.where({ singleton_key: plugin });
  if (after !== undefined) letters.whereRaw('(completed_on, id) < (?::TIMESTAMPTZ, ?::UUID)', [...after]);
  return letters;
}

/** Queues dead letters again with all their attempts, under the ids that their handlers know; answers how many there were. */
export async function replayDeadLetters(knex: Knex, choice: DeadLetterChoice): Promise<number> {
  return knex('pgboss.job').where(chosen(choice)).update({
    state: 'created',
    retry_count: 0,
    start_after: knex.fn.now(),
    started_on: null,
    completed_on: null,
    output: null,
    keep_until: knex.raw(`now() + interval '1 year'`),
  });
}

export async function deleteDeadLetters(knex: Knex, choice: DeadLetterChoice): Promise<number> {
  return knex('pgboss.job').where(chosen(choice)).delete();
}

function chosen(choice: DeadLetterChoice): Record<string, string> {
  const which = 'id' in choice ? { id: choice.id } : { singleton_key: choice.plugin };
  return { name: WORK_QUEUE, state: 'failed', ...which };
}

/** How much background work each plugin has, in each state. Every part is counted in an index of its own. */
export async function readWorkStates(knex: Knex): Promise<WorkState[]> {
  const { rows } = await knex.raw<Rows<WorkState>>(`
    SELECT plugin, sum(waiting)::INTEGER AS waiting, sum(running)::INTEGER AS running, sum(failed)::INTEGER AS failed,
      min(since) AS "waitingSince"
    FROM (
      SELECT singleton_key AS plugin, count(*) AS waiting, 0 AS running, 0 AS failed,
        min(start_after) FILTER (WHERE start_after <= now()) AS since
      FROM pgboss.job WHERE name = '${WORK_QUEUE}' AND state < 'active' GROUP BY singleton_key
      UNION ALL
      SELECT singleton_key, 0, count(*), 0, NULL FROM pgboss.job
      WHERE name = '${WORK_QUEUE}' AND state = 'active' GROUP BY singleton_key
      UNION ALL
      SELECT singleton_key, 0, 0, count(*), NULL FROM pgboss.job
      WHERE name = '${WORK_QUEUE}' AND state = 'failed' GROUP BY singleton_key
    ) counts GROUP BY plugin ORDER BY plugin`);
  return rows;
}

/** Deletes everything that is queued, scheduled or written down for a plugin that is purged. */
export async function forgetWork(trx: Knex, plugin: string): Promise<void> {
  await trx('pgboss.job').where({ name: WORK_QUEUE, singleton_key: plugin }).delete();
  await trx('job_schedules').where({ plugin_id: plugin }).delete();
  await trx('plugin_subscriptions').where({ plugin_id: plugin }).delete();
}
