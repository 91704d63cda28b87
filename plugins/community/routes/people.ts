import { ApiError, Reply, Type, cursorPosition, invalid, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import type { CommunityConfig } from '../feed.ts';
import { deleteBlock, findBlocks, insertBlock } from '../models/blocks.ts';
import { deleteInvitation, findInvitations } from '../models/invitations.ts';
import { Nullable, PublicUser, publicUser } from './schemas.ts';

const Block = Type.Object({ user: Nullable(PublicUser), createdAt: Type.String({ format: 'date-time' }) });
const Invitation = Type.Object({
  id: Type.String(),
  groupId: Nullable(Type.String()),
  competitionId: Nullable(Type.String()),
  name: Type.String(),
  invitedBy: Nullable(PublicUser),
  createdAt: Type.String({ format: 'date-time' }),
});

/** Blocks, and what the caller was asked into. */
export function registerPeopleRoutes(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  registerBlocks(routes, kernel);
  registerInvitations(routes, kernel);
}

function registerBlocks(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  routes.post(
    '/users/:id/block',
    { summary: 'Blocks somebody: neither sees or reaches the other', transaction: true, status: 204, errors: ['NOT_FOUND'] },
    async ({ user, params, trx }) => {
      const blockedId = params.id ?? '';
      if (blockedId === user.id) throw invalid('/params/id', 'is your own');
      const isNew = await insertBlock(trx, user.id, blockedId);
      if (isNew === undefined) throw new ApiError('NOT_FOUND', 'No user has this id.');
      if (isNew) kernel.events.emit(trx, 'user.blocked', { blockerId: user.id, blockedId });
    },
  );
  routes.delete('/users/:id/block', { summary: 'Takes a block back', transaction: true, status: 204 }, async ({ user, params, trx }) => {
    await deleteBlock(trx, user.id, params.id ?? '');
  });
  routes.get('/users/me/blocks', { summary: 'Whom the caller has blocked', list: true, response: Type.Array(Block) }, async ({ user, query }) => {
    const after = cursorPosition(query.cursor, ['date', 'string']);
    const rows = await findBlocks(kernel.database.knex, user.id, after, query.limit + 1);
    const answer = page(rows, query, ({ position, userId }) => [position, userId]);
    const profiles = await kernel.users.profiles(answer.data.map(({ userId }) => userId));
    return new Reply(
      answer.data.map(({ userId, createdAt }) => ({ user: publicUser(profiles.get(userId)), createdAt })),
      answer.options,
    );
  });
}

function registerInvitations(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  const { knex } = kernel.database;
  routes.get(
    '/users/me/invitations',
    { summary: 'What the caller was asked into; join the group or competition to accept', list: true, response: Type.Array(Invitation) },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const answer = page(await findInvitations(knex, user.id, after, query.limit + 1), query, ({ position, id }) => [position, id]);
      const profiles = await kernel.users.profiles(answer.data.map(({ invitedBy }) => invitedBy));
      return new Reply(
        answer.data.map(({ position: _position, invitedBy, ...rest }) => ({ ...rest, invitedBy: publicUser(profiles.get(invitedBy)) })),
        answer.options,
      );
    },
  );
  routes.delete('/users/me/invitations/:id', { summary: 'Declines an invitation', status: 204, errors: ['NOT_FOUND'] }, async ({ user, params }) => {
    if (!(await deleteInvitation(knex, params.id ?? '', user.id))) throw new ApiError('NOT_FOUND', 'No invitation has this id.');
  });
}
