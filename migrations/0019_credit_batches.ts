import type { Knex } from 'knex';

/** Batches of changes and charges are appended as sets; what a set cannot decide goes one by one, as before. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('SELECT release_credit_ledger()');
  await knex.raw(SETS);
  await knex.raw(CHANGES);
  await knex.raw(CHARGES);
  await renameProtected(knex, `'append_credit_entry',`, `'append_credit_entry', 'append_credit_entries', 'lock_credit_balances',`);
  await knex.raw('SELECT protect_credit_ledger()');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('SELECT release_credit_ledger()');
  await knex.raw(EARLIER_BATCHES);
  await knex.raw('DROP FUNCTION append_credit_entries(TEXT[], INTEGER[], TEXT[], JSONB[], TEXT[]), lock_credit_balances(TEXT[])');
  await renameProtected(knex, `'append_credit_entry', 'append_credit_entries', 'lock_credit_balances',`, `'append_credit_entry',`);
  await knex.raw('SELECT protect_credit_ledger()');
}

/** protect_credit_ledger() names the functions that belong to the ledger's role. */
async function renameProtected(knex: Knex, names: string, next: string): Promise<void> {
  const definition: { rows: { sql: string }[] } = await knex.raw(`SELECT pg_get_functiondef('protect_credit_ledger()'::REGPROCEDURE) AS sql`);
  const sql = definition.rows[0]?.sql ?? '';
  if (!sql.includes(names)) throw new Error(`protect_credit_ledger() does not name ${names}`);
  await knex.raw(sql.replace(names, () => next).replaceAll('?', '\\?'));
}

const SETS = `
  -- Locks the balances of many, in the order of their users, so that two batches wait for each other instead of dead-locking.
  -- Those that are missing are made first, while nothing else is locked.
  CREATE FUNCTION lock_credit_balances(p_user_ids TEXT[]) RETURNS VOID LANGUAGE plpgsql AS $$
  BEGIN
    IF EXISTS (SELECT FROM unnest(p_user_ids) AS id WHERE NOT EXISTS (SELECT FROM credit_balances WHERE user_id = id)) THEN
      INSERT INTO credit_balances (user_id)
      SELECT id FROM users u WHERE id = ANY (p_user_ids) AND NOT EXISTS (SELECT FROM credit_balances WHERE user_id = u.id)
      ORDER BY id ON CONFLICT DO NOTHING;
    END IF;
    PERFORM FROM credit_balances WHERE user_id = ANY (p_user_ids) ORDER BY user_id FOR NO KEY UPDATE;
  END;
  $$;

  -- Appends in three statements the entries of every user whose part of the batch is plain: new keys, an amount, a balance
  -- that stays within its limits, nothing owed. Answers those; NULL as an amount says that the caller decides about an item,
  -- and leaves its user out. The balances must be locked.
  CREATE FUNCTION append_credit_entries(
    p_user_ids TEXT[], p_amounts INTEGER[], p_actions TEXT[], p_metadata JSONB[], p_idempotency_keys TEXT[]
  ) RETURNS TABLE ("position" INTEGER, entry_id TEXT, amount INTEGER, new_balance INTEGER, version INTEGER)
  LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  BEGIN
    IF (SELECT count(DISTINCT key) FROM unnest(p_idempotency_keys) AS key) < cardinality(p_idempotency_keys) THEN RETURN; END IF;
    RETURN QUERY
    WITH item AS MATERIALIZED (
      SELECT i.n::INTEGER AS n, i.user_id, i.amount, i.action, i.metadata, i.key, b.version, b.updated_at,
        row_number() OVER so_far AS nth,
        b.balance + sum(i.amount::BIGINT) OVER so_far AS balance_after,
        i.amount IS NULL OR b.user_id IS NULL
          OR EXISTS (SELECT FROM credit_ledger WHERE idempotency_key = i.key)
          OR i.amount > 0 AND EXISTS (SELECT FROM credit_shortfalls WHERE user_id = i.user_id AND owed > 0) AS is_special
      FROM unnest(p_user_ids, p_amounts, p_actions, p_metadata, p_idempotency_keys)
        WITH ORDINALITY AS i (user_id, amount, action, metadata, key, n)
      LEFT JOIN credit_balances b ON b.user_id = i.user_id
      WINDOW so_far AS (PARTITION BY i.user_id ORDER BY i.n)
    ), plain AS MATERIALIZED (
      SELECT *, GREATEST(clock_timestamp(), updated_at) + nth * INTERVAL '1 microsecond' AS time
      FROM (
        SELECT *, bool_or(is_special OR balance_after NOT BETWEEN 0 AND 2147483647) OVER (PARTITION BY user_id) AS is_left_out
        FROM item
      ) AS judged
      WHERE NOT is_left_out
    ), entry AS (
      INSERT INTO credit_ledger (user_id, action, amount, balance_after, metadata, idempotency_key, created_at)
      SELECT user_id, action, amount, balance_after, metadata, key, time FROM plain ORDER BY n
      RETURNING id, idempotency_key
    ), moved AS (
      UPDATE credit_balances b SET
        balance = b.balance + total.amount,
        lifetime_earned = LEAST(lifetime_earned + total.earned, 2147483647),
        lifetime_spent = LEAST(lifetime_spent + total.spent, 2147483647),
        version = (b.version::BIGINT + total.entries) % 2147483648,
        updated_at = total.time
      FROM (
        SELECT user_id, sum(amount) AS amount, sum(GREATEST(amount, 0)) AS earned, sum(GREATEST(-amount, 0)) AS spent,
          count(*) AS entries, max(time) AS time
        FROM plain GROUP BY user_id
      ) AS total
      WHERE b.user_id = total.user_id
    )
    SELECT n, entry.id, abs(plain.amount), balance_after::INTEGER, ((plain.version::BIGINT + nth) % 2147483648)::INTEGER
    FROM plain JOIN entry ON entry.idempotency_key = plain.key;
  EXCEPTION WHEN unique_violation THEN
    -- Another user's transaction has just taken a key: which one, going one by one finds out.
    RETURN;
  END;
  $$;
`;

