import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Static, TSchema } from 'typebox';
import type { Reader } from '../database/readers.ts';
import type { Transaction } from '../database/transaction.ts';
import type { DatabaseView } from '../plugins/database/views.ts';
import type { ErrorCode } from './errors.ts';
import type { MultipartOptions, UploadedFile } from './multipart.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Who may call a route. `optional` lets anybody in and knows who is signed in; `{ permission }` lets in whose roles hold
 * that permission, which the kernel or a plugin adds through `kernel.hooks.permissions`.
 */
export type RouteAuth = 'none' | 'optional' | 'user' | 'moderator' | 'admin' | { readonly permission: string };

/** The JSON Schemas of a route (made with `Type`): they validate, document and type it. */
export interface RouteSchemas {
  params?: TSchema;
  query?: TSchema;
  body?: TSchema;
  /** Of `data` in the answer. */
  response?: TSchema;
}

/** How a route is served, and what is checked and said of it. */
export interface RouteOptions extends RouteSchemas {
  /** One line for the API's documentation. */
  summary: string;
  /** `user` unless said. */
  auth?: RouteAuth;
  /** Of the answer: 200 unless said, 204 when there is no response schema and the handler answers nothing. */
  status?: 200 | 201 | 202 | 204;
  /** It may also answer 202 with its `response`, for work that goes on in the background. */
  mayDefer?: true;
  /** The errors it can answer beyond those that follow from its declaration. */
  errors?: readonly ErrorCode[];
  /** Adds `limit` (1-100, 20 unless said) and `cursor` to the query and `meta: { limit, nextCursor }` to the answer. */
  list?: true;
  /** Runs the handler in one transaction (`request.trx`), committed before the answer is sent. */
  transaction?: true;
  /**
   * Lets a replica of the database answer: the handler reads with `request.reader`, which is on the replica when there is one, well
   * and up to everything that the caller has written, else on the primary. For GET routes that many call: feeds, leaderboards,
   * catalogues. What others wrote may be missing for a moment.
   *
   * @example
   * routes.get('/badge-wall', { summary: 'Who earned which badge', replica: true }, ({ reader }) =>
   *   reader('badge_wall').orderBy('earned_at', 'desc').limit(100));
   */
  replica?: true;
  /**
   * Takes an Idempotency-Key: the handler runs once per user, route and key, in one transaction with its stored answer, which is JSON: no
   * RawReply.
   */
  idempotent?: true;
  /** The handler asks for an Idempotency-Key and sees to it itself, as one does that speaks with another server; documents the header. */
  keyed?: true;
  /** A credit action that the caller pays in the handler's transaction, before the handler runs. Implies `idempotent`. */
  priced?: string;
  /** Seconds a client may keep the answer; sends an ETag and answers 304. For catalogues. */
  cacheSeconds?: number;
  /** The largest body in bytes, 1 MiB unless said. */
  bodyLimit?: number;
  /**
   * Hands the body over as bytes (`request.rawBody`) instead of parsing JSON: `true` as one Buffer, `'stream'` as a Readable
   * while it arrives, for files that memory should not hold. A stream cannot be compared with an earlier request, so such a
   * route is neither `idempotent` nor `priced`. Reading it fails with PAYLOAD_TOO_LARGE beyond `bodyLimit`, and with
   * VALIDATION_ERROR when the client hangs up.
   *
   * @example
   * routes.post('/files', { summary: 'Keeps a file', rawBody: 'stream', bodyLimit: 1e9 }, async ({ rawBody }) => {
   *   for await (const chunk of rawBody) await keep(chunk);
   * });
   */
  rawBody?: true | 'stream';
  /**
   * Takes `multipart/form-data` beside JSON: its fields are `request.body`, by the same schema, and its files lie on the disk as
   * `request.files` until the request is answered. They are part of what an Idempotency-Key stands for.
   *
   * @example
   * routes.post('/photos', { summary: 'Keeps photos', multipart: { files: 5, fileBytes: 10e6 } }, async ({ files }) => {
   *   for (const { path } of files) await kernel.storage.put(createReadStream(path), { maxBytes: 10e6 });
   * });
   */
  multipart?: MultipartOptions;
  /**
   * What takes too long for a transaction: it runs before the handler's, whose request has the result as `prepared`; not at all
   * when the answer to an Idempotency-Key is known. What it leaves behind must not matter when the handler then fails.
   */
  prepare?: (request: UnpreparedRequest) => unknown;
  /** The media type of an answer that is not JSON, for the documentation. */
  produces?: string;
  /**
   * Every use of a route for moderators, administrators or holders of a permission is written into the audit with its
   * query and body. `hide` names their fields whose values are left out, beside passwords, tokens and e-mail addresses;
   * `*` leaves out those of the whole body.
   */
  audit?: { hide: readonly string[] | '*' };
  /** Exempt from the general rate limit, for callers who retry on their own terms. */
  unlimited?: true;
}

