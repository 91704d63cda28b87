import { ApiError, Type, type RouteRegistrar } from 'musclemap';
import { selectArchetype, type LevelsContext } from '../levels.ts';
import { findArchetypes, findLevels } from '../models/catalogue.ts';
import { countMembers } from '../models/members.ts';
import { Archetype, Following, Level, Selection } from './schemas.ts';

const CACHE_SECONDS = 300;

/** /archetypes… */
export function registerArchetypeRoutes(routes: RouteRegistrar, context: LevelsContext): void {
  const { knex } = context.kernel.database;
  const catalogue = { auth: 'none', replica: true, cacheSeconds: CACHE_SECONDS } as const;
  const one = { ...catalogue, errors: ['NOT_FOUND'] } as const;
  routes.get('/archetypes', { ...catalogue, summary: 'All archetypes, by name', response: Type.Array(Archetype) }, ({ reader }) =>
    findArchetypes(reader),
  );
  routes.get('/archetypes/:id', { ...one, summary: 'One archetype', response: Archetype }, async ({ params, reader }) => {
    const [archetype] = await findArchetypes(reader, params.id ?? '');
    return archetype ?? refuseUnknown();
  });
  routes.get(
    '/archetypes/:id/levels',
    { ...one, summary: 'The levels of an archetype, from the first up', response: Type.Array(Level) },
    async ({ params, reader }) => {
      const levels = await findLevels(reader, params.id ?? '');
      return levels.length > 0 ? levels : refuseUnknown();
    },
  );
  routes.get(
    '/admin/archetypes/members',
    { summary: 'How many members follow each archetype, and how far they are', auth: 'admin', response: Type.Array(Following) },
    () => countMembers(knex),
  );
  routes.post(
    '/archetypes/select',
    {
      summary: 'Chooses an archetype; the level is what the history has earned in it',
      transaction: true,
      body: Type.Object({ archetypeId: Type.String({ minLength: 1, maxLength: 50 }) }),
      response: Selection,
      errors: ['NOT_FOUND'],
    },
    ({ user, body, trx }) => selectArchetype(context, trx, user.id, body.archetypeId),
  );
}

function refuseUnknown(): never {
  throw new ApiError('NOT_FOUND', 'No archetype has this id.');
}
