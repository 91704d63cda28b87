import { randomUUID } from 'node:crypto';
import type { Context } from 'koa';
import type { Knex } from 'knex';
import { AuditTrail, isAdministrative } from '../audit/trail.ts';
import type { Readers } from '../database/readers.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import type { PageFileContent } from '../pages/content.ts';
import type { PageTable } from '../pages/pages.ts';
import { sendPageFile } from '../pages/send.ts';
import { runContained, withTimeLimit } from '../plugins/containment.ts';
import type { Spool } from '../storage/spool.ts';
import { runAs, type Execution } from '../telemetry/execution.ts';
import type { Logger } from '../telemetry/logger.ts';
import { replay, toAnswer, type Answer, type AnswerServices } from './answer.ts';
import { answerConditionally } from './conditional.ts';
import { refuseUnstorableText } from './body.ts';
import { answerError, toApiError } from './error-answer.ts';
import { ApiError } from './errors.ts';
import {
  AlreadyAnswered,
  findAnswer,
  hashRequest,
  readIdempotencyKey,
  storeAnswer,
  type IdempotentRequest,
  type StoredAnswer,
} from './idempotency.ts';
import { admits } from './access.ts';
import type { RateLimit } from './rate-limit.ts';
import { identityOf, readRequestBody, type RequestBody } from './request-body.ts';
import { RawReply, type Caller, type Charge, type RouteAuth, type RouteRequest, type UnpreparedRequest } from './route.ts';
import type { CompiledRoute, RouteTable } from './route-table.ts';

/** What the dispatcher asks of the rest of the kernel. */
export interface DispatcherServices extends AnswerServices {
  knex: Knex;
  readers: Readers;
  log: Logger;
  rateLimit: RateLimit;
  /** Where the files of requests lie while they are worked on. */
  spool: Spool;
  routes(): RouteTable;
  pages(): PageTable;
  isQuarantined(pluginId: string): boolean;
  /** The caller that an access token names. @throws ApiError for a token that is not good. */
  authenticate(token: string): Caller;
  /** Whether a role of the caller holds a permission. */
  permits(caller: Caller, permission: string): boolean;
  /** Takes the price of a route in its transaction. */
  charge(trx: Transaction, request: IdempotentRequest, route: { action: string; owner: string }): Promise<{ charge: Charge; isReplay: boolean }>;
  /** Told of every answer. */
  answered(ctx: Context, route: string, milliseconds: number, error: ApiError | undefined): void;
}

/** The server gives a request's body this long to arrive. */
const UPLOAD_LIMIT_MS = 60_000;
const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The one middleware that serves every route of the current composition. */
export function createDispatcher(services: DispatcherServices): (ctx: Context) => Promise<void> {
  return async (ctx) => {
    const started = performance.now();
    const given = ctx.get('X-Request-Id');
    const requestId = REQUEST_ID.test(given) ? given : randomUUID();
    ctx.set('X-Request-Id', requestId);
    const execution: Execution = { requestId, owner: 'kernel' };
    let name = 'none';
    let failure: ApiError | undefined;
    await runAs(execution, async () => {
      try {
        const found = services.pages().find(ctx.path);
        if (found === undefined) {
          const { route, params } = findRoute(services, ctx);
          name = route.name;
          await serve(services, ctx, route, params, execution);
        } else {
          name = `GET ${found.page.path}`;
          await servePage(ctx, found.file);
        }
      } catch (error) {
        failure = toApiError(error);
        answerError(ctx, failure, requestId);
      }
      services.answered(ctx, name, performance.now() - started, failure);
    });
  };
}

/** Pages lie in memory and are part of what serves: they count towards no limit. */
async function servePage(ctx: Context, file: PageFileContent | undefined): Promise<void> {
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new ApiError('METHOD_NOT_ALLOWED', undefined, { headers: { Allow: 'GET, HEAD' } });
  if (file === undefined) throw new ApiError('NOT_FOUND', 'This page has no such file.');
  await sendPageFile(ctx, file);
}

function findRoute(
  services: DispatcherServices,
  ctx: Context,
): { route: CompiledRoute; params: Record<string, string | undefined> } {
  const routes = services.routes();
  const match = routes.find(ctx.method, ctx.path);
  if (match !== undefined) return match;
  const methods = routes.methodsOf(ctx.path);
  if (methods.length > 0) {
    throw new ApiError('METHOD_NOT_ALLOWED', undefined, { headers: { Allow: methods.join(', ') } });
  }
  const owner = routes.dormantOwner(ctx.method, ctx.path);
  if (owner !== undefined && services.isQuarantined(owner)) throw quarantined(owner);
  if (owner !== undefined) throw new ApiError('PLUGIN_DISABLED', `The plugin ${owner} is not enabled.`);
  throw new ApiError('NOT_FOUND', 'No route has this address.');
}

