import { ApiError, Reply, Type, created, cursorPosition, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { moderates } from '../competitions/competitions.ts';
import type { CommunityConfig } from '../feed.ts';
import { Groups } from '../groups.ts';
import { GROUP_ROLES, deleteGroup, findGroups, findMembers, insertGroup, updateGroup } from '../models/groups.ts';
import { Nullable, PictureUrl, PublicUser, publicUser } from './schemas.ts';

const Role = Type.Enum([...GROUP_ROLES]);
const Settings = Type.Object({
  isPublic: Type.Boolean({ description: 'Whether strangers find the group' }),
  joinPolicy: Type.Enum(['open', 'invitation']),
  mayInvite: Role,
});
const GroupBody = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' }),
  description: Type.Optional(Nullable(Type.String({ maxLength: 2000 }))),
  avatarUrl: Type.Optional(Nullable(PictureUrl)),
  settings: Type.Optional(Type.Partial(Settings)),
});
const Group = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  ownerId: Type.String(),
  settings: Settings,
  memberCount: Type.Integer(),
  myRole: Nullable(Role),
  createdAt: Type.String({ format: 'date-time' }),
  updatedAt: Type.String({ format: 'date-time' }),
});
const Member = Type.Object({ user: Nullable(PublicUser), role: Role, joinedAt: Type.String({ format: 'date-time' }) });

/** /groups… */
export function registerGroupRoutes(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  const groups = new Groups(kernel);
  registerReading(routes, kernel, groups);
  registerKeeping(routes, groups);
  registerMembers(routes, groups);
}

function registerReading(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>, groups: Groups): void {
  const { knex } = kernel.database;
  const Query = Type.Object({
    mine: Type.Optional(Type.Boolean({ description: 'Only those that the caller is in' })),
    search: Type.Optional(Type.String({ minLength: 1, maxLength: 80 })),
  });
  routes.get('/groups', { summary: 'Groups, the newest first', list: true, replica: true, query: Query, response: Type.Array(Group) }, async ({ user, query, reader }) => {
    const after = cursorPosition(query.cursor, ['date', 'string']);
    const question = { me: user.id, mine: query.mine ?? false, search: query.search ?? null, after, limit: query.limit + 1 };
    const answer = page(await findGroups(reader, question), query, ({ position, id }) => [position, id]);
    return new Reply(answer.data.map(({ position: _position, ...group }) => group), answer.options);
  });
  routes.get('/groups/:id', { summary: 'A group', response: Group, errors: ['NOT_FOUND'] }, ({ user, params }) =>
    groups.get(params.id ?? '', user.id),
  );
  routes.get(
    '/groups/:id/members',
    { summary: 'Who is in a group', list: true, response: Type.Array(Member), errors: ['NOT_FOUND'] },
    async ({ user, params, query }) => {
      const group = await groups.get(params.id ?? '', user.id);
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const answer = page(await findMembers(knex, group.id, after, query.limit + 1), query, ({ position, userId }) => [position, userId]);
      const profiles = await kernel.users.profiles(answer.data.map(({ userId }) => userId));
      return new Reply(
        answer.data.map(({ userId, role, joinedAt }) => ({ user: publicUser(profiles.get(userId)), role, joinedAt })),
        answer.options,
      );
    },
  );
}

function registerKeeping(routes: RouteRegistrar, groups: Groups): void {
  routes.post('/groups', { summary: 'Makes a group', status: 201, transaction: true, body: GroupBody, response: Group }, async ({ user, body, trx }) => {
    const { name, description = null, avatarUrl = null, settings = {} } = body;
    const id = await insertGroup(trx, { name, description, avatarUrl, ownerId: user.id, settings });
    return created(`/api/groups/${id}`, await groups.get(id, user.id, trx));
  });
  routes.patch(
    '/groups/:id',
    { summary: 'Changes a group', transaction: true, body: Type.Partial(GroupBody), response: Group, errors: ['NOT_FOUND', 'FORBIDDEN'] },
    async ({ user, params, body, trx }) => {
      const { id } = await groups.hold(trx, params.id ?? '', user.id, 'admin');
      await updateGroup(trx, id, body);
      return groups.get(id, user.id, trx);
    },
  );
  routes.delete(
    '/groups/:id',
    { summary: 'Deletes a group; its owner may, and moderators of the gym', transaction: true, status: 204, errors: ['NOT_FOUND', 'FORBIDDEN'] },
    async ({ user, params, trx }) => {
      const id = params.id ?? '';
      if (!moderates(user)) await groups.hold(trx, id, user.id, 'owner');
      if (!(await deleteGroup(trx, id))) throw new ApiError('NOT_FOUND', 'No group has this id.');
    },
  );
}

function registerMembers(routes: RouteRegistrar, groups: Groups): void {
  const errors = ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT', 'BLOCKED'] as const;
  routes.post('/groups/:id/join', { summary: 'Joins a group', transaction: true, response: Group, errors }, async ({ user, params, trx }) => {
    const id = params.id ?? '';
    await groups.join(trx, id, user.id);
    return groups.get(id, user.id, trx);
  });
  routes.post('/groups/:id/leave', { summary: 'Leaves a group', transaction: true, status: 204, errors }, async ({ user, params, trx }) => {
    await groups.leave(trx, params.id ?? '', user.id);
  });
  routes.post(
    '/groups/:id/invitations',
    {
      summary: 'Asks somebody in',
      status: 201,
      transaction: true,
      body: Type.Object({ userId: Type.String({ maxLength: 100 }) }),
      response: Type.Object({ invitationId: Type.String() }),
      errors,
    },
    async ({ user, params, body, trx }) => ({ invitationId: await groups.invite(trx, params.id ?? '', user.id, body.userId) }),
  );
  routes.patch(
    '/groups/:id/members/:userId',
    { summary: 'Gives a member another role; `owner` hands the group over', transaction: true, body: Type.Object({ role: Role }), status: 204, errors },
    async ({ user, params, body, trx }) => {
      await groups.assign(trx, params.id ?? '', user.id, params.userId ?? '', body.role);
    },
  );
  routes.delete(
    '/groups/:id/members/:userId',
    { summary: 'Removes a member', transaction: true, status: 204, errors },
    async ({ user, params, trx }) => {
      await groups.remove(trx, params.id ?? '', user.id, params.userId ?? '');
    },
  );
}
