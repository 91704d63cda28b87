import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Stands between a server and its database, and does what networks do: it delays, goes silent, and cuts connections. */
export class Proxy {
  /** Milliseconds that everything waits, each way. */
  delayMs = 0;
  readonly #port: number;
  readonly #host: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isSilent = false;
  #isCut = false;

  constructor(target: URL) {
    this.#host = target.hostname;
    this.#port = Number(target.port);
    this.#server = createServer({ pauseOnConnect: true }, (near) => {
      this.#join(near);
    });
  }

  /** Answers the address of the database as it is reached through the proxy. */
  async start(url: string): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const through = new URL(url);
    through.port = String((this.#server.address() as AddressInfo).port);
    return through.href;
  }

  /** A partition: nothing gets through, and nobody is told. What was sent arrives once it is over. */
  set isSilent(isSilent: boolean) {
    this.#isSilent = isSilent;
    for (const socket of this.#sockets) if (isSilent) socket.pause();
      else socket.resume();
  }

  /** Every connection is broken off, and new ones are refused. */
  set isCut(isCut: boolean) {
    this.#isCut = isCut;
    if (isCut) for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(near: Socket): void {
    if (this.#isCut) {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#port, this.#host);
    this.#forward(near, far);
    this.#forward(far, near);
    if (!this.#isSilent) near.resume();
  }

  #forward(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => {
      if (this.delayMs === 0) to.write(chunk);
      else setTimeout(() => to.write(chunk), this.delayMs);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
