import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import type { NewAttachment } from '../attachments/intake.ts';

export type ModerationStatus = 'pending' | 'approved' | 'rejected';

/** An attachment as those who may see its message see it. */
export interface Attachment {
  id: string;
  fileName: string;
  fileType: string;
  fileSize: number;
  status: ModerationStatus;
  hasThumbnail: boolean;
  width: number | null;
  height: number | null;
  frames: number | null;
}

/** Where the bytes of an attachment are. */
export interface AttachmentFiles {
  fileName: string;
  fileType: string;
  fileId: string;
  thumbnailId: string | null;
}

/** The attachments of a message `m`, in their order, as JSON. */
export const ATTACHMENTS_OF_MESSAGE = `(
  SELECT coalesce(jsonb_agg(jsonb_build_object(
      'id', a.id, 'fileName', a.file_name, 'fileType', a.file_type, 'fileSize', a.file_size, 'status', a.moderation_status,
      'hasThumbnail', a.thumbnail_path IS NOT NULL, 'width', d.width, 'height', d.height, 'frames', d.frames) ORDER BY d.position), '[]')
  FROM message_attachments a LEFT JOIN attachment_details d ON d.attachment_id = a.id
  WHERE a.message_id = m.id AND m.deleted_at IS NULL)`;

export async function insertAttachments(trx: Transaction, messageId: string, files: readonly NewAttachment[]): Promise<Attachment[]> {
  const { rows } = await trx.raw<Rows<Attachment>>(
    `WITH given AS (
       SELECT 'att_' || time_ordered_uuid() AS id, f.*
       FROM ROWS FROM (jsonb_to_recordset(:files::JSONB) AS ("fileName" TEXT, "fileType" TEXT, "fileSize" INTEGER, "fileId" TEXT,
         "thumbnailId" TEXT, width INTEGER, height INTEGER, frames INTEGER)) WITH ORDINALITY
         AS f ("fileName", "fileType", "fileSize", "fileId", "thumbnailId", width, height, frames, position)
     ), made AS (
       INSERT INTO message_attachments (id, message_id, file_name, file_type, file_size, storage_path, thumbnail_path)
       SELECT id, :messageId, "fileName", "fileType", "fileSize", "fileId", "thumbnailId" FROM given
     ), detailed AS (
       INSERT INTO attachment_details (attachment_id, position, width, height, frames) SELECT id, position, width, height, frames FROM given
     )
     SELECT id, "fileName", "fileType", "fileSize", 'pending' AS status, "thumbnailId" IS NOT NULL AS "hasThumbnail", width, height, frames
     FROM given ORDER BY position`,
    { messageId, files: JSON.stringify(files) },
  );
  return rows;
}

/** The files of an approved attachment of a message that the member can see. */
export async function findVisibleFiles(knex: Knex, id: string, me: string): Promise<AttachmentFiles | undefined> {
  const { rows } = await knex.raw<Rows<AttachmentFiles>>(
    `SELECT a.file_name AS "fileName", a.file_type AS "fileType", a.storage_path AS "fileId", a.thumbnail_path AS "thumbnailId"
     FROM message_attachments a JOIN messages m ON m.id = a.message_id AND m.deleted_at IS NULL
     JOIN conversation_participants me ON me.conversation_id = m.conversation_id AND me.user_id = :me
     LEFT JOIN conversation_clearings x ON x.conversation_id = m.conversation_id AND x.user_id = :me
     WHERE a.id = :id AND a.moderation_status = 'approved' AND m.created_at > coalesce(x.cleared_at, '-infinity')`,
    { id, me },
  );
  return rows[0];
}

/** Takes the attachments of a message away; a trigger remembers their files. */
export async function deleteAttachments(trx: Transaction, messageId: string): Promise<void> {
  await trx('message_attachments').where({ message_id: messageId }).delete();
}

export async function deleteAttachmentsOf(trx: Transaction, userId: string): Promise<void> {
  await trx.raw('DELETE FROM message_attachments a USING messages m WHERE m.id = a.message_id AND m.sender_id = ?', [userId]);
}

/** Discards the files of what was rejected by itself so long ago that nobody is going to overrule it. */
export async function forgetRejected(trx: Transaction, before: Date): Promise<void> {
  await trx.raw(
    `WITH gone AS (
       UPDATE attachment_details d SET is_gone = TRUE FROM message_attachments a
       WHERE d.attachment_id = a.id AND NOT d.is_gone AND a.moderation_status = 'rejected' AND a.moderated_at < ?
       RETURNING a.storage_path, a.thumbnail_path
     )
     INSERT INTO discarded_files SELECT f.id FROM gone, unnest(ARRAY[gone.storage_path, gone.thumbnail_path]) AS f(id)
     WHERE f.id IS NOT NULL ON CONFLICT DO NOTHING`,
    [before],
  );
}

/** Takes the ids of files that nothing refers to any more. */
export async function takeDiscarded(trx: Transaction, most: number): Promise<string[]> {
  const { rows } = await trx.raw<Rows<{ id: string }>>(
    `DELETE FROM discarded_files WHERE file_id IN (SELECT file_id FROM discarded_files LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING file_id AS id`,
    [most],
  );
  return rows.map(({ id }) => id);
}

/** One page of what a member has sent, by id. */
export async function findSentFiles(
  knex: Knex,
  userId: string,
  after: string,
  limit: number,
): Promise<(Pick<AttachmentFiles, 'fileName' | 'fileType' | 'fileId'> & { id: string; messageId: string; createdAt: Date; isGone: boolean })[]> {
  const { rows } = await knex.raw<Rows<Awaited<ReturnType<typeof findSentFiles>>[number]>>(
    `SELECT a.id, a.message_id AS "messageId", a.file_name AS "fileName", a.file_type AS "fileType", a.storage_path AS "fileId",
       a.created_at AS "createdAt", d.is_gone AS "isGone"
     FROM message_attachments a JOIN messages m ON m.id = a.message_id JOIN attachment_details d ON d.attachment_id = a.id
     WHERE m.sender_id = ? AND a.id > ? ORDER BY a.id LIMIT ?`,
    [userId, after, limit],
  );
  return rows;
}
