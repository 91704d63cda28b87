import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(TABLES);
  await knex.raw(BALANCES_AND_ENTRIES);
  await knex.raw(CHANGES);
  await knex.raw(CHARGES);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    DROP FUNCTION apply_credit_charges(TEXT[], TEXT[], JSONB[], TEXT[], INTEGER[], INTEGER[], TEXT[], TIMESTAMPTZ);
    DROP FUNCTION charge_credits(TEXT, TEXT, JSONB, TEXT, INTEGER, INTEGER, TEXT, TIMESTAMPTZ);
    DROP FUNCTION apply_credit_changes(TEXT[], INTEGER[], TEXT[], JSONB[], TEXT[], INTEGER[]);
    DROP FUNCTION update_credit_balance(TEXT, INTEGER, TEXT, JSONB, TEXT, INTEGER);
    DROP FUNCTION change_credits(TEXT, INTEGER, TEXT, JSONB, TEXT, INTEGER);
    DROP FUNCTION append_credit_entry(credit_balances, INTEGER, TEXT, JSONB, TEXT);
    DROP FUNCTION refused_credit_change(TEXT, credit_balances);
    DROP FUNCTION lock_credit_balance(TEXT);
    DROP INDEX idx_credit_ledger_refunds;
    DROP TABLE credit_shortfalls, credit_holds, free_charges;
    DROP TYPE credit_outcome;
  `);
  await knex.raw(EARLIER_FUNCTIONS);
}

const TABLES = `
  CREATE TYPE credit_outcome AS (
    success BOOLEAN, entry_id TEXT, amount INTEGER, new_balance INTEGER, version INTEGER, error_message TEXT, reason TEXT
  );

  -- What each refund gives back of which entry: the sum is bounded by what the entry took.
  CREATE INDEX idx_credit_ledger_refunds ON credit_ledger ((metadata->>'refundOf')) WHERE metadata->>'refundOf' IS NOT NULL;

  -- Who pays nothing leaves no entry; that the request was served is remembered here.
  CREATE TABLE free_charges (
    idempotency_key TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    action TEXT NOT NULL,
    request_hash TEXT,
    reason TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );
  CREATE INDEX idx_free_charges_created ON free_charges USING brin (created_at);
  CREATE INDEX idx_free_charges_user ON free_charges (user_id);

  -- Credits that a plugin set aside: taken already, and given back unless it captures them in time.
  CREATE TABLE credit_holds (
    id TEXT PRIMARY KEY DEFAULT 'hold_' || time_ordered_uuid(),
    owner TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    idempotency_key TEXT NOT NULL UNIQUE,
    entry_id TEXT,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    captured INTEGER CHECK (captured BETWEEN 0 AND amount),
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'captured', 'released', 'expired')),
    expires_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );
  CREATE INDEX idx_credit_holds_expiring ON credit_holds (expires_at) WHERE status = 'open';
  CREATE INDEX idx_credit_holds_user ON credit_holds (user_id);

  -- What could not be taken back because it was spent; whatever the user gets next pays it.
  CREATE TABLE credit_shortfalls (
    id TEXT PRIMARY KEY DEFAULT 'short_' || time_ordered_uuid(),
    user_id TEXT NOT NULL REFERENCES users (id),
    source TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    owed INTEGER NOT NULL CHECK (owed BETWEEN 0 AND amount),
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );
  CREATE INDEX idx_credit_shortfalls_owed ON credit_shortfalls (user_id) WHERE owed > 0;
  CREATE INDEX idx_credit_shortfalls_source ON credit_shortfalls (source);
