import { setImmediate as yieldToOthers } from 'node:timers/promises';
import type { Caller } from '../http/route.ts';
import type { ChannelDefinition, ChannelEvent } from './channels.ts';
import type { SequencedEvent } from './event-log.ts';

/** Somebody who reads channels: a socket, or a stream of server-sent events. */
export interface Subscriber {
  readonly caller: Caller | undefined;
  /** Sends an event that was written out once for all its readers. */
  send(message: OutgoingEvent): void;
  /** Tells the reader that it no longer gets a channel, and why. */
  dropped(channel: string, reason: 'forbidden' | 'gone'): void;
}

/** An event ready to be sent: the bytes of a socket's message, made once for all, and what a stream needs beside them. */
export interface OutgoingEvent {
  /** Undefined for an event of the moment, which nobody can catch up on. */
  position: number | undefined;
  channel: string;
  event: string;
  data: unknown;
  bytes: Buffer;
}

interface Subscription {
  definition: ChannelDefinition;
  context: unknown;
  /** What arrives while the reader is still being sent what it missed; undefined once it is level. */
  waiting: OutgoingEvent[] | undefined;
}

const SENDS_AT_ONCE = 2_000;

export function outgoing({ channel, event, data, position }: ChannelEvent & Partial<SequencedEvent>): OutgoingEvent {
  const message = { type: 'event', channel, event, data, ...(position !== undefined && { id: String(position) }) };
  return { position, channel, event, data, bytes: Buffer.from(JSON.stringify(message)) };
}

/** Who reads which channel on this instance. */
export class Subscribers {
  readonly #channels = new Map<string, Map<Subscriber, Subscription>>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Adds a reader, which gets nothing until `level` says that it has caught up. */
  add(channel: string, subscriber: Subscriber, definition: ChannelDefinition, context: unknown): void {
    const readers = this.#channels.get(channel) ?? new Map<Subscriber, Subscription>();
    this.#channels.set(channel, readers);
    if (!readers.has(subscriber)) this.#count += 1;
    readers.set(subscriber, { definition, context, waiting: [] });
  }

  /** Sends what a reader missed that has seen everything up to `after`, then what arrived in the meantime, each once. */
  level(channel: string, subscriber: Subscriber, missed: readonly OutgoingEvent[], after: number): void {
    const subscription = this.#channels.get(channel)?.get(subscriber);
    if (subscription?.waiting === undefined) return;
    const newest = missed.at(-1)?.position ?? after;
    const late = subscription.waiting.filter(({ position }) => position === undefined || position > newest);
    subscription.waiting = undefined;
    for (const message of [...missed, ...late]) send(subscriber, subscription, message);
  }

  /** Gives a reader the answer to being asked again. */
  change(channel: string, subscriber: Subscriber, definition: ChannelDefinition, context: unknown): void {
    const subscription = this.#channels.get(channel)?.get(subscriber);
    if (subscription !== undefined) Object.assign(subscription, { definition, context });
  }

  /** Puts a channel's definition of a new composition in place of the old one's. */
  redefine(channel: string, subscriber: Subscriber, definition: ChannelDefinition): void {
    const subscription = this.#channels.get(channel)?.get(subscriber);
    if (subscription !== undefined) subscription.definition = definition;
  }

  remove(channel: string, subscriber: Subscriber): boolean {
    const readers = this.#channels.get(channel);
    if (readers?.delete(subscriber) !== true) return false;
    this.#count -= 1;
    if (readers.size === 0) this.#channels.delete(channel);
    return true;
  }

  /** The readers of a channel who are this user. */
  of(channel: string, userId: string): Subscriber[] {
    return [...(this.#channels.get(channel)?.keys() ?? [])].filter(({ caller }) => caller?.id === userId);
  }

  /** Every subscription, for asking again whether its channel is still there. */
  entries(): { channel: string; subscriber: Subscriber }[] {
    return [...this.#channels].flatMap(([channel, readers]) => [...readers.keys()].map((subscriber) => ({ channel, subscriber })));
  }

  /** Sends an event to all its readers; lets others run in between when they are many. */
  async deliver(message: OutgoingEvent): Promise<void> {
    let sent = 0;
    for (const [subscriber, subscription] of this.#channels.get(message.channel) ?? []) {
      if (subscription.waiting === undefined) send(subscriber, subscription, message);
      else subscription.waiting.push(message);
      sent += 1;
      if (sent % SENDS_AT_ONCE === 0) await yieldToOthers();
    }
  }
}

function send(subscriber: Subscriber, { definition, context }: Subscription, message: OutgoingEvent): void {
  if (passes(definition, message, context)) subscriber.send(message);
}

/** A filter that throws hides the event: better too little than what somebody must not see. */
function passes({ options }: ChannelDefinition, message: OutgoingEvent, context: unknown): boolean {
  if (options.filter === undefined) return true;
  try {
    return options.filter(message, context);
  } catch {
    return false;
  }
}
