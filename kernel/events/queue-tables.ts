import type { Knex } from 'knex';
import type PgBoss from 'pg-boss';
import type { Rows } from '../database/connect.ts';
import { WORK_QUEUE } from './work.ts';

/** Long enough for the work of a plugin that is switched off to wait until it is on again. */
const KEEP_MINUTES = 365 * 24 * 60;

/** Makes pg-boss's tables, our queue and the indexes that our own statements need. */
export async function createQueueTables(knex: Knex, boss: PgBoss): Promise<void> {
  await boss.createQueue(WORK_QUEUE, { name: WORK_QUEUE, retentionMinutes: KEEP_MINUTES });
  await knex.transaction(async (trx) => {
    await trx.raw(`SELECT pg_advisory_xact_lock(hashtextextended('musclemap:queue', 0))`);
    const { rows } = await trx.raw<Rows<{ partition_name: string }>>(
      'SELECT partition_name FROM pgboss.queue WHERE name = ?',
      [WORK_QUEUE],
    );
    const table = rows[0]?.partition_name ?? '';
    const indexes = {
      work_waiting: `(singleton_key, start_after) WHERE state < 'active'`,
      work_running: `(singleton_key, started_on) WHERE state = 'active'`,
      work_failed: `(completed_on DESC, id DESC) INCLUDE (singleton_key) WHERE state = 'failed'`,
    };
    for (const [name, definition] of Object.entries(indexes)) {
      await trx.raw(`CREATE INDEX IF NOT EXISTS ${name} ON pgboss.?? ${definition}`, [table]);
    }
  });
}
