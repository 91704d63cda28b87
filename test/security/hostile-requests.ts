import { validValue, type JsonSchema, type Operation } from './api-document.ts';
import type { Random } from '../support/random.ts';

/** One request that means no good: what is sent, as it is sent. */
export interface HostileRequest {
  operation: Operation;
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

const TEXTS: readonly string[] = [
  '',
  ' ',
  'null',
  '0',
  '-1',
  'true',
  '[object Object]',
  'a\u0000b',
  '\ud800',
  '\u202e\u200b\ufeff',
  'Ａｄｍｉｎ',
  'I\u0307\u0131ẞ',
  '👩‍👩‍👧‍👦'.repeat(20),
  'Z\u0351\u036b\u0343'.repeat(100),
  "'; DROP TABLE users; --",
  "' OR '1'='1",
  '" OR ""="',
  '$1',
  '?',
  ':id',
  '%',
  '%%%_\\',
  '\\',
  '${7*7}{{7*7}}',
  '<script>alert(1)</script>',
  '../../../../etc/passwd',
  '..%2f..%2f',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '2026-02-30',
  '0000-00-00T00:00:00Z',
  '9999-12-31T23:59:59.999Z',
  '-271821-04-20T00:00:00Z',
  'NaN',
  'Infinity',
  '1e999',
  '0x10',
  '9007199254740993',
  'x'.repeat(5_000),
];

const NUMBERS: readonly number[] = [0, -0, -1, 1, 0.1, -0.5, 1e-320, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 2 ** 53, 2 ** 63, 1e21, 1e308];
const OTHERS: readonly unknown[] = [null, true, false, {}, [], [null], [[]], { length: 1e9 }, { toString: 'x' }, { $gt: '' }, { then: 1 }];

/** Texts that name nothing, and the ids of what there is, so that requests get past the first look. */
export type Ids = readonly string[];

/** Invents requests from what the document says of an operation: sound at first, then broken in one to three places. */
export class HostileRequests {
  readonly #random: Random;
  readonly #ids: Ids;

  constructor(random: Random, ids: Ids) {
    this.#random = random;
    this.#ids = ids;
  }

  invent(operation: Operation): HostileRequest {
    const random = this.#random;
    const parts = this.#sound(operation);
    const places: Place[] = ['params', 'query', 'headers'];
    if (operation.body !== undefined) places.push('body', 'body', 'body', 'body');
    for (let left = random.pick([0, 1, 1, 1, 2, 3]); left > 0; left--) this.#breakAt(random.pick(places), operation, parts);
    return {
      operation,
      path: withParams(operation.path, parts.params) + asQuery(parts.query),
      headers: parts.headers,
      body: this.#write(operation, parts.body),
    };
  }

