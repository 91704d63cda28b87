import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Knex } from 'knex';
import pg from 'pg';
import { LISTENING } from '../database/connect.ts';
import { connectSubscriber } from '../database/redis.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ChannelEvent } from './channels.ts';
import type { EventRun, SequencedEvent } from './event-log.ts';

/** What one instance tells the others that is not kept: an event of the moment, or that a reader is to be asked again. */
export type Whisper = ({ kind: 'event' } & ChannelEvent) | { kind: 'recheck'; channel: string; userId: string };

export interface FanOutListener {
  /** Events that another instance has sequenced. */
  run(run: EventRun): void;
  /** Another instance has sequenced events, which are in the database. */
  news(): void;
  whisper(whisper: Whisper): void;
}

/** NOTIFY carries 8,000 bytes at most. */
export const LONGEST_WHISPER = 7_000;
const CHANNEL = 'musclemap_realtime';
const PREFIX = 'rt:';
const CONTROL = 'rt:control';
const PAUSE_MS = 500;

type RedisMessage = Whisper | (Omit<SequencedEvent, 'channel'> & { kind: 'sequenced'; after: number });

interface Notice {
  whisper?: unknown;
}

export interface FanOutContext {
  knex: Knex;
  databaseUrl: string;
  redis: Redis | undefined;
  log: Logger;
}

/**
 * Tells the other instances what happened here: through Redis while it answers, else through PostgreSQL. Neither has to be
 * reliable; what they lose is found in the event log.
 */
export class FanOut {
  readonly #context: FanOutContext;
  readonly #from = randomUUID();
  #listener: FanOutListener | undefined;
  #subscriber: Redis | undefined;
  #client: pg.Client | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(context: FanOutContext) {
    this.#context = context;
  }

  async start(listener: FanOutListener): Promise<void> {
    this.#listener = listener;
    await this.#listen();
    const { redis, log } = this.#context;
    if (redis === undefined) return;
    this.#subscriber = connectSubscriber(redis, log);
    this.#subscriber.on('pmessage', (_pattern: string, channel: string, text: string) => {
      this.#heardRedis(channel, text);
    });
    // Waits in the connection's queue while Redis is away, and is repeated after every reconnection.
    this.#subscriber.psubscribe(`${PREFIX}*`).catch((error: unknown) => {
      if (!this.#isStopped) log.warn({ err: error }, 'Redis channels could not be subscribed');
    });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#subscriber?.disconnect();
    await this.#client?.end().catch(() => undefined);
  }

  /** Tells the others of events that were sequenced here. */
  async announce(run: EventRun): Promise<void> {
    const pipeline = this.#readyRedis()?.pipeline();
    if (pipeline === undefined) return this.#notify({ from: this.#from });
    let { after } = run;
    for (const { channel, position, event, data } of run.events) {
      pipeline.publish(PREFIX + channel, this.#encode({ kind: 'sequenced', after, position, event, data }));
      after = position;
    }
    await pipeline.exec().catch(() => this.#notify({ from: this.#from }));
  }

  async whisper(whisper: Whisper): Promise<void> {
    const redis = this.#readyRedis();
    if (redis === undefined) return this.#notify({ from: this.#from, whisper });
    const channel = whisper.kind === 'event' ? PREFIX + whisper.channel : CONTROL;
    await redis.publish(channel, this.#encode(whisper)).catch(() => this.#notify({ from: this.#from, whisper }));
  }

  #readyRedis(): Redis | undefined {
    const { redis } = this.#context;
    return redis?.status === 'ready' && this.#subscriber?.status === 'ready' ? redis : undefined;
  }

  #encode(message: RedisMessage): string {
    return JSON.stringify({ from: this.#from, ...message });
  }

  #heardRedis(name: string, text: string): void {
    const message = readMessage<RedisMessage>(text);
    if (message === undefined || message.from === this.#from) return;
    const channel = name.slice(PREFIX.length);
    if (message.kind === 'sequenced') {
      const { after, position, event, data } = message;
      this.#listener?.run({ after, events: [{ channel, position, event, data }] });
    } else if (isWhisper(message)) this.#listener?.whisper(message);
  }

  #heardNotice(text: string): void {
    const notice = readMessage<Notice>(text);
    if (notice === undefined || notice.from === this.#from) return;
    if (notice.whisper === undefined) this.#listener?.news();
    else if (isWhisper(notice.whisper)) this.#listener?.whisper(notice.whisper);
  }

  /** On a statement of its own, after the commit: a NOTIFY inside a transaction makes its commit wait for a global lock. */
  async #notify(payload: { from: string; whisper?: Whisper }): Promise<void> {
    const { knex, log } = this.#context;
    await knex.raw('SELECT pg_notify(?, ?)', [CHANNEL, JSON.stringify(payload)]).catch((error: unknown) => {
      log.warn({ err: error }, 'the other instances could not be told of an event; they will find it');
    });
  }

  async #listen(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#context.databaseUrl, application_name: 'musclemap-realtime', ...LISTENING });
    client.on('notification', ({ payload = '' }) => {
      this.#heardNotice(payload);
    });
    client.on('error', () => undefined);
    client.on('end', () => {
      if (this.#client === client) this.#listenAgain();
    });
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      if (this.#isStopped) await client.end();
      else this.#client = client;
    } catch {
      await client.end().catch(() => undefined);
      this.#listenAgain();
    }
  }

  #listenAgain(): void {
    if (this.#isStopped) return;
    this.#retry = setTimeout(() => {
      void this.#listen().then(() => this.#listener?.news());
    }, PAUSE_MS);
    this.#retry.unref();
  }
}

/** What an instance has sent. Whoever may use the database can notify as well: what is no message is passed over. */
function readMessage<Message>(text: string): (Message & { from: string }) | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'from' in message ? (message as Message & { from: string }) : undefined;
  } catch {
    return undefined;
  }
}

function isWhisper(message: unknown): message is Whisper {
  if (typeof message !== 'object' || message === null || !('kind' in message) || !('channel' in message)) return false;
  return (message.kind === 'event' || message.kind === 'recheck') && typeof message.channel === 'string';
}
