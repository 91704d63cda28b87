const PER_OCTAVE = 4;
const OCTAVES = 27;

/** Counts durations in logarithmic buckets from 1 µs to a minute: any quantile within 10 %, in half a kilobyte. */
export class Durations {
  readonly #counts = new Uint32Array(OCTAVES * PER_OCTAVE);
  #count = 0;

  add(milliseconds: number): void {
    const octave = milliseconds > 0.001 ? Math.log2(milliseconds * 1000) : 0;
    const bucket = Math.min(this.#counts.length - 1, Math.floor(octave * PER_OCTAVE));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count += 1;
  }

  /** Milliseconds that a share (0.99) of all stayed below; null before the first. */
  quantile(share: number): number | null {
    if (this.#count === 0) return null;
    let left = this.#count * share;
    const bucket = this.#counts.findIndex((count) => (left -= count) <= 0);
    return 2 ** ((bucket + 0.5) / PER_OCTAVE) / 1000;
  }

  /** How many took at most that long. */
  countBelow(milliseconds: number): number {
    const end = Math.round(Math.log2(milliseconds * 1000) * PER_OCTAVE);
    return this.#counts.subarray(0, Math.max(0, end)).reduce((sum, count) => sum + count, 0);
  }
}

/** Durations with their number and sum, as a histogram of Prometheus has them. */
export class Timing {
  readonly durations = new Durations();
  milliseconds = 0;
  count = 0;

  add(milliseconds: number): void {
    this.durations.add(milliseconds);
    this.milliseconds += milliseconds;
    this.count += 1;
  }
}
