import type { Knex } from 'knex';
import { ApiError } from '../http/errors.ts';
import { runContained, withTimeLimit, type Observer } from '../plugins/containment.ts';
import type { Broker } from './broker.ts';
import type { ChannelDefinition, ChannelTable } from './channels.ts';
import { readChannel, readHead } from './event-log.ts';
import { outgoing, type OutgoingEvent, type Subscriber, type Subscribers } from './subscribers.ts';

const AUTHORIZE_LIMIT_MS = 2_000;
/** Who has missed more than this reads the list that the channel tells of, instead of the events. */
const MOST_MISSED = 1_000;

export interface SubscribingContext {
  knex: Knex;
  observer: Observer;
  subscribers: Subscribers;
  broker: Broker;
  channels(): ChannelTable;
  wrote(userId: string): Promise<void> | undefined;
}

/** What a subscription starts with. */
export interface Subscribed {
  /** The position to resume after, when the connection is lost before another event arrives. */
  lastEventId: string;
  /** Whether what was asked for is no longer complete: read the list again. */
  hasGap: boolean;
}

/**
 * Lets a reader into a channel and sends what it has missed since the event `after`.
 *
 * @throws ApiError NOT_FOUND for an unknown channel, UNAUTHORIZED or FORBIDDEN for one that is not for this reader.
 */
export async function subscribe(
  context: SubscribingContext,
  subscriber: Subscriber,
  channel: string,
  after: number | undefined,
  told: (answer: Subscribed) => void,
): Promise<void> {
  const { definition, answer } = await authorize(context, subscriber, channel);
  const { subscribers, broker } = context;
  subscribers.add(channel, subscriber, definition, answer);
  const upTo = broker.cursor;
  try {
    const missed = after === undefined ? { events: [], hasGap: false } : await readMissed(context.knex, channel, after, upTo);
    told({ lastEventId: String(upTo), hasGap: missed.hasGap });
    subscribers.level(channel, subscriber, missed.events, after ?? 0);
  } catch (error) {
    subscribers.remove(channel, subscriber);
    throw error;
  }
}

/** Asks again whether a reader may read a channel that it reads. */
export async function recheck(context: SubscribingContext, channel: string, userId: string): Promise<void> {
  for (const subscriber of context.subscribers.of(channel, userId)) {
    try {
      const { definition, answer } = await authorize(context, subscriber, channel);
      context.subscribers.change(channel, subscriber, definition, answer);
    } catch {
      if (context.subscribers.remove(channel, subscriber)) subscriber.dropped(channel, 'forbidden');
    }
  }
}

async function authorize(
  context: SubscribingContext,
  { caller: user }: Subscriber,
  channel: string,
): Promise<{ definition: ChannelDefinition; answer: unknown }> {
  const found = context.channels().find(channel);
  if (found === undefined) throw new ApiError('NOT_FOUND', `There is no channel ${channel}.`);
  const { definition, params } = found;
  const { owner, pattern, options } = definition;
  if (user === undefined && options.audience !== 'public') throw new ApiError('UNAUTHORIZED');
  if (options.authorize === undefined) return { definition, answer: true };
  const where = `channel ${pattern}`;
  const ask = options.authorize.bind(options);
  const answer = await runContained(context.observer, owner, where, () =>
    withTimeLimit(ask({ user, params }), AUTHORIZE_LIMIT_MS, where),
  );
  if (answer === undefined || answer === false) throw new ApiError('FORBIDDEN', `The channel ${channel} is not for you.`);
  return { definition, answer };
}

async function readMissed(
  knex: Knex,
  channel: string,
  after: number,
  upTo: number,
): Promise<{ events: OutgoingEvent[]; hasGap: boolean }> {
  const { forgotten } = await readHead(knex);
  const rows = await readChannel(knex, channel, { after, upTo }, MOST_MISSED + 1);
  const hasGap = after < forgotten || rows.length > MOST_MISSED;
  return { events: rows.length > MOST_MISSED ? [] : rows.map(outgoing), hasGap };
}
