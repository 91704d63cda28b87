import type { Knex } from 'knex';
import Type from 'typebox';
import type { Rows } from '../database/connect.ts';
import { cursorPosition, page } from '../http/paging.ts';
import type { RouteRegistrar } from '../http/route.ts';

const Nullable = <Schema extends Type.TSchema>(schema: Schema): Type.TUnion<[Schema, Type.TNull]> =>
  Type.Union([schema, Type.Null()]);
const Filter = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));

const Entry = Type.Object({
  id: Type.Integer(),
  at: Type.String({ format: 'date-time' }),
  actorKind: Type.Enum(['user', 'cli', 'kernel', 'plugin']),
  actorId: Nullable(Type.String()),
  action: Type.String(),
  objectType: Nullable(Type.String()),
  objectId: Nullable(Type.String()),
  result: Type.String(),
  ip: Nullable(Type.String()),
  requestId: Nullable(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
});

const Query = Type.Object({
  actor: Filter,
  action: Filter,
  objectType: Filter,
  object: Filter,
  result: Filter,
  from: Type.Optional(Type.String({ format: 'date-time' })),
  to: Type.Optional(Type.String({ format: 'date-time' })),
  isChange: Type.Optional(Type.Boolean({ description: 'true leaves out what was only looked at, false all else' })),
});

/** GET /admin/audit. */
export function registerAuditRoutes(routes: RouteRegistrar, knex: Knex): void {
  routes.get(
    '/admin/audit',
    {
      summary: 'Who did what to which object, newest first',
      auth: 'admin',
      list: true,
      query: Query,
      response: Type.Array(Entry),
    },
    async ({ query }) => {
      const before = cursorPosition(query.cursor, ['number']);
      const { rows } = await knex.raw<Rows<{ id: number }>>(
        `SELECT id, at, actor_kind AS "actorKind", actor_id AS "actorId", action, object_type AS "objectType",
           object_id AS "objectId", result, ip, request_id AS "requestId", details
         FROM audit_log
         WHERE (:before::BIGINT IS NULL OR id < :before)
           AND (:actor::TEXT IS NULL OR actor_id = :actor)
           AND (:action::TEXT IS NULL OR action = :action)
           AND (:objectType::TEXT IS NULL OR object_type = :objectType)
           AND (:object::TEXT IS NULL OR object_id = :object)
           AND (:result::TEXT IS NULL OR result = :result)
           AND (:from::TIMESTAMPTZ IS NULL OR at >= :from)
           AND (:to::TIMESTAMPTZ IS NULL OR at < :to)
           AND (:isChange::BOOLEAN IS NULL OR (action NOT LIKE 'GET %') = :isChange)
         ORDER BY id DESC LIMIT :limit`,
        {
          before: before?.[0] ?? null,
          actor: query.actor ?? null,
          action: query.action ?? null,
          objectType: query.objectType ?? null,
          object: query.object ?? null,
          result: query.result ?? null,
          from: query.from ?? null,
          to: query.to ?? null,
          isChange: query.isChange ?? null,
          limit: query.limit + 1,
        },
      );
      return page(rows, query, ({ id }) => [id]);
    },
  );
}