/** Not 404: the route is there, and its plugin is broken for now. */
function quarantined(owner: string): ApiError {
  const message = `The plugin ${owner} keeps failing and is out of service.`;
  return new ApiError('UNAVAILABLE', message, { headers: { 'Retry-After': '60' } });
}

async function serve(
  services: DispatcherServices,
  ctx: Context,
  route: CompiledRoute,
  pathParams: Record<string, string | undefined>,
  execution: Execution,
): Promise<void> {
  if (route.options.unlimited !== true) ctx.set(await services.rateLimit.count(ctx.ip));
  const auth = route.options.auth ?? 'user';
  const user = identify(services, ctx, auth);
  if (user === undefined) {
    await answerRequest(services, ctx, route, { user, pathParams });
    return;
  }
  execution.userId = user.id;
  const trail = isAdministrative(auth) ? startTrail(services, ctx, route, user, pathParams) : undefined;
  try {
    refuseStranger(services, user, auth);
    await answerRequest(services, ctx, route, { user, pathParams, trail });
  } catch (error) {
    await trail?.ended(toApiError(error).code);
    throw error;
  }
  await trail?.ended('done');
}

function startTrail(
  services: DispatcherServices,
  ctx: Context,
  route: CompiledRoute,
  caller: Caller,
  params: Record<string, string | undefined>,
): AuditTrail {
  const { knex, log } = services;
  return new AuditTrail({ knex, log, route, caller, ip: ctx.ip, requestId: ctx.response.get('X-Request-Id'), params });
}

async function answerRequest(
  services: DispatcherServices,
  ctx: Context,
  route: CompiledRoute,
  from: { user: Caller | undefined; pathParams: Record<string, string | undefined>; trail?: AuditTrail | undefined },
): Promise<void> {
  const { user, trail } = from;
  const params = { ...from.pathParams };
  const query: Record<string, unknown> = { ...ctx.query };
  refuseUnstorableText(params, '/params');
  refuseUnstorableText(query, '/query');
  route.validateParams?.(params);
  route.validateQuery(query);
  const { release, ...body } = await readRequestBody(ctx.req, route, services.spool);
  trail?.saw({ query, body: body.body });

  const answer = await produce(services, ctx, route, { user, params, query, ...body, trail }).finally(async () => {
    await release();
    // One that failed may have written as well.
    if (user !== undefined && route.mayWrite) await services.readers.wrote(user.id);
  });
  if (answer instanceof RawReply) sendRaw(ctx, answer);
  else send(ctx, route, answer);
}

function identify(services: DispatcherServices, ctx: Context, auth: RouteAuth): Caller | undefined {
  if (auth === 'none') return undefined;
  const header = ctx.get('Authorization');
  if (header === '') {
    if (auth === 'optional') return undefined;
    throw new ApiError('UNAUTHORIZED');
  }
  const token = /^Bearer ([^\s]+)$/i.exec(header)?.[1];
  if (token === undefined) throw new ApiError('UNAUTHORIZED', 'The Authorization header is "Bearer" and an access token.');
  return services.authenticate(token);
}

/** @throws ApiError FORBIDDEN when neither rank nor permission lets the caller in. */
function refuseStranger(services: DispatcherServices, caller: Caller, auth: RouteAuth): void {
  if (admits(caller, auth, (who, permission) => services.permits(who, permission))) return;
  const needed = typeof auth === 'object' ? `needs the permission ${auth.permission}` : `is for role ${auth}`;
  throw new ApiError('FORBIDDEN', `This route ${needed}.`);
}

interface Input extends RequestBody {
  user: Caller | undefined;
  params: Record<string, string | undefined>;
  query: Record<string, unknown>;
  trail: AuditTrail | undefined;
}

