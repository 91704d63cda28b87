import { isConnectionFailure } from '../database/connect.ts';

export interface BatchesOptions {
  /** The most items of one run. */
  maxItems: number;
  /** How many runs may be under way at once; each takes a connection. */
  maxRunning: number;
}

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Groups what arrives while earlier runs are under way, so that one round trip and one commit serve many callers. A lone item
 * does not wait: it leaves in the turn it came. Every caller gets the result of its own item. A run that fails as a whole is
 * tried again item by item, so that one item's failure is nobody else's; items must therefore be idempotent.
 */
export class Batches<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Result[]>;
  readonly #options: BatchesOptions;
  #waiting: Waiting<Item, Result>[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(run: (items: readonly Item[]) => Promise<readonly Result[]>, options: BatchesOptions) {
    this.#run = run;
    this.#options = options;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** What comes in the same turn of the event loop leaves together. */
  #schedule(): void {
    if (this.#isScheduled || this.#running >= this.#options.maxRunning) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      void this.#leave();
    });
  }

  async #leave(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.maxItems);
    if (batch.length === 0) return;
    this.#running += 1;
    if (this.#waiting.length > 0) this.#schedule();
    try {
      await this.#settle(batch);
    } finally {
      this.#running -= 1;
      this.#schedule();
    }
  }

  async #settle(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(batch.map(({ item }) => item));
      for (const [index, { resolve, reject }] of batch.entries()) {
        if (index in results) resolve(results[index] as Result);
        else reject(new TypeError('A run answered fewer results than it was given items.'));
      }
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else await this.#settleSingly(batch);
    }
  }

  async #settleSingly(batch: readonly Waiting<Item, Result>[]): Promise<void> {
    let outage: unknown;
    for (const { item, resolve, reject } of batch) {
      if (outage !== undefined) {
        reject(outage);
        continue;
      }
      try {
        const [result] = await this.#run([item]);
        resolve(result as Result);
      } catch (error) {
        if (isConnectionFailure(error)) outage = error;
        reject(error);
      }
    }
  }
}
