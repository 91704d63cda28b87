import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(BILLING);
  await knex.raw(REFUNDS);
  await knex.raw(TRANSFERS);
  await knex.raw(SHORTFALLS);
  await knex.raw(RIGHTS);
  await knex.raw('SELECT protect_credit_ledger()');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('SELECT release_credit_ledger()');
  await knex.raw(`
    DROP FUNCTION protect_credit_ledger(), release_credit_ledger(), credit_ledger_role();
    DROP FUNCTION restore_credits(TEXT, INTEGER, TEXT, JSONB, TEXT, TEXT);
    DROP FUNCTION claw_back_credits(TEXT, INTEGER, TEXT, JSONB, TEXT, TEXT);
    DROP FUNCTION transfer_credits(TEXT, TEXT, INTEGER, TEXT, JSONB, TEXT);
    DROP FUNCTION refund_credits(TEXT, TEXT, INTEGER, TEXT, JSONB, TEXT, TEXT);
    DROP INDEX idx_purchases_pending, idx_purchases_key, idx_subscriptions_active;
    DROP TABLE stripe_events, stripe_customers, billing_settings;
  `);
}

const BILLING = `
  -- What Stripe told us, kept before it is worked on, and worked on until it succeeds.
  CREATE TABLE stripe_events (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    created TIMESTAMPTZ NOT NULL,
    payload JSONB NOT NULL,
    received_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    processed_at TIMESTAMPTZ,
    -- What became of it, in words.
    outcome TEXT,
    error TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );
  CREATE INDEX idx_stripe_events_due ON stripe_events (next_attempt_at) WHERE processed_at IS NULL;
  CREATE INDEX idx_stripe_events_received ON stripe_events (received_at DESC, id DESC);

  CREATE TABLE stripe_customers (
    user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    customer_id TEXT NOT NULL UNIQUE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );

  -- What is sold, as an administrator has changed it; without the row it is what the code says.
  CREATE TABLE billing_settings (
    is_only BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (is_only),
    pricing JSONB NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    updated_by TEXT NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
  );

  CREATE INDEX idx_purchases_pending ON purchases (created_at) WHERE status = 'pending';
  CREATE UNIQUE INDEX idx_purchases_key ON purchases (user_id, (metadata->>'key')) WHERE metadata->>'key' IS NOT NULL;
  CREATE INDEX idx_subscriptions_active ON subscriptions (current_period_end) WHERE status = 'active';
`;

/**
 * Undoes an entry, wholly or in part: what all refunds of an entry give back together is never more than it took, because
 * they are added up under the lock of the balance. Also takes back what an entry gave.
 */
const REFUNDS = `
  CREATE FUNCTION refund_credits(
    p_user_id TEXT, p_entry_id TEXT, p_amount INTEGER, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT, p_by TEXT
  ) RETURNS credit_outcome
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_metadata JSONB := coalesce(p_metadata, '{}') || jsonb_build_object('refundOf', p_entry_id);
    v_balance credit_balances;
    v_entry credit_ledger;
    v_earlier credit_ledger;
    v_left BIGINT;
    v_outcome credit_outcome;
  BEGIN
    v_balance := lock_credit_balance(p_user_id);
    SELECT * INTO v_entry FROM credit_ledger
    WHERE id = p_entry_id AND user_id = p_user_id AND (p_by IS NULL OR metadata->>'by' = p_by);
    IF NOT FOUND THEN RETURN refused_credit_change('Entry not found', v_balance); END IF;
    IF v_entry.metadata->>'refundOf' IS NOT NULL THEN RETURN refused_credit_change('Is itself a refund', v_balance); END IF;

    SELECT * INTO v_earlier FROM credit_ledger WHERE idempotency_key = p_idempotency_key;
    IF FOUND THEN
      IF v_earlier.metadata->>'refundOf' = p_entry_id AND v_earlier.action = p_action
         AND abs(v_earlier.amount) = coalesce(p_amount, abs(v_earlier.amount))
         AND v_earlier.metadata->>'_request' IS NOT DISTINCT FROM p_metadata->>'_request' THEN
        RETURN (TRUE, v_earlier.id, abs(v_earlier.amount), v_earlier.balance_after, v_balance.version, 'Already applied', NULL)::credit_outcome;
      END IF;
      RETURN refused_credit_change('Idempotency key conflict', NULL);
    END IF;

    SELECT abs(v_entry.amount) - coalesce(sum(abs(amount::BIGINT)), 0) INTO v_left
    FROM credit_ledger WHERE metadata->>'refundOf' IS NOT NULL AND metadata->>'refundOf' = p_entry_id;
    IF v_left = 0 OR coalesce(p_amount, v_left) NOT BETWEEN 1 AND v_left THEN
      v_outcome := refused_credit_change('More than is left', v_balance);
      v_outcome.amount := v_left;
      RETURN v_outcome;
    END IF;
    v_outcome := append_credit_entry(v_balance, (-sign(v_entry.amount) * coalesce(p_amount, v_left))::INTEGER, p_action,
      v_metadata, p_idempotency_key);
    IF v_outcome.success IS NULL THEN RETURN refused_credit_change('Idempotency key conflict', NULL); END IF;
    RETURN v_outcome;
  END;
  $$;
`;

