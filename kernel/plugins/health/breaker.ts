import { performance } from 'node:perf_hooks';
import type { Place } from '../../telemetry/places.ts';

/** How many faults at one place are too many. */
export interface BreakerLimit {
  isOn: boolean;
  faults: number;
  windowSeconds: number;
  /** The least share of the runs at the place that must have failed: a busy place is allowed a few. */
  share: number;
}

/** Watches where plugins fail, and tells when one keeps failing at a place. */
export class Breaker {
  readonly #limitOf: (pluginId: string) => BreakerLimit;
  readonly #now: () => number;
  /** The newest faults of each place, with how many runs there had been. */
  readonly #faults = new Map<Place, { at: number; calls: number }[]>();

  constructor(limitOf: (pluginId: string) => BreakerLimit, now: () => number = () => performance.now()) {
    this.#limitOf = limitOf;
    this.#now = now;
  }

  /** Counts a fault and answers the sentence that says why it is one too many; undefined when it is not. */
  count(place: Place): string | undefined {
    const limit = this.#limitOf(place.owner);
    const faults = this.#faults.get(place) ?? [];
    faults.push({ at: this.#now(), calls: place.calls });
    faults.splice(0, faults.length - limit.faults);
    this.#faults.set(place, faults);
    const [first] = faults;
    if (!limit.isOn || first === undefined || faults.length < limit.faults) return undefined;
    const seconds = (this.#now() - first.at) / 1000;
    const runs = Math.max(faults.length, place.calls - first.calls + 1);
    if (seconds > limit.windowSeconds || faults.length / runs < limit.share) return undefined;
    return `${place.where} failed ${String(faults.length)} times in ${seconds.toFixed(1)} s, of ${String(runs)} runs`;
  }

  /** Forgets the faults of a plugin, which starts afresh. */
  forget(pluginId: string): void {
    for (const place of this.#faults.keys()) if (place.owner === pluginId) this.#faults.delete(place);
  }
}
