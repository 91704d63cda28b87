import { createHook, type AsyncHook } from 'node:async_hooks';
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { currentExecution } from '../../telemetry/execution.ts';

/** Node's names for what stays until it is closed, in words. */
const LASTING: Readonly<Record<string, string>> = {
  Timeout: 'timer',
  TCPSERVERWRAP: 'server',
  PIPESERVERWRAP: 'server',
  TCPWRAP: 'connection',
  PIPEWRAP: 'pipe',
  UDPWRAP: 'UDP socket',
  PROCESSWRAP: 'process',
  WORKER: 'worker',
  FSEVENTWRAP: 'file watcher',
  STATWATCHER: 'file watcher',
};
const PASSING = ['FSREQCALLBACK', 'FSREQPROMISE', 'FILEHANDLE', 'GETADDRINFOREQWRAP', 'QUERYWRAP', 'HTTPCLIENTREQUEST', 'Immediate'];
/** The pool of the kernel, which keeps connections and timers on its own account; a signal's timer keeps nothing. */
const NOT_THE_PLUGINS = /[/\\]node_modules[/\\](knex|tarn|pg|pg-pool|pg-boss|ioredis)[/\\]|AbortSignal\.timeout/;

/** What begins in a turn of its own, as after a name was looked up; the pool has none of these. */
const BEGUN_LATER = new Set(['TCPSERVERWRAP', 'PIPESERVERWRAP', 'UDPWRAP', 'PROCESSWRAP', 'WORKER']);

interface Resource {
  kind: string;
  at: string;
}

/** Sees the timers, handles and file operations that the code of one folder begins. */
export class Watch {
  readonly #roots: readonly string[];
  readonly #hook: AsyncHook;
  readonly #open = new Map<number, Resource>();
  #begun: string[] | undefined;
  /** The plugin's id, once it is known. */
  owner: string | undefined;

  constructor(directory: string) {
    this.#roots = [directory + sep, `${pathToFileURL(directory).href}/`];
    this.#hook = createHook({
      init: (id, type) => {
        this.#opened(id, type);
      },
      destroy: (id) => {
        this.#open.delete(id);
      },
    }).enable();
  }

  /** What is open now. */
  get open(): readonly Resource[] {
    return [...this.#open.values()];
  }

  close(): void {
    this.#hook.disable();
    this.#open.clear();
  }

  /** Runs `work`, waits for what it may have set off, and answers every I/O that was begun. */
  async findIo(work: () => void): Promise<string[]> {
    const begun: string[] = [];
    const restore = [...this.#observe(fs, /Sync$/), ...this.#observe(childProcess, /Sync$/), ...this.#observe(globalThis, /^fetch$/)];
    syncBuiltinESMExports();
    this.#begun = begun;
    try {
      work();
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      this.#begun = undefined;
      for (const undo of restore) undo();
      syncBuiltinESMExports();
    }
    return [...new Set(begun)];
  }

  #opened(id: number, type: string): void {
    const kind = LASTING[type];
    if (kind === undefined && !(this.#begun !== undefined && PASSING.includes(type))) return;
    const isOwners = BEGUN_LATER.has(type) && this.owner !== undefined && currentExecution()?.owner === this.owner;
    const at = this.#placeInPlugin() ?? (isOwners ? 'a later moment' : undefined);
    if (at === undefined) return;
    if (kind !== undefined) this.#open.set(id, { kind, at });
    this.#begun?.push(`${kind ?? type} at ${at}`);
  }

  /** Where in the plugin the running code was called from; undefined when it was not. */
  #placeInPlugin(): string | undefined {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 60;
    const stack = new Error('where').stack ?? '';
    Error.stackTraceLimit = limit;
    if (NOT_THE_PLUGINS.test(stack)) return undefined;
    for (const line of stack.split('\n')) {
      const root = this.#roots.find((root) => line.includes(root));
      if (root !== undefined) return line.slice(line.indexOf(root) + root.length).replace(/\)$/, '').replace(/\?[^:]*/, '');
    }
    return undefined;
  }

  /** Notes the calls of those functions that come from the plugin. Answers how to undo it. */
  #observe(owner: object, names: RegExp): (() => void)[] {
    const functions = Object.entries(Object.getOwnPropertyDescriptors(owner)).filter(
      ([name, { value, writable }]) => names.test(name) && typeof value === 'function' && writable === true,
    );
    return functions.map(([name, descriptor]) => {
      const original = descriptor.value as (...args: unknown[]) => unknown;
      const note = (): void => {
        const at = this.#placeInPlugin();
        if (at !== undefined) this.#begun?.push(`${name}() at ${at}`);
      };
      const observed = function (this: unknown, ...args: unknown[]): unknown {
        note();
        return Reflect.apply(original, this, args);
      };
      Object.defineProperty(owner, name, { ...descriptor, value: observed });
      return () => {
        Object.defineProperty(owner, name, descriptor);
      };
    });
  }
}
