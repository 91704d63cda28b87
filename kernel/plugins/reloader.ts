import { watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../telemetry/logger.ts';
import type { PluginHost } from './host.ts';
import { digestFolder, digestWhenLoaded, isOfPlugin } from './lifecycle/store.ts';

/** An editor writes several files, or one in several steps: a folder counts as changed when it has been quiet for so long. */
const QUIET_MS = 100;

/** For `npm run dev`: a changed file below the folder of a plugin that runs starts just that plugin anew. */
export class PluginReloader {
  readonly #host: PluginHost;
  readonly #log: Logger;
  readonly #folders = new Map<string, WatchedFolder>();
  #isStopped = false;

  constructor(host: PluginHost, log: Logger) {
    this.#host = host;
    this.#log = log;
  }

  /** Watches the folders of the plugins that are wanted now. */
  follow(): void {
    if (this.#isStopped) return;
    for (const [id, { directory }] of this.#host.discovery.found) {
      if (this.#host.desired.plugins.get(id)?.enabled !== true || this.#folders.has(directory)) continue;
      const changed = (): Promise<void> => this.#reload(id, directory);
      const failed = (error: unknown): void => this.#log.warn({ plugin: id, err: error }, `${id}: ${directory} cannot be watched`);
      this.#folders.set(directory, new WatchedFolder(directory, digestWhenLoaded(directory), changed, failed));
    }
  }

  stop(): void {
    this.#isStopped = true;
    for (const folder of this.#folders.values()) folder.close();
  }

  async #reload(id: string, directory: string): Promise<void> {
    const host = this.#host;
    if (this.#isStopped || host.desired.plugins.get(id)?.enabled !== true) return;
    if (host.isQuarantined(id)) {
      this.#log.warn({ plugin: id }, `${id}: changed, and in quarantine: the new code runs once it is released`);
      return;
    }
    const found = host.discovery.found.get(id);
    const wasRunning = host.running.has(id);
    try {
      await host.reload(id);
      this.#log.info({ plugin: id }, `${id}: reloaded`);
    } catch (error) {
      const reason = describeFailure(error, directory, (text) => (found ? host.store.withOriginalPaths(text, found) : text));
      const state = wasRunning ? 'not reloaded, the code from before serves on' : 'does not start';
      this.#log.error({ plugin: id }, `${id}: ${state}: ${reason}`);
    }
  }
}

/** What went wrong, and the innermost place in the plugin's own folder where it did. */
function describeFailure(error: unknown, directory: string, rewrite: (text: string) => string): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  const places = placesOf(cause.stack ?? '').map((place) => rewrite(place));
  const place = places.find((path) => !relative(directory, path).startsWith('..'));
  const reason = rewrite(error.message);
  return `${reason} (in ${place ?? directory})`;
}

/** The files of a stack, innermost first, with line and column where they are those of the source. */
function placesOf(stack: string): string[] {
  return stack.split('\n').flatMap((line) => {
    // Of a file in a folder whose package.json says nothing of modules, tsx tells the name only.
    const converted = /\?filePath=([^:\s)]+)/.exec(line)?.[1];
    if (converted !== undefined) return [decodeURIComponent(converted)];
    const [, file, position] = /^\s+at .*?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\s()?]*?)(?:\?[^\s():]*)?(:\d+:\d+)\)?$/.exec(line) ?? [];
    if (file === undefined || position === undefined) return [];
    return [(file.startsWith('file:') ? fileURLToPath(file) : file) + position];
  });
}

/** Tells when the content of a folder has changed and come to rest. Each folder below is watched, new ones too. */
class WatchedFolder {
  readonly #directory: string;
  readonly #changed: () => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #digest: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #last: Promise<void>;
  #isClosed = false;

  /** @param known What it held when it was loaded: what has been saved since counts as changed. */
  constructor(directory: string, known: string | undefined, changed: () => Promise<void>, failed: (error: unknown) => void) {
    this.#directory = directory;
    this.#digest = known;
    this.#changed = changed;
    this.#failed = failed;
    this.#last = this.#look(known !== undefined);
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #stir(): void {
    clearTimeout(this.#timer);
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#last = this.#last.then(() => this.#look(true));
    }, QUIET_MS).unref();
  }

  async #look(tells: boolean): Promise<void> {
    try {
      await this.#watchTree();
      const digest = await digestFolder(this.#directory);
      const isNew = digest !== this.#digest;
      this.#digest = digest;
      if (isNew && tells) await this.#changed();
    } catch (error) {
      // A folder that goes while it is read stirs the one above it, and is looked at again when it is back.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#failed(error);
    }
  }

  /** Watches the folder, those below it, and the one above it, which tells when the folder itself comes and goes. */
  async #watchTree(): Promise<void> {
    const parent = dirname(this.#directory);
    const below = await readdir(this.#directory, { recursive: true, withFileTypes: true }).catch(() => undefined);
    const folders = (below ?? [])
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => isOfPlugin(relative(this.#directory, path)));
    const wanted = new Set([parent, ...(below ? [this.#directory] : []), ...folders]);
    for (const [path, watcher] of this.#watchers) {
      if (wanted.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of wanted) if (!this.#isClosed && !this.#watchers.has(path)) this.#watch(path);
  }

  #watch(path: string): void {
    const watcher = watch(path, { persistent: false }, () => this.#stir());
    watcher.on('error', () => {
      watcher.close();
      this.#watchers.delete(path);
      this.#stir();
    });
    this.#watchers.set(path, watcher);
  }
}
