import type { Containment } from '../../config/config.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { startWatchdog } from '../../watchdog/watchdog.ts';
import { culpritOf, type PluginFolder } from './culprit.ts';
import { Handles } from './handles.ts';
import { guardProcess } from './process-guard.ts';
import { closePrototypes } from './prototypes.ts';

export interface KeptProcess {
  metrics: Metrics;
  databaseUrl: string;
  watchdog: Containment['watchdog'];
  folders: () => readonly PluginFolder[];
}

/** Keeps a process that is the kernel's alone going through what plugins do to it, and puts that down to them. */
export class ProcessKeeper {
  readonly #metrics: Metrics;
  readonly #handles = new Handles();
  readonly #letGo: (() => void)[];

  constructor({ metrics, databaseUrl, watchdog, folders }: KeptProcess) {
    this.#metrics = metrics;
    closePrototypes();
    const culprit = (error: unknown): string => culpritOf(error, folders());
    const reportStray = (error: unknown): void => {
      metrics.strayed({ owner: culprit(error), where: 'background', error });
    };
    this.#letGo = [
      guardProcess({ culpritOf: culprit, reportStray }),
      startWatchdog({ watchdog, databaseUrl, folders, places: () => metrics.places.all }),
      this.#handles.watch(),
    ];
  }

  /** What a plugin has left open goes with it. */
  stopped(owner: string): void {
    const left = this.#handles.closeAll(owner);
    if (left.length === 0) return;
    const error = new Error(`${owner} has left ${String(left.length)} handles open: ${left.join(', ')}.`);
    this.#metrics.strayed({ owner, where: 'hook stop', error });
  }

  release(): void {
    for (const letGo of this.#letGo) letGo();
  }
}
