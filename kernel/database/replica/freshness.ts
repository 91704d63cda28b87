/** What the primary said when it was asked how far its log goes. */
export interface Position {
  /** How many bytes of log there are. */
  lsn: bigint;
  /** The database's clock, in milliseconds. */
  clock: number;
}

interface AskedPosition extends Position {
  poll: number;
  /** When it was asked, by this process's own clock. */
  at: number;
}

const PAGE = 8_192n;
const SEGMENT = 16_777_216n;
const MOST_NOTES = 100_000;
const MOST_POSITIONS = 240;
/** A session carries the time at which its transaction began: that long it may have taken to commit. */
const LONGEST_SIGN_IN_MS = 1_000;

/**
 * Whether a replica already has what a member wrote. No write is ever asked for its place in the log: it is noted under the
 * next poll of the primary, whose answer lies behind it, and the replica has it once it has replayed that answer. All times
 * are of one process and all places of one server, so that no two clocks are compared.
 */
export class Freshness {
  /** The number of the next poll. */
  #next = 0;
  #replayed = 0n;
  #reached = -1;
  #reachedAt = -Infinity;
  #reachedClock = -Infinity;
  #positions: AskedPosition[] = [];
  /** The poll that lies behind each member's last write, for those that the replica may not have. */
  readonly #notes = new Map<string, number>();
  #everyone = 0;
  #newest: { poll: number; lsn: bigint } | undefined;

  /** Somebody has written, and it is committed. */
  note(userId: string): void {
    if (this.#notes.size >= MOST_NOTES) this.noteEveryone();
    this.#notes.set(userId, this.#next);
  }

  /** Anybody may have written: what other instances told was not heard. */
  noteEveryone(): void {
    this.#notes.clear();
    this.#everyone = this.#next;
  }

  /** Begins a poll: what is noted from now on belongs to the next one. */
  ask(): number {
    return this.#next++;
  }

  answered(poll: number, at: number, { lsn, clock }: Position): void {
    // Another server has become the primary, and its log is shorter.
    if (this.#newest !== undefined && lsn < this.#newest.lsn) {
      this.#positions = [];
      this.noteEveryone();
    }
    this.#newest = { poll, lsn };
    this.#positions.push({ poll, at, clock, lsn: endOfRecord(lsn) });
    if (this.#positions.length > MOST_POSITIONS) this.#positions.shift();
  }

  /** The replica has replayed that much. One that had more before is another, older copy, which has nothing until it has caught up. */
  replayed(lsn: bigint): void {
    if (lsn < this.#replayed) {
      this.#reached = -1;
      this.#reachedAt = -Infinity;
      this.#reachedClock = -Infinity;
      this.noteEveryone();
    }
    this.#replayed = lsn;
    let position = this.#positions[0];
    if (position === undefined || position.lsn > lsn) return;
    while (position !== undefined && position.lsn <= lsn) {
      this.#reached = position.poll;
      this.#reachedAt = position.at;
      this.#reachedClock = position.clock;
      this.#positions.shift();
      position = this.#positions[0];
    }
    for (const [userId, poll] of this.#notes) if (poll <= this.#reached) this.#notes.delete(userId);
  }

  /** Seconds that the replica is behind; infinite before it has answered. */
  lag(now: number): number {
    if (this.#newest?.poll === this.#reached) return 0;
    return Math.max(0, now - this.#reachedAt) / 1000;
  }

  /** Whether the replica has everything that the member wrote, their session included. */
  hasAllOf(caller: { id: string; issuedAt: number } | undefined): boolean {
    if (caller === undefined) return this.#reached >= 0;
    if (this.#everyone > this.#reached || caller.issuedAt + LONGEST_SIGN_IN_MS >= this.#reachedClock) return false;
    return (this.#notes.get(caller.id) ?? -1) <= this.#reached;
  }
}

/** Where the next record goes can lie behind the header of a page that nothing is on yet: the last one ends before it. */
function endOfRecord(lsn: bigint): bigint {
  if (lsn % SEGMENT === 40n) return lsn - 40n;
  return lsn % PAGE === 24n ? lsn - 24n : lsn;
}

/** A place in the log as PostgreSQL writes it, as `16/B374D848`. */
export function parseLsn(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/');
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}
