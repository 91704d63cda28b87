import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import openapiTypescript, { astToString, type OpenAPI3 } from 'openapi-typescript';

/** The routes that this client uses; types of the others would only be read past. */
const ROUTES = ['/api/auth/register', '/api/workouts', '/api/workouts/{id}'];

export const TYPES_FILE = join(import.meta.dirname, 'api.ts');

/** The text of `api.ts` for a server's document. @throws Error naming a route that the document does not have. */
export async function generateTypes(document: OpenAPI3): Promise<string> {
  const { paths = {} } = document;
  const missing = ROUTES.filter((route) => !(route in paths));
  if (missing.length > 0) throw new Error(`The server has no ${missing.join(', ')}.`);
  const used = Object.fromEntries(ROUTES.map((route) => [route, paths[route] ?? {}]));
  const nodes = await openapiTypescript({ ...document, paths: used }, { alphabetize: true, silent: true });
  return `// Written by generate.ts from the server's own description; not to be edited.\n${astToString(nodes)}`;
}

/** node --import tsx examples/client/generate.ts http://127.0.0.1:3001 */
const [, script, server] = process.argv;
if (script === import.meta.filename) {
  if (server === undefined) throw new Error('Say which server: node --import tsx examples/client/generate.ts http://127.0.0.1:3001');
  const answer = await fetch(new URL('/api/openapi.json', server));
  await writeFile(TYPES_FILE, await generateTypes((await answer.json()) as OpenAPI3));
}
