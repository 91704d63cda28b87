import type { Knex } from 'knex';
import { buffer } from 'node:stream/consumers';
import type { PluginKernel, Transaction } from 'musclemap';
import type { MessagingConfig } from './conversations.ts';
import { findSentFiles } from './models/attachments.ts';

/** What a member has said, and where they take part; what others said is theirs. */
export async function exportPersonalData(knex: Knex, userId: string): Promise<object> {
  const [messages, conversations] = await Promise.all([
    knex('messages')
      .where({ sender_id: userId })
      .orderBy('created_at')
      .select<object[]>({ id: 'id', conversationId: 'conversation_id', content: 'content', createdAt: 'created_at', deletedAt: 'deleted_at' }),
    knex('conversation_participants')
      .where({ user_id: userId })
      .select<object[]>({ conversationId: 'conversation_id', role: 'role', joinedAt: 'joined_at', lastReadAt: 'last_read_at' }),
  ]);
  return { messages, conversations };
}

/** Removes what the member has said. The conversations stay as they are for the others, with a gap where each message was. */
export async function erasePersonalData(trx: Transaction, userId: string): Promise<void> {
  await trx.raw(
    `UPDATE messages SET content = NULL, metadata = NULL, deleted_at = coalesce(deleted_at, clock_timestamp())
     WHERE sender_id = ? AND (content IS NOT NULL OR metadata IS NOT NULL OR deleted_at IS NULL)`,
    [userId],
  );
}

const FILES_AT_ONCE = 20;

/** The files that a member has sent, one after the other, with what is in them. */
export async function* exportFiles({ database, storage }: PluginKernel<MessagingConfig>, userId: string): AsyncGenerator<object> {
  let after = '';
  for (;;) {
    const files = await findSentFiles(database.knex, userId, after, FILES_AT_ONCE);
    for (const { fileId, isGone, ...file } of files) {
      const opened = isGone ? undefined : await storage.open(fileId);
      yield { ...file, base64: opened === undefined ? null : (await buffer(opened.bytes)).toString('base64') };
    }
    const last = files.at(-1);
    if (last === undefined || files.length < FILES_AT_ONCE) return;
    after = last.id;
  }
}
