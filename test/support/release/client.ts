import { randomUUID } from 'node:crypto';

/** Who asks: a member of whom no more is known than what they sign in with, and the token they have got for it. */
export interface Person {
  username: string;
  password: string;
  id: string;
  token: string;
}

export interface Answer {
  status: number;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- an answer is read by what is expected of it, of any version
  body: any;
}

/** Talks to a server of any version, over nothing but HTTP. */
export class RestClient {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  async request(method: string, path: string, { as, body }: { as?: Pick<Person, 'token'> | undefined; body?: unknown } = {}): Promise<Answer> {
    const isForm = body instanceof FormData;
    const response = await fetch(this.url + path, {
      method,
      headers: {
        ...(method !== 'GET' && { 'Idempotency-Key': randomUUID() }),
        ...(as && { Authorization: `Bearer ${as.token}` }),
        ...(body !== undefined && !isForm && { 'Content-Type': typeof body === 'string' ? 'text/csv' : 'application/json' }),
      },
      ...(body !== undefined && { body: isForm || typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? (JSON.parse(bytes.toString()) as unknown) : bytes };
  }

  /** What the server says; `body.data` of an answer in JSON, else its bytes. @throws Error when it refuses. */
  async ask(method: string, path: string, as?: Pick<Person, 'token'>, body?: unknown): Promise<Answer['body']> {
    const answer = await this.request(method, path, { as, body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    return Buffer.isBuffer(answer.body) ? answer.body : answer.body.data;
  }

  /** @throws Error when a second factor is asked for, or the password is wrong. */
  async signIn({ username, password }: Pick<Person, 'username' | 'password'>): Promise<Person> {
    const { user, accessToken } = await this.ask('POST', '/api/auth/login', undefined, { username, password });
    return { username, password, id: user.id, token: accessToken };
  }

  /** Waits until `isSo` answers true of what the server says. */
  async until(path: string, as: Pick<Person, 'token'>, isSo: (data: Answer['body']) => boolean): Promise<void> {
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      if (isSo(await this.ask('GET', path, as))) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`Waited in vain for ${path}.`);
  }
}
