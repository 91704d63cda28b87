import { PassThrough } from 'node:stream';
import type { Caller } from '../http/route.ts';
import type { Subscribed } from './subscribing.ts';
import type { OutgoingEvent, Subscriber, Subscribers } from './subscribers.ts';

const COMMENT_MS = 20_000;

/** A stream of server-sent events of one channel: `id` is what a browser sends back as Last-Event-ID. */
export class EventStream implements Subscriber {
  readonly caller: Caller | undefined;
  readonly body = new PassThrough();
  readonly #backlogBytes: number;
  readonly #timer: NodeJS.Timeout;

  constructor(caller: Caller | undefined, channel: string, subscribers: Subscribers, backlogBytes: number) {
    this.caller = caller;
    this.#backlogBytes = backlogBytes;
    // A comment now and then keeps proxies from closing a quiet stream.
    this.#timer = setInterval(() => {
      this.#write(': still here\n\n');
    }, COMMENT_MS).unref();
    this.body.once('close', () => {
      clearInterval(this.#timer);
      subscribers.remove(channel, this);
    });
  }

  /** Starts the stream; `ready` tells where it starts and whether something is missing. */
  opened(answer: Subscribed): void {
    this.#write(`retry: 2000\nid: ${answer.lastEventId}\nevent: ready\ndata: ${JSON.stringify(answer)}\n\n`);
  }

  send({ position, event, data }: OutgoingEvent): void {
    const id = position === undefined ? '' : `id: ${String(position)}\n`;
    this.#write(`${id}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  dropped(): void {
    this.body.end();
  }

  close(): void {
    this.body.destroy();
  }

  #write(text: string): void {
    if (this.body.destroyed) return;
    if (this.body.readableLength + this.body.writableLength > this.#backlogBytes) this.body.destroy();
    else this.body.write(text);
  }
}
