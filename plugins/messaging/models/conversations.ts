import { createHash } from 'node:crypto';
import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

export type ParticipantRole = 'member' | 'owner';

export interface ParticipantRow {
  userId: string;
  role: ParticipantRole;
  joinedAt: string;
  lastReadAt: string | null;
}

/** A conversation as one participant sees it. */
export interface ConversationRow {
  id: string;
  type: 'direct' | 'group';
  name: string | null;
  createdBy: string;
  lastMessageAt: Date | null;
  createdAt: Date;
  muted: boolean;
  myRole: ParticipantRole;
  unread: number;
  participants: ParticipantRow[];
  lastMessage: { id: string; senderId: string; content: string | null; contentType: string; createdAt: string } | null;
  /** For the cursor: the time to the microsecond. */
  position: string;
}

/** What the newest message or, before the first, the making of the conversation says about its place in the list. */
const PLACE = 'coalesce(c.last_message_at, c.created_at)';

/** Last message, unread count and participants come with the conversation: a list is one statement. */
const COLUMNS = `
  c.id, c.type, c.name, c.created_by AS "createdBy", c.last_message_at AS "lastMessageAt", c.created_at AS "createdAt",
  me.muted, me.role AS "myRole", ${PLACE}::TEXT AS position,
  (SELECT count(*)::INTEGER FROM messages m
   WHERE m.conversation_id = c.id AND m.sender_id <> :me AND m.deleted_at IS NULL
     AND m.created_at > greatest(me.last_read_at, x.cleared_at, '-infinity')) AS unread,
  (SELECT jsonb_agg(jsonb_build_object('userId', p.user_id, 'role', p.role, 'joinedAt', p.joined_at, 'lastReadAt', p.last_read_at)
     ORDER BY p.joined_at, p.user_id)
   FROM conversation_participants p WHERE p.conversation_id = c.id) AS participants,
  (SELECT jsonb_build_object('id', m.id, 'senderId', m.sender_id, 'contentType', m.content_type, 'createdAt', m.created_at,
     'content', CASE WHEN m.deleted_at IS NULL THEN m.content END)
   FROM messages m WHERE m.conversation_id = c.id AND m.created_at > coalesce(x.cleared_at, '-infinity')
   ORDER BY m.created_at DESC, m.id DESC LIMIT 1) AS "lastMessage"`;
const MINE = `
  FROM conversations c JOIN conversation_participants me ON me.conversation_id = c.id AND me.user_id = :me
  LEFT JOIN conversation_clearings x ON x.conversation_id = c.id AND x.user_id = :me`;

