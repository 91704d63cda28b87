import { WebSocket } from 'ws';

export interface SocketMessage {
  type: string;
  channel?: string;
  event?: string;
  id?: string;
  code?: string;
  hasGap?: boolean;
  details?: unknown;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what an event carries is read by what the test expects of it
  data?: any;
}

/** A client's socket that keeps what it hears. */
export class TestSocket {
  readonly opened: Promise<void>;
  /** The code that the other side closed with. */
  readonly closed: Promise<number>;
  readonly heard: SocketMessage[] = [];
  readonly #socket: WebSocket;
  readonly #waiting: { type: string; tell: (message: SocketMessage) => void }[] = [];

  constructor(url: string, accessToken?: string) {
    this.#socket = new WebSocket(url.replace(/^http/, 'ws'), {
      headers: accessToken === undefined ? {} : { Authorization: `Bearer ${accessToken}` },
    });
    this.opened = new Promise((resolve, reject) => {
      this.#socket.once('open', resolve);
      this.#socket.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.closed = new Promise((resolve) => this.#socket.once('close', resolve));
    this.#socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString('utf8')) as SocketMessage;
      const index = this.#waiting.findIndex(({ type }) => type.split(' ').includes(message.type));
      if (index >= 0) this.#waiting.splice(index, 1)[0]?.tell(message);
      this.heard.push(message);
    });
  }

  send(message: object): void {
    this.#socket.send(JSON.stringify(message));
  }

  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  /** The next message of a type, or of one of several. */
  next(type: string): Promise<SocketMessage> {
    return new Promise((resolve) => this.#waiting.push({ type, tell: resolve }));
  }

  /** Subscribes and answers what the server says to it. */
  async subscribe(channel: string, after?: string): Promise<SocketMessage> {
    const answer = this.next('subscribed error');
    this.send({ type: 'subscribe', channel, ...(after !== undefined && { after }) });
    return answer;
  }

  events(channel: string): SocketMessage[] {
    return this.heard.filter((message) => message.type === 'event' && message.channel === channel);
  }

  /** Reads nothing more, as a client that hangs. */
  pause(): void {
    this.#socket.pause();
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** Waits for a condition. @throws when it does not hold within the time. */
export async function until(holds: () => boolean | Promise<boolean>, milliseconds = 10_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`This did not come true in time: ${holds.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
