import type { Knex } from 'knex';
import Type from 'typebox';
import { ApiError } from '../http/errors.ts';
import { cursorPosition, page } from '../http/paging.ts';
import type { RouteRegistrar } from '../http/route.ts';
import { deleteDeadLetters, listDeadLetters, readWorkStates, replayDeadLetters } from './dead-letters.ts';

const Plugin = Type.String({ minLength: 1, maxLength: 40 });
const Id = Type.Object({ id: Type.String({ format: 'uuid' }) });
const Affected = Type.Object({ affected: Type.Integer() });

const WorkStateSchema = Type.Object({
  plugin: Type.String(),
  waiting: Type.Integer(),
  running: Type.Integer(),
  failed: Type.Integer({ description: 'Its dead letters' }),
  waitingSince: Type.Union([Type.String({ format: 'date-time' }), Type.Null()]),
});

const DeadLetterSchema = Type.Object({
  id: Type.String(),
  plugin: Type.String(),
  kind: Type.Enum(['event', 'job']),
  name: Type.String({ description: 'Of the event or the job' }),
  data: Type.Unknown({ description: "The event's payload or the job's data" }),
  error: Type.String({ description: 'Of the last attempt' }),
  attempts: Type.Integer(),
  queuedAt: Type.String({ format: 'date-time' }),
  failedAt: Type.String({ format: 'date-time' }),
});

/** What an administrator sees and does about background work. */
export function registerWorkRoutes(routes: RouteRegistrar, knex: Knex, nudge: () => void): void {
  routes.get(
    '/admin/jobs',
    { summary: 'The background work of each plugin, by state', auth: 'admin', response: Type.Array(WorkStateSchema) },
    () => readWorkStates(knex),
  );
  registerDeadLetterRoutes(routes, knex, nudge);
}

function registerDeadLetterRoutes(routes: RouteRegistrar, knex: Knex, nudge: () => void): void {
  routes.get(
    '/admin/dead-letters',
    {
      summary: 'Events and jobs that kept failing, the newest first',
      auth: 'admin',
      list: true,
      query: Type.Object({ plugin: Type.Optional(Plugin) }),
      response: Type.Array(DeadLetterSchema),
    },
    async ({ query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const letters = await listDeadLetters(knex, { plugin: query.plugin, after, limit: query.limit + 1 });
      return page(letters, query, ({ failedAt, id }) => [failedAt, id]);
    },
  );
  routes.post(
    '/admin/dead-letters/:id/replay',
    { summary: 'Queues a dead letter again', auth: 'admin', params: Id, status: 202, response: Affected, errors: ['NOT_FOUND'] },
    async ({ params: { id } }) => {
      const affected = found(await replayDeadLetters(knex, { id }));
      nudge();
      return affected;
    },
  );
  routes.post(
    '/admin/dead-letters/replay',
    {
      summary: 'Queues all dead letters of a plugin again',
      auth: 'admin',
      body: Type.Object({ plugin: Plugin }, { additionalProperties: false }),
      status: 202,
      response: Affected,
    },
    async ({ body: { plugin } }) => {
      const affected = await replayDeadLetters(knex, { plugin });
      nudge();
      return { affected };
    },
  );
  routes.delete(
    '/admin/dead-letters/:id',
    { summary: 'Deletes a dead letter', auth: 'admin', params: Id, response: Affected, errors: ['NOT_FOUND'] },
    async ({ params: { id } }) => found(await deleteDeadLetters(knex, { id })),
  );
  routes.delete(
    '/admin/dead-letters',
    {
      summary: 'Deletes all dead letters of a plugin',
      auth: 'admin',
      query: Type.Object({ plugin: Plugin }),
      response: Affected,
    },
    async ({ query: { plugin } }) => ({ affected: await deleteDeadLetters(knex, { plugin }) }),
  );
}

function found(affected: number): { affected: number } {
  if (affected === 0) throw new ApiError('NOT_FOUND', 'No dead letter has this id.');
  return { affected };
}
