import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';
import { ATTACHMENTS_OF_MESSAGE, type Attachment } from './attachments.ts';

export interface MessageRow {
  id: string;
  conversationId: string;
  senderId: string;
  /** Null once it is deleted, and for attachments without a word. */
  content: string | null;
  contentType: 'text' | 'image' | 'file' | 'system';
  replyToId: string | null;
  editedAt: Date | null;
  deletedAt: Date | null;
  createdAt: Date;
  attachments: Attachment[];
  position: string;
}

const COLUMNS = `
  m.id, m.conversation_id AS "conversationId", m.sender_id AS "senderId", m.content_type AS "contentType",
  CASE WHEN m.deleted_at IS NULL THEN m.content END AS content, m.reply_to_id AS "replyToId", m.edited_at AS "editedAt",
  m.deleted_at AS "deletedAt", m.created_at AS "createdAt", m.created_at::TEXT AS position,
  ${ATTACHMENTS_OF_MESSAGE} AS attachments`;
const VISIBLE = `m.created_at > coalesce(x.cleared_at, '-infinity')`;
const MINE = `
  FROM messages m JOIN conversation_participants me ON me.conversation_id = m.conversation_id AND me.user_id = :me
  LEFT JOIN conversation_clearings x ON x.conversation_id = m.conversation_id AND x.user_id = :me`;

/** Stores a message at the moment that its conversation gave it. */
export async function insertMessage(
  trx: Transaction,
  message: { conversationId: string; senderId: string; content: string | null; contentType: MessageRow['contentType']; replyToId: string | null; moment: string },
): Promise<MessageRow> {
  const { rows } = await trx.raw<Rows<MessageRow>>(
    `INSERT INTO messages AS m (conversation_id, sender_id, content, content_type, reply_to_id, created_at)
     VALUES (:conversationId, :senderId, :content, :contentType, :replyToId, :moment::TIMESTAMPTZ) RETURNING ${COLUMNS}`,
    message,
  );
  const [inserted] = rows;
  if (inserted === undefined) throw new TypeError('INSERT … RETURNING answered no row.');
  return inserted;
}

/** One page of a conversation: from the cursor to older ones, the newest first, or to newer ones, the oldest first. */
export async function findMessages(
  knex: Knex,
  question: { conversationId: string; me: string; direction: 'older' | 'newer'; after: readonly [string, string] | undefined; limit: number },
): Promise<MessageRow[]> {
  const { conversationId, me, direction, after, limit } = question;
  const [than, order] = direction === 'older' ? ['<', 'DESC'] : ['>', 'ASC'];
  const { rows } = await knex.raw<Rows<MessageRow>>(
    `SELECT ${COLUMNS} ${MINE}
     WHERE m.conversation_id = :conversationId AND ${VISIBLE}
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (m.created_at, m.id) ${than} (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY m.created_at ${order}, m.id ${order} LIMIT :limit`,
    { conversationId, me, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** One page of the messages in the member's conversations that have all the words, the newest first. */
export async function searchMessages(
  knex: Knex,
  question: { me: string; words: string; conversationId: string | null; after: readonly [string, string] | undefined; limit: number },
): Promise<MessageRow[]> {
  const { me, words, conversationId, after, limit } = question;
  const { rows } = await knex.raw<Rows<MessageRow>>(
    `SELECT ${COLUMNS} ${MINE}
     WHERE to_tsvector('simple', coalesce(m.content, '')) @@ websearch_to_tsquery('simple', :words) AND m.deleted_at IS NULL AND ${VISIBLE}
       AND (:conversationId::TEXT IS NULL OR m.conversation_id = :conversationId)
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (m.created_at, m.id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY m.created_at DESC, m.id DESC LIMIT :limit`,
    { me, words, conversationId, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** A message that the member may see, held until the end of the transaction. */
export async function lockMessage(trx: Transaction, id: string, me: string): Promise<MessageRow | undefined> {
  const { rows } = await trx.raw<Rows<MessageRow>>(`SELECT ${COLUMNS} ${MINE} WHERE m.id = :id AND ${VISIBLE} FOR UPDATE OF m`, { id, me });
  return rows[0];
}

export async function isIn(knex: Knex, conversationId: string, messageId: string): Promise<boolean> {
  return (await knex('messages').where({ id: messageId, conversation_id: conversationId }).first<object | undefined>('id')) !== undefined;
}

export async function editMessage(trx: Transaction, id: string, content: string): Promise<MessageRow | undefined> {
  const { rows } = await trx.raw<Rows<MessageRow>>(
    `UPDATE messages m SET content = :content, edited_at = clock_timestamp() WHERE id = :id RETURNING ${COLUMNS}`,
    { id, content },
  );
  return rows[0];
}

/** Hides what a message says; its place in the conversation stays. */
export async function deleteMessage(trx: Transaction, id: string): Promise<void> {
  await trx.raw('UPDATE messages SET deleted_at = clock_timestamp() WHERE id = ? AND deleted_at IS NULL', [id]);
}