/** Two entries or none. The balances are locked in the order of their users. */
const TRANSFERS = `
  CREATE FUNCTION transfer_credits(
    p_sender_id TEXT, p_recipient_id TEXT, p_amount INTEGER, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT
  ) RETURNS credit_outcome
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_sender credit_balances;
    v_recipient credit_balances;
    v_earlier credit_ledger;
    v_sent credit_outcome;
    v_received credit_outcome;
  BEGIN
    IF p_amount IS NULL OR p_amount < 1 OR p_sender_id = p_recipient_id THEN
      RETURN refused_credit_change('Amount must not be zero', NULL);
    END IF;
    IF p_sender_id < p_recipient_id THEN
      v_sender := lock_credit_balance(p_sender_id);
      v_recipient := lock_credit_balance(p_recipient_id);
    ELSE
      v_recipient := lock_credit_balance(p_recipient_id);
      v_sender := lock_credit_balance(p_sender_id);
    END IF;
    IF v_sender.user_id IS NULL OR v_recipient.user_id IS NULL THEN RETURN refused_credit_change('User not found', NULL); END IF;

    SELECT * INTO v_earlier FROM credit_ledger WHERE idempotency_key = p_idempotency_key || ':out';
    IF FOUND THEN
      IF v_earlier.user_id = p_sender_id AND v_earlier.action = p_action AND v_earlier.amount = -p_amount
         AND v_earlier.metadata->>'transferTo' = p_recipient_id
         AND v_earlier.metadata->>'_request' IS NOT DISTINCT FROM p_metadata->>'_request' THEN
        RETURN (TRUE, v_earlier.id, p_amount, v_earlier.balance_after, v_sender.version, 'Already applied', NULL)::credit_outcome;
      END IF;
      RETURN refused_credit_change('Idempotency key conflict', NULL);
    END IF;

    IF v_recipient.balance::BIGINT + p_amount > 2147483647 THEN
      RETURN refused_credit_change('Balance limit exceeded', NULL);
    END IF;
    v_sent := append_credit_entry(v_sender, -p_amount, p_action,
      coalesce(p_metadata, '{}') || jsonb_build_object('transferTo', p_recipient_id), p_idempotency_key || ':out');
    IF v_sent.success IS NULL THEN RETURN refused_credit_change('Idempotency key conflict', NULL); END IF;
    IF NOT v_sent.success THEN RETURN v_sent; END IF;
    v_received := append_credit_entry(v_recipient, p_amount, p_action,
      coalesce(p_metadata, '{}') || jsonb_build_object('transferFrom', p_sender_id), p_idempotency_key || ':in');
    IF v_received.success IS NOT TRUE THEN
      RAISE EXCEPTION 'the receiving half of a transfer was refused: %', v_received.error_message;
    END IF;
    RETURN v_sent;
  END;
  $$;
`;

