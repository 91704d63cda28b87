import type { PluginManifest } from '../manifest.ts';
import { CapabilityError } from '../scopes.ts';
import { closedConnection, ConfinedConnection } from './plugin-connection.ts';
import { OPEN, RestrictedView, type DatabaseView } from './views.ts';

/**
 * What a plugin sees of the database, by its manifest: nothing without the scope, its own schema with it. A bundled one owns
 * tables of the public schema and is not confined.
 */
export function viewFor({ id, scopes }: Pick<PluginManifest, 'id' | 'scopes'>, isConfined: boolean): DatabaseView {
  if (!scopes.includes('database')) {
    return new RestrictedView((real) => closedConnection(real, () => new CapabilityError(id, 'a statement', 'database')));
  }
  return isConfined ? new RestrictedView((real, isPluginsOwn) => new ConfinedConnection(real, id, isPluginsOwn)) : OPEN;
}
