import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE conversations (
      id TEXT PRIMARY KEY DEFAULT 'conv_' || time_ordered_uuid(),
      type TEXT NOT NULL CHECK (type IN ('direct', 'group')),
      name TEXT,
      created_by TEXT NOT NULL REFERENCES users (id),
      last_message_at TIMESTAMPTZ,
      metadata JSONB,
      created_at TIMESTAMPTZ DEFAULT NOW(),
      updated_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE TRIGGER conversations_updated_at BEFORE UPDATE ON conversations
      FOR EACH ROW EXECUTE FUNCTION update_updated_at();

    CREATE TABLE conversation_participants (
      conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      user_id TEXT NOT NULL REFERENCES users (id),
      joined_at TIMESTAMPTZ DEFAULT NOW(),
      last_read_at TIMESTAMPTZ,
      muted BOOLEAN DEFAULT FALSE,
      role TEXT NOT NULL CHECK (role IN ('member', 'owner')),
      PRIMARY KEY (conversation_id, user_id)
    );
    CREATE INDEX idx_conversation_participants_user ON conversation_participants (user_id);

    -- Up to when a participant has cleared the history for themselves.
    CREATE TABLE conversation_clearings (
      conversation_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      cleared_at TIMESTAMPTZ NOT NULL,
      PRIMARY KEY (conversation_id, user_id),
      FOREIGN KEY (conversation_id, user_id) REFERENCES conversation_participants ON DELETE CASCADE
    );

    CREATE TABLE messages (
      id TEXT PRIMARY KEY DEFAULT 'msg_' || time_ordered_uuid(),
      conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
      sender_id TEXT NOT NULL REFERENCES users (id),
      content TEXT,
      content_type TEXT NOT NULL CHECK (content_type IN ('text', 'image', 'file', 'system')),
      reply_to_id TEXT REFERENCES messages (id) ON DELETE SET NULL,
      edited_at TIMESTAMPTZ,
      deleted_at TIMESTAMPTZ,
      metadata JSONB,
      created_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE INDEX idx_messages_conversation ON messages (conversation_id, created_at DESC, id DESC);
    CREATE INDEX idx_messages_sender ON messages (sender_id);
    CREATE INDEX idx_messages_reply ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
    CREATE INDEX idx_messages_words ON messages USING gin (to_tsvector('simple', coalesce(content, ''))) WHERE deleted_at IS NULL;
  `);
  await knex.raw(ATTACHMENTS);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE message_attachments, messages, conversation_clearings, conversation_participants, conversations');
}

const ATTACHMENTS = `
  CREATE TABLE message_attachments (
    id TEXT PRIMARY KEY DEFAULT 'att_' || time_ordered_uuid(),
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    file_name TEXT NOT NULL,
    file_type TEXT NOT NULL,
    file_size INTEGER NOT NULL CHECK (file_size > 0),
    storage_path TEXT NOT NULL,
    thumbnail_path TEXT,
    moderation_status TEXT DEFAULT 'pending' CHECK (moderation_status IN ('pending', 'approved', 'rejected')),
    moderation_result TEXT,
    moderation_scores JSONB,
    moderated_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ DEFAULT NOW()
  );
  CREATE INDEX idx_message_attachments_message ON message_attachments (message_id);
`;
