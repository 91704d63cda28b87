import { Reply, Type, created, cursorPosition, page, type PluginKernel, type RouteRegistrar, type UnpreparedRequest } from 'musclemap';
import { LARGEST_FILE, MOST_FILES, takeIn, type NewAttachment } from '../attachments/intake.ts';
import { publicMessage, type Conversations, type MessagingConfig } from '../conversations.ts';
import { findMessages, searchMessages } from '../models/messages.ts';
import { Content, Message } from './schemas.ts';

/** /conversations/:id/messages and /messages… */
export function registerMessageRoutes(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>, conversations: Conversations): void {
  registerReading(routes, kernel, conversations);
  routes.post(
    '/conversations/:id/messages',
    {
      summary: 'Sends a message, as a form with files; takes an Idempotency-Key',
      status: 201,
      idempotent: true,
      multipart: { files: MOST_FILES, fileBytes: LARGEST_FILE },
      prepare: (request) => takeInFor(kernel, conversations, request),
      body: Type.Object({ content: Type.Optional(Content), replyToId: Type.Optional(Type.String({ maxLength: 100 })) }),
      response: Message,
      errors: ['NOT_FOUND', 'BLOCKED', 'UNPROCESSABLE'],
    },
    async ({ user, params, body, trx, prepared: files }) => {
      const { content = null, replyToId = null } = body;
      const message = await conversations.send(trx, params.id ?? '', user.id, { content, replyToId, files });
      return created(`/api/messages/${message.id}`, publicMessage(message));
    },
  );
  routes.patch(
    '/messages/:id',
    { summary: "Edits one's own message, for a while", transaction: true, body: Type.Object({ content: Content }), response: Message, errors: ['NOT_FOUND', 'FORBIDDEN', 'CONFLICT'] },
    async ({ user, params, body, trx }) => publicMessage(await conversations.edit(trx, params.id ?? '', user.id, body.content)),
  );
  routes.delete(
    '/messages/:id',
    { summary: "Deletes one's own message: its place stays, what it says does not", transaction: true, status: 204, errors: ['NOT_FOUND', 'FORBIDDEN'] },
    async ({ user, params, trx }) => {
      await conversations.remove(trx, params.id ?? '', user.id);
    },
  );
}

/** Looks at the files of a message before its transaction; those of a conversation that is not the sender's are not even looked at. */
async function takeInFor(
  { storage, config }: PluginKernel<MessagingConfig>,
  conversations: Conversations,
  { params, files, user }: UnpreparedRequest,
): Promise<NewAttachment[]> {
  if (files.length === 0) return [];
  await conversations.get(params.id, user?.id ?? '');
  return takeIn(storage, files, config.fileTypes);
}

function registerReading(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>, conversations: Conversations): void {
  const { knex } = kernel.database;
  const Direction = Type.Enum(['older', 'newer'], { default: 'older' });
  routes.get(
    '/conversations/:id/messages',
    {
      summary: 'Messages: older ones, the newest first, or newer ones than the cursor, the oldest first',
      list: true,
      query: Type.Object({ direction: Type.Optional(Direction) }),
      response: Type.Array(Message),
      errors: ['NOT_FOUND'],
    },
    async ({ user, params, query }) => {
      const { id } = await conversations.get(params.id, user.id);
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const direction = query.direction ?? 'older';
      const rows = await findMessages(knex, { conversationId: id, me: user.id, direction, after, limit: query.limit + 1 });
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(publicMessage), answer.options);
    },
  );
  routes.get(
    '/messages/search',
    {
      summary: "Messages of the caller's conversations that have all the words",
      list: true,
      query: Type.Object({ q: Type.String({ minLength: 2, maxLength: 200 }), conversationId: Type.Optional(Type.String({ maxLength: 100 })) }),
      response: Type.Array(Message),
    },
    async ({ user, query }) => {
      const after = cursorPosition(query.cursor, ['date', 'string']);
      const question = { me: user.id, words: query.q, conversationId: query.conversationId ?? null, after, limit: query.limit + 1 };
      const answer = page(await searchMessages(knex, question), query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(publicMessage), answer.options);
    },
  );
}
