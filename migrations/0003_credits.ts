import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await knex.raw(UPDATE_CREDIT_BALANCE);
  await knex.raw(APPLY_CREDIT_CHANGES);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP FUNCTION apply_credit_changes(TEXT[], INTEGER[], TEXT[], JSONB[], TEXT[], INTEGER[]);
    DROP FUNCTION update_credit_balance(TEXT, INTEGER, TEXT, JSONB, TEXT, INTEGER);
    DROP TABLE credit_actions, credit_ledger, credit_balances;
    DROP FUNCTION refuse_ledger_change();
  `);
}

const TABLES = `
  CREATE TABLE credit_balances (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    balance INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0),
    lifetime_earned INTEGER NOT NULL DEFAULT 0 CHECK (lifetime_earned >= 0),
    lifetime_spent INTEGER NOT NULL DEFAULT 0 CHECK (lifetime_spent >= 0),
    version INTEGER NOT NULL DEFAULT 0,
    updated_at TIMESTAMPTZ DEFAULT NOW()
  ) WITH (fillfactor = 70);

  CREATE TABLE credit_ledger (
    id TEXT PRIMARY KEY DEFAULT 'txn_' || time_ordered_uuid(),
    user_id TEXT NOT NULL REFERENCES users (id),
    action TEXT NOT NULL,
    amount INTEGER NOT NULL,
    balance_after INTEGER NOT NULL CHECK (balance_after >= 0),
    metadata JSONB,
    idempotency_key TEXT UNIQUE,
    created_at TIMESTAMPTZ DEFAULT NOW()
  );
  CREATE INDEX idx_credit_ledger_user ON credit_ledger (user_id, created_at DESC, id DESC);
  CREATE INDEX idx_credit_ledger_created ON credit_ledger USING brin (created_at);
  CREATE INDEX idx_credit_ledger_action ON credit_ledger (action, created_at DESC);

  CREATE FUNCTION refuse_ledger_change() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  BEGIN
    RAISE EXCEPTION 'credit_ledger is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
  END;
  $$;
  CREATE TRIGGER credit_ledger_append_only BEFORE UPDATE OR DELETE ON credit_ledger
    FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
  CREATE TRIGGER credit_ledger_no_truncate BEFORE TRUNCATE ON credit_ledger
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

  CREATE TABLE credit_actions (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT,
    default_cost INTEGER NOT NULL CHECK (default_cost >= 0),
    plugin_id TEXT,
    enabled BOOLEAN DEFAULT TRUE,
    created_at TIMESTAMPTZ DEFAULT NOW()
  );
