import Type, { type TSchema } from 'typebox';
import createRouter, { type HTTPMethod } from 'find-my-way';
import { isAdministrative } from '../audit/trail.ts';
import { PageQuerySchema } from './paging.ts';
import type { HttpMethod, Route, RouteOptions } from './route.ts';
import { createAnswerCheck, createValidate, type Validate } from './validation.ts';

/** A route of a plugin that is not enabled, known from when it last was. */
export interface DormantRoute {
  owner: string;
  method: HttpMethod;
  path: string;
}

/** A route with everything worked out that does not depend on the request. */
export interface CompiledRoute extends Route {
  /** As `POST /api/workouts`; the name of the route in metrics, logs and idempotency keys. */
  name: string;
  /** Where its handler is counted, as `route POST /api/workouts`. */
  where: string;
  query: TSchema;
  validateParams: Validate | undefined;
  validateQuery: Validate;
  validateBody: Validate | undefined;
  /** Of the fields of a form, which arrive as text. */
  validateFields: Validate | undefined;
  validateResponse: Validate | undefined;
  /** Whether a request's body is read at all. */
  takesBody: boolean;
  isAdministrative: boolean;
  isIdempotent: boolean;
  needsTransaction: boolean;
  /** Whether its caller has to see what it did when they read from a replica. */
  mayWrite: boolean;
}

export interface RouteMatch {
  route: CompiledRoute;
  params: Record<string, string | undefined>;
}

/** The routes of one composition. Finding one takes the same time whether there are ten or ten thousand. */
export interface RouteTable {
  routes: readonly CompiledRoute[];
  find(method: string, path: string): RouteMatch | undefined;
  /** The methods that the path answers. */
  methodsOf(path: string): string[];
  /** The owner of a route that would answer, were its plugin enabled. */
  dormantOwner(method: string, path: string): string | undefined;
}

const METHODS: readonly HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export function createRouteTable(routes: readonly Route[], dormant: readonly DormantRoute[]): RouteTable {
  const compiledRoutes = routes.map(compileRoute);
  const index = createIndex(compiledRoutes);
  const dormantIndex = createIndex(withoutTwins(dormant, routes));
  return {
    routes: compiledRoutes,
    find: (method, path) => index(method === 'HEAD' ? 'GET' : method, path),
    methodsOf: (path) => METHODS.filter((method) => index(method, path) !== undefined),
    dormantOwner: (method, path) => dormantIndex(method, path)?.route.owner,
  };
}

type Index<Entry> = (method: string, path: string) => { route: Entry; params: Record<string, string | undefined> } | undefined;

function createIndex<Entry extends DormantRoute>(entries: readonly Entry[]): Index<Entry> {
  const router = createRouter({ ignoreTrailingSlash: true, maxParamLength: 200 });
  const noop = (): void => undefined;
  for (const entry of entries) router.on(entry.method, entry.path, noop, entry);
  return (method, path) => {
    const found = router.find(method as HTTPMethod, path);
    return found === null ? undefined : { route: found.store as Entry, params: found.params };
  };
}

/** Two disabled plugins may have had the same route; each path is listed once. */
function withoutTwins(dormant: readonly DormantRoute[], routes: readonly Route[]): DormantRoute[] {
  const key = ({ method, path }: DormantRoute | Route): string => `${method} ${path.replace(/:[^/]+/g, ':')}`;
  const taken = new Set(routes.map(key));
  return dormant.filter((route) => !taken.has(key(route)) && taken.add(key(route)));
}

function compileRoute(route: Route): CompiledRoute {
  const { options } = route;
  const query = querySchema(options);
  const isIdempotent = options.idempotent === true || options.priced !== undefined;
  const needsTransaction = isIdempotent || options.transaction === true;
  const name = `${route.method} ${route.path}`;
  return {
    ...route,
    ...{ name, where: `route ${name}` },
    query,
    validateParams: options.params && createValidate(options.params, 'params'),
    validateQuery: createValidate(query, 'query'),
    validateBody: options.body && createValidate(options.body, 'body'),
    validateFields: options.body && options.multipart && createValidate(options.body, 'fields'),
    validateResponse: options.response && createAnswerCheck(options.response),
    takesBody: options.body !== undefined || options.rawBody !== undefined || options.multipart !== undefined,
    isAdministrative: isAdministrative(options.auth),
    isIdempotent,
    needsTransaction,
    mayWrite: route.method !== 'GET' || needsTransaction,
  };
}

const querySchemas = new WeakMap<RouteOptions, TSchema>();
/** Of the many routes that say nothing of their query: one schema, compiled once. */
const NO_QUERY = Type.Object({});
const PAGE_QUERY = Type.Object(PageQuerySchema);

/** What the query may hold, the page of a list included. */
function querySchema(options: RouteOptions): TSchema {
  let schema = querySchemas.get(options);
  if (schema === undefined) {
    schema = options.list === true ? pageQuery(options.query) : (options.query ?? NO_QUERY);
    querySchemas.set(options, schema);
  }
  return schema;
}

function pageQuery(own: TSchema | undefined): TSchema {
  if (own === undefined || !('properties' in own)) return PAGE_QUERY;
  return Type.Object({ ...(own.properties as object), ...PageQuerySchema });
}
