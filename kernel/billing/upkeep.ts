import { Gauge, type Registry } from 'prom-client';
import type { Rows } from '../database/connect.ts';
import type { JobRegistrar } from '../plugins/contract.ts';
import type { BillingContext } from './billing.ts';
import { workDueEvents } from './events.ts';
import { askAboutLapsed, endSubscriptionsOfLeavers, reconcile } from './reconcile.ts';

const SWEEP_MS = 10_000;
const LAPSED_EVERY_SWEEPS = 60;
const EVENTS_PER_SWEEP = 20;
const NIGHTLY_DAYS = 3;

/** What billing needs done by itself: events that failed are tried again, and every night we compare with Stripe. */
export class BillingUpkeep {
  readonly #context: BillingContext;
  readonly #waiting: Gauge;
  #timer: NodeJS.Timeout | undefined;
  #sweep: Promise<void> = Promise.resolve();
  #isSweeping = false;
  #sweeps = 0;

  constructor(context: BillingContext, registry: Registry) {
    this.#context = context;
    this.#waiting = new Gauge({
      name: 'musclemap_stripe_events_waiting',
      help: 'Events of Stripe that are stored and not worked on yet; alert when it stays above 0',
      registers: [registry],
    });
  }

  start(): void {
    const { stripe, webhookSecret, log } = this.#context;
    if (stripe !== undefined && webhookSecret === undefined) {
      log.warn('STRIPE_WEBHOOK_SECRET is not set: payments arrive only with the nightly reconciliation');
    }
    this.#timer = setInterval(() => {
      if (!this.#isSweeping && this.#context.stripe !== undefined) this.#sweep = this.sweep();
    }, SWEEP_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweep;
  }

  registerJobs(jobs: JobRegistrar): void {
    jobs.add('reconcile-billing', { cron: '37 3 * * *', timeLimitSeconds: 3600, retries: 3 }, async () => {
      if (this.#context.stripe === undefined) return;
      this.#context.log.info(await reconcile(this.#context, NIGHTLY_DAYS), 'billing agrees with Stripe');
    });
  }

  /** Tries again what is due, as the timer does. */
  async sweep(): Promise<void> {
    const { knex, log } = this.#context;
    this.#isSweeping = true;
    try {
      await workDueEvents(this.#context, EVENTS_PER_SWEEP);
      if (this.#sweeps++ % LAPSED_EVERY_SWEEPS === 0) {
        await askAboutLapsed(this.#context, EVENTS_PER_SWEEP);
        await endSubscriptionsOfLeavers(this.#context, EVENTS_PER_SWEEP);
      }
      const { rows } = await knex.raw<Rows<{ count: number }>>('SELECT count(*) AS count FROM stripe_events WHERE processed_at IS NULL');
      this.#waiting.set(rows[0]?.count ?? 0);
    } catch (error) {
      log.warn({ err: error }, 'events of Stripe could not be tried again');
    } finally {
      this.#isSweeping = false;
    }
  }
}
