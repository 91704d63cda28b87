import inspector from 'node:inspector';
import { pathToFileURL } from 'node:url';
import v8 from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { Containment } from '../config/config.ts';
import type { PluginFolder } from '../plugins/health/culprit.ts';
import { currentExecution } from '../telemetry/execution.ts';
import type { Place } from '../telemetry/places.ts';
import { running } from '../telemetry/running.ts';

const BEAT_MS = 100;
/** What the watchdog's thread asks the stopped event loop. */
const QUESTION = Symbol.for('musclemap.watchdog');

export interface WatchdogOptions extends Readonly<Pick<Containment, 'watchdog'>> {
  databaseUrl: string;
  folders: () => readonly PluginFolder[];
  places: () => readonly Place[];
}

/**
 * Watches this process from a thread of its own: when the event loop is blocked or memory runs out, the thread finds the plugin
 * whose code it is, writes its quarantine down and ends the process, which the supervisor starts again. Answers how to stop.
 */
export function startWatchdog(options: WatchdogOptions): () => void {
  // Somebody who debugs stops the loop on purpose.
  if (inspector.url() !== undefined) return () => undefined;
  const beat = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  Object.defineProperty(globalThis, QUESTION, { configurable: true, value: () => describeProcess(options.folders()) });
  const worker = new Worker(new URL('./watcher.mjs', import.meta.url), {
    execArgv: [],
    workerData: {
      ...{ beat, running, databaseUrl: options.databaseUrl, stallMs: options.watchdog.stallMs },
      memoryLimit: { base: process.memoryUsage.rss(), most: mostMemory(options.watchdog.memoryShare) },
    },
  });
  worker.unref();
  let known = 0;
  const timer = setInterval(() => {
    Atomics.add(beat, 0, 1);
    const places = options.places();
    if (places.length === known) return;
    known = places.length;
    worker.postMessage({ places: places.map(({ owner, where }) => ({ owner, where })) });
  }, BEAT_MS);
  timer.unref();
  return () => {
    clearInterval(timer);
    void worker.terminate();
  };
}

/** How much more than at the start the process may use: a share of what V8 allows itself, or of what the machine allows it. */
function mostMemory(share: number): number {
  const { heap_size_limit: limit, used_heap_size: used } = v8.getHeapStatistics();
  const constrained = process.constrainedMemory();
  const isConstrained = constrained > 0 && constrained < Number.MAX_SAFE_INTEGER;
  return share * ((isConstrained ? Math.min(limit, constrained) : limit) - used);
}

function describeProcess(folders: readonly PluginFolder[]): string {
  const execution = currentExecution();
  return JSON.stringify({
    owner: execution?.owner,
    where: execution?.place?.where,
    folders: folders.map(({ id, directory }) => ({ id, prefixes: [`${directory}/`, `${pathToFileURL(directory).href}/`] })),
  });
}
