import type { Knex } from 'knex';
import type { Containment } from '../../config/config.ts';
import { isConnectionFailure, type Rows } from '../../database/connect.ts';
import { ApiError } from '../../http/errors.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { PluginHealth } from './plugin-health.ts';

export interface DiskWatchOptions {
  knex: Knex;
  metrics: Pick<Metrics, 'took'>;
  log: Logger;
  health: Pick<PluginHealth, 'exceeded'>;
  budget: Containment['disk'];
}

interface Usage {
  plugin: string;
  /** Null when the plugin has no schema of its own. */
  tables: number | null;
  files: number;
}

/** Sizes of relations come from the file system, indexes and large values with them. */
const USAGE = `
  SELECT p.id AS plugin,
    (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'm', 'S'))::FLOAT8 AS tables,
    (SELECT coalesce(sum(o.size), 0) FROM stored_objects o WHERE o.plugin_id = p.id AND o.state <> 'removed')::FLOAT8 AS files
  FROM installed_plugins p LEFT JOIN pg_namespace n ON n.nspname = 'plugin_' || replace(p.id, '-', '_')`;

const MEGABYTE = 1024 ** 2;

/** Looks at what the tables and files of each plugin take, and acts when that is more than the operator allows. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  /** Bytes of each plugin, with what it has stored through this instance since they were looked at. */
  #used: ReadonlyMap<string, number> = new Map();
  readonly #storedSince = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    }, this.#options.budget.everyMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  /** @throws ApiError UNAVAILABLE when the plugin may store no more. */
  refuseWhenFull(plugin: string): void {
    const { limitBytes } = this.#options.budget;
    if (limitBytes === undefined || (this.#used.get(plugin) ?? 0) + (this.#storedSince.get(plugin) ?? 0) < limitBytes) return;
    throw new ApiError('UNAVAILABLE', `${plugin} has used up the ${megabytes(limitBytes)} that its tables and files may take.`);
  }

  stored(plugin: string, bytes: number): void {
    this.#storedSince.set(plugin, (this.#storedSince.get(plugin) ?? 0) + bytes);
  }

  async #look(): Promise<void> {
    const { knex, log, metrics, health, budget } = this.#options;
    const storedBefore = new Map(this.#storedSince);
    try {
      const { rows } = await knex.raw<Rows<Usage>>(USAGE);
      // What was stored while this was read may be in it or not: it goes on being counted, rather twice than not at all.
      for (const [plugin, bytes] of storedBefore) this.stored(plugin, -bytes);
      this.#used = new Map(rows.map(({ plugin, tables, files }) => [plugin, (tables ?? 0) + files]));
      for (const { plugin, tables, files } of rows) metrics.took(plugin, { tableBytes: tables, fileBytes: files });
      for (const [plugin, bytes] of this.#used) {
        if (budget.limitBytes === undefined || bytes <= budget.limitBytes) continue;
        const reason = `its tables and files take ${megabytes(bytes)}, more than the ${megabytes(budget.limitBytes)} that they may`;
        await health.exceeded(plugin, 'disk', reason);
      }
    } catch (error) {
      // A database that is away is told of elsewhere.
      if (!isConnectionFailure(error)) log.warn({ err: error }, 'what plugins take of the disk could not be looked at');
    }
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(bytes < 10 * MEGABYTE ? 1 : 0)} MB`;
}
