import type { Server } from 'node:http';
import type { Redis } from 'ioredis';
import type { Knex } from 'knex';
import type { Config } from '../config/config.ts';
import { afterCommit, collect, inTransaction, type Collector, type Transaction } from '../database/transaction.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { Caller } from '../http/route.ts';
import type { Observer } from '../plugins/containment.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Broker } from './broker.ts';
import type { ChannelEvent, ChannelTable } from './channels.ts';
import { EventStream } from './event-stream.ts';
import { forgetEvents, insertEvents } from './event-log.ts';
import { LONGEST_WHISPER } from './fan-out.ts';
import { Gateway } from './gateway.ts';
import type { RealtimeService } from './service.ts';
import { recheck, subscribe, type SubscribingContext } from './subscribing.ts';
import { Subscribers } from './subscribers.ts';
import { makeTicket, takeTicket } from './tickets.ts';

export interface RealtimeOptions {
  knex: Knex;
  databaseUrl: string;
  redis: Redis | undefined;
  log: Logger;
  observer: Observer;
  config: Pick<Config, 'trustProxy' | 'realtime'>;
  rateLimit: RateLimit;
  authenticate(token: string): Caller;
  hasEnded(caller: Caller): boolean;
  channels(): ChannelTable;
  /** Told of every member whose message a handler has taken, since it may have written. */
  wrote(userId: string): Promise<void> | undefined;
}

const FORGET_MS = 60_000;

/** Sockets and streams of this instance, and what is published to them from any. */
export class Realtime {
  readonly #options: RealtimeOptions;
  readonly #subscribers = new Subscribers();
  readonly #streams = new Set<EventStream>();
  readonly #context: SubscribingContext;
  readonly #broker: Broker;
  readonly #gateway: Gateway;
  #timer: NodeJS.Timeout | undefined;
  /** All that a transaction publishes is written in one statement. */
  readonly #outbox: Collector<ChannelEvent> = {
    flush: async (trx, events) => {
      if (events.length === 0) return;
      await insertEvents(trx, events);
      afterCommit(trx, () => {
        this.#broker.nudge();
      });
    },
  };

  constructor(options: RealtimeOptions) {
    const { knex, observer, config } = options;
    this.#options = options;
    this.#broker = new Broker(options, this.#subscribers, (channel, userId) => {
      void recheck(this.#context, channel, userId);
    });
    const channels = options.channels.bind(options);
    const wrote = options.wrote.bind(options);
    this.#context = { knex, observer, subscribers: this.#subscribers, broker: this.#broker, channels, wrote };
    this.#gateway = new Gateway({
      subscribing: this.#context,
      rateLimit: options.rateLimit,
      limits: config.realtime,
      trustProxy: config.trustProxy,
      authenticate: options.authenticate.bind(options),
      takeTicket: (ticket) => takeTicket(knex, ticket),
      hasEnded: options.hasEnded.bind(options),
    });
  }

  /** Open sockets, streams and subscriptions, for /metrics. */
  get counts(): { sockets: number; streams: number; subscriptions: number } {
    return { sockets: this.#gateway.count, streams: this.#streams.size, subscriptions: this.#subscribers.count };
  }

  async start(): Promise<void> {
    await this.#broker.start();
    this.#timer = setInterval(() => {
      this.#forgetOld();
    }, FORGET_MS).unref();
  }

  /** Takes the sockets of a server. */
  attach(server: Server): void {
    this.#gateway.attach(server);
  }

  /** Lets the readers go; they come back to another instance. */
  closeReaders(): void {
    this.#gateway.stop();
    for (const stream of this.#streams) stream.dropped();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#broker.stop();
  }

  /** Ends the subscriptions to channels that the new composition does not have. */
  recomposed(): void {
    const channels = this.#options.channels();
    for (const { channel, subscriber } of this.#subscribers.entries()) {
      const found = channels.find(channel);
      if (found === undefined) {
        this.#subscribers.remove(channel, subscriber);
        subscriber.dropped(channel, 'gone');
      } else this.#subscribers.redefine(channel, subscriber, found.definition);
    }
  }

  ticket(caller: Caller): Promise<string> {
    return makeTicket(this.#options.knex, caller);
  }

  /** Opens a stream of server-sent events. @throws ApiError when the channel is not for this reader. */
  async stream(caller: Caller | undefined, channel: string, after: number | undefined): Promise<EventStream> {
    const stream = new EventStream(caller, channel, this.#subscribers, this.#options.config.realtime.backlogBytes);
    this.#streams.add(stream);
    stream.body.once('close', () => this.#streams.delete(stream));
    try {
      await subscribe(this.#context, stream, channel, after, (answer) => {
        stream.opened(answer);
      });
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  /** Whether a channel may be read as server-sent events. */
  isPublic(channel: string): boolean {
    return this.#options.channels().find(channel)?.definition.options.audience === 'public';
  }

  /** The service of one plugin, which publishes to its own channels and to people. */
  serviceFor(owner: string): RealtimeService {
    const check = (channel: string): void => {
      const found = this.#options.channels().find(channel);
      if (found === undefined) throw new TypeError(`${owner}: there is no channel ${channel}.`);
      const isPersonal = found.definition.pattern === 'user:{id}';
      if (found.definition.owner !== owner && !isPersonal) {
        throw new TypeError(`${owner}: the channel ${channel} belongs to ${found.definition.owner}.`);
      }
    };
    return {
      publish: async (channel, event, data, { trx } = {}) => {
        check(channel);
        const add = (transaction: Transaction): Promise<void> => {
          collect(transaction, this.#outbox, { channel, event, data });
          return Promise.resolve();
        };
        await (trx === undefined ? inTransaction(this.#options.knex, add) : add(trx));
      },
      signal: async (channel, event, data) => {
        check(channel);
        const size = Buffer.byteLength(JSON.stringify({ channel, event, data }));
        if (size > LONGEST_WHISPER) throw new RangeError(`${owner}: a signal of ${String(size)} bytes is too long; publish it.`);
        await this.#broker.whisper({ kind: 'event', channel, event, data });
      },
      recheck: async (channel, userId) => {
        check(channel);
        await this.#broker.whisper({ kind: 'recheck', channel, userId });
      },
    };
  }

  /** Forgets what nobody can catch up on any more. */
  #forgetOld(): void {
    const { knex, config, log } = this.#options;
    forgetEvents(knex, config.realtime.keepSeconds).catch((error: unknown) => {
      log.warn({ err: error }, 'old events could not be forgotten');
    });
  }
}