`;

const BALANCES_AND_ENTRIES = `
  -- The locked balance of a user, made when it is missing; a row of NULLs when there is no such user.
  CREATE FUNCTION lock_credit_balance(p_user_id TEXT) RETURNS credit_balances LANGUAGE plpgsql AS $$
  DECLARE
    v_balance credit_balances;
  BEGIN
    SELECT * INTO v_balance FROM credit_balances WHERE user_id = p_user_id FOR NO KEY UPDATE;
    IF NOT FOUND AND EXISTS (SELECT FROM users WHERE id = p_user_id) THEN
      INSERT INTO credit_balances (user_id) VALUES (p_user_id) ON CONFLICT DO NOTHING;
      SELECT * INTO v_balance FROM credit_balances WHERE user_id = p_user_id FOR NO KEY UPDATE;
    END IF;
    RETURN v_balance;
  END;
  $$;

  CREATE FUNCTION refused_credit_change(p_message TEXT, p_balance credit_balances) RETURNS credit_outcome LANGUAGE sql IMMUTABLE
  AS $$ SELECT FALSE, NULL::TEXT, NULL::INTEGER, p_balance.balance, p_balance.version, p_message, NULL::TEXT $$;

  -- Appends one entry to a balance that the caller has locked. Answers NULLs when another user's transaction has just
  -- taken the key. What comes in pays first what could not be taken back before.
  CREATE FUNCTION append_credit_entry(
    p_balance credit_balances, p_amount INTEGER, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT
  ) RETURNS credit_outcome LANGUAGE plpgsql AS $$
  DECLARE
    v_new BIGINT := p_balance.balance::BIGINT + p_amount;
    v_time TIMESTAMPTZ := GREATEST(clock_timestamp(), p_balance.updated_at + INTERVAL '1 microsecond');
    v_entry_id TEXT;
    v_balance credit_balances;
    v_shortfall credit_shortfalls;
    v_settled INTEGER;
  BEGIN
    IF v_new < 0 THEN RETURN refused_credit_change('Insufficient credits', p_balance); END IF;
    IF v_new > 2147483647 THEN RETURN refused_credit_change('Balance limit exceeded', p_balance); END IF;

    INSERT INTO credit_ledger (user_id, action, amount, balance_after, metadata, idempotency_key, created_at)
    VALUES (p_balance.user_id, p_action, p_amount, v_new, p_metadata, p_idempotency_key, v_time)
    ON CONFLICT (idempotency_key) DO NOTHING
    RETURNING id INTO v_entry_id;
    IF NOT FOUND THEN RETURN NULL; END IF;
    UPDATE credit_balances SET
      balance = v_new,
      lifetime_earned = LEAST(lifetime_earned::BIGINT + GREATEST(p_amount, 0), 2147483647),
      lifetime_spent = LEAST(lifetime_spent::BIGINT + GREATEST(-p_amount, 0), 2147483647),
      version = CASE WHEN version = 2147483647 THEN 0 ELSE version + 1 END,
      updated_at = v_time
    WHERE user_id = p_balance.user_id
    RETURNING * INTO v_balance;

    IF p_amount > 0 THEN
      FOR v_shortfall IN
        SELECT * FROM credit_shortfalls WHERE user_id = p_balance.user_id AND owed > 0 ORDER BY id FOR UPDATE
      LOOP
        v_settled := LEAST(v_shortfall.owed, v_balance.balance);
        EXIT WHEN v_settled = 0;
        PERFORM append_credit_entry(v_balance, -v_settled, 'shortfall_settled',
          jsonb_build_object('by', 'kernel', 'source', v_shortfall.source),
          'shortfall:' || v_shortfall.id || ':' || v_shortfall.owed);
        UPDATE credit_shortfalls SET owed = owed - v_settled WHERE id = v_shortfall.id;
        SELECT * INTO v_balance FROM credit_balances WHERE user_id = p_balance.user_id;
      END LOOP;
    END IF;
    RETURN (TRUE, v_entry_id, abs(p_amount), v_balance.balance, v_balance.version, NULL, NULL)::credit_outcome;
  END;
  $$;
