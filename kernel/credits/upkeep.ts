import type { Knex } from 'knex';
import { Gauge, type Registry } from 'prom-client';
import type { Rows } from '../database/connect.ts';
import type { JobRegistrar } from '../plugins/contract.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { releaseExpiredHolds } from './holds.ts';
import { verifyLedger } from './verify.ts';

const SWEEP_MS = 10_000;

export interface UpkeepContext {
  knex: Knex;
  clock: Clock;
  log: Logger;
  registry: Registry;
}

/** What the ledger needs done by itself: expired holds go back, and every night the whole is proved. */
export class CreditsUpkeep {
  readonly #context: UpkeepContext;
  readonly #mismatches: Gauge;
  readonly #verifiedAt: Gauge;
  #timer: NodeJS.Timeout | undefined;
  #sweep: Promise<unknown> = Promise.resolve();
  #isSweeping = false;

  constructor(context: UpkeepContext) {
    this.#context = context;
    const registers = [context.registry];
    this.#mismatches = new Gauge({
      name: 'musclemap_ledger_mismatches',
      help: 'Balances that the last proof of the ledger found wrong; alert on anything but 0',
      registers,
    });
    this.#verifiedAt = new Gauge({
      name: 'musclemap_ledger_verified_timestamp_seconds',
      help: 'When the ledger was last proved by this instance',
      registers,
    });
  }

  /** Makes sure that only the ledger's functions write it, and begins to give expired holds back. */
  async start(): Promise<void> {
    await this.#protect();
    this.#timer = setInterval(() => {
      if (!this.#isSweeping) this.#sweep = this.releaseExpired();
    }, SWEEP_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweep;
  }

  registerJobs(jobs: JobRegistrar): void {
    jobs.add('verify-ledger', { cron: '17 3 * * *', timeLimitSeconds: 3600, retries: 2 }, () => this.verify());
  }

  /** Gives expired holds back, as the timer does. */
  async releaseExpired(): Promise<void> {
    const { knex, clock, log } = this.#context;
    this.#isSweeping = true;
    try {
      await releaseExpiredHolds(knex, clock.now(), (hold, error) => {
        log.error({ hold, err: error }, 'an expired hold could not be given back');
      });
    } catch (error) {
      log.warn({ err: error }, 'expired holds could not be looked for');
    } finally {
      this.#isSweeping = false;
    }
  }

  /** Proves the ledger; a mismatch is logged and shows in /metrics. */
  async verify(): Promise<void> {
    const { users, entries, mismatches } = await verifyLedger(this.#context.knex);
    this.#mismatches.set(mismatches.length);
    this.#verifiedAt.set(Date.now() / 1000);
    if (mismatches.length === 0) this.#context.log.info({ users, entries }, 'every balance equals its ledger');
    else this.#context.log.fatal({ mismatches: mismatches.slice(0, 20), count: mismatches.length }, 'balances differ from their ledger');
  }

  async #protect(): Promise<void> {
    const problem = await this.#context.knex.transaction(async (trx) => {
      await trx.raw(`SELECT pg_advisory_xact_lock(hashtextextended('musclemap:protect-ledger', 0))`);
      const { rows } = await trx.raw<Rows<{ problem: string | null }>>('SELECT protect_credit_ledger() AS problem');
      return rows[0]?.problem ?? null;
    });
    if (problem !== null) {
      this.#context.log.warn(
        `the ledger belongs to the application's own database role and is guarded by triggers alone (${problem}); ` +
          'kernel/credits/README.md says how to give it a role of its own',
      );
    }
  }
}
