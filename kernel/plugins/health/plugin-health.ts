import type { Knex } from 'knex';
import { isConnectionFailure } from '../../database/connect.ts';
import { asFullDisk } from '../../http/full-disk.ts';
import type { Containment } from '../../config/config.ts';
import { describeError } from '../../telemetry/faults.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics, ReportedFault } from '../../telemetry/metrics.ts';
import { Breaker, type BreakerLimit } from './breaker.ts';
import { readBreakers } from './breaker-limits.ts';
import { FaultHours } from './fault-hours.ts';
import { endQuarantine, putIntoQuarantine } from './quarantine.ts';

/** A plugin takes more than it may. */
export class BudgetError extends Error {
  override name = 'BudgetError';
}

export interface HealthServices {
  knex: Knex;
  log: Logger;
  metrics: Metrics;
  breaker: Containment['breaker'];
  /** Background work of a plugin waits while it is left out. */
  queue: { nudge(): void };
  /** Whether a plugin runs on this instance. */
  runs(pluginId: string): boolean;
  /** Makes the next composition, without who is in quarantine. */
  recompose(): Promise<void>;
}

/** PostgreSQL's classes of errors that come of several working at once, which no plugin can help. */
const CONTENTION = /^(40|55P03)/;

/** Quarantines a plugin that keeps failing, and releases it again. */
export class PluginHealth {
  readonly faultHours: FaultHours;
  readonly #services: HealthServices;
  readonly #breaker: Breaker;
  readonly #tripping = new Set<string>();
  #limits = new Map<string, BreakerLimit>();

  constructor(services: HealthServices) {
    this.#services = services;
    this.#breaker = new Breaker((id) => this.limitOf(id));
    this.faultHours = new FaultHours(services.knex, services.log);
    services.metrics.onFault((fault, thrown) => {
      this.faultHours.count(fault);
      this.#count(fault, thrown);
    });
  }

  /** Reads the limits that administrators have set. */
  async start(): Promise<void> {
    this.#limits = await readBreakers(this.#services.knex);
    this.faultHours.start();
  }

  async stop(): Promise<void> {
    await this.faultHours.stop();
  }

  limitOf(pluginId: string): BreakerLimit {
    return this.#limits.get(pluginId) ?? { isOn: true, ...this.#services.breaker };
  }

  /** Answers whether the plugin was in quarantine. */
  async release(pluginId: string): Promise<boolean> {
    const wasThere = await endQuarantine(this.#services.knex, pluginId);
    this.#breaker.forget(pluginId);
    if (!wasThere) return false;
    await this.#services.recompose();
    this.#services.queue.nudge();
    return true;
  }

  /** Quarantines a plugin for what it takes, as opposed to what it fails at. One that does not run is left as it is. */
  async exceeded(pluginId: string, place: string, reason: string): Promise<void> {
    if (!this.#services.runs(pluginId) || this.#tripping.has(pluginId)) return;
    this.#tripping.add(pluginId);
    await this.#quarantine({ owner: pluginId, where: place, error: describeError(new BudgetError(reason)), at: new Date() }, reason);
  }

  #count(fault: ReportedFault, thrown: unknown): void {
    if (fault.owner === 'kernel' || isNobodysFault(thrown)) return;
    const reason = this.#breaker.count(this.#services.metrics.place(fault.owner, fault.where));
    if (reason === undefined || this.#tripping.has(fault.owner)) return;
    this.#tripping.add(fault.owner);
    void this.#quarantine(fault, reason);
  }

  async #quarantine({ owner, where, error }: ReportedFault, reason: string): Promise<void> {
    const { knex, log } = this.#services;
    try {
      const { message, stack } = error;
      const isNew = await putIntoQuarantine(knex, { pluginId: owner, reason, place: where, error: message, stack });
      if (isNew) log.error({ plugin: owner, place: where }, `${owner} is put into quarantine: ${reason}`);
      await this.#services.recompose();
      this.#breaker.forget(owner);
    } catch (failure) {
      log.error({ plugin: owner, err: failure }, `${owner} could not be put into quarantine`);
    } finally {
      this.#tripping.delete(owner);
    }
  }
}

function isNobodysFault(error: unknown): boolean {
  try {
    const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
    if (isConnectionFailure(error) || asFullDisk(error) !== undefined) return true;
    return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && CONTENTION.test(code);
  } catch {
    return false;
  }
}
