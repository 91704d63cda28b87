import { register } from 'node:module';

/**
 * Lets a plugin in any folder import `musclemap` without installing it: the name means this kernel, and no deeper path of it
 * can be imported.
 */
export function installPluginResolver(): void {
  const entries = {
    musclemap: new URL('../index.ts', import.meta.url).href,
    'musclemap/testing': new URL('../testing.ts', import.meta.url).href,
  };
  const hooks = `
    let entries;
    export function initialize(data) { entries = data; }
    export function resolve(specifier, context, next) {
      const url = entries[specifier];
      return url === undefined ? next(specifier, context) : next(url, context);
    }`;
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: entries });
}
