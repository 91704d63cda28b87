import { randomBytes } from 'node:crypto';
import type { Knex } from 'knex';
import type { Freshness } from './freshness.ts';
import type { Link } from './link.ts';

/** NOTIFY carries 8,000 bytes at most. */
const LONGEST_PAYLOAD = 7_000;

interface Batch {
  userIds: Set<string>;
  told: Promise<void>;
}

/**
 * Tells every instance who has written. One message is under way at a time and takes along all who wrote while the one before was:
 * a thousand writes a second are some hundred messages. They go over the connection that the primary is polled on, in order: a
 * poll that was answered proves that everything told before was heard.
 */
export class Announcements {
  static readonly CHANNEL = 'musclemap_wrote';
  readonly #link: Link;
  readonly #knex: Knex;
  readonly #freshness: Freshness;
  readonly #from = randomBytes(6).toString('hex');
  #next: Batch | undefined;
  #sending: Promise<void> = Promise.resolve();

  constructor(link: Link, knex: Knex, freshness: Freshness) {
    this.#link = link;
    this.#knex = knex;
    this.#freshness = freshness;
  }

  heard(payload: string): void {
    const [from, ...userIds] = payload.split(' ');
    if (from === this.#from) return;
    for (const userId of userIds) this.#freshness.note(userId);
  }

  /** Settles when the database has passed it on, or cannot: what was written stays written. */
  tell(userId: string): Promise<void> {
    const batch = (this.#next ??= this.#begin());
    batch.userIds.add(userId);
    return batch.told;
  }

  #begin(): Batch {
    const userIds = new Set<string>();
    const told = this.#sending.then(() => {
      this.#next = undefined;
      return this.#send(userIds);
    });
    this.#sending = told;
    return { userIds, told };
  }

  async #send(userIds: ReadonlySet<string>): Promise<void> {
    const { CHANNEL } = Announcements;
    const payloads = inPayloads(this.#from, [...userIds]);
    await this.#link
      .ask('SELECT pg_notify($1, payload) FROM unnest($2::TEXT[]) AS payload', [CHANNEL, payloads])
      .catch(() => this.#knex.raw('SELECT pg_notify(?, payload) FROM unnest(?::TEXT[]) AS payload', [CHANNEL, payloads]))
      // The others have lost the database as well, and will know that they may have missed something.
      .catch(() => undefined);
  }
}

function inPayloads(from: string, userIds: readonly string[]): string[] {
  const payloads: string[] = [];
  let current = from;
  for (const userId of userIds) {
    if (current.length + userId.length >= LONGEST_PAYLOAD) {
      payloads.push(current);
      current = from;
    }
    current += ` ${userId}`;
  }
  return [...payloads, current];
}
