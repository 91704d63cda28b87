import { register } from 'node:module';

let isInstalled = false;

/**
 * Lets a plugin in any folder import `musclemap` without installing it: the name means this kernel, and no deeper path of it
 * can be imported. TypeScript is always a module here, and so is JavaScript that imports or exports, also in a folder without a
 * package.json that says so: what is kept of a version lies apart from the package.json that its folder may have been below.
 */
export function installPluginResolver(): void {
  if (isInstalled) return;
  isInstalled = true;
  const entries = {
    musclemap: new URL('../index.ts', import.meta.url).href,
    'musclemap/testing': new URL('../testing.ts', import.meta.url).href,
  };
  const hooks = `
    import { readFileSync } from 'node:fs';
    const STATEMENT = /^\\s*(import|export)(\\s*["'{*]|\\s+\\w)/m;
    let entries;
    export function initialize(data) { entries = data; }
    export async function resolve(specifier, context, next) {
      const found = await next(entries[specifier] ?? specifier, context);
      return found.format === 'commonjs' && isModule(found.url) ? { ...found, format: 'module' } : found;
    }
    function isModule(url) {
      if (/\\.ts($|\\?)/.test(url)) return true;
      return /^file:(?!.*\\/node_modules\\/).*\\.js($|\\?)/.test(url) && STATEMENT.test(readFileSync(new URL(url), 'utf8'));
    }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: entries });
}
