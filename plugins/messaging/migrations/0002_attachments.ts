import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- What a client needs to lay an attachment out, and what moderators need beside its row.
    CREATE TABLE attachment_details (
      attachment_id TEXT PRIMARY KEY REFERENCES message_attachments (id) ON DELETE CASCADE,
      -- Its place in the message.
      position SMALLINT NOT NULL,
      -- Of a picture, in pixels and frames.
      width INTEGER,
      height INTEGER,
      frames INTEGER,
      -- Rejected for good: the bytes are gone, the row tells so.
      is_gone BOOLEAN NOT NULL DEFAULT FALSE
    );

    -- The queue of the moderators, and what they may still overrule.
    CREATE INDEX idx_message_attachments_moderation ON message_attachments (moderation_status, created_at, id)
      WHERE moderation_status <> 'approved';

    -- Stored files that nothing refers to any more. However an attachment goes, with its message, its conversation or its sender,
    -- its files come here, from where a job takes them away.
    CREATE TABLE discarded_files (file_id TEXT PRIMARY KEY);
    CREATE FUNCTION discard_attachment_files() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      INSERT INTO discarded_files SELECT f.id FROM unnest(ARRAY[OLD.storage_path, OLD.thumbnail_path]) AS f(id)
      WHERE f.id IS NOT NULL ON CONFLICT DO NOTHING;
      RETURN NULL;
    END;
    $$;
    CREATE TRIGGER message_attachments_discard AFTER DELETE ON message_attachments
      FOR EACH ROW EXECUTE FUNCTION discard_attachment_files();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TRIGGER message_attachments_discard ON message_attachments;
    DROP FUNCTION discard_attachment_files();
    DROP INDEX idx_message_attachments_moderation;
    DROP TABLE discarded_files, attachment_details;
  `);
}