type Validated<Schema, Otherwise> = Schema extends TSchema ? Static<Schema> : Otherwise;

/** `unknown` fields of a list's query are typed by this. */
export interface PageQuery {
  limit: number;
  cursor?: string;
}

/** The caller, as the access token names them. */
export interface Caller {
  id: string;
  roles: readonly string[];
  /** The session that the token belongs to. */
  sessionId: string;
  /** When the token was issued, in milliseconds by the database's clock: what ended the session after it counts. */
  issuedAt: number;
}

/** What a priced route's caller was charged. `amount` is 0 and `entryId` null for who pays nothing. */
export interface Charge {
  action: string;
  amount: number;
  entryId: string | null;
  balance: number;
}

type CallerOf<Options extends RouteOptions> = Options['auth'] extends 'none'
  ? undefined
  : Options['auth'] extends 'optional'
    ? Caller | undefined
    : Caller;

type QueryOf<Options extends RouteOptions> = Validated<Options['query'], unknown> &
  (Options['list'] extends true ? PageQuery : unknown);

type RawBodyOf<Options extends RouteOptions> = Options extends { rawBody: 'stream' } ? Readable : Buffer | undefined;

type TransactionOf<Options extends RouteOptions> = Options extends
  | { transaction: true }
  | { idempotent: true }
  | { priced: string }
  ? Transaction
  : undefined;

type ReaderOf<Options extends RouteOptions> = Options extends { replica: true } ? Reader : undefined;

type PreparedOf<Options extends RouteOptions> = Options extends { prepare: (request: never) => infer Result } ? Awaited<Result> : undefined;

/** What `prepare` gets: the request, validated and not yet typed by its route. */
export interface UnpreparedRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: unknown;
  readonly body: unknown;
  readonly files: readonly UploadedFile[];
  readonly user: Caller | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
}

/** One validated request, typed by the options of its route. */
export interface RouteRequest<Options extends RouteOptions = RouteOptions> {
  /** The X-Request-Id that the answer and every log line carry. */
  readonly id: string;
  readonly params: Validated<Options['params'], Record<string, string>>;
  readonly query: QueryOf<Options>;
  readonly body: Validated<Options['body'], undefined>;
  readonly rawBody: RawBodyOf<Options>;
  readonly files: Options extends { multipart: object } ? readonly UploadedFile[] : undefined;
  readonly prepared: PreparedOf<Options>;
  readonly user: CallerOf<Options>;
  readonly trx: TransactionOf<Options>;
  /** Reads only: whatever would change something is refused. */
  readonly reader: ReaderOf<Options>;
  readonly charge: Options extends { priced: string } ? Charge : undefined;
  readonly headers: IncomingHttpHeaders;
  readonly ip: string;
  /** Aborted when the client hangs up. */
  readonly signal: AbortSignal;
}

export interface ReplyOptions {
  status?: 200 | 201 | 202 | 204 | 206 | 304;
  /** Beside `data`; a list's `limit` and `nextCursor` are put here by `page()`. */
  meta?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** An answer that is more than its data. */
export class Reply<Data = unknown> {
  readonly data: Data;
  readonly options: ReplyOptions;

  constructor(data: Data, options: ReplyOptions = {}) {
    this.data = data;
    this.options = options;
  }
}

/** An answer that is not JSON: a download, a page, a stream of events. */
export class RawReply {
  readonly body: string | Buffer | NodeJS.ReadableStream;
  readonly type: string;
  readonly options: Omit<ReplyOptions, 'meta'>;

  constructor(body: string | Buffer | NodeJS.ReadableStream, type: string, options: Omit<ReplyOptions, 'meta'> = {}) {
    this.body = body;
    this.type = type;
    this.options = options;
  }
}

/** 201 with the address of what was made, as `/api/workouts/workout_…`. */
export function created<Data>(location: string, data: Data): Reply<Data> {
  return new Reply(data, { status: 201, headers: { Location: location } });
}

/** Handlers return the `data` of the answer, or a Reply that also sets its status, meta or headers. They throw ApiErrors. */
export type RouteHandler<Options extends RouteOptions = RouteOptions> = (
  request: RouteRequest<Options>,
) => unknown;

type Register = <const Options extends RouteOptions>(
  path: string,
  options: Options,
  handler: RouteHandler<Options>,
) => void;

/**
 * Where a plugin puts its routes, named as in @koa/router. Paths start with `/` and lie under `/api`; parameters are
 * written `:id`.
 */
export interface RouteRegistrar {
  get: Register;
  post: Register;
  put: Register;
  patch: Register;
  delete: Register;
}

/** A registered route with its owner. */
export interface Route {
  owner: string;
  /** What its handler sees of the database. */
  view: DatabaseView;
  method: HttpMethod;
  /** From the root, as `/api/workouts/:id`. */
  path: string;
  options: RouteOptions;
  handler: (request: RouteRequest) => unknown;
}