`;

/**
 * The only writer of balances and ledger. Validate, lock the balance, look the key up, then version, limits, append: in this
 * order two requests with one key are one entry, and a key never answers for another user, action, amount or request.
 * A replay answers the first entry with success and the message 'Already applied'.
 */
const UPDATE_CREDIT_BALANCE = `
  CREATE FUNCTION update_credit_balance(
    p_user_id TEXT,
    p_amount INTEGER,
    p_action TEXT,
    p_metadata JSONB DEFAULT NULL,
    p_idempotency_key TEXT DEFAULT NULL,
    p_expected_version INTEGER DEFAULT NULL
  ) RETURNS TABLE (success BOOLEAN, new_balance INTEGER, entry_id TEXT, error_message TEXT)
  LANGUAGE plpgsql AS $$
  DECLARE
    v_balance credit_balances%ROWTYPE;
    v_entry credit_ledger%ROWTYPE;
    v_new BIGINT;
  BEGIN
    IF p_amount IS NULL OR p_amount = 0 OR p_amount = -2147483648 THEN
      RETURN QUERY SELECT FALSE, NULL::INTEGER, NULL::TEXT, 'Amount must not be zero'; RETURN;
    END IF;
    IF p_action IS NULL OR p_action = '' THEN
      RETURN QUERY SELECT FALSE, NULL::INTEGER, NULL::TEXT, 'Action is required'; RETURN;
    END IF;
    IF p_idempotency_key IS NULL OR p_idempotency_key = '' THEN
      RETURN QUERY SELECT FALSE, NULL::INTEGER, NULL::TEXT, 'Idempotency key is required'; RETURN;
    END IF;

    SELECT * INTO v_balance FROM credit_balances WHERE user_id = p_user_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
      IF NOT EXISTS (SELECT FROM users WHERE id = p_user_id) THEN
        RETURN QUERY SELECT FALSE, NULL::INTEGER, NULL::TEXT, 'User not found'; RETURN;
      END IF;
      INSERT INTO credit_balances (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
      SELECT * INTO v_balance FROM credit_balances WHERE user_id = p_user_id FOR NO KEY UPDATE;
    END IF;

    SELECT * INTO v_entry FROM credit_ledger WHERE idempotency_key = p_idempotency_key;
    IF NOT FOUND THEN
      IF p_expected_version IS NOT NULL AND p_expected_version <> v_balance.version THEN
        RETURN QUERY SELECT FALSE, v_balance.balance, NULL::TEXT, 'Version mismatch'; RETURN;
      END IF;
      v_new := v_balance.balance::BIGINT + p_amount;
      IF v_new < 0 THEN
        RETURN QUERY SELECT FALSE, v_balance.balance, NULL::TEXT, 'Insufficient credits'; RETURN;
      END IF;
      IF v_new > 2147483647 THEN
        RETURN QUERY SELECT FALSE, v_balance.balance, NULL::TEXT, 'Balance limit exceeded'; RETURN;
      END IF;

      INSERT INTO credit_ledger (user_id, action, amount, balance_after, metadata, idempotency_key, created_at)
      VALUES (p_user_id, p_action, p_amount, v_new, p_metadata, p_idempotency_key, clock_timestamp())
      ON CONFLICT (idempotency_key) DO NOTHING
      RETURNING * INTO v_entry;
      IF FOUND THEN
        UPDATE credit_balances SET
          balance = v_new,
          lifetime_earned = LEAST(lifetime_earned::BIGINT + GREATEST(p_amount, 0), 2147483647),
          lifetime_spent = LEAST(lifetime_spent::BIGINT + GREATEST(-p_amount, 0), 2147483647),
          version = CASE WHEN version = 2147483647 THEN 0 ELSE version + 1 END,
          updated_at = clock_timestamp()
        WHERE user_id = p_user_id;
        RETURN QUERY SELECT TRUE, v_entry.balance_after, v_entry.id, NULL::TEXT; RETURN;
      END IF;
      -- Another user's transaction took the key while this one held its own balance.
      SELECT * INTO v_entry FROM credit_ledger WHERE idempotency_key = p_idempotency_key;
    END IF;

    IF v_entry.user_id = p_user_id AND v_entry.action = p_action AND v_entry.amount = p_amount
       AND v_entry.metadata->>'_request' IS NOT DISTINCT FROM p_metadata->>'_request' THEN
      RETURN QUERY SELECT TRUE, v_entry.balance_after, v_entry.id, 'Already applied'; RETURN;
    END IF;
    RETURN QUERY SELECT FALSE, NULL::INTEGER, NULL::TEXT, 'Idempotency key conflict';
  END;
  $$;
`;

/**
 * Several changes in one round trip and one commit, each with its own outcome. Taken in the order of the users, so that two
 * batches that share users wait for each other instead of dead-locking.
 */
const APPLY_CREDIT_CHANGES = `
  CREATE FUNCTION apply_credit_changes(
    p_user_ids TEXT[],
    p_amounts INTEGER[],
    p_actions TEXT[],
    p_metadata JSONB[],
    p_idempotency_keys TEXT[],
    p_expected_versions INTEGER[]
  ) RETURNS TABLE (
    "position" INTEGER, success BOOLEAN, new_balance INTEGER, entry_id TEXT, error_message TEXT, version INTEGER
  )
  LANGUAGE plpgsql AS $$
  DECLARE
    i INTEGER;
  BEGIN
    FOR i IN SELECT n FROM generate_subscripts(p_user_ids, 1) AS n ORDER BY p_user_ids[n], n LOOP
      SELECT i, c.success, c.new_balance, c.entry_id, c.error_message
        INTO "position", success, new_balance, entry_id, error_message
        FROM update_credit_balance(
          p_user_ids[i], p_amounts[i], p_actions[i], p_metadata[i], p_idempotency_keys[i], p_expected_versions[i]) c;
      SELECT b.version INTO version FROM credit_balances b WHERE b.user_id = p_user_ids[i];
      RETURN NEXT;
    END LOOP;
  END;
  $$;
`;
