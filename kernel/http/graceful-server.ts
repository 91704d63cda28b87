import { once } from 'node:events';
import { createServer, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import { Server as NetServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 50;
const LONGEST_CLOSE_MS = 8_000;

/** How a server leaves, in milliseconds. */
export interface Leaving {
  /** How long it goes on as before, for a balancer to notice that it is not ready. */
  drainMs?: number;
  /** How long connections that nothing happens on are kept, for the request that may be on its way. */
  lingerMs?: number;
}

/** A server of HTTP that can leave without losing a request: connections are ended by an answer that says so. */
export class GracefulServer {
  readonly server: Server;
  readonly #open = new Set<ServerResponse>();
  #isLeaving = false;

  constructor(options: ServerOptions) {
    this.server = createServer(options);
    this.server.on('request', (_request, response) => {
      if (this.#isLeaving) response.setHeader('Connection', 'close');
      this.#open.add(response);
      response.once('close', () => this.#open.delete(response));
    });
  }

  /** From now on every answer ends its connection; new ones are still taken. */
  async drain({ drainMs = 0 }: Leaving): Promise<void> {
    this.#isLeaving = true;
    for (const response of this.#open) if (!response.headersSent) response.setHeader('Connection', 'close');
    await delay(drainMs);
  }

  /** Takes no more connections, answers what is under way, and settles when none is left. */
  async close({ lingerMs = 0 }: Leaving): Promise<void> {
    const { server } = this;
    if (lingerMs > 0) {
      // That of HTTP would end the quiet connections as well.
      NetServer.prototype.close.call(server);
      await Promise.race([once(server, 'close'), delay(lingerMs)]);
    }
    const closed = new Promise<void>((resolve) => {
      server.close(() => {
        resolve();
      });
    });
    // An answer that had begun before could not say that it is the last one of its connection.
    const look = setInterval(() => {
      server.closeIdleConnections();
    }, LOOK_MS);
    const limit = setTimeout(() => {
      server.closeAllConnections();
    }, LONGEST_CLOSE_MS);
    await closed;
    clearInterval(look);
    clearTimeout(limit);
  }
}
