import { register } from 'node:module';

let isInstalled = false;

/**
 * Lets a plugin in any folder import `musclemap` without installing it: the name means this kernel, and no deeper path of it
 * can be imported. TypeScript is always a module here, also in a folder without a package.json that says so.
 */
export function installPluginResolver(): void {
  if (isInstalled) return;
  isInstalled = true;
  const entries = {
    musclemap: new URL('../index.ts', import.meta.url).href,
    'musclemap/testing': new URL('../testing.ts', import.meta.url).href,
  };
  const hooks = `
    let entries;
    export function initialize(data) { entries = data; }
    export async function resolve(specifier, context, next) {
      const found = await next(entries[specifier] ?? specifier, context);
      const isTypeScript = /\\.ts($|\\?)/.test(found.url);
      return isTypeScript && found.format === 'commonjs' ? { ...found, format: 'module' } : found;
    }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: entries });
}
