import type { Transaction } from '../database/transaction.ts';

/** What readers of channels are told, for plugins. */
export interface RealtimeService {
  /**
   * Tells everybody who reads the channel, on every instance, once and in the same order for all. With `trx` the event is part of
   * that transaction and is told after its commit, whatever dies in between; without, it is kept before this answers.
   * Who loses the connection gets it later, for an hour.
   *
   * @param channel A channel of this plugin, or `user:{id}`: one person, on all their devices.
   * @param event What happened, as `message.sent`.
   * @param data Plain JSON. Every reader of the channel sees it.
   * @example await kernel.realtime.publish(`conversation:${id}`, 'message.sent', message, { trx });
   */
  publish(channel: string, event: string, data: object, options?: { trx?: Transaction }): Promise<void>;
  /**
   * Tells who reads the channel right now, and is forgotten: that somebody types, a figure that changes every second.
   *
   * @throws RangeError for more than 7,000 bytes of JSON.
   */
  signal(channel: string, event: string, data: object): Promise<void>;
  /** Asks `authorize` again for a reader of the channel, on every instance: they have left, or have blocked somebody. */
  recheck(channel: string, userId: string): Promise<void>;
}
