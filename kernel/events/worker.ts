import type { Knex } from 'knex';
import type PgBoss from 'pg-boss';
import { PRESENCE } from '../database/notifications.ts';
import { execute, type Statement } from '../database/statement.ts';
import type { Composition } from '../plugins/composition.ts';
import { runContained, withTimeLimit, type Observer } from '../plugins/containment.ts';
import { timeLimitSeconds, WORK_QUEUE, type Work } from './work.ts';

const POLL_MS = 1_000;
const RECOVERY_MS = 5_000;
/** How much one plugin, and all of them together, run at a time in one instance: one that hangs blocks its own share only. */
const PER_PLUGIN = 5;
const TOTAL = 40;

/** Per plugin the oldest due work, as much as there is room for. The index is `work_waiting`. */
const CLAIM: Statement = {
  name: 'claim_work',
  text: `
    WITH next AS (
      SELECT j.id FROM json_to_recordset($1) AS room (owner TEXT, free INTEGER)
      CROSS JOIN LATERAL (
        SELECT id FROM pgboss.job
        WHERE name = '${WORK_QUEUE}' AND singleton_key = room.owner AND state < 'active' AND start_after <= now()
        ORDER BY start_after LIMIT room.free FOR UPDATE SKIP LOCKED
      ) j
    )
    UPDATE pgboss.job j SET state = 'active', started_on = now(), output = jsonb_build_object('instance', $2::INTEGER),
      retry_count = retry_count + (started_on IS NOT NULL)::INTEGER
    FROM next WHERE j.name = '${WORK_QUEUE}' AND j.id = next.id
    RETURNING j.id, j.data`,
};

/** Gives a piece back as if it had never been taken. */
const RELEASE: Statement = {
  name: 'release_work',
  text: `UPDATE pgboss.job SET state = 'created', started_on = NULL, output = NULL
         WHERE name = '${WORK_QUEUE}' AND id = $1 AND state = 'active'`,
};

/** What instances that are gone were working on: nobody holds their lock. */
const ORPHANS: Statement = {
  name: 'orphaned_work',
  text: `
    SELECT id FROM pgboss.job j
    WHERE name = '${WORK_QUEUE}' AND state = 'active' AND NOT EXISTS (
      SELECT FROM pg_locks l
      WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid = ${String(PRESENCE)}::OID AND l.objid = (j.output->>'instance')::BIGINT::OID)`,
};

export interface WorkerContext {
  knex: Knex;
  boss: PgBoss;
  observer: Observer;
  /** The number whose lock this instance holds. */
  instance: number;
  composition(): Composition;
  isQuarantined(pluginId: string): boolean;
  failed(error: unknown): void;
}

interface Claimed {
  id: string;
  data: Work;
}

/** Takes background work from the queue and runs it under its plugin's name. */
export class Worker {
  readonly #context: WorkerContext;
  readonly #running = new Map<string, Set<Promise<void>>>();
  #wake: () => void = () => undefined;
  #isNudged = false;
  #isStopping = false;
  #recoveredAt = Number.NEGATIVE_INFINITY;
  #loop: Promise<void> | undefined;

  constructor(context: WorkerContext) {
    this.#context = context;
  }

  start(): void {
    this.#loop = this.#work();
  }

