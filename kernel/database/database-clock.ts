import type { Knex } from 'knex';
import type { Clock } from '../telemetry/clock.ts';
import type { Rows } from './connect.ts';

const ASK_MS = 5_000;

/**
 * The database's time, which all instances share: what a machine's own clock says, and that it is set while the server runs, changes
 * nothing. Between the questions it goes on by the processor's counter; until the first one it is the machine's.
 */
export class DatabaseClock implements Clock {
  readonly #knex: Knex;
  #offset = Date.now() - performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  now(): Date {
    return new Date(Math.round(this.#offset + performance.now()));
  }

  /** Asks now, and from then on every few seconds until `stop`. A question without an answer changes nothing. */
  async start(): Promise<void> {
    await this.ask();
    this.#timer = setInterval(() => {
      this.ask().catch(() => undefined);
    }, ASK_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Follows the database when the two are further apart than the answer was under way. */
  async ask(): Promise<void> {
    const asked = performance.now();
    const { rows } = await this.#knex.raw<Rows<{ milliseconds: number }>>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::FLOAT AS milliseconds',
    );
    const answered = performance.now();
    const [row] = rows;
    if (row === undefined) return;
    const offset = row.milliseconds - (asked + answered) / 2;
    if (Math.abs(offset - this.#offset) > (answered - asked) / 2) this.#offset = offset;
  }
}
