import type { WebSocket } from 'ws';
import { ApiError } from '../http/errors.ts';
import type { Caller } from '../http/route.ts';
import { createValidate } from '../http/validation.ts';
import { refuseUnstorableText } from '../http/body.ts';
import { runContained, withTimeLimit } from '../plugins/containment.ts';
import { runAs } from '../telemetry/execution.ts';
import { toApiError } from '../http/error-answer.ts';
import { subscribe, type SubscribingContext } from './subscribing.ts';
import type { OutgoingEvent, Subscriber } from './subscribers.ts';

/** What one socket may do. */
export interface SocketLimits {
  channels: number;
  messagesPerSecond: number;
  /** Bytes that may wait to be sent before the reader counts as too slow. */
  backlogBytes: number;
}

/** Why the server closes a socket. */
export const CLOSE = {
  goingAway: [1001, 'the server stops'],
  policy: [1008, 'too many messages'],
  signedOut: [4401, 'the session has ended'],
  tooSlow: [4408, 'too slow'],
} as const satisfies Record<string, readonly [number, string]>;

const AS_TEXT = { binary: false };
const MESSAGE_LIMIT_MS = 5_000;
const CHANNEL_NAME = /^[\w:.-]{1,200}$/;

interface ClientMessage {
  type: string;
  channel?: unknown;
  after?: unknown;
}

/** One WebSocket of a signed-in person. */
export class Socket implements Subscriber {
  readonly caller: Caller;
  readonly #socket: WebSocket;
  readonly #context: SubscribingContext;
  readonly #limits: SocketLimits;
  readonly #channels = new Set<string>();
  #second = 0;
  #messages = 0;
  /** Whether the other side has answered the last ping. */
  isAlive = true;

  constructor(socket: WebSocket, caller: Caller, context: SubscribingContext, limits: SocketLimits) {
    this.#socket = socket;
    this.caller = caller;
    this.#context = context;
    this.#limits = limits;
    socket.on('pong', () => {
      this.isAlive = true;
    });
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => {
      void runAs({ owner: 'kernel', userId: caller.id }, () => this.#receive(isBinary ? undefined : toText(data)));
    });
    socket.once('close', () => {
      for (const channel of this.#channels) context.subscribers.remove(channel, this);
    });
  }

  send({ bytes }: OutgoingEvent): void {
    this.#write(bytes);
  }

  dropped(channel: string, reason: 'forbidden' | 'gone'): void {
    this.#channels.delete(channel);
    const code = reason === 'gone' ? 'PLUGIN_DISABLED' : 'FORBIDDEN';
    this.#tell({ type: 'error', channel, code, message: 'This channel is no longer sent.' });
  }

  ping(): void {
    this.isAlive = false;
    this.#socket.ping();
  }

  close([code, reason]: readonly [number, string]): void {
    this.#socket.close(code, reason);
  }

  /** Ends the connection without waiting for the other side. */
  terminate(): void {
    this.#socket.terminate();
  }

  #tell(message: object): void {
    this.#write(Buffer.from(JSON.stringify(message)));
  }

  /** A reader that cannot keep up is let go: it comes back and catches up, and nobody else waits for it. */
  #write(bytes: Buffer): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount + bytes.length > this.#limits.backlogBytes) {
      socket.close(...CLOSE.tooSlow);
      socket.terminate();
      return;
    }
    socket.send(bytes, AS_TEXT);
  }

  async #receive(text: string | undefined): Promise<void> {
    if (this.#isTooFast()) {
      this.close(CLOSE.policy);
      return;
    }
    let message: ClientMessage | undefined;
    try {
      message = parse(text);
      await this.#handle(message);
    } catch (error) {
      const { code, message: reason, details } = toApiError(error);
      const channel = typeof message?.channel === 'string' ? message.channel : undefined;
      this.#tell({ type: 'error', code, message: reason, ...(channel !== undefined && { channel }), ...(details !== undefined && { details }) });
    }
  }

  #isTooFast(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) this.#messages = 0;
    this.#second = second;
    this.#messages += 1;
    return this.#messages > this.#limits.messagesPerSecond;
  }

  async #handle(message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'ping':
        this.#tell({ type: 'pong' });
        break;
      case 'subscribe':
        await this.#subscribe(channelOf(message), positionOf(message.after));
        break;
      case 'unsubscribe':
        this.#unsubscribe(channelOf(message));
        break;
      default:
        await this.#dispatch(message);
    }
  }

  async #subscribe(channel: string, after: number | undefined): Promise<void> {
    if (this.#channels.has(channel)) this.#unsubscribeQuietly(channel);
    if (this.#channels.size >= this.#limits.channels) {
      throw new ApiError('UNPROCESSABLE', `A socket reads at most ${String(this.#limits.channels)} channels.`);
    }
    this.#channels.add(channel);
    try {
      await subscribe(this.#context, this, channel, after, (answer) => {
        this.#tell({ type: 'subscribed', channel, ...answer });
      });
      // The socket may have closed, or been dropped, while the answer was on its way.
      if (this.#socket.readyState !== this.#socket.OPEN) this.#context.subscribers.remove(channel, this);
    } catch (error) {
      this.#channels.delete(channel);
      throw error;
    }
  }

  #unsubscribe(channel: string): void {
    this.#unsubscribeQuietly(channel);
    this.#tell({ type: 'unsubscribed', channel });
  }

  #unsubscribeQuietly(channel: string): void {
    this.#channels.delete(channel);
    this.#context.subscribers.remove(channel, this);
  }

  /** Hands a message to the plugin that takes its type. */
  async #dispatch({ type, ...body }: ClientMessage): Promise<void> {
    const definition = this.#context.channels().messages.get(type);
    if (definition === undefined) throw new ApiError('NOT_FOUND', `No message has the type ${JSON.stringify(type)}.`);
    createValidate(definition.body, 'body')(body);
    const where = `message ${type}`;
    try {
      await runContained(this.#context.observer, definition.owner, where, () =>
        withTimeLimit(definition.handler({ user: this.caller, body }), MESSAGE_LIMIT_MS, where),
      );
    } finally {
      // One that failed may have written as well.
      await this.#context.wrote(this.caller.id);
    }
  }
}

function toText(data: Buffer | ArrayBuffer | Buffer[]): string {
  return Array.isArray(data) ? Buffer.concat(data).toString('utf8') : Buffer.from(data as Buffer).toString('utf8');
}

function parse(text: string | undefined): ClientMessage {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch (error) {
    throw new ApiError('VALIDATION_ERROR', 'A message is a JSON object.', { cause: error });
  }
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    throw new ApiError('VALIDATION_ERROR', 'A message is a JSON object with a type.');
  }
  refuseUnstorableText(value, '/message');
  return value as ClientMessage;
}

function channelOf({ channel }: ClientMessage): string {
  if (typeof channel === 'string' && CHANNEL_NAME.test(channel)) return channel;
  throw new ApiError('VALIDATION_ERROR', undefined, { details: [{ path: '/message/channel', message: 'is not the name of a channel' }] });
}

/** The position that an event's id names; undefined to start with what is new. */
export function positionOf(id: unknown): number | undefined {
  if (id === undefined) return undefined;
  const position = typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : undefined;
  if (position === undefined) {
    throw new ApiError('VALIDATION_ERROR', undefined, { details: [{ path: '/message/after', message: 'is not the id of an event' }] });
  }
  return position;
}