/** Money that goes back takes its credits along, as far as they are still there; the rest is owed. */
const SHORTFALLS = `
  CREATE FUNCTION claw_back_credits(
    p_user_id TEXT, p_amount INTEGER, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT, p_source TEXT
  ) RETURNS credit_outcome
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_balance credit_balances := lock_credit_balance(p_user_id);
    v_taken INTEGER := LEAST(v_balance.balance, p_amount);
    v_outcome credit_outcome;
  BEGIN
    IF v_balance.user_id IS NULL THEN RETURN refused_credit_change('User not found', NULL); END IF;
    v_outcome := (TRUE, NULL, 0, v_balance.balance, v_balance.version, NULL, NULL)::credit_outcome;
    IF v_taken > 0 THEN
      v_outcome := append_credit_entry(v_balance, -v_taken, p_action, p_metadata, p_idempotency_key);
      IF v_outcome.success IS NOT TRUE THEN RETURN refused_credit_change('Idempotency key conflict', NULL); END IF;
    END IF;
    IF v_taken < p_amount THEN
      INSERT INTO credit_shortfalls (user_id, source, amount, owed)
      VALUES (p_user_id, p_source, p_amount - v_taken, p_amount - v_taken);
    END IF;
    RETURN v_outcome;
  END;
  $$;

  -- The opposite: what is still owed for the source is forgiven first, the rest is given.
  CREATE FUNCTION restore_credits(
    p_user_id TEXT, p_amount INTEGER, p_action TEXT, p_metadata JSONB, p_idempotency_key TEXT, p_source TEXT
  ) RETURNS credit_outcome
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_balance credit_balances := lock_credit_balance(p_user_id);
    v_left INTEGER := p_amount;
    v_shortfall credit_shortfalls;
    v_outcome credit_outcome;
  BEGIN
    IF v_balance.user_id IS NULL THEN RETURN refused_credit_change('User not found', NULL); END IF;
    FOR v_shortfall IN SELECT * FROM credit_shortfalls WHERE source = p_source AND owed > 0 ORDER BY id FOR UPDATE LOOP
      UPDATE credit_shortfalls SET owed = owed - LEAST(owed, v_left) WHERE id = v_shortfall.id;
      v_left := v_left - LEAST(v_shortfall.owed, v_left);
    END LOOP;
    IF v_left = 0 THEN RETURN (TRUE, NULL, 0, v_balance.balance, v_balance.version, NULL, NULL)::credit_outcome; END IF;
    v_outcome := append_credit_entry(v_balance, v_left, p_action, p_metadata, p_idempotency_key);
    IF v_outcome.success IS NULL THEN RETURN refused_credit_change('Idempotency key conflict', NULL); END IF;
    RETURN v_outcome;
  END;
  $$;
`;

/**
 * The tables belong to a role of their own that nobody signs in as, and the functions run as that role: the application reads
 * them and calls the functions, no more. The application's role is a member only while a migration needs it. Where it may not
 * make the role, the tables stay its own, guarded by the triggers alone.
 */
