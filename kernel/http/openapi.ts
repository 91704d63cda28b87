import type { TSchema } from 'typebox';
import { isAdministrative } from '../audit/trail.ts';
import { ERRORS, type ErrorCode } from './errors.ts';
import type { MultipartOptions } from './multipart.ts';
import type { CompiledRoute } from './route-table.ts';
import { closeObjects } from './validation.ts';

const ErrorAnswer = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['code', 'message', 'statusCode', 'requestId'],
      properties: {
        code: { type: 'string', enum: Object.keys(ERRORS) },
        message: { type: 'string' },
        statusCode: { type: 'integer' },
        requestId: { type: 'string' },
        details: {},
      },
    },
  },
};

const PageMeta = {
  type: 'object',
  required: ['limit', 'nextCursor'],
  properties: { limit: { type: 'integer' }, nextCursor: { type: ['string', 'null'] } },
};

/** The OpenAPI 3.1 document of what is served right now. */
export function describeApi(routes: readonly CompiledRoute[], version: string): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:([^/]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'MuscleMap', version, license: { name: 'MIT', identifier: 'MIT' } },
    components: {
      securitySchemes: { accessToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
      schemas: { Error: ErrorAnswer },
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a.localeCompare(b))),
  };
}

function describeRoute(route: CompiledRoute): object {
  const { options } = route;
  const auth = options.auth ?? 'user';
  const security = auth === 'none' ? [] : [{ accessToken: [] }, ...(auth === 'optional' ? [{}] : [])];
  return {
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^a-zA-Z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary: options.summary,
    tags: [route.owner],
    security,
    parameters: [...pathParameters(route), ...queryParameters(route.query), ...idempotencyHeader(route)],
    ...requestBody(options),
    responses: { ...successes(route), ...refusals(route, auth !== 'none') },
    'x-auth': typeof auth === 'object' ? `permission ${auth.permission}` : auth,
  };
}

function requestBody({ body, rawBody, multipart }: CompiledRoute['options']): object {
  if (rawBody) return { requestBody: { required: true, content: { 'application/octet-stream': {} } } };
  const content = {
    ...(body && { 'application/json': { schema: closeObjects(body) } }),
    ...(multipart && { 'multipart/form-data': { schema: formSchema(body, multipart) } }),
  };
  return Object.keys(content).length === 0 ? {} : { requestBody: { required: true, content } };
}

/** The fields of a form, and its files, whose fields may have any name. */
function formSchema(body: TSchema | undefined, { files, fileBytes }: MultipartOptions): object {
  const file = { type: 'string', contentMediaType: 'application/octet-stream', maxLength: fileBytes };
  const description = `Up to ${String(files)} files of ${String(fileBytes)} bytes`;
  const required = body !== undefined && 'required' in body ? { required: body.required } : {};
  return { type: 'object', ...required, properties: { ...propertiesOf(body), files: { type: 'array', maxItems: files, items: file, description } } };
}

function pathParameters(route: CompiledRoute): object[] {
  return [...route.path.matchAll(/:([^/]+)/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: propertiesOf(route.options.params)[name ?? ''] ?? { type: 'string' },
  }));
}

function queryParameters(schema: TSchema): object[] {
  const required = 'required' in schema && Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(propertiesOf(schema)).map(([name, property]) => ({
    name,
    in: 'query',
    required: required.includes(name) && !(typeof property === 'object' && property !== null && 'default' in property),
    schema: property,
  }));
}

function propertiesOf(schema: TSchema | undefined): Record<string, unknown> {
  return schema !== undefined && 'properties' in schema ? (schema.properties as Record<string, unknown>) : {};
}

function idempotencyHeader(route: CompiledRoute): object[] {
  if (!route.isIdempotent && route.options.keyed !== true) return [];
  const schema = { type: 'string', minLength: 1, maxLength: 128 };
  return [{ name: 'Idempotency-Key', in: 'header', required: true, schema }];
}

function successes(route: CompiledRoute): Record<string, object> {
  const { options } = route;
  const status = options.status ?? 200;
  if (options.produces !== undefined) {
    const content = { [options.produces]: { schema: { type: 'string', contentMediaType: options.produces } } };
    const whole = { [status]: { description: 'OK', content } };
    if (options.errors?.includes('RANGE_NOT_SATISFIABLE') !== true) return whole;
    return { ...whole, 206: { description: 'The part of the file that Range names', content }, 304: { description: 'As the client has it' } };
  }
  const schema = {
    type: 'object',
    required: options.list ? ['data', 'meta'] : ['data'],
    properties: { data: options.response ?? {}, ...(options.list && { meta: PageMeta }) },
  };
  const answer = { description: status === 201 ? 'Made' : 'OK', content: { 'application/json': { schema } } };
  return {
    [status]: status === 204 ? { description: 'Done' } : answer,
    ...(options.mayDefer && { 202: { ...answer, description: 'Goes on in the background' } }),
    ...(route.isIdempotent && status !== 200 && status !== 204 && { 200: { ...answer, description: 'A replay of an earlier request with the same key' } }),
  };
}

function refusals(route: CompiledRoute, isSignedIn: boolean): Record<string, object> {
  const { options } = route;
  const codes: ErrorCode[] = [
    'VALIDATION_ERROR',
    ...(isSignedIn ? (['UNAUTHORIZED', 'ACCOUNT_BANNED'] as const) : []),
    ...(isAdministrative(options.auth) ? (['FORBIDDEN'] as const) : []),
    ...(options.priced ? (['INSUFFICIENT_CREDITS'] as const) : []),
    ...(route.isIdempotent ? (['IDEMPOTENCY_CONFLICT'] as const) : []),
    ...(options.body || options.rawBody || options.multipart ? (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const) : []),
    ...(options.unlimited ? [] : (['RATE_LIMITED'] as const)),
    'INTERNAL_ERROR',
    'UNAVAILABLE',
    ...(options.multipart ? (['STORAGE_FULL'] as const) : []),
    ...(options.errors ?? []),
  ];
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codes) byStatus.set(ERRORS[code].status, (byStatus.get(ERRORS[code].status) ?? new Set()).add(code));
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [
      status,
      {
        description: [...names].join(', '),
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    ]),
  );
}