/** Runs the handler, in a transaction and once per key where its route says so. */
async function produce(
  services: DispatcherServices,
  ctx: Context,
  route: CompiledRoute,
  input: Input,
): Promise<Answer | RawReply> {
  if (!route.isIdempotent || input.user === undefined) {
    const prepared = await prepare(services, ctx, route, input);
    if (!route.needsTransaction) return call(services, ctx, route, { ...input, prepared }, undefined, undefined);
    return inTransaction(services.knex, (trx) => call(services, ctx, route, { ...input, prepared }, trx, undefined));
  }
  const request: IdempotentRequest = {
    userId: input.user.id,
    route: route.name,
    key: readIdempotencyKey(ctx.headers['idempotency-key']),
    requestHash: hashRequest(input.params, input.query, ...identityOf(input)),
  };
  const { priced: action } = route.options;
  const price = action === undefined ? undefined : { action, owner: route.owner };
  // The charge of a priced route knows the key, and is a look-up less for every request that is no repetition.
  const isAsked = price === undefined || route.options.prepare !== undefined;
  const earlier = isAsked ? await findAnswer(services.knex, request) : undefined;
  if (earlier !== undefined) return replay(earlier);
  try {
    const prepared = await prepare(services, ctx, route, input);
    return await inTransaction(services.knex, async (trx) => {
      const charged = price === undefined ? undefined : await services.charge(trx, request, price);
      if (charged?.isReplay === true) return replay(await findChargedAnswer(trx, request));
      const answer = await call(services, ctx, route, { ...input, prepared }, trx, charged?.charge);
      if (answer instanceof RawReply) return answer;
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

/** The answer to a request that has been paid for. @throws ApiError when it is no longer kept: nothing runs twice for one price. */
async function findChargedAnswer(trx: Transaction, request: IdempotentRequest): Promise<StoredAnswer> {
  const answer = await findAnswer(trx, request);
  if (answer === undefined) throw new ApiError('IDEMPOTENCY_CONFLICT', 'This key was used before, and its answer is no longer kept.');
  return answer;
}

/** Runs what the route wants done before its transaction. */
function prepare({ observer }: DispatcherServices, ctx: Context, route: CompiledRoute, input: Input): unknown {
  const { options, owner, name } = route;
  if (options.prepare === undefined) return undefined;
  const { trail: _trail, rawBody: _rawBody, files = [], ...rest } = input;
  const request = { ...rest, files, headers: ctx.headers, signal: hangUpSignal(ctx) } as unknown as UnpreparedRequest;
  const where = `prepare ${name}`;
  return runContained(observer, owner, where, () => withTimeLimit(options.prepare?.(request), observer.limits.handler, where));
}

async function call(
  services: DispatcherServices,
  ctx: Context,
  route: CompiledRoute,
  input: Input & { prepared: unknown },
  trx: Transaction | undefined,
  charge: Charge | undefined,
): Promise<Answer | RawReply> {
  const { trail, ...rest } = input;
  const request = {
    id: ctx.response.get('X-Request-Id'),
    ...rest,
    trx: trx && route.view.transaction(trx),
    reader: route.options.replica && services.readers.of(route.view, input.user),
    charge,
    headers: ctx.headers,
    ip: ctx.ip,
    get signal(): AbortSignal {
      return hangUpSignal(ctx);
    },
  } as unknown as RouteRequest;
  const where = `route ${route.name}`;
  const { observer } = services;
  const limit = observer.limits.handler + (route.options.rawBody === 'stream' ? UPLOAD_LIMIT_MS : 0);
  const result = await runContained(observer, route.owner, where, () => withTimeLimit(route.handler(request), limit, where));
  if (trx !== undefined) await trail?.doneIn(trx);
  return toAnswer(services, route, result);
}

function hangUpSignal(ctx: Context): AbortSignal {
  const controller = new AbortController();
  ctx.res.once('close', () => {
    if (!ctx.res.writableFinished) controller.abort();
  });
  return controller.signal;
}

function send(ctx: Context, route: CompiledRoute, answer: Answer): void {
  ctx.status = answer.status;
  ctx.set(answer.headers);
  ctx.set('Cache-Control', route.options.cacheSeconds ? `public, max-age=${String(route.options.cacheSeconds)}` : 'no-store');
  if (answer.status === 204) {
    ctx.body = null;
    return;
  }
  ctx.type = 'application/json';
  ctx.body = answer.text;
  if (route.options.cacheSeconds) answerConditionally(ctx, hashRequest(answer.text));
}

function sendRaw(ctx: Context, reply: RawReply): void {
  ctx.status = reply.options.status ?? 200;
  ctx.set('Cache-Control', 'no-store');
  ctx.set(reply.options.headers ?? {});
  ctx.body = reply.body;
  ctx.type = reply.type;
}
