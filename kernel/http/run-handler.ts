import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Knex } from 'knex';
import type { AuditTrail } from '../audit/trail.ts';
import type { Reader, Readers } from '../database/readers.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { isPending, runContained, withTimeLimit } from '../plugins/containment.ts';
import { replay, report, toAnswer, type Answer, type AnswerServices } from './answer.ts';
import { ApiError } from './errors.ts';
import { hangUpSignal, type Exchange } from './exchange.ts';
import { AlreadyAnswered, findAnswer, hashRequest, readIdempotencyKey, storeAnswer, type IdempotentRequest, type StoredAnswer } from './idempotency.ts';
import type { UploadedFile } from './multipart.ts';
import { identityOf, type RequestBody } from './request-body.ts';
import { RawReply, type Caller, type Charge, type RouteRequest, type UnpreparedRequest } from './route.ts';
import type { CompiledRoute } from './route-table.ts';

/** What running a handler asks of the rest of the kernel. */
export interface HandlerServices extends AnswerServices {
  knex: Knex;
  readers: Readers;
  /** Takes the price of a route in its transaction. */
  charge(trx: Transaction, request: IdempotentRequest, route: { action: string; owner: string }): Promise<{ charge: Charge; isReplay: boolean }>;
}

/** A request that has been found valid. */
export interface Input extends RequestBody {
  user: Caller | undefined;
  params: Record<string, string | undefined>;
  query: Record<string, unknown>;
  trail: AuditTrail | undefined;
}

/** The server gives a request's body this long to arrive. */
const UPLOAD_LIMIT_MS = 60_000;

/** Runs a route's handler, in a transaction and once per key where the route says so. What answers at once is no promise. */
export function runHandler(services: HandlerServices, exchange: Exchange, route: CompiledRoute, input: Input): Promise<Answer | RawReply> | Answer | RawReply {
  const { user } = input;
  if (route.isIdempotent && user !== undefined) return runOnce(services, exchange, route, input, user);
  if (route.needsTransaction || route.options.prepare !== undefined) return runPrepared(services, exchange, route, input);
  return call(services, exchange, route, new HandlerRequest(services, exchange, route, input));
}

async function runPrepared(services: HandlerServices, exchange: Exchange, route: CompiledRoute, input: Input): Promise<Answer | RawReply> {
  const prepared = await prepare(services, exchange, route, input);
  if (!route.needsTransaction) return call(services, exchange, route, new HandlerRequest(services, exchange, route, input, { prepared }));
  return inTransaction(services.knex, (trx) => callIn(trx, services, exchange, route, input, prepared, undefined));
}

async function runOnce(services: HandlerServices, exchange: Exchange, route: CompiledRoute, input: Input, user: Caller): Promise<Answer | RawReply> {
  const request: IdempotentRequest = {
    userId: user.id,
    route: route.name,
    key: readIdempotencyKey(exchange.ctx.headers['idempotency-key']),
    requestHash: hashRequest(input.params, input.query, ...identityOf(input)),
  };
  const { priced: action } = route.options;
  const price = action === undefined ? undefined : { action, owner: route.owner };
  // The charge of a priced route knows the key, and is a look-up less for every request that is no repetition.
  const isAsked = price === undefined || route.options.prepare !== undefined;
  const earlier = isAsked ? await findAnswer(services.knex, request) : undefined;
  if (earlier !== undefined) return replay(earlier);
  try {
    const prepared = await prepare(services, exchange, route, input);
    return await inTransaction(services.knex, async (trx) => {
      const charged = price === undefined ? undefined : await services.charge(trx, request, price);
      if (charged?.isReplay === true) return replay(await findChargedAnswer(trx, request));
      const answer = await callIn(trx, services, exchange, route, input, prepared, charged?.charge);
      if (answer instanceof RawReply) throw unkept(services, route);
      const { text: _, ...stored } = answer;
      await storeAnswer(trx, request, stored);
      return answer;
    });
  } catch (error) {
    // A twin that waited for the first one finds its effect there, and may have been refused because of it.
    const mayHaveTwin = error instanceof AlreadyAnswered || (error instanceof ApiError && error.status < 500);
    const twin = mayHaveTwin ? await findAnswer(services.knex, request) : undefined;
    if (twin === undefined) throw error;
    return replay(twin);
  }
}

