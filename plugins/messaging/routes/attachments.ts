import { ApiError, Type, fileReply, type PluginKernel, type RawReply, type RouteRegistrar } from 'musclemap';
import type { IncomingHttpHeaders } from 'node:http';
import type { MessagingConfig } from '../conversations.ts';
import { findVisibleFiles, type AttachmentFiles } from '../models/attachments.ts';

const notThere = (): ApiError => new ApiError('NOT_FOUND', 'No attachment that you may see has this id.');

/** /attachments/:id[/thumbnail] */
export function registerAttachmentRoutes(routes: RouteRegistrar, kernel: PluginKernel<MessagingConfig>): void {
  const { knex } = kernel.database;
  routes.get(
    '/attachments/:id',
    {
      summary: 'An attachment, for those who take part in its conversation, once it is approved; by parts with Range',
      query: Type.Object({ download: Type.Optional(Type.Boolean({ description: 'To be saved instead of shown' })) }),
      produces: 'application/octet-stream',
      errors: ['NOT_FOUND', 'RANGE_NOT_SATISFIABLE'],
    },
    async ({ user, params, query, headers }) => {
      const files = await findVisibleFiles(knex, params.id ?? '', user.id);
      if (files === undefined) throw notThere();
      return sendFile(kernel, headers, files, query.download === true);
    },
  );
  routes.get(
    '/attachments/:id/thumbnail',
    { summary: 'A small version of a picture', produces: 'image/webp', errors: ['NOT_FOUND', 'RANGE_NOT_SATISFIABLE'] },
    async ({ user, params, headers }) => {
      const files = await findVisibleFiles(knex, params.id ?? '', user.id);
      if (files === undefined || files.thumbnailId === null) throw notThere();
      return sendFile(kernel, headers, { ...files, fileId: files.thumbnailId }, false);
    },
  );
}

/** Sends a file: pictures to look at, everything else to be saved. */
export async function sendFile(
  { storage }: PluginKernel<MessagingConfig>,
  headers: IncomingHttpHeaders,
  { fileId, fileName, fileType }: AttachmentFiles,
  isDownload: boolean,
): Promise<RawReply> {
  const file = await storage.find(fileId);
  if (file === undefined) throw notThere();
  return fileReply(headers, {
    ...{ type: fileType, size: file.size, etag: fileId },
    ...((isDownload || !fileType.startsWith('image/')) && { downloadAs: fileName }),
    open: async (range) => {
      const opened = await storage.open(fileId, range);
      if (opened === undefined) throw notThere();
      return opened.bytes;
    },
  });
}
