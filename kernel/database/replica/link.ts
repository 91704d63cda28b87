import pg from 'pg';

const CONNECT_LIMIT_MS = 2_000;
const ANSWER_LIMIT_MS = 1_000;
const PAUSE_MS = 500;

export interface LinkOptions {
  connectionString: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** A channel of NOTIFY to listen to. */
  channel?: string;
  heard?: (payload: string) => void;
  /** Called whenever the connection stands, the first time and after every loss. */
  connected?: () => void;
  lost?: () => void;
}

/** A connection of its own beside the pools, so that its short questions never wait for one. It comes back after every loss. */
export class Link {
  readonly #options: LinkOptions;
  #client: pg.Client | undefined;
  #isConnected = false;
  #again: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** Tries once, and goes on trying in the background. */
  async start(): Promise<void> {
    if (this.#isStopped) return;
    const { connectionString, applicationName, channel, heard } = this.#options;
    const client = new pg.Client({
      ...{ connectionString, application_name: applicationName, keepAlive: true },
      // Announcements are of no use after a crash: nobody waits for them to reach the disk.
      options: '-c synchronous_commit=off',
      ...{ connectionTimeoutMillis: CONNECT_LIMIT_MS, query_timeout: ANSWER_LIMIT_MS },
    });
    this.#client = client;
    client.on('notification', ({ payload = '' }) => heard?.(payload));
    client.on('error', () => {
      this.#lose(client);
    });
    client.on('end', () => {
      this.#lose(client);
    });
    try {
      await client.connect();
      if (channel !== undefined) await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
      this.#isConnected = true;
      this.#options.connected?.();
    } catch {
      this.#lose(client);
    }
  }

  /** @throws Error when there is no connection or no answer in time; the connection is made anew then. */
  async ask<Row extends object>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = this.#client;
    if (client === undefined || !this.#isConnected) throw new Error('There is no connection.');
    try {
      return (await client.query<Row>(text, [...values])).rows;
    } catch (error) {
      // A refused statement leaves the connection as it was; after one that hangs nothing can be asked.
      if (!(error instanceof pg.DatabaseError)) this.#lose(client);
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#again);
    await this.#client?.end().catch(() => undefined);
  }

  #lose(client: pg.Client): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    if (this.#isConnected) this.#options.lost?.();
    this.#isConnected = false;
    if (this.#isStopped) return;
    this.#again = setTimeout(() => void this.start(), PAUSE_MS).unref();
  }
}
