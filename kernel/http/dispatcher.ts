import { randomUUID } from 'node:crypto';
import { parse } from 'node:querystring';
import type { Context } from 'koa';
import { AuditTrail } from '../audit/trail.ts';
import type { PageFileContent } from '../pages/content.ts';
import type { PageTable } from '../pages/pages.ts';
import { sendPageFile } from '../pages/send.ts';
import { isPending } from '../plugins/containment.ts';
import type { Spool } from '../storage/spool.ts';
import { runAs } from '../telemetry/execution.ts';
import type { Logger } from '../telemetry/logger.ts';
import { admits } from './access.ts';
import { report, type Answer } from './answer.ts';
import { refuseUnstorableText } from './body.ts';
import { toApiError } from './error-answer.ts';
import { ApiError } from './errors.ts';
import { addHeaders, startExchange, type Exchange } from './exchange.ts';
import type { RateLimit } from './rate-limit.ts';
import { NO_BODY, readRequestBody, type ReadBody } from './request-body.ts';
import { RawReply, type Caller, type RouteAuth } from './route.ts';
import type { CompiledRoute, RouteMatch, RouteTable } from './route-table.ts';
import { runHandler, type HandlerServices } from './run-handler.ts';
import { send, sendError, sendRaw } from './send.ts';

/** What the dispatcher asks of the rest of the kernel. */
export interface DispatcherServices extends HandlerServices {
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
  /** Told of every answer. */
  answered(ctx: Context, route: string, milliseconds: number, error: ApiError | undefined): void;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;

/** The one middleware that serves every route of the current composition. */
export function createDispatcher(services: DispatcherServices): (ctx: Context) => Promise<void> {
  return (ctx) => {
    const given = ctx.req.headers['x-request-id'];
    const requestId = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    const exchange = startExchange(ctx, requestId);
    return runAs(exchange.execution, () => dispatch(services, exchange));
  };
}

async function dispatch(services: DispatcherServices, exchange: Exchange): Promise<void> {
  const started = performance.now();
  const { ctx } = exchange;
  const { method, path } = ctx;
  let name = 'none';
  let failure: ApiError | undefined;
  let match: RouteMatch | undefined;
  try {
    match = services.routes().find(method, path);
    if (match === undefined) {
      const { page, file } = services.pages().find(path) ?? refuseAddress(services, method, path);
      name = `GET ${page.path}`;
      await servePage(ctx, file);
    } else {
      const { route, params } = match;
      name = route.name;
      if (services.rateLimit.isOn && route.options.unlimited !== true) addHeaders(exchange, await services.rateLimit.count(ctx.ip));
      await serve(services, exchange, route, params);
    }
  } catch (error) {
    failure = answerFailure(services, exchange, match?.route, toApiError(error));
  }
  services.answered(ctx, name, performance.now() - started, failure);
}

/** Answers what the client is told: a refusal that cannot be sent is a fault of who made it. */
function answerFailure(services: DispatcherServices, exchange: Exchange, route: CompiledRoute | undefined, failure: ApiError): ApiError {
  try {
    sendError(exchange, failure);
    return failure;
  } catch (cause) {
    if (route !== undefined) report(services, route, cause);
    const other = new ApiError('INTERNAL_ERROR', undefined, { cause });
    sendError(exchange, other);
    return other;
  }
}

/** Pages lie in memory and are part of what serves: they count towards no limit. */
async function servePage(ctx: Context, file: PageFileContent | undefined): Promise<void> {
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') throw new ApiError('METHOD_NOT_ALLOWED', undefined, { headers: { Allow: 'GET, HEAD' } });
  if (file === undefined) throw new ApiError('NOT_FOUND', 'This page has no such file.');
  await sendPageFile(ctx, file);
}

function refuseAddress(services: DispatcherServices, method: string, path: string): never {
  const routes = services.routes();
  const methods = routes.methodsOf(path);
  if (methods.length > 0) {
    throw new ApiError('METHOD_NOT_ALLOWED', undefined, { headers: { Allow: methods.join(', ') } });
  }
  const owner = routes.dormantOwner(method, path);
  if (owner !== undefined && services.isQuarantined(owner)) throw quarantined(owner);
  if (owner !== undefined) throw new ApiError('PLUGIN_DISABLED', `The plugin ${owner} is not enabled.`);
  throw new ApiError('NOT_FOUND', 'No route has this address.');
}

/** Not 404: the route is there, and its plugin is broken for now. */
function quarantined(owner: string): ApiError {
  const message = `The plugin ${owner} keeps failing and is out of service.`;
  return new ApiError('UNAVAILABLE', message, { headers: { 'Retry-After': '60' } });
}

type Params = Record<string, string | undefined>;

function serve(services: DispatcherServices, exchange: Exchange, route: CompiledRoute, params: Params): Promise<void> {
  const auth = route.options.auth ?? 'user';
  const user = identify(services, exchange.ctx, auth);
  if (user === undefined) return answerRequest(services, exchange, route, { user, params });
  exchange.execution.userId = user.id;
  if (route.isAdministrative) return answerAudited(services, exchange, route, { user, params });
  refuseStranger(services, user, auth);
  return answerRequest(services, exchange, route, { user, params });
}

async function answerAudited(
  services: DispatcherServices,
  exchange: Exchange,
  route: CompiledRoute,
  from: { user: Caller; params: Params },
): Promise<void> {
  const { knex, log } = services;
  const { ctx, requestId } = exchange;
  const trail = new AuditTrail({ knex, log, route, caller: from.user, ip: ctx.ip, requestId, params: from.params });
  try {
    refuseStranger(services, from.user, route.options.auth ?? 'user');
    await answerRequest(services, exchange, route, { ...from, trail });
  } catch (error) {
    await trail.ended(toApiError(error).code);
    throw error;
  }
  await trail.ended('done');
}

async function answerRequest(
  services: DispatcherServices,
  exchange: Exchange,
  route: CompiledRoute,
  from: { user: Caller | undefined; params: Params; trail?: AuditTrail },
): Promise<void> {
  const { user, trail } = from;
  const { ctx } = exchange;
  const params = { ...from.params };
  const query: Record<string, unknown> = ctx.querystring === '' ? {} : parse(ctx.querystring);
  refuseUnstorableText(params, '/params');
  refuseUnstorableText(query, '/query');
  route.validateParams?.(params);
  route.validateQuery(query);
  const { body, rawBody, files, release }: ReadBody = route.takesBody ? await readRequestBody(ctx.req, route, services.spool) : NO_BODY;
  let answer: Answer | RawReply;
  try {
    trail?.saw({ query, body });
    const running = runHandler(services, exchange, route, { user, params, query, body, rawBody, files, trail });
    answer = isPending(running) ? await running : running;
  } finally {
    if (release !== undefined) await release();
    // One that failed may have written as well.
    if (user !== undefined && route.mayWrite) await services.readers.wrote(user.id);
  }
  if (answer instanceof RawReply) sendRaw(exchange, answer);
  else send(exchange, route, answer);
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
