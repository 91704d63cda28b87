import pg from 'pg';
import { LISTENING } from './connect.ts';

const RETRY_MS = 2_000;

/**
 * Hears PostgreSQL's notifications on one channel, over a connection of its own. A connection that breaks is opened again;
 * what was missed meanwhile has to be read elsewhere, which `onNotice` is also called for.
 */
export class Listener {
  readonly #connectionString: string;
  readonly #channel: string;
  readonly #onNotice: () => void;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(connectionString: string, channel: string, onNotice: () => void) {
    this.#connectionString = connectionString;
    this.#channel = channel;
    this.#onNotice = onNotice;
  }

  async start(): Promise<void> {
    if (this.#isStopped) return;
    const client = new pg.Client({
      connectionString: this.#connectionString,
      application_name: `musclemap-listener`,
      ...LISTENING,
    });
    this.#client = client;
    client.on('notification', this.#onNotice);
    client.once('error', () => {
      this.#reconnect(client);
    });
    client.once('end', () => {
      this.#reconnect(client);
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(this.#channel)}`);
      this.#onNotice();
    } catch {
      this.#reconnect(client);
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    await this.#client?.end().catch(() => undefined);
  }

  /** Whoever listens also polls, so that a lost connection only makes news later. */
  #reconnect(client: pg.Client): void {
    if (this.#isStopped || this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    this.#retry = setTimeout(() => void this.start(), RETRY_MS);
    this.#retry.unref();
  }
}