const RIGHTS = `
  CREATE FUNCTION credit_ledger_role() RETURNS TEXT LANGUAGE sql STABLE
  AS $$ SELECT left(current_database(), 56) || '_ledger' $$;

  -- Answers why the ledger could not be protected, NULL when it is.
  CREATE FUNCTION protect_credit_ledger() RETURNS TEXT LANGUAGE plpgsql AS $$
  DECLARE
    v_role TEXT := credit_ledger_role();
    v_is_super BOOLEAN := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    v_object TEXT;
  BEGIN
    IF EXISTS (
      SELECT FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner
      WHERE c.oid = 'credit_ledger'::REGCLASS AND NOT r.rolcanlogin AND NOT r.rolsuper
        AND (v_is_super OR NOT pg_has_role(current_user, r.oid, 'USAGE'))
    ) THEN RETURN NULL; END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = v_role AND (rolcanlogin OR rolsuper)) THEN
      RETURN format('the role %I exists and can sign in', v_role);
    END IF;

    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN EXECUTE format('CREATE ROLE %I NOLOGIN', v_role); END IF;
    IF NOT v_is_super THEN EXECUTE format('GRANT %I TO CURRENT_USER', v_role); END IF;
    EXECUTE format('GRANT USAGE, CREATE ON SCHEMA public TO %I', v_role);
    EXECUTE format('GRANT SELECT (id, trial_ends_at) ON users TO %I', v_role);
    EXECUTE format('GRANT SELECT (user_id, status, current_period_end) ON subscriptions TO %I', v_role);
    EXECUTE format('GRANT SELECT ON credit_actions TO %I', v_role);
    EXECUTE format('GRANT SELECT, INSERT ON free_charges TO %I', v_role);
    FOREACH v_object IN ARRAY ARRAY['credit_balances', 'credit_ledger', 'credit_shortfalls'] LOOP
      EXECUTE format('ALTER TABLE %I OWNER TO %I', v_object, v_role);
      EXECUTE format('REVOKE ALL ON %I FROM CURRENT_USER', v_object);
      EXECUTE format('GRANT SELECT ON %I TO CURRENT_USER WITH GRANT OPTION', v_object);
    END LOOP;
    FOR v_object IN SELECT oid::REGPROCEDURE FROM pg_proc WHERE pronamespace = 'public'::REGNAMESPACE AND proname IN (
      'refuse_ledger_change', 'lock_credit_balance', 'refused_credit_change', 'append_credit_entry', 'change_credits',
      'charge_credits', 'update_credit_balance', 'apply_credit_changes', 'apply_credit_charges', 'refund_credits',
      'transfer_credits', 'claw_back_credits', 'restore_credits'
    ) LOOP
      EXECUTE format('ALTER FUNCTION %s OWNER TO %I', v_object, v_role);
      EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', v_object);
    END LOOP;
    FOR v_object IN SELECT oid::REGPROCEDURE FROM pg_proc WHERE pronamespace = 'public'::REGNAMESPACE AND proname IN (
      'update_credit_balance', 'apply_credit_changes', 'apply_credit_charges', 'refund_credits', 'transfer_credits',
      'claw_back_credits', 'restore_credits'
    ) LOOP
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO CURRENT_USER', v_object);
    END LOOP;
    EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', v_role);
    IF NOT v_is_super THEN EXECUTE format('REVOKE %I FROM CURRENT_USER', v_role); END IF;
    RETURN NULL;
  EXCEPTION WHEN insufficient_privilege THEN
    RETURN SQLERRM;
  END;
  $$;

  -- Gives the tables and functions back to the application's role, for a migration that changes them.
  CREATE FUNCTION release_credit_ledger() RETURNS VOID LANGUAGE plpgsql AS $$
  DECLARE
    v_role TEXT := (SELECT r.rolname FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE c.oid = 'credit_ledger'::REGCLASS);
    v_is_super BOOLEAN := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
    v_object TEXT;
  BEGIN
    IF v_role = current_user THEN RETURN; END IF;
    IF NOT v_is_super THEN EXECUTE format('GRANT %I TO CURRENT_USER', v_role); END IF;
    FOREACH v_object IN ARRAY ARRAY['credit_balances', 'credit_ledger', 'credit_shortfalls'] LOOP
      EXECUTE format('ALTER TABLE %I OWNER TO CURRENT_USER', v_object);
      EXECUTE format('GRANT ALL ON %I TO CURRENT_USER', v_object);
    END LOOP;
    FOR v_object IN SELECT oid::REGPROCEDURE FROM pg_proc WHERE pronamespace = 'public'::REGNAMESPACE AND proowner = v_role::REGROLE LOOP
      EXECUTE format('ALTER FUNCTION %s OWNER TO CURRENT_USER', v_object);
      EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', v_object);
    END LOOP;
    EXECUTE format('DROP OWNED BY %I', v_role);
    IF NOT v_is_super THEN EXECUTE format('REVOKE %I FROM CURRENT_USER', v_role); END IF;
    -- A copy of this database may still use the role.
    BEGIN
      EXECUTE format('DROP ROLE %I', v_role);
    EXCEPTION WHEN dependent_objects_still_exist OR insufficient_privilege THEN NULL;
    END;
  END;
  $$;
`;
