import type { Clock } from '../telemetry/clock.ts';

/** A span of time; its parts add up. */
export interface TimeSpan {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
}

/** A clock that stands still until a test moves it. */
export class TestClock implements Clock {
  #now: number;

  /** @param moment In ISO 8601, as `2026-03-01T12:00:00Z`; the real time unless said. */
  constructor(moment?: string) {
    this.#now = moment === undefined ? Date.now() : Date.parse(moment);
    if (Number.isNaN(this.#now)) throw new TypeError(`${String(moment)} is not a time in ISO 8601.`);
  }

  now(): Date {
    return new Date(this.#now);
  }

  advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }: TimeSpan): void {
    this.#now += (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
  }
}