`;

/**
 * Validate, lock the balance, look the key up, then version, limits, append: in this order two requests with one key are one
 * entry, and a key never answers for another user, action, amount or request. A replay answers the first entry with success
 * and the message 'Already applied'.
 */
const CHANGES = `
  CREATE FUNCTION change_credits(
    p_user_id TEXT, p_amount INTEGER, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT, p_expected_version INTEGER
  ) RETURNS credit_outcome LANGUAGE plpgsql AS $$
  DECLARE
    v_balance credit_balances;
    v_entry credit_ledger;
    v_outcome credit_outcome;
  BEGIN
    IF p_amount IS NULL OR p_amount = 0 OR p_amount = -2147483648 THEN
      RETURN refused_credit_change('Amount must not be zero', NULL);
    END IF;
    IF p_action IS NULL OR p_action = '' THEN RETURN refused_credit_change('Action is required', NULL); END IF;
    IF p_idempotency_key IS NULL OR p_idempotency_key = '' THEN
      RETURN refused_credit_change('Idempotency key is required', NULL);
    END IF;

    v_balance := lock_credit_balance(p_user_id);
    IF v_balance.user_id IS NULL THEN RETURN refused_credit_change('User not found', NULL); END IF;
    SELECT * INTO v_entry FROM credit_ledger WHERE idempotency_key = p_idempotency_key;
    IF NOT FOUND THEN
      IF p_expected_version IS NOT NULL AND p_expected_version <> v_balance.version THEN
        RETURN refused_credit_change('Version mismatch', v_balance);
      END IF;
      v_outcome := append_credit_entry(v_balance, p_amount, p_action, p_metadata, p_idempotency_key);
      IF v_outcome.success IS NOT NULL THEN RETURN v_outcome; END IF;
      SELECT * INTO v_entry FROM credit_ledger WHERE idempotency_key = p_idempotency_key;
    END IF;

    IF v_entry.user_id = p_user_id AND v_entry.action = p_action AND v_entry.amount = p_amount
       AND v_entry.metadata->>'_request' IS NOT DISTINCT FROM p_metadata->>'_request' THEN
      RETURN (TRUE, v_entry.id, abs(p_amount), v_entry.balance_after, v_balance.version, 'Already applied', NULL)::credit_outcome;
    END IF;
    RETURN refused_credit_change('Idempotency key conflict', NULL);
  END;
  $$;

  CREATE OR REPLACE FUNCTION update_credit_balance(
    p_user_id TEXT,
    p_amount INTEGER,
    p_action TEXT,
    p_metadata JSONB DEFAULT NULL,
    p_idempotency_key TEXT DEFAULT NULL,
    p_expected_version INTEGER DEFAULT NULL
  ) RETURNS TABLE (success BOOLEAN, new_balance INTEGER, entry_id TEXT, error_message TEXT)
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_outcome credit_outcome;
  BEGIN
    v_outcome := change_credits(p_user_id, p_amount, p_action, p_metadata, p_idempotency_key, p_expected_version);
    RETURN QUERY SELECT v_outcome.success, v_outcome.new_balance, v_outcome.entry_id, v_outcome.error_message;
  END;
  $$;

  -- Several changes in one round trip and one commit, each with its own outcome. Taken in the order of the users, so that two
  -- batches that share users wait for each other instead of dead-locking.
  DROP FUNCTION apply_credit_changes(TEXT[], INTEGER[], TEXT[], JSONB[], TEXT[], INTEGER[]);
  CREATE FUNCTION apply_credit_changes(
    p_user_ids TEXT[], p_amounts INTEGER[], p_actions TEXT[], p_metadata JSONB[], p_idempotency_keys TEXT[],
    p_expected_versions INTEGER[]
  ) RETURNS TABLE (
    "position" INTEGER, success BOOLEAN, entry_id TEXT, amount INTEGER, new_balance INTEGER, version INTEGER,
    error_message TEXT, reason TEXT
  )
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_outcome credit_outcome;
  BEGIN
    FOR "position" IN SELECT n FROM generate_subscripts(p_user_ids, 1) AS n ORDER BY p_user_ids[n], n LOOP
      v_outcome := change_credits(p_user_ids["position"], p_amounts["position"], p_actions["position"],
        p_metadata["position"], p_idempotency_keys["position"], p_expected_versions["position"]);
      success := v_outcome.success;
      entry_id := v_outcome.entry_id;
      amount := v_outcome.amount;
      new_balance := v_outcome.new_balance;
      version := v_outcome.version;
      error_message := v_outcome.error_message;
      reason := v_outcome.reason;
      RETURN NEXT;
    END LOOP;
  END;
  $$;
