import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import type { Containment } from '../../config/config.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { profileOwners } from '../../telemetry/profile.ts';
import type { PluginFolder } from './culprit.ts';
import type { PluginHealth } from './plugin-health.ts';

export interface ProcessorWatchOptions {
  metrics: Pick<Metrics, 'took'>;
  log: Logger;
  health: Pick<PluginHealth, 'exceeded'>;
  folders: () => readonly PluginFolder[];
  budget: Containment['processor'];
}

/** Finds out who keeps a busy event loop busy, by sampling it, which costs nothing as long as it is not. */
export class ProcessorWatch {
  readonly #options: ProcessorWatchOptions;
  /** In how many looks in a row each plugin was over the limit. */
  readonly #looksOver = new Map<string, number>();
  #known = new Set<string>();
  #last = performance.eventLoopUtilization();
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;

  constructor(options: ProcessorWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { everyMs } = this.#options.budget;
    if (everyMs === 0) return;
    this.#last = performance.eventLoopUtilization();
    this.#timer = setInterval(() => {
      this.#look().catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'who keeps the event loop busy could not be looked at');
      });
    }, everyMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    const { budget, folders } = this.#options;
    const { utilization } = performance.eventLoopUtilization(this.#last);
    this.#last = performance.eventLoopUtilization();
    if (utilization < budget.busyShare) {
      this.#tell(new Map());
      return;
    }
    this.#isLooking = true;
    try {
      this.#tell(await profileOwners(budget.sampleMs, ownerAmong(folders())));
      // The sampling itself is nobody's work.
      this.#last = performance.eventLoopUtilization();
    } finally {
      this.#isLooking = false;
    }
  }

  #tell(shares: ReadonlyMap<string, number>): void {
    const { budget, health, log, metrics } = this.#options;
    const { limit } = budget;
    for (const plugin of new Set([...this.#known, ...shares.keys()])) {
      const share = shares.get(plugin);
      metrics.took(plugin, { processor: share });
      if (limit === undefined || share === undefined || share <= limit) {
        this.#looksOver.delete(plugin);
        continue;
      }
      const looks = (this.#looksOver.get(plugin) ?? 0) + 1;
      this.#looksOver.set(plugin, looks);
      const reason = `it takes ${percent(share)} of a processor, more than the ${percent(limit)} that a plugin may`;
      log.warn({ plugin }, `${plugin}: ${reason}`);
      if (looks < budget.looks) continue;
      this.#looksOver.delete(plugin);
      void health.exceeded(plugin, 'processor', `${reason}, in ${String(looks)} looks in a row`);
    }
    this.#known = new Set(shares.keys());
  }
}

/** Whose code a file is. */
function ownerAmong(folders: readonly PluginFolder[]): (url: string) => string | undefined {
  const known = folders.map(({ id, directory }) => ({ id, prefix: `${pathToFileURL(directory).href}/` }));
  return (url) => (url === '' ? undefined : known.find(({ prefix }) => url.startsWith(prefix))?.id);
}

function percent(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}
