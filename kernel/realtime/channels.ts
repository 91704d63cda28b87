import type { TSchema, Static } from 'typebox';
import type { Caller } from '../http/route.ts';

/** What somebody asks who wants to read a channel. */
export interface ChannelQuestion {
  /** Undefined for somebody who has not signed in. */
  user: Caller | undefined;
  /** The parts of the channel's name that the pattern leaves open, as `{ id: 'conv_…' }`. */
  params: Readonly<Record<string, string>>;
}

/** Something that was published. */
export interface ChannelEvent {
  channel: string;
  event: string;
  data: unknown;
}

/** Who reads a channel, and which of its events. */
export interface ChannelOptions<Context = unknown> {
  /** One line for the documentation. */
  summary: string;
  /** `public`: also without signing in, and as server-sent events. `members` unless said. */
  audience?: 'public' | 'members';
  /**
   * Whether the asker may read this channel: nothing or false refuses, anything else lets in and is handed to `filter` for every
   * event. Asked at the subscription, and again after `kernel.realtime.recheck`. Everybody in the audience unless said.
   */
  authorize?(question: ChannelQuestion): Context | false | undefined | Promise<Context | false | undefined>;
  /** Whether this reader gets this event. Called for every reader of every event: synchronous, without I/O. */
  filter?(event: ChannelEvent, context: Context): boolean;
}

/** A message of a socket, checked against its schema. */
export interface SocketMessage<Body> {
  user: Caller;
  body: Body;
}

/** Where a plugin says which channels exist and which messages of clients it takes. */
export interface ChannelRegistrar {
  /**
   * Opens a channel, or one for every value of a `{name}` in its pattern.
   *
   * @example channels.add('conversation:{id}', { summary: '…', authorize: ({ user, params }) => isParticipant(user, params.id) });
   */
  add<Context>(pattern: string, options: ChannelOptions<Context>): void;
  /** Takes the messages `{ type, … }` that clients send over their socket; `body` is the schema of all but `type`. */
  on<Schema extends TSchema>(
    type: string,
    body: Schema,
    handler: (message: SocketMessage<Static<Schema>>) => Promise<void> | void,
  ): void;
}

/** A registered channel with its owner. */
export interface ChannelDefinition {
  owner: string;
  pattern: string;
  options: ChannelOptions;
  /** The parameters of a channel's name; undefined when the name is not of this pattern. */
  match(name: string): Record<string, string> | undefined;
}

/** A registered kind of message with its owner. */
export interface MessageDefinition {
  owner: string;
  type: string;
  body: TSchema;
  handler: (message: SocketMessage<unknown>) => Promise<void> | void;
}

/** The channels and messages of one composition. */
export interface ChannelTable {
  find(name: string): { definition: ChannelDefinition; params: Record<string, string> } | undefined;
  all: readonly ChannelDefinition[];
  messages: ReadonlyMap<string, MessageDefinition>;
}

const PATTERN = /^[a-z][a-z0-9-]*(:(\{[a-zA-Z]+\}|[a-z0-9-]+))*$/;
/** The kinds of message that the socket itself understands. */
const RESERVED = new Set(['subscribe', 'unsubscribe', 'ping', 'event', 'subscribed', 'unsubscribed', 'error', 'pong']);

/** Collects what the taps on `channels` register. */
export class ChannelCollection {
  readonly #channels: ChannelDefinition[] = [];
  readonly #messages = new Map<string, MessageDefinition>();

  /** @param refuse Throws the failure of the plugin that registers. */
  registrarFor(owner: string, refuse: (what: string) => never): ChannelRegistrar {
    return {
      add: (pattern, options) => {
        if (!PATTERN.test(pattern)) refuse(`the channel "${pattern}" is not named like noun or noun:{id}.`);
        const key = shape(pattern);
        const twin = this.#channels.find((channel) => shape(channel.pattern) === key);
        if (twin !== undefined) refuse(`the channel ${pattern} is taken by ${twin.owner}.`);
        this.#channels.push({ owner, pattern, options, match: createMatch(pattern) });
      },
      on: (type, body, handler) => {
        const twin = this.#messages.get(type);
        if (twin !== undefined || RESERVED.has(type)) refuse(`messages of type ${type} belong to ${twin?.owner ?? 'the kernel'}.`);
        this.#messages.set(type, { owner, type, body, handler: handler as MessageDefinition['handler'] });
      },
    };
  }

  seal(): ChannelTable {
    const byNoun = new Map<string, ChannelDefinition[]>();
    for (const channel of this.#channels) {
      const noun = nounOf(channel.pattern);
      byNoun.set(noun, [...(byNoun.get(noun) ?? []), channel]);
    }
    return {
      find: (name) => {
        for (const definition of byNoun.get(nounOf(name)) ?? []) {
          const params = definition.match(name);
          if (params !== undefined) return { definition, params };
        }
        return undefined;
      },
      all: this.#channels,
      messages: this.#messages,
    };
  }
}

function nounOf(name: string): string {
  return name.split(':', 1)[0] ?? name;
}

function shape(pattern: string): string {
  return pattern.replaceAll(/\{[^}]+\}/g, '{}');
}

function createMatch(pattern: string): ChannelDefinition['match'] {
  const parts = pattern.split(':');
  return (name) => {
    const given = name.split(':');
    if (given.length !== parts.length) return undefined;
    const params: Record<string, string> = {};
    for (const [index, part] of parts.entries()) {
      const value = given[index] ?? '';
      if (part.startsWith('{')) {
        if (!/^[\w.-]{1,100}$/.test(value)) return undefined;
        params[part.slice(1, -1)] = value;
      } else if (part !== value) return undefined;
    }
    return params;
  };
}
