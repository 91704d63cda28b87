import type { Knex } from 'knex';
import { isConnectionFailure, type Rows } from '../../database/connect.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { ReportedFault } from '../../telemetry/metrics.ts';

/** How often a plugin failed in the last 24 hours. */
export interface RecentFaults {
  plugin: string;
  faults: number;
}

const EVERY_MS = 15_000;

/** Writes down how often plugins fail, hour by hour: what was counted outlives this process, and all instances count together. */
export class FaultHours {
  readonly #knex: Knex;
  readonly #log: Logger;
  /** Not written down yet. */
  #counted = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(knex: Knex, log: Logger) {
    this.#knex = knex;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => void this.#write(), EVERY_MS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#write();
  }

  count({ owner }: Pick<ReportedFault, 'owner'>): void {
    if (owner !== 'kernel') this.#counted.set(owner, (this.#counted.get(owner) ?? 0) + 1);
  }

  /** Who failed in the last 24 hours, an hour that has begun before them left out. */
  async read(): Promise<RecentFaults[]> {
    await this.#write();
    const { rows } = await this.#knex.raw<Rows<RecentFaults>>(
      `SELECT plugin_id AS plugin, sum(faults)::INTEGER AS faults FROM plugin_faults WHERE hour > NOW() - INTERVAL '24 hours' GROUP BY 1 ORDER BY 1`,
    );
    return rows;
  }

  async #write(): Promise<void> {
    const counted = this.#counted;
    if (counted.size === 0) return;
    this.#counted = new Map();
    try {
      await this.#knex.raw(
        `INSERT INTO plugin_faults (plugin_id, hour, faults)
         SELECT p.id, date_trunc('hour', NOW(), 'UTC'), counted.faults
         FROM unnest(?::TEXT[], ?::INTEGER[]) AS counted (id, faults) JOIN installed_plugins p USING (id)
         ON CONFLICT (plugin_id, hour) DO UPDATE SET faults = plugin_faults.faults + excluded.faults`,
        [[...counted.keys()], [...counted.values()]],
      );
    } catch (error) {
      for (const [owner, faults] of counted) this.#counted.set(owner, (this.#counted.get(owner) ?? 0) + faults);
      // A database that is away is told of elsewhere.
      if (!isConnectionFailure(error)) this.#log.warn({ err: error }, 'how often plugins failed could not be written down');
    }
  }
}
