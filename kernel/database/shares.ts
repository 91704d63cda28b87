import { performance } from 'node:perf_hooks';
import type { Knex } from 'knex';
import { currentExecution } from '../telemetry/execution.ts';

interface Pool {
  acquireConnection(): Promise<object>;
  releaseConnection(connection: object): Promise<void>;
}

export interface ShareOptions {
  /** How many connections one plugin may hold at a time. */
  most: number;
  /** How long a plugin waits for one of its own, in milliseconds. */
  waitMs: number;
  /** How long a plugin may hold one before it is reported, in milliseconds. */
  heldMs: number;
  /** Told of each connection that is held too long, once. */
  heldTooLong(owner: string, where: string, error: Error): void;
  waited(milliseconds: number, owner: string): void;
}

interface Hold {
  owner: string;
  where: string;
  since: number;
  isReported: boolean;
}

const LOOK_MS = 1_000;

/**
 * Lets no plugin take more than its share of the pool: beyond it the plugin waits for itself, and the others notice nothing.
 * Connections that the kernel takes on behalf of a request are not a plugin's. Answers how to stop watching.
 */
export function shareConnections(knex: Knex, options: ShareOptions): () => void {
  const pool = knex.client as Pool;
  const acquire = pool.acquireConnection.bind(pool);
  const release = pool.releaseConnection.bind(pool);
  const holds = new Map<object, Hold>();
  const shares = new Map<string, Share>();
  const shareOf = (owner: string): Share => {
    let share = shares.get(owner);
    if (share === undefined) shares.set(owner, (share = new Share(owner, options)));
    return share;
  };

  pool.acquireConnection = async () => {
    const { owner = 'kernel', place } = currentExecution() ?? {};
    const started = performance.now();
    if (owner !== 'kernel') await shareOf(owner).take();
    try {
      const connection = await acquire();
      options.waited(performance.now() - started, owner);
      if (owner !== 'kernel') {
        holds.set(connection, { owner, where: place?.where ?? 'background', since: started, isReported: false });
      }
      return connection;
    } catch (error) {
      if (owner !== 'kernel') shareOf(owner).giveBack();
      throw error;
    }
  };
  pool.releaseConnection = async (connection) => {
    const hold = holds.get(connection);
    holds.delete(connection);
    await release(connection);
    if (hold !== undefined) shareOf(hold.owner).giveBack();
  };

  const timer = setInterval(() => {
    for (const hold of holds.values()) {
      if (hold.isReported || performance.now() - hold.since < options.heldMs) continue;
      hold.isReported = true;
      const { owner, where } = hold;
      options.heldTooLong(owner, where, new Error(`${owner} has held a connection to the database for ${String(options.heldMs)} ms.`));
    }
  }, LOOK_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

/** The connections that one plugin may hold at a time. */
class Share {
  readonly #owner: string;
  readonly #options: ShareOptions;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(owner: string, options: ShareOptions) {
    this.#owner = owner;
    this.#options = options;
  }

  async take(): Promise<void> {
    if (this.#taken < this.#options.most) {
      this.#taken += 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const proceed = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(proceed), 1);
        reject(new Error(`${this.#owner} already holds ${String(this.#taken)} connections to the database, which is its share.`));
      }, this.#options.waitMs);
      this.#waiting.push(proceed);
    });
  }

  /** Hands a connection's place on to who waits for it. */
  giveBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}
