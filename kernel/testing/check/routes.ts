import type { CompiledRoute } from '../../http/route-table.ts';
import type { Validate } from '../../http/validation.ts';
import type { TestKernel, TestUser } from '../../testing.ts';
import { HOSTILE_VALUES, hostileVariants, sample } from './samples.ts';

/** Handlers answer within this while they are looked at. */
export const HANDLER_LIMIT_MS = 3_000;
const MOST_REFUSED = 8;
const MOST_TAKEN = 60;

interface Parts {
  params: Record<string, unknown>;
  query: Record<string, unknown>;
  body: unknown;
}

interface Attempt {
  parts: Parts;
  /** Whether the route's own schemas refuse it; they are all that a handler has to rely on. */
  isRefused: boolean;
}

/** What the documentation of the routes of a plugin lacks. */
export function checkDocumentation(routes: readonly CompiledRoute[]): string[] {
  return routes.flatMap(({ name, options }) => [
    ...(typeof options.summary !== 'string' || options.summary.trim() === '' ? [`${name} has no summary.`] : []),
    ...(options.body !== undefined && takesAnything(options.body) ? [`${name}: its body schema refuses nothing.`] : []),
  ]);
}

function takesAnything(schema: object): boolean {
  const { type, anyOf, oneOf, allOf, enum: values, const: only, $ref, not } = schema as Record<string, unknown>;
  return [type, anyOf, oneOf, allOf, values, only, $ref, not].every((keyword) => keyword === undefined);
}

/** Sends hostile requests to every route as an administrator, and answers which were not answered as they should be. */
export async function checkHostileRequests(test: TestKernel, routes: readonly CompiledRoute[]): Promise<string[]> {
  const admin = await test.signUp({ credits: 1_000_000, roles: ['user', 'moderator', 'admin'] });
  const problems: string[] = [];
  for (const route of routes) problems.push(...(await checkRoute(test, route, admin)));
  return problems;
}

async function checkRoute(test: TestKernel, route: CompiledRoute, admin: TestUser): Promise<string[]> {
  let isRaw = false;
  for (const attempt of attemptsOn(route)) {
    const answer = await send(test, route, admin, attempt.parts);
    const what = describeParts(route, attempt.parts);
    if (answer === undefined) return [`${route.name} does not answer ${what}.`];
    if (answer.status >= 500) {
      const cause = test.kernel.metrics.figuresOf(route.owner).lastFault?.message ?? '';
      return [`${route.name} answers ${String(answer.status)} to ${what}: ${cause}`];
    }
    if (attempt.isRefused && answer.status < 400) return [`${route.name} answers ${String(answer.status)} to ${what}, which its schema refuses.`];
    isRaw ||= answer.status < 300 && !answer.isJson;
  }
  const isUndocumented = route.options.response === undefined && route.options.produces === undefined && route.options.status !== 204 && !isRaw;
  return isUndocumented ? [`${route.name} has neither a response schema nor the status 204.`] : [];
}

/** A plain request, then hostile ones: all those that the schemas let through to the handler, and some that they refuse. */
function attemptsOn(route: CompiledRoute): Attempt[] {
  const base: Parts = {
    params: Object.fromEntries(paramsOf(route).map((name) => [name, sampleParam(route, name)])),
    query: sample(route.query) as Record<string, unknown>,
    body: route.options.body === undefined ? undefined : sample(route.options.body),
  };
  const variants: Parts[] = [
    ...paramsOf(route).flatMap((name) => HOSTILE_VALUES.map((value) => ({ ...base, params: { ...base.params, [name]: value } }))),
    ...hostileVariants(route.query).filter(isRecord).map((query) => ({ ...base, query })),
    ...(route.options.body === undefined ? [] : hostileVariants(route.options.body).map((body) => ({ ...base, body }))),
  ];
  const attempts = variants.map((parts) => ({ parts, isRefused: isRefused(route, parts) }));
  return [
    { parts: base, isRefused: false },
    ...spread(attempts.filter((attempt) => attempt.isRefused), MOST_REFUSED),
    ...spread(attempts.filter((attempt) => !attempt.isRefused), MOST_TAKEN),
  ];
}

/** At most so many of a list, from all over it. */
function spread<T>(list: readonly T[], most: number): T[] {
  const step = Math.max(1, list.length / most);
  return Array.from({ length: Math.min(most, list.length) }, (_, index) => list[Math.floor(index * step)] as T);
}

function paramsOf({ path }: CompiledRoute): string[] {
  return [...path.matchAll(/:([a-zA-Z0-9]+)/g)].map(([, name = '']) => name);
}

function sampleParam({ options }: CompiledRoute, name: string): unknown {
  const values = options.params === undefined ? {} : sample(options.params);
  return isRecord(values) && values[name] !== undefined ? values[name] : 'abc';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What the dispatcher would say of it, by the same compiled schemas. */
function isRefused(route: CompiledRoute, parts: Parts): boolean {
  const texts = (values: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, asText(value)]));
  return (
    refuses(route.validateParams, texts(parts.params)) ||
    refuses(route.validateQuery, texts(parts.query)) ||
    refuses(route.validateBody, structuredClone(parts.body))
  );
}

function refuses(validate: Validate | undefined, value: unknown): boolean {
  try {
    validate?.(value);
    return false;
  } catch {
    return true;
  }
}

function asText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // Longer addresses are refused by the server, before any route sees them. Half a pair cannot be sent in one.
  return text.slice(0, 150).replace('\ud800', '');
}

async function send(
  test: TestKernel,
  route: CompiledRoute,
  admin: TestUser,
  parts: Parts,
): Promise<{ status: number; isJson: boolean } | undefined> {
  const path = route.path.replace(/:([a-zA-Z0-9]+)/g, (_, name: string) => encodeURIComponent(asText(parts.params[name]) || ' '));
  const query = new URLSearchParams(Object.entries(parts.query).map(([name, value]): [string, string] => [name, asText(value)])).toString();
  const signal = AbortSignal.timeout(2 * HANDLER_LIMIT_MS);
  try {
    const response = await fetch(`${test.kernel.url}${path}${query === '' ? '' : `?${query}`}`, {
      method: route.method,
      redirect: 'manual',
      signal,
      headers: {
        Authorization: `Bearer ${admin.accessToken}`,
        ...(parts.body !== undefined && { 'Content-Type': 'application/json' }),
        ...(route.isIdempotent && { 'Idempotency-Key': crypto.randomUUID() }),
      },
      ...(parts.body !== undefined && { body: JSON.stringify(parts.body) }),
    });
    await response.body?.cancel();
    return { status: response.status, isJson: response.headers.get('content-type')?.includes('json') ?? true };
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

function describeParts({ options }: CompiledRoute, parts: Parts): string {
  const text = JSON.stringify({ params: parts.params, query: parts.query, ...(options.body !== undefined && { body: parts.body }) });
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}
