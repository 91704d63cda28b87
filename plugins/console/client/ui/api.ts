import { texts } from '../texts.ts';

/** A refusal of the server, or its silence. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly details: unknown;

  constructor(code: string, message: string, status: number, details?: unknown) {
    super(message);
    this.name = 'ApiProblem';
    this.code = code;
    this.status = status;
    this.details = details;
  }

  /** What is wrong with which field, by its JSON pointer in the body, as `/email`. */
  get fields(): Map<string, string> {
    const problems = Array.isArray(this.details) ? (this.details as unknown[]) : [];
    return new Map(
      problems.flatMap((problem) => {
        if (typeof problem !== 'object' || problem === null || !('path' in problem) || !('message' in problem)) return [];
        return [[String(problem.path).replace(/^\/body/, ''), String(problem.message)] as const];
      }),
    );
  }
}

export interface Answer<Data> {
  data: Data;
  meta: { limit?: number; nextCursor?: string | null } & Record<string, unknown>;
  status: number;
}

export type Query = Record<string, string | number | boolean | null | undefined>;

export interface Send {
  query?: Query;
  body?: unknown;
  /** Sent as Idempotency-Key. */
  key?: string;
  signal?: AbortSignal;
}

/** How requests are signed in; the session says so when it begins. */
interface Credentials {
  accessToken(): Promise<string | undefined>;
  /** The token was not taken: answers whether there is another one to try with. */
  renew(refused: string): Promise<boolean>;
}

/** What nobody has taken up by then is old. */
const AHEAD_MS = 5_000;

let credentials: Credentials | undefined;

export function useCredentials(of: Credentials): void {
  credentials = of;
}

/** Sends a request as whoever is signed in. @throws ApiProblem */
export async function send<Data>(method: string, path: string, options: Send = {}): Promise<Answer<Data>> {
  const token = await credentials?.accessToken();
  const response = await request(method, path, options, token);
  if (response.status === 401 && token !== undefined && (await credentials?.renew(token)) === true) {
    return read<Data>(await request(method, path, options, await credentials?.accessToken()));
  }
  return read<Data>(response);
}

/** Sends a request as nobody. @throws ApiProblem */
export async function sendOpenly<Data>(method: string, path: string, options: Send = {}): Promise<Answer<Data>> {
  return read<Data>(await request(method, path, options, undefined));
}

/** What has been asked for before the page that needs it is there. */
const ahead = new Map<string, Promise<unknown>>();

/** Asks for something that a page will ask for in a moment; that is then answered with this, once. */
export function getAhead(path: string): void {
  const answer = get<unknown>(path);
  // What fails is told by who takes it up.
  answer.catch(() => undefined);
  ahead.set(path, answer);
  setTimeout(() => ahead.delete(path), AHEAD_MS);
}

export async function get<Data>(path: string, query: Query = {}, signal?: AbortSignal): Promise<Data> {
  const early = Object.keys(query).length === 0 ? ahead.get(path) : undefined;
  if (early !== undefined) {
    ahead.delete(path);
    return early as Promise<Data>;
  }
  return (await send<Data>('GET', path, { query, ...(signal && { signal }) })).data;
}

/** What makes a submission one: a second try with it has no second effect. */
export function newKey(): string {
  // Not randomUUID(): browsers have that on https only, and a gym's own network may be without.
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem('UNEXPECTED', error instanceof Error ? error.message : texts.errors.unexpected, 0);
}

async function request(method: string, path: string, { query, body, key, signal }: Send, token: string | undefined): Promise<Response> {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  const isText = typeof body === 'string';
  // A form and a file say themselves what they are.
  const isTyped = body instanceof FormData || body instanceof Blob;
  try {
    return await fetch(`/api${path}${search === '' ? '' : `?${search}`}`, {
      method,
      headers: {
        ...(body !== undefined && !isTyped && { 'Content-Type': isText ? 'text/csv' : 'application/json' }),
        ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        ...(key !== undefined && { 'Idempotency-Key': key }),
      },
      ...(body !== undefined && { body: isText || isTyped ? body : JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (signal?.aborted === true) throw error;
    return asNetworkProblem();
  }
}

/** @throws ApiProblem Always. */
export function asNetworkProblem(): never {
  throw new ApiProblem('NETWORK', texts.errors.network, 0);
}

interface ErrorBody {
  error?: { code: string; message: string; details?: unknown };
}

/** What a response holds. @throws ApiProblem for a refusal. */
export async function read<Data>(response: Response): Promise<Answer<Data>> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : {};
  if (response.ok) return { meta: {}, ...(parsed as { data: Data }), status: response.status };
  const { error } = parsed as ErrorBody;
  throw new ApiProblem(error?.code ?? 'UNEXPECTED', error?.message ?? texts.errors.unexpected, response.status, error?.details);
}

/** A file that a route answers. @throws ApiProblem */
export async function sendForFile(path: string): Promise<Blob> {
  const response = await request('GET', path, {}, await credentials?.accessToken());
  if (!response.ok) await read(response);
  return response.blob();
}
