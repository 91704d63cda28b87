import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import createClient, { type Client } from 'openapi-fetch';
import type { components, paths } from './api.ts';

type Body<Operation> = Operation extends { requestBody: { content: { 'application/json': infer Json } } } ? Json : never;
export type NewAccount = Body<paths['/api/auth/register']['post']>;
export type NewWorkout = Body<paths['/api/workouts']['post']>;
export type Workout = paths['/api/workouts/{id}']['get']['responses'][200]['content']['application/json']['data'];

type ErrorAnswer = components['schemas']['Error'];
export type ErrorCode = ErrorAnswer['error']['code'];

/** What the server refused. Decide by `code`: it is part of the API; the message is for people and may change. */
export class Refusal extends Error {
  override name = 'Refusal';
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor({ error }: ErrorAnswer) {
    super(error.message);
    this.code = error.code;
    this.details = error.details;
  }
}

const PASSING: readonly ErrorCode[] = ['RATE_LIMITED', 'UNAVAILABLE', 'INTERNAL_ERROR'];
const ATTEMPTS = 4;

export interface ClientOptions {
  fetch?: (request: Request) => Promise<Response>;
  /** Milliseconds before the second attempt; each further one waits twice as long. */
  firstWaitMs?: number;
}

/** One member's session with a MuscleMap server. Everything that is refused throws a Refusal. */
export class MuscleMapClient {
  readonly #http: Client<paths>;
  readonly #firstWaitMs: number;

  constructor(server: string, options: ClientOptions = {}) {
    this.#http = createClient<paths>({ baseUrl: server, ...(options.fetch && { fetch: options.fetch }) });
    this.#firstWaitMs = options.firstWaitMs ?? 250;
  }

  /** Makes an account and goes on as its owner. Answers the owner's id. */
  async register(account: NewAccount): Promise<string> {
    const { user, accessToken } = success(await this.#http.POST('/api/auth/register', { body: account })).data;
    this.#http.use({
      onRequest: ({ request }) => {
        request.headers.set('Authorization', `Bearer ${accessToken}`);
      },
    });
    return user.id;
  }

  /** Logs a workout once and for one price, however often the network loses the answer: each attempt has the same key. */
  async logWorkout(workout: NewWorkout): Promise<Workout> {
    const header = { 'Idempotency-Key': randomUUID() };
    return this.#insist(async () => success(await this.#http.POST('/api/workouts', { params: { header }, body: workout })).data);
  }

  async workout(id: string): Promise<Workout> {
    return success(await this.#http.GET('/api/workouts/{id}', { params: { path: { id } } })).data;
  }

  /** All workouts, newest first, a page at a time: what is logged meanwhile neither repeats nor hides one. */
  async *workouts(pageSize = 100): AsyncGenerator<Workout> {
    let cursor: string | null | undefined;
    do {
      const query = { limit: pageSize, ...(cursor != null && { cursor }) };
      const { data, meta } = success(await this.#http.GET('/api/workouts', { params: { query } }));
      yield* data;
      cursor = meta.nextCursor;
    } while (cursor !== null);
  }

  /** Tries again while the reason may pass by itself. */
  async #insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let count = 1; ; count += 1) {
      try {
        return await attempt();
      } catch (error) {
        const isPassing = error instanceof Refusal ? PASSING.includes(error.code) : error instanceof TypeError;
        if (!isPassing || count === ATTEMPTS) throw error;
        await delay(this.#firstWaitMs * 2 ** (count - 1));
      }
    }
  }
}

/** The answer's content. @throws Refusal */
function success<Data>(answer: { data?: Data; error?: ErrorAnswer }): Data {
  if (answer.error !== undefined) throw new Refusal(answer.error);
  if (answer.data === undefined) throw new TypeError('The answer has no content.');
  return answer.data;
}
