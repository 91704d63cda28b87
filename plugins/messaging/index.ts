import { Type, definePlugin, type PluginKernel } from 'musclemap';
import { ASSESS_JOB, Attachments, DISCARD_JOB } from './attachments/attachments.ts';
import { Conversations, type MessagingConfig } from './conversations.ts';
import './hooks.ts';
import { isParticipant } from './models/conversations.ts';
import { deleteAttachmentsOf } from './models/attachments.ts';
import { registerPanels } from './panels.ts';
import { erasePersonalData, exportFiles, exportPersonalData } from './personal-data.ts';
import { Classifier } from './moderation/classifier.ts';
import { assessPicture } from './moderation/moderator.ts';
import { registerAttachmentRoutes } from './routes/attachments.ts';
import { registerConversationRoutes } from './routes/conversations.ts';
import { registerMessageRoutes } from './routes/messages.ts';
import { registerModerationRoutes } from './routes/moderation.ts';

export default definePlugin<MessagingConfig, 'messaging'>({
  apply(kernel) {
    const { hooks } = kernel;
    const { knex } = kernel.database;
    const attachments = new Attachments(kernel);
    const conversations = new Conversations(kernel, attachments);

    hooks.migrations.tap('messaging', (migrations) => {
      migrations.directory(import.meta.dirname, 'migrations');
    });
    hooks.routes.tap('messaging', (routes) => {
      registerConversationRoutes(routes, kernel, conversations);
      registerMessageRoutes(routes, kernel, conversations);
      registerAttachmentRoutes(routes, kernel);
      registerModerationRoutes(routes, kernel, attachments);
    });
    hooks.channels.tap('messaging', (channels) => {
      channels.add('conversation:{id}', {
        summary: 'What is said in a conversation, for those who take part',
        authorize: async ({ user, params }) => user !== undefined && (await isParticipant(knex, params.id ?? '', user.id)),
      });
      channels.add('moderation', {
        summary: 'Attachments that wait for a moderator, for moderators',
        authorize: ({ user }) => user?.roles.some((role) => role === 'moderator' || role === 'admin') === true,
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
      exporters.add({ name: 'conversations', export: (userId) => exportPersonalData(knex, userId), erase: erasePersonalData });
      exporters.add({
        name: 'files',
        export: (userId) => exportFiles(kernel, userId),
        erase: async (trx, userId) => {
          await deleteAttachmentsOf(trx, userId);
          await attachments.discardAfter(trx);
        },
      });
    });
    hooks.panels.tap('messaging', registerPanels);
    registerModeration(kernel, attachments);
  },
});

function registerModeration({ hooks }: PluginKernel<MessagingConfig>, attachments: Attachments): void {
  const classifier = new Classifier();
  hooks.jobs.tap('messaging', (jobs) => {
    jobs.add<{ id: string }>(ASSESS_JOB, {}, (attachment) => attachments.assess(attachment));
    jobs.add(DISCARD_JOB, { cron: '*/10 * * * *' }, () => attachments.discard());
  });
  // After every other plugin's: whoever knows better is asked first.
  hooks.moderate.tapPromise({ name: 'messaging', stage: 100 }, (content) => assessPicture(classifier, content));
  hooks.stop.tapPromise('messaging', () => classifier.stop());
}
