const FORGET_MS = 15 * 60_000;
const MOST_KEYS = 20_000;

export interface DelayOptions {
  /** Failures without any delay. */
  free: number;
  /** The first delay; each further failure doubles it. */
  firstMs: number;
  longestMs: number;
}

/**
 * Slows down who guesses from many addresses, or through many accounts: each failure makes the next try wait longer, up to
 * a limit. It never refuses, so nobody can be locked out by somebody else's failures.
 */
export class SignInDelay {
  readonly #options: DelayOptions;
  readonly #failures = new Map<string, { count: number; at: number }>();

  constructor(options: DelayOptions) {
    this.#options = options;
  }

  /** Waits as long as the worst of the keys (an account, an address) has earned. */
  async wait(...keys: string[]): Promise<void> {
    const milliseconds = Math.max(...keys.map((key) => this.delayOf(key)));
    if (milliseconds > 0) await new Promise((resolve) => setTimeout(resolve, milliseconds));
  }

  delayOf(key: string): number {
    const { free, firstMs, longestMs } = this.#options;
    const failures = this.#failures.get(key);
    if (failures === undefined || failures.count <= free || performance.now() - failures.at > FORGET_MS) return 0;
    return Math.min(longestMs, firstMs * 2 ** Math.min(20, failures.count - free - 1));
  }

  failed(...keys: string[]): void {
    const now = performance.now();
    for (const key of keys) {
      const before = this.#failures.get(key);
      const count = before !== undefined && now - before.at <= FORGET_MS ? before.count + 1 : 1;
      // Set anew, so that the map is in the order of the last failure and the oldest can be dropped.
      this.#failures.delete(key);
      this.#failures.set(key, { count, at: now });
    }
    for (const [key, { at }] of this.#failures) {
      if (this.#failures.size <= MOST_KEYS && now - at <= FORGET_MS) break;
      this.#failures.delete(key);
    }
  }

  succeeded(key: string): void {
    this.#failures.delete(key);
  }
}
