import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    -- Who did what to which object, from where, with what result. Rows are only ever added.
    CREATE TABLE audit_log (
      id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
      actor_kind TEXT NOT NULL CHECK (actor_kind IN ('user', 'cli', 'kernel', 'plugin')),
      actor_id TEXT,
      action TEXT NOT NULL,
      object_type TEXT,
      object_id TEXT,
      result TEXT NOT NULL,
      ip TEXT,
      request_id TEXT,
      details JSONB NOT NULL DEFAULT '{}'
    );
    CREATE INDEX idx_audit_log_at ON audit_log (at);
    CREATE INDEX idx_audit_log_actor ON audit_log (actor_id, id DESC);
    CREATE INDEX idx_audit_log_action ON audit_log (action, id DESC);
    CREATE INDEX idx_audit_log_object ON audit_log (object_type, object_id, id DESC);

    CREATE FUNCTION refuse_audit_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END;
    $$;
    CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
      FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP TABLE audit_log;
    DROP FUNCTION refuse_audit_change();
  `);
}
