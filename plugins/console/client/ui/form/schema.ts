/** What a form understands of a JSON Schema; the rest is edited as JSON. */
export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  secret?: boolean;
  /** Of a text, that it has several lines. */
  isLong?: boolean;
  /** Of a text, what may be meant; something else can be typed. */
  suggestions?: readonly { value: string; title: string }[];
  /** Of a whole number, that it is money in the smallest unit of this currency. */
  currency?: string;
}

export type Kind = 'object' | 'array' | 'choice' | 'boolean' | 'number' | 'money' | 'secret' | 'moment' | 'long-text' | 'text' | 'json';

const LONG_TEXT = 300;

/** The schema without its null, and whether null is allowed. */
export function withoutNull(schema: JsonSchema): { schema: JsonSchema; isNullable: boolean } {
  const options = schema.anyOf ?? schema.oneOf;
  if (options !== undefined) {
    const rest = options.filter(({ type }) => type !== 'null');
    const { anyOf: _anyOf, oneOf: _oneOf, ...own } = schema;
    const isNullable = rest.length < options.length;
    if (rest.length === 1) return { schema: { ...own, ...rest[0] }, isNullable };
    if (isNullable) return { schema: { ...own, oneOf: rest }, isNullable };
  }
  if (Array.isArray(schema.type)) {
    const types = schema.type.filter((type) => type !== 'null');
    const [only] = types;
    if (types.length === 1 && only !== undefined) return { schema: { ...schema, type: only }, isNullable: types.length < schema.type.length };
  }
  return { schema, isNullable: false };
}

/** The values that may be chosen from, when the schema lists them. */
export function choicesOf(schema: JsonSchema): unknown[] | undefined {
  if (schema.enum !== undefined) return schema.enum;
  const options = schema.anyOf ?? schema.oneOf;
  return options?.every((option) => option.const !== undefined) === true ? options.map((option) => option.const) : undefined;
}

/** What a choice is called: its title when the schema gives one. */
export function titleOfChoice({ anyOf, oneOf }: JsonSchema, choice: unknown): string {
  return (oneOf ?? anyOf)?.find((option) => option.const === choice)?.title ?? toWords(String(choice));
}

/** `public_profile` as `Public profile`; what is no such word stays as it is. */
export function toWords(name: string): string {
  if (!/^[a-z][a-z0-9]*([_-][a-z0-9]+)*$/.test(name)) return name;
  const words = name.replace(/[_-]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** What was entered, without optional parts in which nothing was. */
export function withoutEmpty(given: JsonSchema, value: unknown): unknown {
  const { schema } = withoutNull(given);
  if (kindOf(schema) !== 'object' || typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, part]) => {
    const property = schema.properties?.[name] ?? {};
    const kept = withoutEmpty(property, part);
    return schema.required?.includes(name) !== true && isEmpty(property, kept) ? [] : [[name, kept] as const];
  });
  return Object.fromEntries(entries);
}

function isEmpty(given: JsonSchema, value: unknown): boolean {
  const { schema } = withoutNull(given);
  if (Array.isArray(value)) return value.length === 0 && (schema.minItems ?? 0) > 0;
  return kindOf(schema) === 'object' && typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

export function kindOf(schema: JsonSchema): Kind {
  if (schema.secret === true) return 'secret';
  if (choicesOf(schema) !== undefined) return 'choice';
  switch (schema.type) {
    case 'object':
      return schema.properties === undefined ? 'json' : 'object';
    case 'array':
      return schema.items === undefined ? 'json' : 'array';
    case 'boolean':
      return 'boolean';
    case 'number':
    case 'integer':
      return schema.currency === undefined ? 'number' : 'money';
    case 'string':
      if (schema.format === 'date-time') return 'moment';
      return schema.isLong === true || ((schema.maxLength ?? 0) > LONG_TEXT && schema.format === undefined) ? 'long-text' : 'text';
    default:
      return 'json';
  }
}

/** What a new field holds before anything is entered. */
export function initialOf(given: JsonSchema): unknown {
  const { schema } = withoutNull(given);
  if (schema.default !== undefined) return structuredClone(schema.default);
  if (kindOf(schema) !== 'object') return schema.type === 'array' ? [] : undefined;
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => [name, initialOf(property)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}

/** `feedRetentionDays` as `Feed retention days`. */
export function labelOf(name: string, schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/[-_]/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
