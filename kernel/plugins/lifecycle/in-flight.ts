const LONGEST_WAIT_MS = 30_000;

interface Period {
  requests: number;
  hasEnded: boolean;
  done(): void;
}

/** Counts the requests that are under way, so that a composition that was replaced is left in peace until they are answered. */
export class InFlight {
  #period: Period = { requests: 0, hasEnded: false, done: () => undefined };

  /** A request has come; call what is answered when it is over. */
  enter(): () => void {
    const period = this.#period;
    period.requests += 1;
    return () => {
      period.requests -= 1;
      if (period.hasEnded && period.requests === 0) period.done();
    };
  }

  /** Begins a new period; resolves when every request of the one before is over, or after half a minute. */
  next(): Promise<void> {
    const ended = this.#period;
    this.#period = { requests: 0, hasEnded: false, done: () => undefined };
    ended.hasEnded = true;
    if (ended.requests === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LONGEST_WAIT_MS);
      timer.unref();
      ended.done = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
