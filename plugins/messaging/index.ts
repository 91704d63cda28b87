import { Type, definePlugin } from 'musclemap';
import { Conversations, type MessagingConfig } from './conversations.ts';
import './hooks.ts';
import { isParticipant } from './models/conversations.ts';
import { erasePersonalData, exportPersonalData } from './personal-data.ts';
import { registerConversationRoutes } from './routes/conversations.ts';
import { registerMessageRoutes } from './routes/messages.ts';

export default definePlugin<MessagingConfig, 'messaging'>({
  apply(kernel) {
    const { hooks } = kernel;
    const { knex } = kernel.database;
    const conversations = new Conversations(kernel);

    hooks.migrations.tap('messaging', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.routes.tap('messaging', (routes) => {
      registerConversationRoutes(routes, kernel, conversations);
      registerMessageRoutes(routes, kernel, conversations);
    });
    hooks.channels.tap('messaging', (channels) => {
      channels.add('conversation:{id}', {
        summary: 'What is said in a conversation, for those who take part',
        authorize: async ({ user, params }) => user !== undefined && (await isParticipant(knex, params.id ?? '', user.id)),
      });
      channels.on('typing', Type.Object({ conversationId: Type.String({ maxLength: 100 }) }), async ({ user, body }) => {
        const id = body.conversationId;
        if (await isParticipant(knex, id, user.id)) await kernel.realtime.signal(`conversation:${id}`, 'typing', { userId: user.id });
      });
    });
    hooks.events.tap('messaging', (events) => {
      events.on('conversation.left', ({ payload }) => kernel.realtime.recheck(`conversation:${payload.conversationId}`, payload.userId));
    });
    hooks.exporters.tap('messaging', (exporters) => {
      exporters.add({ export: (userId) => exportPersonalData(knex, userId), erase: erasePersonalData });
    });
  },
});