  #sound(operation: Operation): Parts {
    const random = this.#random;
    const parts: Parts = { params: {}, query: [], headers: {}, body: operation.body && this.#fill(operation.body) };
    for (const { name, in: place, required, schema } of operation.parameters) {
      if (place === 'path') parts.params[name] = String(schema.enum ? random.pick(schema.enum) : random.pick(this.#ids));
      if (place === 'query' && (required === true || random.isOnce(2))) parts.query.push([name, String(this.#fill(schema))]);
    }
    parts.headers['Idempotency-Key'] = random.isOnce(10) ? 'again' : `k${String(random.next())}`;
    return parts;
  }

  #breakAt(place: Place, operation: Operation, parts: Parts): void {
    const random = this.#random;
    if (place === 'params') {
      const names = Object.keys(parts.params);
      if (names.length > 0) parts.params[random.pick(names)] = this.#text();
    } else if (place === 'query') {
      const names = operation.parameters.filter((parameter) => parameter.in === 'query');
      if (names.length === 0 || random.isOnce(5)) parts.query.push([this.#text().slice(0, 50), this.#text()]);
      else {
        const { name, schema } = random.pick(names);
        const value = name === 'cursor' ? this.#cursor() : asText(this.#broken(schema));
        if (!random.isOnce(6)) parts.query = parts.query.filter(([known]) => known !== name);
        parts.query.push([name, value]);
      }
    } else if (place === 'headers') this.#breakHeaders(parts.headers);
    else parts.body = this.#breakWithin(operation.body ?? {}, parts.body, 0);
  }

  #breakHeaders(headers: Record<string, string>): void {
    const random = this.#random;
    const name = random.pick(['Idempotency-Key', 'Authorization', 'Content-Type', 'If-None-Match', 'X-Request-Id', 'User-Agent', 'Accept-Language', 'Last-Event-ID', 'Range', 'X-Forwarded-For', 'Origin', 'Cookie']);
    const texts = ['', 'Bearer', 'Bearer a.b.c', 'text/plain', 'application/json; charset=utf-16', 'application/x-www-form-urlencoded', 'multipart/form-data', '*', '"', 'W/"', 'bytes=-1', '::1', 'x'.repeat(2_000), "' OR 1=1 --", '\u00e9\u00ff'];
    headers[name] = random.pick(texts);
  }

  /** Exchanges something within a value, as deep as chance goes. */
  #breakWithin(schema: JsonSchema, value: unknown, depth: number): unknown {
    const random = this.#random;
    const names = Object.keys(schema.properties ?? {});
    if (!isRecord(value) || names.length === 0 || depth > 6 || random.isOnce(6)) return this.#broken(schema);
    const copy: Record<string, unknown> = { ...value };
    const name = random.pick(names);
    const chance = random.below(8);
    if (chance === 0) Reflect.deleteProperty(copy, name);
    else if (chance === 1) Object.defineProperty(copy, random.pick(['__proto__', 'constructor', 'prototype', 'isAdmin', 'roles', 'id', 'userId', this.#text()]), { value: this.#anything(), enumerable: true });
    else copy[name] = this.#breakWithin(schema.properties?.[name] ?? {}, copy[name] ?? this.#fill(schema.properties?.[name] ?? {}), depth + 1);
    return copy;
  }

  /** A value that lies at, or just beyond, what a schema takes; or one of another kind. */
  #broken(schema: JsonSchema): unknown {
    const random = this.#random;
    const edges = [...this.#edges(schema), ...(schema.enum ? [`${String(random.pick(schema.enum))} `, String(random.pick(schema.enum)).toUpperCase()] : [])];
    return edges.length > 0 && !random.isOnce(3) ? random.pick(edges) : this.#anything();
  }

  #edges(schema: JsonSchema): unknown[] {
    const numbers = [schema.minimum, schema.maximum].flatMap((limit) => (limit === undefined ? [] : [limit, limit - 1, limit + 1, limit + 0.5]));
    const lengths = around(schema.minLength, schema.maxLength, 20_000);
    const counts = around(schema.minItems, schema.maxItems, 600);
    return [
      ...numbers,
      ...lengths.flatMap((length) => ['a'.repeat(length), '🦾'.repeat(length)]),
      ...counts.map((count) => Array.from({ length: count }, () => this.#fill(schema.items ?? {}))),
    ];
  }

  #anything(): unknown {
    const random = this.#random;
    switch (random.below(6)) {
      case 0:
        return random.pick(NUMBERS);
      case 1:
        return random.pick(OTHERS);
      case 2:
        return nested(random.pick([3, 99, 101, 2_000]), random.isOnce(2));
      default:
        return this.#text();
    }
  }

  #text(): string {
    return this.#random.isOnce(5) ? this.#random.pick(this.#ids) : this.#random.pick(TEXTS);
  }

  /** A cursor that no list gave out: the right shape with the wrong values, or no shape at all. */
  #cursor(): string {
    const random = this.#random;
    const values = Array.from({ length: random.below(4) }, () => (random.isOnce(2) ? this.#anything() : '2026-01-02T03:04:05.678901Z'));
    const json = JSON.stringify(random.isOnce(6) ? this.#anything() : values);
    return random.isOnce(5) ? this.#text() : Buffer.from(json).toString('base64url').slice(0, random.isOnce(4) ? 500 : 400);
  }

  /** What the schema takes, with optional properties by chance and known ids for texts. */
  #fill(schema: JsonSchema, depth = 0): unknown {
    const random = this.#random;
    if (depth > 8) return null;
    if (schema.anyOf !== undefined && schema.properties === undefined) return this.#fill(random.pick(schema.anyOf), depth + 1);
    if (schema.enum !== undefined) return random.pick(schema.enum);
    if (schema.type === 'object') return this.#fillObject(schema, depth);
    if (schema.type === 'array') {
      const length = Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? 3, random.below(4)));
      return Array.from({ length }, () => this.#fill(schema.items ?? {}, depth + 1));
    }
    if (schema.type === 'integer' || schema.type === 'number') {
      const { minimum = 0, maximum = 100 } = schema;
      return Math.min(maximum, minimum + random.below(20));
    }
    if (schema.type === 'boolean') return random.isOnce(2);
    if (schema.type === 'string' && schema.format === undefined && schema.pattern === undefined) {
      return random.isOnce(2) ? random.pick(this.#ids).slice(0, schema.maxLength ?? 100) : validValue(schema);
    }
    return validValue(schema);
  }

  #fillObject(schema: JsonSchema, depth: number): Record<string, unknown> {
    const base = validValue(schema) as Record<string, unknown>;
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      if (name in base || this.#random.isOnce(2)) base[name] = this.#fill(property, depth + 1);
    }
    return base;
  }

  /** The body as text: sometimes cut, doubled or said to be something else. */
  #write({ method, body: schema, takesBytes }: Operation, body: unknown): string | undefined {
    if (method === 'GET') return undefined;
    const random = this.#random;
    if (takesBytes) return random.pick(['', '{}', '[', 'a,b\n1,2\n', '\u0000', 'Date,Workout Name\n"', TEXTS.join('\n')]);
    if (schema === undefined && random.isOnce(3)) return undefined;
    const text = JSON.stringify(body ?? {});
    switch (random.below(40)) {
      case 0:
        return text.slice(0, random.below(text.length));
      case 1:
        return `${text}${text}`;
      case 2:
        return '['.repeat(50_000);
      case 3:
        return text.replace('{', '{"__proto__":{"polluted":true},');
      case 4:
        return text.replace(/"[^"]*":/, (key) => `${key}1,${key}`);
      default:
        return text;
    }
  }
}

type Place = 'params' | 'query' | 'headers' | 'body';

interface Parts {
  params: Record<string, string>;
  query: [string, string][];
  headers: Record<string, string>;
  body: unknown;
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The counts at and next to two limits, none larger than `most`. */
function around(least: number | undefined, largest: number | undefined, most: number): number[] {
  return [least, largest].flatMap((limit) => (limit === undefined ? [] : [limit - 1, limit, limit + 1].map((n) => Math.max(0, Math.min(n, most)))));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nested(levels: number, isArray: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = isArray ? [value] : { a: value };
  return value;
}

function withParams(path: string, params: Record<string, string>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encode(params[name] ?? '') || '%20');
}

function asQuery(query: readonly [string, string][]): string {
  return query.length === 0 ? '' : `?${query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** Half a surrogate pair cannot be written in an address: it goes as the bytes that it would be. */
function encode(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll('%EF%BF%BD', '%ED%A0%80');
}
