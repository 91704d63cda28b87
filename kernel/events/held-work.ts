import type { Knex } from 'knex';

/** When work begins that waits for its plugin: not before somebody says so. */
export const HELD = new Date('9999-01-01T00:00:00Z');

/** Lets everything that is queued for a plugin wait. */
export async function holdWork(knex: Knex, queue: string, owner: string): Promise<void> {
  await knex.raw(
    `UPDATE pgboss.job SET start_after = :held, keep_until = :held
     WHERE name = :queue AND data->>'owner' = :owner AND state IN ('created', 'retry')`,
    { queue, owner, held: HELD },
  );
}

/** Puts work back that was taken for a plugin which may not run; the attempt does not count. */
export async function putBack(knex: Knex, queue: string, id: string): Promise<void> {
  await knex.raw(
    `UPDATE pgboss.job SET state = 'retry', start_after = :held, keep_until = :held WHERE name = :queue AND id = :id AND state = 'active'`,
    { queue, id, held: HELD },
  );
}

/** Lets the work of a plugin begin that has waited for it. */
export async function resumeWork(knex: Knex, queue: string, owner: string): Promise<void> {
  await knex.raw(
    `UPDATE pgboss.job SET start_after = NOW(), keep_until = NOW() + INTERVAL '14 days'
     WHERE name = :queue AND data->>'owner' = :owner AND state IN ('created', 'retry') AND start_after = :held`,
    { queue, owner, held: HELD },
  );
}
