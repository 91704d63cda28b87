import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import type { ChannelEvent } from './channels.ts';

/** An event with its place in the one order in which everybody sees events. */
export interface SequencedEvent extends ChannelEvent {
  position: number;
}

/** Events that follow each other without a gap. `after` is the position of the event before the first. */
export interface EventRun {
  after: number;
  events: SequencedEvent[];
}

const MOST_AT_ONCE = 1000;

/** Writes events down in the transaction of what they tell of. They are seen once they are sequenced. */
export async function insertEvents(trx: Transaction, events: readonly ChannelEvent[]): Promise<void> {
  await trx.raw(
    `INSERT INTO realtime_events (channel, event, data)
     SELECT e.channel, e.event, e.data
     FROM jsonb_array_elements(:events::JSONB) WITH ORDINALITY AS g(row, n),
       jsonb_to_record(g.row) AS e(channel TEXT, event TEXT, data JSONB)
     ORDER BY g.n`,
    { events: JSON.stringify(events) },
  );
}

/** Gives the committed events their positions; undefined when there were none. */
export async function sequenceEvents(knex: Knex): Promise<EventRun | undefined> {
  const { rows } = await knex.raw<Rows<SequencedEvent & { after: number }>>('SELECT * FROM sequence_realtime_events(?)', [
    MOST_AT_ONCE,
  ]);
  const [first] = rows;
  if (first === undefined) return undefined;
  return { after: first.after, events: rows.map(({ after: _after, ...event }) => event) };
}

/** How far the order goes, from where it is kept, and whether something waits to be sequenced. */
export async function readHead(knex: Knex): Promise<{ position: number; forgotten: number; hasWaiting: boolean }> {
  const { rows } = await knex.raw<Rows<{ position: number; forgotten: number; hasWaiting: boolean }>>(
    `SELECT position, forgotten, EXISTS (SELECT FROM realtime_events WHERE position IS NULL) AS "hasWaiting" FROM realtime_head`,
  );
  const [head] = rows;
  if (head === undefined) throw new TypeError('realtime_head has no row.');
  return head;
}

/** The next events after a position, of all channels. */
export async function readAfter(knex: Knex, position: number): Promise<SequencedEvent[]> {
  const { rows } = await knex.raw<Rows<SequencedEvent>>(
    `SELECT position, channel, event, data FROM realtime_events WHERE position > ? ORDER BY position LIMIT ?`,
    [position, MOST_AT_ONCE],
  );
  return rows;
}

/** One channel's events after a position and up to another, oldest first. */
export async function readChannel(
  knex: Knex,
  channel: string,
  range: { after: number; upTo: number },
  limit: number,
): Promise<SequencedEvent[]> {
  const { rows } = await knex.raw<Rows<SequencedEvent>>(
    `SELECT position, channel, event, data FROM realtime_events
     WHERE channel = :channel AND position > :after AND position <= :upTo ORDER BY position LIMIT :limit`,
    { channel, ...range, limit },
  );
  return rows;
}

/** Forgets the events that are older than `seconds`, a bounded number at a time. */
export async function forgetEvents(knex: Knex, seconds: number): Promise<void> {
  await knex.raw(
    `WITH old AS (
       SELECT id, position FROM realtime_events
       WHERE position IS NOT NULL AND created_at < clock_timestamp() - :seconds * INTERVAL '1 second'
       ORDER BY position LIMIT 10000
     ), gone AS (
       DELETE FROM realtime_events USING old WHERE realtime_events.id = old.id RETURNING realtime_events.position
     )
     UPDATE realtime_head SET forgotten = greatest(forgotten, (SELECT max(position) FROM gone))
     WHERE EXISTS (SELECT FROM gone)`,
    { seconds },
  );
}