/** Bytes and streams are not kept for who asks again: nothing is done, and nothing paid, for an answer that could not be repeated. */
function unkept(services: HandlerServices, route: CompiledRoute): TypeError {
  const error = new TypeError(`${route.name} takes an Idempotency-Key and answered a RawReply, which cannot be kept for the next time.`);
  report(services, route, error);
  return error;
}

/** The answer to a request that has been paid for. @throws ApiError when it is no longer kept: nothing runs twice for one price. */
async function findChargedAnswer(trx: Transaction, request: IdempotentRequest): Promise<StoredAnswer> {
  const answer = await findAnswer(trx, request);
  if (answer === undefined) throw new ApiError('IDEMPOTENCY_CONFLICT', 'This key was used before, and its answer is no longer kept.');
  return answer;
}

/** Runs what the route wants done before its transaction. */
function prepare({ observer }: HandlerServices, exchange: Exchange, route: CompiledRoute, input: Input): unknown {
  const { options, owner, name } = route;
  if (options.prepare === undefined) return undefined;
  const { params, query, body, user, files = [] } = input;
  const { headers } = exchange.ctx;
  // Of an address that has been matched, every parameter is there.
  const request: UnpreparedRequest = { params: params as Record<string, string>, query, body, user, files, headers, signal: hangUpSignal(exchange.ctx) };
  const where = `prepare ${name}`;
  return runContained(observer, owner, where, () => withTimeLimit(options.prepare?.(request), observer.limits.handler, where));
}

/** Within the transaction that the audit belongs to as well. */
async function callIn(
  trx: Transaction,
  services: HandlerServices,
  exchange: Exchange,
  route: CompiledRoute,
  input: Input,
  prepared: unknown,
  charge: Charge | undefined,
): Promise<Answer | RawReply> {
  const request = new HandlerRequest(services, exchange, route, input, { prepared, trx: route.view.transaction(trx), charge });
  const answer = await call(services, exchange, route, request);
  await input.trail?.doneIn(trx);
  return answer;
}

function call(
  services: HandlerServices,
  exchange: Exchange,
  route: CompiledRoute,
  request: HandlerRequest,
): Promise<Answer | RawReply> | Answer | RawReply {
  const { observer } = services;
  const { owner, where, options, handler } = route;
  const limit = observer.limits.handler + (options.rawBody === 'stream' ? UPLOAD_LIMIT_MS : 0);
  const result = runContained(observer, owner, where, () => withTimeLimit(handler(request as RouteRequest), limit, where));
  return isPending(result) ? (result as Promise<unknown>).then((value) => toAnswer(services, route, value)) : toAnswer(services, route, result);
}

/** What was made for a handler before it runs. */
interface Made {
  prepared: unknown;
  trx?: Transaction;
  charge?: Charge | undefined;
}

const NOTHING_MADE: Made = { prepared: undefined };

/** What a handler gets. What few of them ask for is worked out when they do. */
class HandlerRequest {
  readonly id: string;
  readonly params: Record<string, string | undefined>;
  readonly query: Record<string, unknown>;
  readonly body: unknown;
  readonly rawBody: Buffer | Readable | undefined;
  readonly files: readonly UploadedFile[] | undefined;
  readonly user: Caller | undefined;
  readonly prepared: unknown;
  readonly trx: Transaction | undefined;
  readonly reader: Reader | undefined;
  readonly charge: Charge | undefined;
  readonly #exchange: Exchange;
  #signal: AbortSignal | undefined;

  constructor(services: HandlerServices, exchange: Exchange, route: CompiledRoute, input: Input, made: Made = NOTHING_MADE) {
    this.id = exchange.requestId;
    this.params = input.params;
    this.query = input.query;
    this.body = input.body;
    this.rawBody = input.rawBody;
    this.files = input.files;
    this.user = input.user;
    this.prepared = made.prepared;
    this.trx = made.trx;
    this.reader = route.options.replica && services.readers.of(route.view, input.user);
    this.charge = made.charge;
    this.#exchange = exchange;
  }

  get headers(): IncomingHttpHeaders {
    return this.#exchange.ctx.req.headers;
  }

  get ip(): string {
    return this.#exchange.ctx.ip;
  }

  get signal(): AbortSignal {
    return (this.#signal ??= hangUpSignal(this.#exchange.ctx));
  }
}
