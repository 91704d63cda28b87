import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import type { AttachmentFiles, ModerationStatus } from './attachments.ts';

/** An attachment as moderators see it: without the message around it. */
export interface ModeratedAttachment {
  id: string;
  senderId: string;
  fileName: string;
  fileType: string;
  fileSize: number;
  status: ModerationStatus;
  /** What was found, in a few words; null before anybody has looked. */
  result: string | null;
  scores: Record<string, number> | null;
  moderatedAt: Date | null;
  createdAt: Date;
  /** Rejected for good. */
  isGone: boolean;
}

const COLUMNS = `
  a.id, m.sender_id AS "senderId", a.file_name AS "fileName", a.file_type AS "fileType", a.file_size AS "fileSize",
  a.moderation_status AS status, a.moderation_result AS result, a.moderation_scores AS scores, a.moderated_at AS "moderatedAt",
  a.created_at AS "createdAt", d.is_gone AS "isGone"`;
const FROM = `FROM message_attachments a JOIN messages m ON m.id = a.message_id JOIN attachment_details d ON d.attachment_id = a.id`;

/** One page of what waits or was rejected, the oldest first. */
export async function findModerated(
  knex: Knex,
  status: 'pending' | 'rejected',
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<(ModeratedAttachment & { position: string })[]> {
  const { rows } = await knex.raw<Rows<ModeratedAttachment & { position: string }>>(
    `SELECT ${COLUMNS}, a.created_at::TEXT AS position ${FROM}
     WHERE a.moderation_status = :status AND a.moderation_status <> 'approved'
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (a.created_at, a.id) > (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY a.created_at, a.id LIMIT :limit`,
    { status, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** How many wait for a person, and since when. */
export async function countWaiting(knex: Knex): Promise<{ waiting: number; oldestAt: Date | null }> {
  const { rows } = await knex.raw<Rows<{ waiting: number; oldestAt: Date | null }>>(
    `SELECT count(*)::INTEGER AS waiting, min(created_at) AS "oldestAt" FROM message_attachments WHERE moderation_status = 'pending'`,
  );
  return rows[0] ?? { waiting: 0, oldestAt: null };
}

/** What waits or was rejected; what was approved is between those who talk. */
export async function findForModerator(knex: Knex, id: string): Promise<(ModeratedAttachment & AttachmentFiles) | undefined> {
  const { rows } = await knex.raw<Rows<ModeratedAttachment & AttachmentFiles>>(
    `SELECT ${COLUMNS}, a.storage_path AS "fileId", a.thumbnail_path AS "thumbnailId" ${FROM} WHERE a.id = ? AND a.moderation_status <> 'approved'`,
    [id],
  );
  return rows[0];
}

/** An attachment that nothing has looked at yet, with who sent it. */
export async function findUnassessed(
  knex: Knex,
  id: string,
): Promise<{ fileId: string; fileType: string; fileSize: number; senderId: string } | undefined> {
  const { rows } = await knex.raw<Rows<{ fileId: string; fileType: string; fileSize: number; senderId: string }>>(
    `SELECT a.storage_path AS "fileId", a.file_type AS "fileType", a.file_size AS "fileSize", m.sender_id AS "senderId" ${FROM}
     WHERE a.id = ? AND a.moderation_status = 'pending' AND a.moderation_result IS NULL`,
    [id],
  );
  return rows[0];
}

export interface Verdict {
  id: string;
  status: ModerationStatus;
  result: string;
  /** Undefined leaves those that are there. */
  scores?: Record<string, number>;
}

export interface Judged {
  messageId: string;
  conversationId: string;
}

/**
 * Writes a verdict down. One that was worked out counts only while nobody has decided; a person may decide again for as long as the
 * file is there. Undefined when it does not count any more.
 */
export async function judge(trx: Transaction, { id, status, result, scores }: Verdict, isPerson: boolean): Promise<Judged | undefined> {
  const { rows } = await trx.raw<Rows<Judged>>(
    `UPDATE message_attachments a SET moderation_status = :status, moderation_result = :result,
       moderation_scores = coalesce(:scores::JSONB, a.moderation_scores), moderated_at = CASE WHEN :status <> 'pending' THEN clock_timestamp() END
     FROM messages m, attachment_details d
     WHERE a.id = :id AND m.id = a.message_id AND d.attachment_id = a.id AND NOT d.is_gone
       AND (:isPerson OR (a.moderation_status = 'pending' AND a.moderation_result IS NULL))
     RETURNING a.message_id AS "messageId", m.conversation_id AS "conversationId"`,
    { id, status, result, scores: scores === undefined ? null : JSON.stringify(scores), isPerson },
  );
  return rows[0];
}

/** A person has rejected it: its files go. */
export async function discardFiles(trx: Transaction, id: string): Promise<void> {
  await trx('attachment_details').where({ attachment_id: id }).update({ is_gone: true });
  await trx.raw(
    `INSERT INTO discarded_files SELECT f.id FROM message_attachments a, unnest(ARRAY[a.storage_path, a.thumbnail_path]) AS f(id)
     WHERE a.id = ? AND f.id IS NOT NULL ON CONFLICT DO NOTHING`,
    [id],
  );
}
