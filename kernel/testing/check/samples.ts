import type { TSchema } from 'typebox';

interface JsonSchema {
  type?: string | readonly string[];
  const?: unknown;
  enum?: readonly unknown[];
  default?: unknown;
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  minItems?: number;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  format?: string;
}

/** Values that code which trusts its input stumbles over: wrong kinds, and ends of ranges. */
export const HOSTILE_VALUES: readonly unknown[] = [
  null,
  {},
  [],
  true,
  'a\u0000b',
  '\ud800',
  'x'.repeat(100_000),
  "'; DROP TABLE users; --",
  '__proto__',
  '9999-12-31T23:59:59.999Z',
  -1,
  2 ** 31,
  2 ** 53,
  1e308,
  [null],
];

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-02T03:04:05Z',
  date: '2026-01-02',
  time: '03:04:05Z',
  email: 'ada@example.org',
  uri: 'https://example.org/',
  uuid: '123e4567-e89b-12d3-a456-426614174000',
};

/** A value that the schema most likely takes. */
export function sample(schema: TSchema): unknown {
  return sampleOf(schema, 0);
}

function sampleOf(schema: JsonSchema, depth: number): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.default !== undefined) return schema.default;
  const [first] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (first !== undefined) return sampleOf(first, depth);
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  switch (type) {
    case 'object':
      return sampleObject(schema, depth);
    case 'array':
      return Array.from({ length: Math.min(schema.minItems ?? 0, 10) }, () => sampleOf(schema.items ?? {}, depth + 1));
    case 'string':
      return FORMATS[schema.format ?? ''] ?? 'a'.repeat(Math.min(Math.max(schema.minLength ?? 0, 3), 1000));
    case 'integer':
    case 'number':
      return schema.minimum ?? (schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + 1 : 1);
    case 'boolean':
      return true;
    default:
      return null;
  }
}

function sampleObject({ properties = {}, required = [] }: JsonSchema, depth: number): Record<string, unknown> {
  if (depth > 8) return {};
  const names = Object.keys(properties).filter((name) => required.includes(name));
  return Object.fromEntries(names.map((name) => [name, sampleOf(properties[name] ?? {}, depth + 1)]));
}

/** Hostile variants of what the schema takes: each property replaced or left out, a key too many, and no object at all. */
export function hostileVariants(schema: TSchema): unknown[] {
  const base = sample(schema);
  if (typeof base !== 'object' || base === null || Array.isArray(base)) return [...HOSTILE_VALUES];
  const { properties = {}, required = [] } = schema as JsonSchema;
  const replaced = Object.keys(properties).flatMap((name) => HOSTILE_VALUES.map((value) => ({ ...base, [name]: value })));
  const without = required.map((name) => Object.fromEntries(Object.entries(base).filter(([key]) => key !== name)));
  return [null, [], 17, 'text', { ...base, [UNKNOWN_KEY]: 1 }, ...without, ...replaced];
}

const UNKNOWN_KEY = 'unheard-of';
