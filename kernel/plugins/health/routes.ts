import type { Knex } from 'knex';
import Type from 'typebox';
import { ApiError } from '../../http/errors.ts';
import type { RouteRegistrar } from '../../http/route.ts';
import { unknownPlugin } from '../unknown-plugin.ts';
import { writeBreaker } from './breaker-limits.ts';
import type { PluginHealth } from './plugin-health.ts';

const Breaker = Type.Object(
  {
    isOn: Type.Boolean({ description: 'Whether the plugin is quarantined when it keeps failing' }),
    faults: Type.Integer({ minimum: 1, maximum: 10_000 }),
    windowSeconds: Type.Integer({ minimum: 1, maximum: 86_400 }),
    share: Type.Number({ minimum: 0, maximum: 1, description: 'The least share of the runs at one place that must have failed' }),
  },
  { additionalProperties: false },
);

export interface HealthRouteServices {
  knex: Knex;
  health: PluginHealth;
  /** The plugins that there are. */
  known: () => readonly string[];
}

/** What an administrator does about a plugin that fails. */
export function registerHealthRoutes(routes: RouteRegistrar, { knex, health, known }: HealthRouteServices): void {
  const refuseUnknown = (id: string): void => {
    if (!known().includes(id)) throw unknownPlugin(id, known());
  };
  routes.post(
    '/admin/plugins/:id/release',
    {
      summary: 'Ends the quarantine of a plugin, which is started again',
      auth: 'admin',
      response: Type.Object({ id: Type.String(), released: Type.Boolean() }),
      errors: ['NOT_FOUND', 'CONFLICT'],
    },
    async ({ params }) => {
      const id = params.id ?? '';
      refuseUnknown(id);
      if (!(await health.release(id))) throw new ApiError('CONFLICT', `The plugin ${id} is not in quarantine.`);
      return { id, released: true };
    },
  );
  routes.get(
    '/admin/plugins/:id/breaker',
    { summary: 'When a plugin is quarantined', auth: 'admin', response: Breaker, errors: ['NOT_FOUND'] },
    ({ params }) => {
      refuseUnknown(params.id ?? '');
      return health.limitOf(params.id ?? '');
    },
  );
  routes.put(
    '/admin/plugins/:id/breaker',
    { summary: 'Sets when a plugin is quarantined', auth: 'admin', body: Breaker, response: Breaker, errors: ['NOT_FOUND'] },
    async ({ params, body }) => {
      refuseUnknown(params.id ?? '');
      await writeBreaker(knex, params.id ?? '', body);
      await health.start();
      return body;
    },
  );
}
