import { ManifestSchema } from './manifest.ts';

/** plugin.schema.json: what an editor checks a plugin.json against. A test holds the file and this together. */
export function manifestSchemaFile(): string {
  const schema = { $schema: 'https://json-schema.org/draft/2020-12/schema', ...ManifestSchema };
  return `${JSON.stringify(schema, null, 2)}\n`;
}
