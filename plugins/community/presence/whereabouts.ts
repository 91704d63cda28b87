import type { PluginKernel } from 'musclemap';
import { FEWEST_TOGETHER, type Heartbeat, type Picks, type PresenceStore } from './presence.ts';
import { RedisPresence } from './redis-presence.ts';
import { TablePresence } from './table-presence.ts';

/** How many are here. */
export interface Presence {
  total: number;
  buckets: { geoBucket: string; count: number }[];
}

/** Presence in Redis while it answers, in tables otherwise: a Redis that dies is nothing that a client gets to see. */
export class Whereabouts {
  readonly #kernel: PluginKernel;
  readonly #table: TablePresence;
  readonly #redis: RedisPresence | undefined;

  constructor(kernel: PluginKernel) {
    this.#kernel = kernel;
    this.#table = new TablePresence(kernel.database.knex);
    this.#redis = kernel.redis === undefined ? undefined : new RedisPresence(kernel.redis);
  }

  beat(heartbeat: Heartbeat): Promise<void> {
    return this.#in((store) => store.beat(heartbeat, this.#kernel.clock.now()));
  }

  leave(userId: string): Promise<void> {
    return this.#in((store) => store.leave(userId));
  }

  /** Counts by place. Where few are together they are counted as `other`, as is who names no place. */
  async presence(): Promise<Presence> {
    const counts = await this.#in((store) => store.buckets(this.#kernel.clock.now()));
    let other = 0;
    const buckets: Presence['buckets'] = [];
    for (const [geoBucket, count] of counts) {
      if (geoBucket === '' || count < FEWEST_TOGETHER) other += count;
      else buckets.push({ geoBucket, count });
    }
    buckets.sort((a, b) => b.count - a.count || (a.geoBucket < b.geoBucket ? -1 : 1));
    if (other > 0) buckets.push({ geoBucket: 'other', count: other });
    return { total: buckets.reduce((sum, { count }) => sum + count, 0), buckets };
  }

  picks(): Promise<Picks> {
    return this.#in((store) => store.picks(this.#kernel.clock.now()));
  }

  sweep(): Promise<void> {
    return this.#table.sweep(this.#kernel.clock.now());
  }

  async #in<T>(work: (store: PresenceStore) => Promise<T>): Promise<T> {
    if (this.#redis === undefined || this.#kernel.redis?.status !== 'ready') return work(this.#table);
    try {
      return await work(this.#redis);
    } catch (error) {
      this.#kernel.log.warn({ err: error }, 'presence goes on without Redis');
      return work(this.#table);
    }
  }
}
