import { randomInt } from 'node:crypto';
import pg from 'pg';
import { LISTENING } from './connect.ts';
import type { Logger } from '../telemetry/logger.ts';

const RECONNECT_MS = 1_000;
/** The first half of the advisory lock that an instance holds while it lives; the second is its number. */
export const PRESENCE = 0x6d_75_73_63;

/**
 * A connection of this instance's own: it hears what other instances tell with NOTIFY, and holds a lock by which they know
 * that this one lives. After a loss it comes back by itself; what was told in between is lost, so listeners also poll.
 */
export class Notifications {
  /** What this instance's lock is called. */
  readonly instance = randomInt(1, 2 ** 31 - 1);
  readonly #databaseUrl: string;
  readonly #log: Logger;
  readonly #listeners = new Map<string, (() => void)[]>();
  #client: pg.Client | undefined;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(databaseUrl: string, log: Logger) {
    this.#databaseUrl = databaseUrl;
    this.#log = log;
  }

  /** Calls `listener` when somebody notifies `channel`, and after every reconnection. Before `start`. */
  on(channel: string, listener: () => void): void {
    this.#listeners.set(channel, [...(this.#listeners.get(channel) ?? []), listener]);
  }

  async start(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#databaseUrl, application_name: 'musclemap-instance', ...LISTENING });
    client.on('notification', ({ channel }) => {
      for (const listener of this.#listeners.get(channel) ?? []) listener();
    });
    client.on('error', (error) => {
      this.#log.warn({ err: error }, 'the connection that hears other instances was lost');
    });
    client.on('end', () => {
      if (this.#client === client) this.#comeBack();
    });
    this.#client = client;
    try {
      await client.connect();
      for (const channel of this.#listeners.keys()) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      // Waits for as long as the server takes a lost connection of ours for alive: this instance counts as alive meanwhile.
      await client.query('SELECT pg_advisory_lock($1, $2)', [PRESENCE, this.instance]);
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#again);
    await this.#client?.end().catch(() => undefined);
  }

  #comeBack(): void {
    if (this.#isStopped) return;
    // A failed attempt is told twice, by its end and by its error.
    clearTimeout(this.#again);
    this.#again = setTimeout(() => {
      this.start().then(
        () => {
          for (const listener of [...this.#listeners.values()].flat()) listener();
        },
        () => {
          this.#comeBack();
        },
      );
    }, RECONNECT_MS).unref();
  }
}
