import Type from 'typebox';
import { ApiError } from '../http/errors.ts';
import type { RouteRegistrar } from '../http/route.ts';
import type { PluginHost, PluginStatus } from './host.ts';

const Nullable = <Schema extends Type.TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);

const EnabledPlugin = Type.Object({
  id: Type.String(),
  name: Type.String(),
  displayName: Type.String(),
  version: Type.String(),
  description: Type.String(),
});

const AdminPlugin = Type.Object({
  id: Type.String(),
  displayName: Type.String(),
  description: Nullable(Type.String()),
  state: Type.String(),
  reason: Nullable(Type.String()),
  installedVersion: Nullable(Type.String()),
  diskVersion: Nullable(Type.String()),
  requires: Type.Record(Type.String(), Type.String()),
  uses: Type.Record(Type.String(), Type.String()),
  dependents: Type.Array(Type.String()),
  bundled: Type.Boolean(),
  quarantine: Nullable(
    Type.Object({
      place: Type.String({ description: 'Where its code ran, as `hook price`' }),
      error: Type.String(),
      stack: Nullable(Type.String()),
      since: Type.String({ format: 'date-time' }),
    }),
  ),
});

/** GET /plugins, and what an administrator sees of them. */
export function registerPluginRoutes(routes: RouteRegistrar, host: () => PluginHost): void {
  routes.get(
    '/plugins',
    { summary: 'The enabled plugins', auth: 'none', response: Type.Array(EnabledPlugin), cacheSeconds: 5 },
    () => host().statuses.filter(({ state }) => state === 'enabled').flatMap(describeEnabled),
  );
  routes.get(
    '/admin/plugins',
    { summary: 'Every plugin that was found or installed', auth: 'admin', response: Type.Array(AdminPlugin) },
    () => host().statuses.map((status) => describe(status, host().statuses)),
  );
  routes.get(
    '/admin/plugins/:id',
    { summary: 'One plugin', auth: 'admin', response: AdminPlugin, errors: ['NOT_FOUND'] },
    ({ params }) => {
      const status = host().statuses.find(({ id }) => id === params.id);
      if (status === undefined) throw new ApiError('NOT_FOUND', 'No plugin has this id.');
      return describe(status, host().statuses);
    },
  );
}

function describeEnabled({ id, found }: PluginStatus): object[] {
  if (found === undefined) return [];
  const { displayName, version, description } = found.manifest;
  return [{ id, name: id, displayName, version, description }];
}

function describe(status: PluginStatus, all: readonly PluginStatus[]): object {
  const { id, state, reason, found, installed, quarantine } = status;
  return {
    id,
    displayName: found?.manifest.displayName ?? installed?.displayName ?? id,
    description: found?.manifest.description ?? installed?.description ?? null,
    state,
    reason,
    installedVersion: installed?.version ?? null,
    diskVersion: found?.manifest.version ?? null,
    requires: found?.manifest.requires ?? {},
    uses: found?.manifest.uses ?? {},
    dependents: all.filter((other) => other.found?.manifest.requires?.[id] !== undefined).map((other) => other.id),
    bundled: found?.isBundled ?? false,
    quarantine: quarantine
      ? { place: quarantine.place, error: quarantine.error, stack: quarantine.stack, since: quarantine.quarantinedAt.toISOString() }
      : null,
  };
}
