import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { validRange, valid } from 'semver';
import Type, { type Static } from 'typebox';
import { CHECKED_ELSEWHERE, refuseWrongSchema } from '../http/json-schema.ts';

/** Who owns what is no plugin's. */
const KERNEL = 'kernel';
const pluginId = '^[a-z][a-z0-9]*(-[a-z0-9]+)*$';
const ranges = Type.Record(Type.String({ pattern: pluginId }), Type.String());

/** What a plugin says in its manifest that it uses. */
export const SCOPES = [
  'routes',
  'database',
  'credits',
  'events',
  'jobs',
  'commands',
  'users',
  'realtime',
  'redis',
  'permissions',
  'exporters',
  'mail',
  'pages',
  'storage',
  'moderation',
] as const;
export type Scope = (typeof SCOPES)[number];

/** plugin.json: read and checked before any code of the plugin is loaded. */
export const ManifestSchema = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    id: Type.String({ pattern: pluginId, maxLength: 40, description: 'The name of its folder, in kebab-case' }),
    version: Type.String({ description: 'A semantic version' }),
    displayName: Type.String({ minLength: 1, maxLength: 80 }),
    description: Type.String({ minLength: 1, maxLength: 500 }),
    kernel: Type.String({ description: 'The semver range of kernels it works with' }),
    requires: Type.Optional(ranges),
    uses: Type.Optional(ranges),
    scopes: Type.Array(Type.Enum([...SCOPES]), { uniqueItems: true }),
    config: Type.Optional(
      Type.Object(
        {
          type: Type.Literal('object'),
          properties: Type.Record(Type.String(), Type.Record(Type.String(), Type.Unknown())),
          required: Type.Optional(Type.Array(Type.String())),
          additionalProperties: Type.Optional(Type.Literal(false)),
          description: Type.Optional(Type.String()),
        },
        { additionalProperties: false, description: 'A JSON Schema; "secret": true on a property keeps it encrypted' },
      ),
    ),
    main: Type.Optional(Type.String({ pattern: '^[^/\\\\].*\\.(ts|js|mjs)$', description: 'index.ts unless said' })),
  },
  { additionalProperties: false, title: 'The manifest of a MuscleMap plugin' },
);

export type PluginManifest = Static<typeof ManifestSchema>;

/** Why a folder holds no usable plugin; names the file and the field. */
export class ManifestError extends Error {
  override name = 'ManifestError';
}

const ajv = new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, strictTypes: false });
const isManifest = ajv.compile<PluginManifest>(ManifestSchema);

/**
 * The check of a plugin's configuration, which fills in its defaults and knows what a schema of it may say beyond JSON Schema. Each has
 * an ajv of its own: ids that a stranger's schema gives are nobody else's.
 *
 * @throws Error when the schema is none.
 */
export function createConfigCheck(schema: PluginManifest['config']): ValidateFunction {
  const closed = { additionalProperties: false, ...(schema ?? { type: 'object' }) };
  refuseWrongSchema(closed);
  const configAjv = new Ajv2020({ ...CHECKED_ELSEWHERE, allErrors: true, useDefaults: true, keywords: ['secret'] });
  addFormats.default(configAjv);
  return configAjv.compile(closed);
}

/** @throws ManifestError naming the file and every wrong field. */
export async function readManifest(directory: string): Promise<PluginManifest> {
  const path = join(directory, 'plugin.json');
  const manifest = parse(path, await readText(path));
  if (!isManifest(manifest)) {
    throw new ManifestError(`${path}: ${(isManifest.errors ?? []).map(describe).join('; ')}.`);
  }
  const problems = semanticProblems(manifest);
  if (problems.length > 0) throw new ManifestError(`${path}: ${problems.join('; ')}.`);
  return manifest;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new ManifestError(`${path}: cannot be read.`, { cause: error });
  }
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ManifestError(`${path}: is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function describe(error: ErrorObject): string {
  const field = error.instancePath.slice(1).replaceAll('/', '.') || 'the manifest';
  if (error.keyword === 'additionalProperties') {
    return `${field} has the unknown key ${JSON.stringify(error.params.additionalProperty)}`;
  }
  const allowed: unknown = error.params.allowedValues;
  return `${field} ${error.message ?? 'is not valid'}${Array.isArray(allowed) ? ` (${allowed.join(', ')})` : ''}`;
}

function semanticProblems(manifest: PluginManifest): string[] {
  const problems = nameProblems(manifest);
  const ranged = { kernel: manifest.kernel, ...prefixed('requires', manifest), ...prefixed('uses', manifest) };
  for (const [field, range] of Object.entries(ranged)) {
    if (validRange(range) === null) problems.push(`${field} "${range}" is not a semver range`);
  }
  for (const other of Object.keys(manifest.requires ?? {})) {
    if (other === manifest.id) problems.push('requires names the plugin itself');
    if (manifest.uses?.[other] !== undefined) problems.push(`${other} is in both requires and uses`);
  }
  if (manifest.config !== undefined) {
    try {
      createConfigCheck(manifest.config);
    } catch (error) {
      problems.push(`config is not a JSON Schema: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return problems;
}

function nameProblems({ id, version, main = '' }: PluginManifest): string[] {
  const problems: string[] = [];
  if (id === KERNEL) problems.push(`id "${id}" is the kernel's own`);
  if (main.split(/[\\/]/).includes('..')) problems.push(`main "${main}" leaves its folder`);
  if (valid(version) === null) problems.push(`version "${version}" is not a semantic version`);
  return problems;
}

function prefixed(field: 'requires' | 'uses', manifest: PluginManifest): Record<string, string> {
  return Object.fromEntries(Object.entries(manifest[field] ?? {}).map(([id, range]) => [`${field}.${id}`, range]));
}
