import Type from 'typebox';
import { ApiError, invalid } from '../../http/errors.ts';
import { created, type Caller, type RouteRegistrar } from '../../http/route.ts';
import type { PluginHost } from '../host.ts';
import { AdminPlugin } from '../lifecycle/answers.ts';
import { describePlugins } from '../lifecycle/describe.ts';
import { ARCHIVE_LIMITS } from './archive.ts';

export interface PackageRouteServices {
  host: () => PluginHost;
  /** Refuses a caller who has been signed in for a while and does not give the password. */
  prove: (caller: Caller, password: string | undefined, what: string) => Promise<void>;
}

const Uploaded = Type.Object({
  id: Type.String(),
  version: Type.String(),
  isNew: Type.Boolean({ description: 'Whether it was not there before' }),
  plugin: Type.Union([AdminPlugin, Type.Null()]),
});

/** How an administrator brings a plugin without a shell, and takes it away again. */
export function registerPackageRoutes(routes: RouteRegistrar, { host, prove }: PackageRouteServices): void {
  routes.post(
    '/admin/plugins',
    {
      summary: 'Brings a plugin, or a newer version of one, as the .tgz that npm pack makes; nothing of it runs before it is enabled or upgraded',
      auth: 'admin',
      status: 201,
      multipart: { files: 1, fileBytes: ARCHIVE_LIMITS.packedBytes },
      body: Type.Object({
        currentPassword: Type.Optional(Type.String({ minLength: 1, maxLength: 128, description: 'Needed 15 minutes after signing in' })),
      }),
      response: Uploaded,
      errors: ['FORBIDDEN', 'CONFLICT', 'UNPROCESSABLE'],
      audit: { hide: ['currentPassword'] },
    },
    async ({ files: [file], user, body }) => {
      refuseWhenOff(host());
      if (file === undefined) throw invalid('/files', 'has to be one: the .tgz of the plugin, as multipart/form-data');
      await prove(user, body.currentPassword, 'upload a plugin');
      const { id, version, isNew } = await host().packages.add(file, { kind: 'user', id: user.id });
      await host().follow();
      const data = { id, version, isNew, plugin: (await describePlugins(host(), id))[0] ?? null };
      return created(`/api/admin/plugins/${id}`, data);
    },
  );
  routes.delete(
    '/admin/plugins/:id',
    {
      summary: 'Takes away what was uploaded of a plugin that is not installed',
      auth: 'admin',
      status: 204,
      params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
      errors: ['NOT_FOUND', 'CONFLICT'],
    },
    async ({ params, user }) => {
      await host().packages.remove(params.id, { kind: 'user', id: user.id });
      await host().follow();
    },
  );
}

function refuseWhenOff({ takesPlugins, isSafe }: PluginHost): void {
  if (!takesPlugins) throw new ApiError('FORBIDDEN', 'Plugins cannot be uploaded to this server: PLUGIN_UPLOADS is off.');
  if (isSafe) throw new ApiError('CONFLICT', 'The server runs in safe mode: plugins can be disabled and configured, nothing else.');
}
