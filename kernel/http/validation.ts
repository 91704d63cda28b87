import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import { ApiError, type Problem } from './errors.ts';
import { CHECKED_ELSEWHERE, refuseWrongSchema } from './json-schema.ts';

/** Bodies are taken as they are; queries and path parameters arrive as text and are coerced first. */
const bodies = withFormats(new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, useDefaults: true, strictTypes: false }));
const texts = withFormats(new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, useDefaults: true, coerceTypes: true, strictTypes: false }));
const answers = withFormats(new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, strictTypes: false }));

function withFormats(ajv: Ajv2020): Ajv2020 {
  addFormats.default(ajv);
  return ajv;
}

export type Place = 'params' | 'query' | 'body' | 'fields' | 'response';

/** Checks one part of a request and fills in its defaults. */
export type Validate = (value: unknown) => void;

const compiled = new WeakMap<TSchema, Map<Place, ValidateFunction>>();

/** The check of a schema; compiled once however often the schema is composed again. */
export function createValidate(schema: TSchema, place: Place): Validate {
  const check = compile(schema, place);
  return (value) => {
    if (!check(value)) {
      throw new ApiError('VALIDATION_ERROR', undefined, { details: (check.errors ?? []).map((e) => toProblem(place, e)) });
    }
    if (place === 'query' || place === 'params') refuseInfinite(value as Record<string, unknown>, place);
  };
}

/** The check of an answer. That the schema is one is found at once; it is compiled for the first answer, of which many routes give none. */
export function createAnswerCheck(schema: TSchema): Validate {
  refuseWrongSchema(schema);
  let validate: Validate | undefined;
  return (value) => {
    (validate ??= createValidate(schema, 'response'))(value);
  };
}

/** ajv makes a number of "Infinity" and "1e999", and then finds it within any limit. */
function refuseInfinite(values: Record<string, unknown>, place: Place): void {
  const problems: Problem[] = [];
  for (const name in values) {
    const value = values[name];
    if (isInfinite(value) || (Array.isArray(value) && value.some(isInfinite))) problems.push({ path: `/${place}/${name}`, message: 'must be a finite number' });
  }
  if (problems.length > 0) throw new ApiError('VALIDATION_ERROR', undefined, { details: problems });
}

function isInfinite(value: unknown): boolean {
  return value === Infinity || value === -Infinity;
}

function compile(schema: TSchema, place: Place): ValidateFunction {
  const known = compiled.get(schema) ?? new Map<Place, ValidateFunction>();
  compiled.set(schema, known);
  let check = known.get(place);
  if (check === undefined) {
    const ajv = place === 'body' ? bodies : place === 'response' ? answers : texts;
    const closed = place === 'response' ? schema : closeObjects(schema);
    refuseWrongSchema(closed);
    check = ajv.compile(closed);
    // ajv would keep every schema that it has ever seen; the plugins that they belong to come and go.
    ajv.removeSchema(closed);
    known.set(place, check);
  }
  return check;
}

/** The same schema with every object that does not say otherwise closed to unknown properties. */
export function closeObjects<Schema>(schema: Schema): Schema {
  if (Array.isArray(schema)) return schema.map(closeObjects) as Schema;
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) copy[key] = DATA_KEYWORDS.has(key) ? value : closeObjects(value);
  if (copy.type === 'object' && copy.properties !== undefined && copy.additionalProperties === undefined) {
    copy.additionalProperties = false;
  }
  return copy as Schema;
}

const DATA_KEYWORDS = new Set(['default', 'const', 'enum', 'examples']);

function toProblem(place: Place, error: ErrorObject): Problem {
  const params = error.params as Record<string, unknown>;
  const field = params.missingProperty ?? params.additionalProperty;
  const path = `/${place === 'fields' ? 'body' : place}${error.instancePath}${typeof field === 'string' ? `/${field}` : ''}`;
  if (error.keyword === 'required') return { path, message: 'is required' };
  if (error.keyword === 'additionalProperties') return { path, message: 'is not known' };
  const allowed = Array.isArray(params.allowedValues) ? ` (${params.allowedValues.join(', ')})` : '';
  return { path, message: `${error.message ?? 'is not valid'}${allowed}` };
}
