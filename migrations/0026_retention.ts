import type { Knex } from 'knex';

/** What is needed to forget old rows a few at a time: their order by age, and the one door through which the audit forgets. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP INDEX idx_idempotency_keys_created;
    CREATE INDEX idx_idempotency_keys_created ON idempotency_keys (created_at);
    CREATE INDEX idx_refresh_tokens_expires ON refresh_tokens USING brin (expires_at);

    -- Only forget_audit_entries() says which transaction may.
    CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'DELETE' AND current_setting('musclemap.forgets_audit', TRUE) = pg_current_xact_id()::TEXT THEN
        RETURN NULL;
      END IF;
      RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END;
    $$;

    -- Forgets some of the oldest entries from before a moment, never those of the last 30 days, and answers how many.
    CREATE FUNCTION forget_audit_entries(p_before TIMESTAMPTZ, p_most INTEGER) RETURNS INTEGER LANGUAGE plpgsql AS $$
    DECLARE
      v_forgotten INTEGER;
    BEGIN
      PERFORM set_config('musclemap.forgets_audit', pg_current_xact_id()::TEXT, TRUE);
      DELETE FROM audit_log WHERE id = ANY (ARRAY(
        SELECT id FROM audit_log WHERE at < least(p_before, clock_timestamp() - INTERVAL '30 days') ORDER BY at LIMIT p_most
      ));
      GET DIAGNOSTICS v_forgotten = ROW_COUNT;
      PERFORM set_config('musclemap.forgets_audit', '', TRUE);
      RETURN v_forgotten;
    END;
    $$;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP FUNCTION forget_audit_entries(TIMESTAMPTZ, INTEGER);
    CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'audit_log is append-only' USING ERRCODE = 'integrity_constraint_violation';
    END;
    $$;
    DROP INDEX idx_refresh_tokens_expires;
    DROP INDEX idx_idempotency_keys_created;
    CREATE INDEX idx_idempotency_keys_created ON idempotency_keys USING brin (created_at);
  `);
}
