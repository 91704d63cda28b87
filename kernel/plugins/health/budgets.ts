import type { Knex } from 'knex';
import type { Containment } from '../../config/config.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { PluginFolder } from './culprit.ts';
import { DiskWatch } from './disk-watch.ts';
import type { PluginHealth } from './plugin-health.ts';
import { ProcessorWatch } from './processor-watch.ts';

/** Who looks at what plugins take of the machine. */
export interface Budgets {
  disk: DiskWatch;
  processor: ProcessorWatch;
}

/** What of the kernel they look through. */
export interface Watched {
  knex: Knex;
  log: Logger;
  metrics: Metrics;
  config: { containment: Containment };
}

export function createBudgets({ knex, log, metrics, config }: Watched, health: PluginHealth, folders: () => readonly PluginFolder[]): Budgets {
  const { disk, processor } = config.containment;
  return {
    disk: new DiskWatch({ knex, log, metrics, health, budget: disk }),
    processor: new ProcessorWatch({ log, metrics, health, folders, budget: processor }),
  };
}
