import { Server } from 'node:net';
import { currentExecution } from '../../telemetry/execution.ts';

interface Handle {
  kind: 'interval' | 'server';
  isOpen(): boolean;
  close(): void;
}

/** The intervals and servers that plugins have opened by themselves, so that none outlives its plugin. */
export class Handles {
  readonly #byOwner = new Map<string, Set<Handle>>();

  /** Watches setInterval() and servers that listen. Answers how to stop watching. */
  watch(): () => void {
    const { setInterval } = globalThis;
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the server that listens
    const { listen } = Server.prototype;
    const add = (handle: Handle): void => {
      this.#add(handle);
    };
    const watched = (...args: Parameters<typeof setInterval>): ReturnType<typeof setInterval> => {
      const timer = setInterval(...args);
      add({
        kind: 'interval',
        isOpen: () => Reflect.get(timer, '_destroyed') !== true,
        close: () => {
          clearInterval(timer);
        },
      });
      return timer;
    };
    globalThis.setInterval = Object.assign<typeof watched, typeof setInterval>(watched, setInterval);
    Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
      add({ kind: 'server', isOpen: () => this.listening, close: () => this.close() });
      Reflect.apply(listen, this, args);
      return this;
    };
    return () => {
      globalThis.setInterval = setInterval;
      Server.prototype.listen = listen;
    };
  }

  /** Closes what a plugin has left open, and answers the kinds. */
  closeAll(owner: string): string[] {
    const left = [...(this.#byOwner.get(owner) ?? [])].filter((handle) => handle.isOpen());
    this.#byOwner.delete(owner);
    for (const handle of left) handle.close();
    return left.map(({ kind }) => kind);
  }

  #add(handle: Handle): void {
    const { owner = 'kernel' } = currentExecution() ?? {};
    if (owner === 'kernel') return;
    const handles = this.#byOwner.get(owner) ?? new Set();
    for (const known of handles) if (!known.isOpen()) handles.delete(known);
    this.#byOwner.set(owner, handles.add(handle));
  }
}