/** One page of a member's conversations, the latest message first. One that was cleared comes back with its next message. */
export async function findConversations(
  knex: Knex,
  me: string,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<ConversationRow[]> {
  const { rows } = await knex.raw<Rows<ConversationRow>>(
    `SELECT ${COLUMNS} ${MINE}
     WHERE (x.cleared_at IS NULL OR c.last_message_at > x.cleared_at)
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (${PLACE}, c.id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY ${PLACE} DESC, c.id DESC LIMIT :limit`,
    { me, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** A conversation that the member takes part in. */
export async function findConversation(knex: Knex, id: string, me: string): Promise<ConversationRow | undefined> {
  const { rows } = await knex.raw<Rows<ConversationRow>>(`SELECT ${COLUMNS} ${MINE} WHERE c.id = :id`, { id, me });
  return rows[0];
}

/** The one conversation of two people: the same id, whoever starts it. */
export function directConversationId(oneId: string, otherId: string): string {
  const hex = createHash('sha256').update([oneId, otherId].sort().join(' ')).digest('hex');
  return `conv_${[hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join('-')}`;
}

/** Makes a conversation with its participants; false when the two have one already. */
export async function insertConversation(
  trx: Transaction,
  conversation: { id: string | null; type: 'direct' | 'group'; name: string | null; createdBy: string; participantIds: readonly string[] },
): Promise<{ id: string; isNew: boolean }> {
  const { rows } = await trx.raw<Rows<{ id: string }>>(
    `WITH made AS (
       INSERT INTO conversations (id, type, name, created_by)
       VALUES (coalesce(:id, 'conv_' || time_ordered_uuid()), :type, :name, :createdBy) ON CONFLICT (id) DO NOTHING RETURNING id
     ), joined AS (
       INSERT INTO conversation_participants (conversation_id, user_id, role)
       SELECT made.id, p.id, CASE WHEN p.id = :createdBy AND :type = 'group' THEN 'owner' ELSE 'member' END
       FROM made, unnest(:participantIds::TEXT[]) AS p(id)
     )
     SELECT id FROM made`,
    { ...conversation, participantIds: [...conversation.participantIds] },
  );
  const [made] = rows;
  if (made !== undefined) return { id: made.id, isNew: true };
  if (conversation.id === null) throw new TypeError('INSERT … RETURNING answered no row.');
  return { id: conversation.id, isNew: false };
}

/** Holds a conversation still while its participants change. */
export async function lockConversation(trx: Transaction, id: string): Promise<void> {
  await trx.raw('SELECT FROM conversations WHERE id = ? FOR UPDATE', [id]);
}

/** Takes the next moment of a conversation: later than every message in it, in the order of the commits. */
export async function takeMoment(trx: Transaction, id: string): Promise<string> {
  const { rows } = await trx.raw<Rows<{ moment: string }>>(
    `UPDATE conversations SET last_message_at = greatest(clock_timestamp(), last_message_at + INTERVAL '1 microsecond')
     WHERE id = ? RETURNING last_message_at::TEXT AS moment`,
    [id],
  );
  const [row] = rows;
  if (row === undefined) throw new TypeError('A conversation that was held is gone.');
  return row.moment;
}

export async function renameConversation(trx: Transaction, id: string, name: string): Promise<void> {
  await trx('conversations').where({ id }).update({ name });
}

export async function setMuted(knex: Knex, id: string, userId: string, muted: boolean): Promise<void> {
  await knex('conversation_participants').where({ conversation_id: id, user_id: userId }).update({ muted });
}

/** Adds those who are not in it; answers who was added. */
export async function addParticipants(trx: Transaction, id: string, userIds: readonly string[]): Promise<string[]> {
  const { rows } = await trx.raw<Rows<{ userId: string }>>(
    `INSERT INTO conversation_participants (conversation_id, user_id, role)
     SELECT :id, p.id, 'member' FROM unnest(:userIds::TEXT[]) AS p(id)
     ON CONFLICT DO NOTHING RETURNING user_id AS "userId"`,
    { id, userIds: [...userIds] },
  );
  return rows.map(({ userId }) => userId);
}

/** Takes somebody out. A group goes on with its oldest participant as the owner, and ends with its last one. */
export async function removeParticipant(trx: Transaction, id: string, userId: string): Promise<void> {
  await trx('conversation_participants').where({ conversation_id: id, user_id: userId }).delete();
  await trx.raw(
    `UPDATE conversation_participants SET role = 'owner'
     WHERE conversation_id = :id
       AND NOT EXISTS (SELECT FROM conversation_participants WHERE conversation_id = :id AND role = 'owner')
       AND user_id = (SELECT user_id FROM conversation_participants WHERE conversation_id = :id ORDER BY joined_at, user_id LIMIT 1)`,
    { id },
  );
  await trx.raw(
    `DELETE FROM conversations c WHERE c.id = ? AND NOT EXISTS (SELECT FROM conversation_participants p WHERE p.conversation_id = c.id)`,
    [id],
  );
}

export async function deleteConversation(trx: Transaction, id: string): Promise<void> {
  await trx('conversations').where({ id }).delete();
}

/** Clears the history for one participant only. */
export async function clearConversation(trx: Transaction, id: string, userId: string): Promise<void> {
  await trx.raw(
    `INSERT INTO conversation_clearings (conversation_id, user_id, cleared_at)
     SELECT id, ?, greatest(clock_timestamp(), last_message_at) FROM conversations WHERE id = ?
     ON CONFLICT (conversation_id, user_id) DO UPDATE SET cleared_at = excluded.cleared_at`,
    [userId, id],
  );
}

/** Moves the mark up to which a participant has read; never back. Answers where it stands. */
export async function markRead(trx: Transaction, id: string, userId: string, messageId: string | null): Promise<Date | null> {
  const { rows } = await trx.raw<Rows<{ lastReadAt: Date | null }>>(
    `UPDATE conversation_participants p SET last_read_at = greatest(p.last_read_at, coalesce(m.created_at, c.last_message_at))
     FROM conversations c LEFT JOIN messages m ON m.conversation_id = c.id AND m.id = :messageId
     WHERE c.id = :id AND p.conversation_id = c.id AND p.user_id = :userId AND (:messageId::TEXT IS NULL OR m.id IS NOT NULL)
     RETURNING p.last_read_at AS "lastReadAt"`,
    { id, userId, messageId },
  );
  return rows[0]?.lastReadAt ?? null;
}

/** Whether somebody takes part: cheap, for what happens often. */
export async function isParticipant(knex: Knex, id: string, userId: string): Promise<boolean> {
  return (await knex('conversation_participants').where({ conversation_id: id, user_id: userId }).first<object | undefined>('user_id')) !== undefined;
}

/** Those of the ids that are members. */
export async function findExisting(knex: Knex, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    `SELECT id FROM users WHERE id = ANY (?) AND coalesce(flags->>'deleted', 'false') <> 'true'`,
    [[...ids]],
  );
  return new Set(rows.map(({ id }) => id));
}
