import { Reply, Type, created, cursorPosition, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import type { Conversations, MessagingConfig } from '../conversations.ts';
import { findConversations, markRead, renameConversation, setMuted, type ConversationRow } from '../models/conversations.ts';
import { Conversation, Name, Nullable, UserIds, describeParticipant } from './schemas.ts';

/** /conversations… but their messages */
export function registerConversationRoutes(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>, conversations: Conversations): void {
  const describe = createDescribe(kernel);
  registerKeeping(routes, kernel, conversations, describe);
  registerParticipants(routes, conversations);
  routes.get(
    '/conversations',
    { summary: "The caller's conversations, the latest message first", list: true, response: Type.Array(Conversation) },
    async ({ user, query }) => {
      const rows = await findConversations(kernel.database.knex, user.id, cursorPosition(query.cursor, ['date', 'string']), query.limit + 1);
      const answer = page(rows, query, ({ position, id }) => [position, id]);
      return new Reply(await describe(answer.data), answer.options);
    },
  );
  routes.get('/conversations/:id', { summary: 'A conversation', response: Conversation, errors: ['NOT_FOUND'] }, async ({ user, params }) =>
    one(await describe([await conversations.get(params.id, user.id)])),
  );
  routes.post(
    '/conversations/:id/read',
    {
      summary: 'Says up to where the caller has read: a message, or everything',
      body: Type.Object({ messageId: Type.Optional(Type.String({ maxLength: 100 })) }),
      response: Type.Object({ lastReadAt: Nullable(Type.String({ format: 'date-time' })) }),
      errors: ['NOT_FOUND'],
      transaction: true,
    },
    async ({ user, params, body, trx }) => {
      const { id } = await conversations.get(params.id, user.id, trx);
      const lastReadAt = await markRead(trx, id, user.id, body.messageId ?? null);
      if (lastReadAt !== null) await kernel.realtime.publish(`conversation:${id}`, 'conversation.read', { userId: user.id, lastReadAt }, { trx });
      return { lastReadAt };
    },
  );
}

type Describe = (rows: readonly ConversationRow[]) => Promise<object[]>;

/** Adds the profiles of everybody in a page, read once. */
function createDescribe(kernel: PluginKernel<MessagingConfig>): Describe {
  return async (rows) => {
    const ids = new Set(rows.flatMap(({ participants }) => participants.map(({ userId }) => userId)));
    const profiles = await kernel.users.profiles([...ids]);
    return rows.map(({ position: _position, participants, ...row }) => ({
      ...row,
      participants: participants.map((participant) => describeParticipant(participant, profiles.get(participant.userId))),
    }));
  };
}

function one(rows: readonly object[]): object {
  const [row] = rows;
  if (row === undefined) throw new TypeError('A row was described away.');
  return row;
}

function registerKeeping(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>, conversations: Conversations, describe: Describe): void {
  const Body = Type.Object({ type: Type.Enum(['direct', 'group']), participantIds: UserIds, name: Type.Optional(Name) });
  routes.post(
    '/conversations',
    { summary: 'Starts a conversation; 200 for one of two that is there already', status: 201, body: Body, response: Conversation, errors: ['NOT_FOUND', 'BLOCKED', 'UNPROCESSABLE'] },
    async ({ user, body }) => {
      const { type, participantIds, name = null } = body;
      const { conversation, isNew } = await kernel.database.transaction((trx) =>
        conversations.start(trx, user.id, { type, participantIds, name: type === 'group' ? name : null }),
      );
      const described = one(await describe([conversation]));
      return isNew ? created(`/api/conversations/${conversation.id}`, described) : new Reply(described, { status: 200 });
    },
  );
  routes.patch(
    '/conversations/:id',
    {
      summary: 'Mutes a conversation for the caller; renames a group, as its owner',
      body: Type.Object({ muted: Type.Optional(Type.Boolean()), name: Type.Optional(Name) }),
      response: Conversation,
      errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'],
    },
    async ({ user, params, body }) => {
      const changed = await kernel.database.transaction(async (trx) => {
        const { id } = await conversations.get(params.id, user.id, trx);
        if (body.name !== undefined) {
          await conversations.holdAsOwner(trx, id, user.id);
          await renameConversation(trx, id, body.name);
        }
        if (body.muted !== undefined) await setMuted(trx, id, user.id, body.muted);
        return conversations.get(id, user.id, trx);
      });
      return one(await describe([changed]));
    },
  );
  routes.delete(
    '/conversations/:id',
    { summary: 'Ends a group for all, as its owner; clears the history for the caller otherwise', status: 204, transaction: true, errors: ['NOT_FOUND'] },
    async ({ user, params, trx }) => {
      await conversations.delete(trx, params.id ?? '', user.id);
    },
  );
}

function registerParticipants(routes: RouteRegistrar, conversations: Conversations): void {
  const errors = ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT', 'BLOCKED', 'UNPROCESSABLE'] as const;
  routes.post(
    '/conversations/:id/participants',
    { summary: 'Adds people to a group, as its owner', transaction: true, body: Type.Object({ userIds: UserIds }), response: Type.Object({ participants: Type.Integer() }), errors },
    async ({ user, params, body, trx }) => {
      const conversation = await conversations.add(trx, params.id ?? '', user.id, body.userIds);
      return { participants: conversation.participants.length };
    },
  );
  routes.delete(
    '/conversations/:id/participants/:userId',
    { summary: 'Takes somebody out of a group, as its owner', transaction: true, status: 204, errors },
    async ({ user, params, trx }) => {
      await conversations.expel(trx, params.id ?? '', user.id, params.userId ?? '');
    },
  );
  routes.post('/conversations/:id/leave', { summary: 'Leaves a group', transaction: true, status: 204, errors }, async ({ user, params, trx }) => {
    await conversations.leave(trx, params.id ?? '', user.id);
  });
}
