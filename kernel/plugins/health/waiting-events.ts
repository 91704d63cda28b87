import type { Knex } from 'knex';
import type { Transaction } from '../../database/transaction.ts';
import type { EventName } from '../../events/events.ts';

/** Who gets an event once they run again, by event: enabled plugins that failed, are missing or in quarantine. */
export type WaitingSubscribers = ReadonlyMap<EventName, readonly string[]>;

/** Writes down who subscribes to what, so that events can wait for a plugin whose code is not running. */
export async function recordSubscriptions(
  trx: Transaction,
  plugins: Iterable<string>,
  subscriptions: ReadonlyMap<EventName, readonly { owner: string }[]>,
): Promise<void> {
  const rows = [...subscriptions].flatMap(([event, subscribers]) => subscribers.map(({ owner }) => ({ plugin_id: owner, event })));
  await trx('plugin_subscriptions').whereIn('plugin_id', [...plugins]).delete();
  if (rows.length > 0) await trx('plugin_subscriptions').insert(rows);
}

/** What plugins that are enabled and do not run subscribed to when they last did. */
export async function readWaitingSubscribers(knex: Knex, running: readonly string[]): Promise<WaitingSubscribers> {
  const rows = await knex('plugin_subscriptions')
    .join('installed_plugins', 'installed_plugins.id', 'plugin_subscriptions.plugin_id')
    .where({ enabled: true })
    .whereNotIn('plugin_id', running)
    .select<{ event: EventName; owner: string }[]>('event', { owner: 'plugin_id' });
  const byEvent = new Map<EventName, string[]>();
  for (const { event, owner } of rows) byEvent.set(event, [...(byEvent.get(event) ?? []), owner]);
  return byEvent;
}
