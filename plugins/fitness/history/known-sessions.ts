import type { Transaction } from 'musclemap';
import { contentKey } from '../import/content-key.ts';
import type { ImportedSession } from '../import/session.ts';
import { findSourcedOnDates, type SourcedWorkout } from '../models/imports.ts';
import { toExportedSession } from './stored-session.ts';

export interface KnownSessionsOptions {
  userId: string;
  importId: string;
  /** Two equal sessions of one day are two workouts: true of a file of ours, which has each workout once. */
  keepsTwins: boolean;
}

/**
 * Tells which sessions of a file the member already has: imported before, whatever was edited since, or logged here and
 * equal to what an export of it would say.
 */
export class KnownSessions {
  readonly #trx: Transaction;
  readonly #options: KnownSessionsOptions;
  readonly #nameOf: (exerciseId: string) => string;
  /** How often each key of the day at hand stood in the file so far; equal sessions stand together. */
  readonly #seen = new Map<string, number>();
  #day = '';

  constructor(trx: Transaction, options: KnownSessionsOptions, nameOf: (exerciseId: string) => string) {
    this.#trx = trx;
    this.#options = options;
    this.#nameOf = nameOf;
  }

  /** The new ones among the sessions, with the keys to store them by. */
  async keysOfNew(sessions: readonly ImportedSession[]): Promise<Map<ImportedSession, string>> {
    if (sessions.length === 0) return new Map();
    const held = await this.#countHeld([...new Set(sessions.map(({ date }) => date))]);
    const keys = new Map<string, ImportedSession>();
    for (const session of sessions) {
      const time = this.#countSeen(session);
      const times = held.get(session.contentKey) ?? 0;
      const isNew = this.#options.keepsTwins ? time > times : times === 0 && time === 1;
      const key = time === 1 ? session.contentKey : `${session.contentKey}#${String(time)}`;
      if (isNew && !keys.has(key)) keys.set(key, session);
    }
    return new Map([...keys].map(([key, session]) => [session, key]));
  }

  #countSeen({ date, contentKey: key }: ImportedSession): number {
    if (this.#day !== date) this.#seen.clear();
    this.#day = date;
    const time = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, time);
    return time;
  }

  /** By key, how many of the member's workouts are that session. */
  async #countHeld(dates: readonly string[]): Promise<Map<string, number>> {
    const { userId, importId, keepsTwins } = this.#options;
    const held = new Map<string, number>();
    for (const workout of await findSourcedOnDates(this.#trx, userId, dates)) {
      // What this file has already brought is counted by its place in the file.
      if (keepsTwins && workout.importId === importId) continue;
      for (const key of this.#keysOf(workout)) held.set(key, (held.get(key) ?? 0) + 1);
    }
    return held;
  }

  #keysOf(workout: SourcedWorkout): Set<string> {
    const keys = new Set([contentKey(toExportedSession(workout, this.#nameOf))]);
    const [imported] = workout.contentKey?.split('#') ?? [];
    if (imported !== undefined) keys.add(imported);
    return keys;
  }
}
