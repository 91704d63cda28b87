import type { TestKernel } from '../../kernel/testing.ts';

export interface JsonSchema {
  type?: string | readonly string[];
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly JsonSchema[];
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  format?: string;
  pattern?: string;
  patternProperties?: Readonly<Record<string, JsonSchema>>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: JsonSchema;
}

interface DescribedOperation {
  parameters: Parameter[];
  requestBody?: { content: Record<string, { schema?: JsonSchema }> };
  responses: Record<string, unknown>;
  'x-auth': string;
}

/** One route as the served document describes it: all that a stranger knows of it. */
export interface Operation {
  /** As `GET /api/workouts/{id}`. */
  name: string;
  method: string;
  path: string;
  /** `none`, `optional`, `user`, `moderator`, `admin`, or `permission plugin.what`. */
  auth: string;
  parameters: readonly Parameter[];
  /** Undefined when it takes none, or takes bytes. */
  body: JsonSchema | undefined;
  takesBytes: boolean;
  statuses: readonly number[];
}

/** Every route of the document that the server serves. */
export async function readOperations(kernel: TestKernel): Promise<Operation[]> {
  const { paths } = (await kernel.get('/api/openapi.json')).body as { paths: Record<string, Record<string, DescribedOperation>> };
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => {
      const content = described.requestBody?.content ?? {};
      return {
        name: `${method.toUpperCase()} ${path}`,
        method: method.toUpperCase(),
        path,
        auth: described['x-auth'],
        parameters: described.parameters,
        body: content['application/json']?.schema,
        takesBytes: !('application/json' in content) && ('application/octet-stream' in content || 'multipart/form-data' in content),
        statuses: Object.keys(described.responses).map(Number),
      };
    }),
  );
}

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  email: 'nobody@example.org',
  uri: 'https://example.org/',
};

/** A value that the schema takes, with what it requires and no more; an object that may not be empty gets its first property. */
export function validValue(schema: JsonSchema, depth = 0): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.properties === undefined && schema.anyOf?.[0] !== undefined) return validValue(schema.anyOf[0], depth);
  switch (typeof schema.type === 'string' ? schema.type : schema.type?.[0]) {
    case 'object':
      return depth > 8 ? {} : validObject(schema, depth);
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => validValue(schema.items ?? {}, depth + 1));
    case 'string':
      return FORMATS[schema.format ?? ''] ?? 'a'.repeat(Math.max(schema.minLength ?? 0, 3));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function validObject(schema: JsonSchema, depth: number): Record<string, unknown> {
  const { properties = {}, patternProperties = {}, required = [], minProperties = 0 } = schema;
  const anyOfRequired = (schema.anyOf?.[0]?.required ?? []).filter((name) => name in properties);
  const names = [...new Set([...required, ...anyOfRequired, ...Object.keys(properties).slice(0, minProperties)])];
  const value = Object.fromEntries(names.map((name) => [name, validValue(properties[name] ?? {}, depth + 1)]));
  const [free] = Object.values(patternProperties);
  if (names.length < minProperties && free !== undefined) return { ...value, aaa: validValue(free, depth + 1) };
  return value;
}