  /** Takes nothing more and waits for what runs; what is not done in time counts as a failed attempt. */
  async stop(limitMs: number): Promise<void> {
    this.#isStopping = true;
    this.#wake();
    await this.#loop;
    const rest = Promise.allSettled([...this.#running.values()].flatMap((set) => [...set]));
    const isOver = new Promise((resolve) => setTimeout(resolve, limitMs).unref());
    await Promise.race([rest, isOver]);
  }

  /** Looks for work without waiting for the next poll. */
  nudge(): void {
    this.#isNudged = true;
    this.#wake();
  }

  /** Whether a plugin has as much to do as it may at a time, so that another instance may be quicker. */
  isBusy(): boolean {
    return [...this.#running.values()].some(({ size }) => size >= PER_PLUGIN);
  }

  async #work(): Promise<void> {
    while (!this.#isStopping) {
      this.#isNudged = false;
      try {
        if (performance.now() - this.#recoveredAt > RECOVERY_MS) await this.#recover();
        const claimed = await this.#claim();
        for (const work of claimed) this.#begin(work);
        if (claimed.length > 0) continue;
      } catch (error) {
        this.#context.failed(error);
      }
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#isNudged || this.#isStopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, POLL_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #claim(): Promise<Claimed[]> {
    const { knex, instance } = this.#context;
    const room = this.#room();
    return room.length === 0 ? [] : execute<Claimed>(knex, CLAIM, [JSON.stringify(room), instance]);
  }

  /** How much more each plugin of the composition may run; work of others waits until they are there again. */
  #room(): { owner: string; free: number }[] {
    const { jobs, subscriptions } = this.#context.composition();
    const owners = new Set([...jobs.values(), ...[...subscriptions.values()].flat()].map(({ owner }) => owner));
    let left = TOTAL - [...this.#running.values()].reduce((sum, { size }) => sum + size, 0);
    return [...owners].flatMap((owner) => {
      const free = Math.min(PER_PLUGIN - (this.#running.get(owner)?.size ?? 0), left);
      if (free <= 0) return [];
      left -= free;
      return [{ owner, free }];
    });
  }

  #begin(work: Claimed): void {
    const { owner } = work.data;
    const running = this.#running.get(owner) ?? new Set();
    this.#running.set(owner, running);
    const run = this.#finish(work)
      .catch((error: unknown) => {
        // The row stays taken; it comes back when its time is over.
        this.#context.failed(error);
      })
      .finally(() => {
        running.delete(run);
        this.nudge();
      });
    running.add(run);
  }

  async #finish({ id, data }: Claimed): Promise<void> {
    const { boss, knex } = this.#context;
    const handler = this.#handlerOf(id, data);
    if (handler === undefined) {
      await execute(knex, RELEASE, [id]);
      return;
    }
    try {
      await handler();
    } catch (error) {
      // A plugin that is in quarantine meanwhile gets its work, and all its attempts, when it is out again.
      if (this.#context.isQuarantined(data.owner)) await execute(knex, RELEASE, [id]);
      else await boss.fail(WORK_QUEUE, id, { message: error instanceof Error ? error.message : String(error) });
      return;
    }
    await boss.complete(WORK_QUEUE, id);
  }

  /** What does a piece of work; undefined when its plugin has just gone. */
  #handlerOf(id: string, work: Work): (() => Promise<void>) | undefined {
    const { activations, jobs, subscriptions } = this.#context.composition();
    const { owner } = work;
    if (!activations.has(owner)) return undefined;
    const where = work.kind === 'event' ? `event ${work.event}` : `job ${work.job}`;
    const { observer } = this.#context;
    const run = (limitMs: number, handle: () => Promise<void> | void) => async (): Promise<void> => {
      await runContained(observer, owner, where, () => withTimeLimit(handle(), limitMs, where));
    };
    if (work.kind === 'job') {
      const job = jobs.get(`${owner}/${work.job}`);
      if (job === undefined) return () => Promise.reject(new Error(`${owner} has no job named ${work.job} any more.`));
      return run(timeLimitSeconds('job', job.options) * 1000, () => job.handler(work.data, { id }));
    }
    const subscription = subscriptions.get(work.event)?.find((candidate) => candidate.owner === owner);
    // It subscribed when the event was emitted and does no longer: nobody waits for it.
    if (subscription === undefined) return () => Promise.resolve();
    const { id: eventId, event: name, payload, emittedAt } = work;
    const { timeLimitSeconds: seconds } = subscription.options;
    return run(seconds === undefined ? observer.limits.event : seconds * 1000, () => subscription.handler({ id: eventId, name, payload, emittedAt }));
  }

  /** Counts what died with another instance as a failed attempt, so that it is tried again. */
  async #recover(): Promise<void> {
    this.#recoveredAt = performance.now();
    const orphans = await execute<{ id: string }>(this.#context.knex, ORPHANS, []);
    const reason = { message: 'The server that worked on it died.' };
    await Promise.all(orphans.map(({ id }) => this.#context.boss.fail(WORK_QUEUE, id, reason)));
  }
}
