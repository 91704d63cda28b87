/** A JSON Schema, read for what it says of properties. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export function asSchema(value: unknown): JsonSchema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonSchema) : undefined;
}

/** What a schema may be, null left out. */
function alternatives(schema: JsonSchema): JsonSchema[] {
  const options = [schema.anyOf, schema.oneOf].find(Array.isArray) as unknown[] | undefined;
  if (options === undefined) return [schema];
  return options.flatMap((option) => {
    const one = asSchema(option);
    return one === undefined || one.type === 'null' ? [] : alternatives(one);
  });
}

/** The properties of an object; undefined when the schema does not name them. */
export function propertiesOf(schema: JsonSchema | undefined): Readonly<Record<string, JsonSchema>> | undefined {
  const objects = schema === undefined ? [] : alternatives(schema).map(({ properties }) => asSchema(properties));
  if (objects.length === 0 || objects.some((properties) => properties === undefined)) return undefined;
  return Object.assign({}, ...objects) as Record<string, JsonSchema>;
}

export function requiredOf(schema: JsonSchema | undefined): readonly string[] {
  return Array.isArray(schema?.required) ? (schema.required as string[]) : [];
}

export function itemsOf(schema: JsonSchema | undefined): JsonSchema | undefined {
  return schema === undefined ? undefined : alternatives(schema).map(({ items }) => asSchema(items)).find((items) => items !== undefined);
}

/** Whether a value may be an array; a schema that says nothing of its kind may. */
export function mayBeArray(schema: JsonSchema | undefined): boolean {
  return schema === undefined || alternatives(schema).some(({ type }) => type === 'array' || type === undefined);
}

/** The schema at a dotted path: undefined where nothing is said of it. @throws RangeError when there is no such property. */
export function schemaAt(schema: JsonSchema | undefined, path: string): JsonSchema | undefined {
  let at = schema;
  for (const name of path.split('.')) {
    const properties = propertiesOf(at);
    if (properties === undefined) return undefined;
    const next = properties[name];
    if (next === undefined) throw new RangeError(`${path} (there are ${Object.keys(properties).join(', ')})`);
    at = next;
  }
  return at;
}
