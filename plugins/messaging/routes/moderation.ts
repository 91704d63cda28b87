import { ApiError, Reply, Type, cursorPosition, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import type { Attachments } from '../attachments/attachments.ts';
import type { MessagingConfig } from '../conversations.ts';
import { countWaiting, findForModerator, findModerated, type ModeratedAttachment } from '../models/moderation.ts';
import { sendFile } from './attachments.ts';
import { ModeratedFile, Moment, Nullable } from './schemas.ts';

const notThere = (): ApiError => new ApiError('NOT_FOUND', 'Nothing with this id waits or was rejected.');

/** /admin/moderation: what waits for a person, and what was rejected by itself. */
export function registerModerationRoutes(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>, attachments: Attachments): void {
  registerOverview(routes, kernel);
  registerDecision(routes, attachments);
  const { knex } = kernel.database;
  routes.get(
    '/admin/moderation/:id',
    { summary: 'One of them', auth: 'moderator', response: ModeratedFile, errors: ['NOT_FOUND'] },
    async ({ params }) => {
      const file = await findForModerator(knex, params.id ?? '');
      if (file === undefined) throw notThere();
      const [described] = await describe(kernel, [file]);
      return described;
    },
  );
  routes.get(
    '/admin/moderation/:id/file',
    {
      summary: 'What it shows',
      auth: 'moderator',
      produces: 'application/octet-stream',
      errors: ['NOT_FOUND', 'RANGE_NOT_SATISFIABLE'],
    },
    async ({ params, headers }) => {
      const file = await findForModerator(knex, params.id ?? '');
      if (file === undefined) throw notThere();
      return sendFile(kernel, headers, file, false);
    },
  );
}

/** What there is, and how much. */
function registerOverview(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>): void {
  const { knex } = kernel.database;
  const Status = Type.Enum(['pending', 'rejected'], { default: 'pending' });
  routes.get(
    '/admin/moderation',
    {
      summary: 'Attachments that wait for a moderator, or that were rejected, the oldest first',
      auth: 'moderator',
      list: true,
      query: Type.Object({ status: Type.Optional(Status) }),
      response: Type.Array(ModeratedFile),
    },
    async ({ query }) => {
      const rows = await findModerated(knex, query.status ?? 'pending', cursorPosition(query.cursor, ['date', 'string']), query.limit + 1);
      const answer = page(rows, query, ({ position, id }) => [position, id]);
      return new Reply(await describe(kernel, answer.data), answer.options);
    },
  );
  routes.get(
    '/admin/moderation/summary',
    {
      summary: 'How many attachments wait for a moderator, and since when',
      auth: 'moderator',
      response: Type.Object({ waiting: Type.Integer(), oldestAt: Nullable(Moment) }),
    },
    () => countWaiting(knex),
  );
}

function registerDecision(routes: RouteRegistrar, attachments: Attachments): void {
  routes.post(
    '/admin/moderation/:id',
    {
      summary: 'Lets an attachment through, or rejects it for good: its file is deleted then',
      auth: 'moderator',
      transaction: true,
      status: 204,
      body: Type.Object({ decision: Type.Enum(['approved', 'rejected']), note: Type.Optional(Type.String({ maxLength: 2000 })) }),
      errors: ['NOT_FOUND'],
    },
    async ({ params, body, trx }) => {
      if ((await attachments.decide(trx, params.id ?? '', body.decision)) === undefined) {
        throw new ApiError('NOT_FOUND', 'No attachment whose file is there has this id.');
      }
    },
  );
}

/** As moderators get them: with who sent them and where to look, without where the bytes are. */
async function describe({ users }: PluginKernel<MessagingConfig>, files: readonly ModeratedAttachment[]): Promise<object[]> {
  const profiles = await users.profiles(files.map(({ senderId }) => senderId), { mayBeBanned: true });
  return files.map(({ id, senderId, fileName, fileType, fileSize, status, result, scores, moderatedAt, createdAt, isGone }) => {
    const profile = profiles.get(senderId);
    const sender = profile === undefined ? null : { id: senderId, username: profile.username, displayName: profile.displayName, avatarUrl: profile.avatarUrl };
    const picture = isGone || !fileType.startsWith('image/') ? null : `/api/admin/moderation/${id}/file`;
    return { id, senderId, sender, picture, fileName, fileType, fileSize, status, result, scores, moderatedAt, createdAt, isGone };
  });
}
