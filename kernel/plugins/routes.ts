import Type from 'typebox';
import type { AuditActor } from '../audit/audit.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import type { PluginHost, PluginStatus } from './host.ts';
import { AdminPlugin, ChangeDone, EnabledPlugin, PlanAnswer } from './lifecycle/answers.ts';
import { planCommand, runCommand, type PluginCommand } from './lifecycle/commands.ts';
import { describePlugins } from './lifecycle/describe.ts';
import { unknownPlugin } from './unknown-plugin.ts';

const Flag = Type.Optional(Type.Boolean());
const Params = Type.Object({ id: Type.String({ maxLength: 40 }) });

/** GET /plugins, and what an administrator sees of them and does with them. */
export function registerPluginRoutes(routes: RouteRegistrar, host: () => PluginHost): void {
  routes.get(
    '/plugins',
    { summary: 'The enabled plugins', auth: 'none', response: Type.Array(EnabledPlugin), cacheSeconds: 5 },
    () => host().statuses.filter(({ state }) => state === 'enabled').flatMap((status) => describeEnabled(host(), status)),
  );
  routes.get(
    '/admin/plugins',
    {
      summary: 'Every plugin that was found or installed; meta.takesUploads tells whether POST here brings more',
      ...{ auth: 'admin', response: Type.Array(AdminPlugin) },
    },
    async () => new Reply(await describePlugins(host()), { meta: { takesUploads: host().takesPlugins } }),
  );
  routes.get(
    '/admin/plugins/:id',
    { summary: 'One plugin', auth: 'admin', params: Params, response: AdminPlugin, errors: ['NOT_FOUND'] },
    async ({ params: { id } }) => (await describePlugins(host(), id))[0] ?? refuseUnknown(host(), id),
  );
  registerChanges(routes, host);
}

const ERRORS = ['NOT_FOUND', 'CONFLICT', 'UNPROCESSABLE'] as const;

function registerChanges(routes: RouteRegistrar, host: () => PluginHost): void {
  const options = { auth: 'admin', params: Params, response: ChangeDone, errors: ERRORS } as const;
  const run = async (request: { user: { id: string } }, id: string, command: PluginCommand): Promise<object> => {
    const actor: AuditActor = { kind: 'user', id: request.user.id };
    const outcome = await runCommand(host(), id, command, actor);
    return { ...outcome, plugin: (await describePlugins(host(), id))[0] ?? null };
  };
  const enableQuery = Type.Object({ cascade: Flag, force: Flag, restore: Flag, plan: Type.Optional(Type.String()) });
  routes.post(
    '/admin/plugins/:id/enable',
    { ...options, summary: 'Turns a plugin on, everywhere and at once', query: enableQuery },
    (request) => run(request, request.params.id, { verb: 'enable', ...request.query }),
  );
  routes.post(
    '/admin/plugins/:id/disable',
    { ...options, summary: 'Turns a plugin off; its data stay', query: Type.Object({ cascade: Flag }) },
    (request) => run(request, request.params.id, { verb: 'disable', ...request.query }),
  );
  routes.put(
    '/admin/plugins/:id/config',
    {
      ...options,
      summary: "Replaces a plugin's configuration, applied live",
      body: Type.Record(Type.String(), Type.Unknown(), { description: 'A masked secret that is sent back stays as it is' }),
      audit: { hide: '*' },
    },
    (request) => run(request, request.params.id, { verb: 'configure', config: request.body }),
  );
  const upgradeQuery = Type.Object({ force: Flag, acceptScopes: Flag, plan: Type.Optional(Type.String()) });
  routes.post(
    '/admin/plugins/:id/upgrade',
    { ...options, summary: 'Goes to the version that is on disk', query: upgradeQuery },
    (request) => run(request, request.params.id, { verb: 'upgrade', ...request.query }),
  );
  routes.post(
    '/admin/plugins/:id/rollback',
    {
      ...options,
      summary: 'Goes back to the version that ran before, its schema with it',
      query: Type.Object({ version: Type.Optional(Type.String()) }),
    },
    (request) => run(request, request.params.id, { verb: 'rollback', ...request.query }),
  );
  routes.post(
    '/admin/plugins/:id/uninstall',
    {
      ...options,
      summary: 'Takes a plugin away; with purge and its id in confirm, its data as well, also those that one not installed any more has left',
      query: Type.Object({ cascade: Flag, purge: Flag, force: Flag, confirm: Type.Optional(Type.String()) }),
      body: Type.Object({ confirm: Type.Optional(Type.String()) }),
    },
    (request) => run(request, request.params.id, { verb: 'uninstall', ...request.query, ...request.body }),
  );
  registerPlan(routes, host);
}

function registerPlan(routes: RouteRegistrar, host: () => PluginHost): void {
  routes.get(
    '/admin/plugins/:id/plan',
    {
      summary: 'What a change would do, found by doing it and taking it back',
      auth: 'admin',
      params: Params,
      query: Type.Object({
        for: Type.Enum(['enable', 'upgrade', 'disable', 'rollback', 'uninstall']),
        ...{ cascade: Flag, force: Flag, restore: Flag, acceptScopes: Flag, purge: Flag },
      }),
      response: PlanAnswer,
      errors: ERRORS,
    },
    ({ params, query: { for: verb, ...query } }) => planCommand(host(), params.id, { verb, ...query }),
  );
}

function describeEnabled(host: PluginHost, { id, found }: PluginStatus): object[] {
  const manifest = host.composition.activations.get(id)?.found?.manifest ?? found?.manifest;
  if (manifest === undefined) return [];
  const { displayName, version, description } = manifest;
  return [{ id, name: id, displayName, version, description }];
}

function refuseUnknown(host: PluginHost, id: string): never {
  throw unknownPlugin(id, host.statuses.map((status) => status.id));
}