`;

/**
 * Takes the price of an action. The price and the reason to pay nothing are looked up here unless the caller brings them. The
 * key answers for the same user, action and request, whatever the price has become.
 */
const CHARGES = `
  CREATE FUNCTION charge_credits(
    p_user_id TEXT, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT, p_expected_version INTEGER,
    p_price INTEGER, p_reason TEXT, p_now TIMESTAMPTZ
  ) RETURNS credit_outcome LANGUAGE plpgsql AS $$
  DECLARE
    v_balance credit_balances;
    v_entry credit_ledger;
    v_free free_charges;
    v_price INTEGER := p_price;
    v_reason TEXT := p_reason;
    v_outcome credit_outcome;
  BEGIN
    v_balance := lock_credit_balance(p_user_id);
    IF v_balance.user_id IS NULL THEN RETURN refused_credit_change('User not found', NULL); END IF;

    SELECT * INTO v_entry FROM credit_ledger WHERE idempotency_key = p_idempotency_key;
    IF FOUND THEN
      IF v_entry.user_id = p_user_id AND v_entry.action = p_action AND v_entry.amount < 0
         AND v_entry.metadata->>'_request' IS NOT DISTINCT FROM p_metadata->>'_request' THEN
        RETURN (TRUE, v_entry.id, -v_entry.amount, v_entry.balance_after, v_balance.version, 'Already applied', NULL)::credit_outcome;
      END IF;
      RETURN refused_credit_change('Idempotency key conflict', NULL);
    END IF;
    SELECT * INTO v_free FROM free_charges WHERE idempotency_key = p_idempotency_key;
    IF FOUND THEN
      IF v_free.user_id = p_user_id AND v_free.action = p_action
         AND v_free.request_hash IS NOT DISTINCT FROM p_metadata->>'_request' THEN
        RETURN (TRUE, NULL, 0, v_balance.balance, v_balance.version, 'Already applied', v_free.reason)::credit_outcome;
      END IF;
      RETURN refused_credit_change('Idempotency key conflict', NULL);
    END IF;

    IF v_price IS NULL THEN
      SELECT default_cost INTO v_price FROM credit_actions WHERE id = p_action AND enabled;
      IF NOT FOUND THEN RETURN refused_credit_change('Unknown action', v_balance); END IF;
      SELECT CASE
          WHEN EXISTS (SELECT FROM subscriptions s WHERE s.user_id = u.id AND s.status = 'active'
            AND (s.current_period_end IS NULL OR s.current_period_end > p_now)) THEN 'subscription'
          WHEN u.trial_ends_at > p_now THEN 'trial'
        END INTO v_reason
      FROM users u WHERE u.id = p_user_id;
    END IF;
    IF v_reason IS NOT NULL OR v_price = 0 THEN
      INSERT INTO free_charges (idempotency_key, user_id, action, request_hash, reason)
      VALUES (p_idempotency_key, p_user_id, p_action, p_metadata->>'_request', v_reason);
      RETURN (TRUE, NULL, 0, v_balance.balance, v_balance.version, NULL, v_reason)::credit_outcome;
    END IF;

    IF p_expected_version IS NOT NULL AND p_expected_version <> v_balance.version THEN
      RETURN refused_credit_change('Version mismatch', v_balance);
    END IF;
    v_outcome := append_credit_entry(v_balance, -v_price, p_action, p_metadata, p_idempotency_key);
    IF v_outcome.success IS NULL THEN RETURN refused_credit_change('Idempotency key conflict', NULL); END IF;
    IF NOT v_outcome.success THEN v_outcome.amount := v_price; END IF;
    RETURN v_outcome;
  END;
  $$;

  CREATE FUNCTION apply_credit_charges(
    p_user_ids TEXT[], p_actions TEXT[], p_metadata JSONB[], p_idempotency_keys TEXT[], p_expected_versions INTEGER[],
    p_prices INTEGER[], p_reasons TEXT[], p_now TIMESTAMPTZ
  ) RETURNS TABLE (
    "position" INTEGER, success BOOLEAN, entry_id TEXT, amount INTEGER, new_balance INTEGER, version INTEGER,
    error_message TEXT, reason TEXT
  )
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_outcome credit_outcome;
  BEGIN
    FOR "position" IN SELECT n FROM generate_subscripts(p_user_ids, 1) AS n ORDER BY p_user_ids[n], n LOOP
      v_outcome := charge_credits(p_user_ids["position"], p_actions["position"], p_metadata["position"],
        p_idempotency_keys["position"], p_expected_versions["position"], p_prices["position"], p_reasons["position"], p_now);
      success := v_outcome.success;
      entry_id := v_outcome.entry_id;
      amount := v_outcome.amount;
      new_balance := v_outcome.new_balance;
      version := v_outcome.version;
      error_message := v_outcome.error_message;
      reason := v_outcome.reason;
      RETURN NEXT;
    END LOOP;
  END;
  $$;
`;

/** As migration 0003 made them. */
const EARLIER_FUNCTIONS = `
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