const CHANGES = `
  CREATE OR REPLACE FUNCTION apply_credit_changes(
    p_user_ids TEXT[], p_amounts INTEGER[], p_actions TEXT[], p_metadata JSONB[], p_idempotency_keys TEXT[],
    p_expected_versions INTEGER[]
  ) RETURNS TABLE (
    "position" INTEGER, success BOOLEAN, entry_id TEXT, amount INTEGER, new_balance INTEGER, version INTEGER,
    error_message TEXT, reason TEXT
  )
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_done BOOLEAN[];
    v_outcome credit_outcome;
  BEGIN
    IF cardinality(p_user_ids) > 1 THEN
      PERFORM lock_credit_balances(p_user_ids);
      success := TRUE;
      FOR "position", entry_id, amount, new_balance, version IN
        SELECT e.* FROM append_credit_entries(p_user_ids, (
          SELECT array_agg(CASE WHEN a <> 0 AND a <> -2147483648 AND action <> '' AND key <> '' AND expected IS NULL THEN a END ORDER BY n)
          FROM unnest(p_amounts, p_actions, p_idempotency_keys, p_expected_versions) WITH ORDINALITY AS i (a, action, key, expected, n)
        ), p_actions, p_metadata, p_idempotency_keys) e
      LOOP
        v_done["position"] := TRUE;
        RETURN NEXT;
      END LOOP;
    END IF;
    FOR "position" IN SELECT n FROM generate_subscripts(p_user_ids, 1) AS n WHERE v_done[n] IS NULL ORDER BY p_user_ids[n], n LOOP
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

const CHARGES = `
  CREATE OR REPLACE FUNCTION apply_credit_charges(
    p_user_ids TEXT[], p_actions TEXT[], p_metadata JSONB[], p_idempotency_keys TEXT[], p_expected_versions INTEGER[],
    p_prices INTEGER[], p_reasons TEXT[], p_now TIMESTAMPTZ
  ) RETURNS TABLE (
    "position" INTEGER, success BOOLEAN, entry_id TEXT, amount INTEGER, new_balance INTEGER, version INTEGER,
    error_message TEXT, reason TEXT
  )
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  DECLARE
    v_done BOOLEAN[];
    v_outcome credit_outcome;
  BEGIN
    IF cardinality(p_user_ids) > 1 THEN
      PERFORM lock_credit_balances(p_user_ids);
      success := TRUE;
      FOR "position", entry_id, amount, new_balance, version IN
        SELECT e.* FROM append_credit_entries(p_user_ids, (
          SELECT array_agg(CASE WHEN i.expected IS NULL AND t.price > 0 AND t.reason IS NULL
            AND NOT EXISTS (SELECT FROM free_charges WHERE idempotency_key = i.key) THEN -t.price END ORDER BY i.n)
          FROM unnest(p_user_ids, p_actions, p_idempotency_keys, p_expected_versions, p_prices, p_reasons)
            WITH ORDINALITY AS i (user_id, action, key, expected, price, reason, n)
          LEFT JOIN LATERAL (
            SELECT i.price, i.reason WHERE i.price IS NOT NULL
            UNION ALL
            SELECT a.default_cost, CASE
              WHEN EXISTS (SELECT FROM subscriptions s WHERE s.user_id = i.user_id AND s.status = 'active'
                AND (s.current_period_end IS NULL OR s.current_period_end > p_now)) THEN 'subscription'
              WHEN EXISTS (SELECT FROM users u WHERE u.id = i.user_id AND u.trial_ends_at > p_now) THEN 'trial'
            END
            FROM credit_actions a WHERE i.price IS NULL AND a.id = i.action AND a.enabled
          ) AS t ON TRUE
        ), p_actions, p_metadata, p_idempotency_keys) e
      LOOP
        v_done["position"] := TRUE;
        RETURN NEXT;
      END LOOP;
    END IF;
    FOR "position" IN SELECT n FROM generate_subscripts(p_user_ids, 1) AS n WHERE v_done[n] IS NULL ORDER BY p_user_ids[n], n LOOP
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

/** As migration 0012 made them. */
const EARLIER_BATCHES = `
  CREATE OR REPLACE FUNCTION apply_credit_changes(
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

  CREATE OR REPLACE FUNCTION apply_credit_charges(
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
