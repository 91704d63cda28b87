import type { Knex } from 'knex';
import type { Rows } from 'musclemap';
import { addDays, today } from '../dates.ts';

export const PERIODS = ['week', 'month', 'all'] as const;
export type Period = (typeof PERIODS)[number];

/** How many days a period holds, today among them. */
const DAYS = { week: 7, month: 30 } as const;
const FOREVER = '-infinity';
const MEMBERS_AT_ONCE = 2000;
const ROWS_AT_ONCE = 10_000;
const HOUR = 3_600_000;

interface Window {
  period: Period;
  /** The day before the first that counts. */
  after: string;
}

function windowOf(period: Period, day: string): Window {
  return { period, after: period === 'all' ? FOREVER : addDays(day, -DAYS[period]) };
}

/**
 * The boards of each day. A board is filled the day before it is read, and every workout keeps it up meanwhile; when the
 * day comes, the days that have left the window have never been on it, and nothing has to be recomputed.
 */
export class Boards {
  readonly #knex: Knex;
  /** Ids of boards that are ready, by period and day. */
  readonly #ready = new Map<string, Promise<number>>();

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /** The id of the board of a period as of now; fills it first when nobody has yet, as after a long time switched off. */
  async find(period: Period, now: Date): Promise<number> {
    const window = windowOf(period, today(now));
    const key = `${period} ${window.after}`;
    let board = this.#ready.get(key);
    if (board === undefined) {
      board = this.#fill(window);
      if (this.#ready.size > PERIODS.length) this.#ready.clear();
      this.#ready.set(key, board);
      board.catch(() => this.#ready.delete(key));
    }
    return board;
  }

  /** Gets today's and tomorrow's boards ready and clears those away that nobody reads any more. */
  async prepare(now: Date): Promise<void> {
    const day = today(now);
    for (const on of [day, addDays(day, 1)]) {
      for (const period of PERIODS) await this.#fill(windowOf(period, on));
    }
    await this.#clear(today(new Date(now.getTime() - HOUR)));
  }

  /** Adds the noted changes to the counts of the buckets, so that reading a rank stays cheap. */
  async fold(): Promise<void> {
    await this.#knex.raw('SELECT fitness_fold_moves()');
  }

  /** Instances that fill the same board share the work; each statement is a transaction of its own. */
  async #fill({ period, after }: Window): Promise<number> {
    const board = await this.#findOrAdd(period, after);
    if (board.isReady) return board.id;
    for (;;) {
      const { rows } = await this.#knex.raw<Rows<{ isDone: boolean }>>(
        'SELECT fitness_fill_board(?::INTEGER, ?::INTEGER) AS "isDone"',
        [board.id, MEMBERS_AT_ONCE],
      );
      if (rows[0]?.isDone !== false) return board.id;
    }
  }

  async #findOrAdd(period: Period, after: string): Promise<{ id: number; isReady: boolean }> {
    await this.#knex.raw(
      `INSERT INTO leaderboard_boards (period, after) SELECT :period, :after::DATE
       WHERE NOT EXISTS (SELECT FROM leaderboard_boards WHERE period = :period AND after = :after::DATE)
       ON CONFLICT DO NOTHING`,
      { period, after },
    );
    const { rows } = await this.#knex.raw<Rows<{ id: number; isReady: boolean }>>(
      'SELECT id, is_ready AS "isReady" FROM leaderboard_boards WHERE period = :period AND after = :after::DATE',
      { period, after },
    );
    const [board] = rows;
    if (board === undefined) throw new TypeError(`The board of ${period} after ${after} has been removed.`);
    return board;
  }

  async #clear(day: string): Promise<void> {
    await this.#knex.raw(
      `DELETE FROM leaderboard_boards WHERE (period = 'week' AND after < :week) OR (period = 'month' AND after < :month)`,
      { week: windowOf('week', day).after, month: windowOf('month', day).after },
    );
    for (;;) {
      const { rows } = await this.#knex.raw<Rows<{ swept: number }>>('SELECT fitness_sweep_boards(?::INTEGER) AS swept', [
        ROWS_AT_ONCE,
      ]);
      if ((rows[0]?.swept ?? 0) === 0) return;
    }
  }
}
