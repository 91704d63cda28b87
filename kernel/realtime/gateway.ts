import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { toApiError } from '../http/error-answer.ts';
import { ApiError } from '../http/errors.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import type { Caller } from '../http/route.ts';
import { CLOSE, Socket, type SocketLimits } from './socket.ts';
import type { SubscribingContext } from './subscribing.ts';

export interface GatewayServices {
  subscribing: SubscribingContext;
  rateLimit: RateLimit;
  limits: SocketLimits & { socketsPerUser: number };
  /** How many proxies may name the client's address. */
  trustProxy: number;
  authenticate(token: string): Caller;
  takeTicket(ticket: string): Promise<Caller | undefined>;
  /** Whether a caller's session has been ended, or the account been banned. */
  hasEnded(caller: Caller): boolean;
}

const PATH = '/api/realtime';
const PING_MS = 30_000;
const SESSION_CHECK_MS = 500;
const LARGEST_MESSAGE = 16 * 1024;

/** Turns requests into sockets, keeps them alive, and closes them when their session ends. */
export class Gateway {
  readonly #services: GatewayServices;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, perMessageDeflate: false });
  readonly #sockets = new Set<Socket>();
  readonly #perUser = new Map<string, number>();
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(services: GatewayServices) {
    this.#services = services;
  }

  get count(): number {
    return this.#sockets.size;
  }

  /** Takes the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on('upgrade', (request, stream: Duplex, head: Buffer) => {
      stream.on('error', () => undefined);
      this.#admit(request).then(
        (caller) => {
          this.#server.handleUpgrade(request, stream, head, (socket) => {
            this.#open(new Socket(socket, caller, this.#services.subscribing, this.#services.limits), socket);
          });
        },
        (error: unknown) => {
          refuse(stream, toApiError(error));
        },
      );
    });
    this.#timers.push(
      setInterval(() => {
        this.#ping();
      }, PING_MS).unref(),
      setInterval(() => {
        this.#closeEnded();
      }, SESSION_CHECK_MS).unref(),
    );
  }

  /** Closes every socket; their clients come back to another instance. */
  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const socket of this.#sockets) socket.close(CLOSE.goingAway);
    setTimeout(() => {
      for (const socket of this.#sockets) socket.terminate();
    }, 1_000).unref();
  }

  async #admit(request: IncomingMessage): Promise<Caller> {
    const url = new URL(request.url ?? '/', 'http://localhost');
    if (url.pathname !== PATH) throw new ApiError('NOT_FOUND', 'No socket has this address.');
    await this.#services.rateLimit.count(addressOf(request, this.#services.trustProxy));
    const caller = await this.#identify(request, url.searchParams.get('ticket'));
    if ((this.#perUser.get(caller.id) ?? 0) >= this.#services.limits.socketsPerUser) {
      throw new ApiError('RATE_LIMITED', 'There are too many sockets of this account.', { headers: { 'Retry-After': '30' } });
    }
    return caller;
  }

  async #identify(request: IncomingMessage, ticket: string | null): Promise<Caller> {
    if (ticket !== null) {
      const caller = await this.#services.takeTicket(ticket);
      if (caller === undefined) throw new ApiError('UNAUTHORIZED', 'The ticket is not valid; a ticket opens one socket, within 30 seconds.');
      return caller;
    }
    const token = /^Bearer ([^\s]+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token === undefined) throw new ApiError('UNAUTHORIZED', 'A socket is opened with a ticket or an Authorization header.');
    return this.#services.authenticate(token);
  }

  #open(socket: Socket, connection: { once(event: 'close', listener: () => void): void }): void {
    const { id } = socket.caller;
    this.#sockets.add(socket);
    this.#perUser.set(id, (this.#perUser.get(id) ?? 0) + 1);
    connection.once('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perUser.get(id) ?? 1) - 1;
      if (left === 0) this.#perUser.delete(id);
      else this.#perUser.set(id, left);
    });
  }

  #ping(): void {
    for (const socket of this.#sockets) {
      if (socket.isAlive) socket.ping();
      else socket.terminate();
    }
  }

  #closeEnded(): void {
    for (const socket of this.#sockets) {
      if (this.#services.hasEnded(socket.caller)) socket.close(CLOSE.signedOut);
    }
  }
}

/** The client's address: the connection's own, or what the nearest trusted proxy says. */
function addressOf(request: IncomingMessage, trustProxy: number): string {
  const forwarded = String(request.headers['x-forwarded-for'] ?? '').split(',').map((part) => part.trim());
  const named = trustProxy > 0 ? forwarded.slice(-trustProxy)[0] : '';
  return named === undefined || named === '' ? (request.socket.remoteAddress ?? '') : named;
}

function refuse(stream: Duplex, error: ApiError): void {
  const body = JSON.stringify({ error: { code: error.code, message: error.message, statusCode: error.status } });
  const headers = { ...error.headers, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), Connection: 'close' };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`);
  stream.end(`HTTP/1.1 ${String(error.status)} ${STATUS_CODES[error.status] ?? ''}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
}
