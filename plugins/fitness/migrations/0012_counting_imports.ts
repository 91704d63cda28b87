import type { Knex } from 'knex';

/**
 * An import counts what it has stored once and at its end, instead of with each statement: until then it holds nothing that
 * the member's own workouts wait for. Whoever stores workouts says `fitness.counts_later` for the transaction, and counts
 * them before its end, with the account and its totals held as in the trigger.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(COUNTING(`
    IF TG_OP = 'INSERT' AND current_setting('fitness.counts_later', TRUE) = pg_current_xact_id()::TEXT THEN
      RETURN NULL;
    END IF;`));
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(COUNTING(''));
}

const COUNTING = (start: string): string => `
  CREATE OR REPLACE FUNCTION fitness_workouts_changed() RETURNS TRIGGER LANGUAGE plpgsql AS $$
  DECLARE
    old_ids TEXT[]; new_ids TEXT[]; members TEXT[] := '{}'; dates DATE[] := '{}';
  BEGIN${start}
    IF TG_OP <> 'INSERT' THEN
      SELECT array_agg(id), array_agg(DISTINCT user_id), array_agg(DISTINCT date) INTO old_ids, members, dates FROM old_rows;
    END IF;
    IF TG_OP <> 'DELETE' THEN
      SELECT array_agg(id), members || array_agg(DISTINCT user_id), dates || array_agg(DISTINCT date)
        INTO new_ids, members, dates FROM new_rows;
    END IF;
    IF old_ids IS NULL AND new_ids IS NULL THEN RETURN NULL; END IF;
    SELECT array_agg(DISTINCT m ORDER BY m) INTO members FROM unnest(members) AS m;
    PERFORM FROM users WHERE id = ANY (members) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM member_totals WHERE user_id = ANY (members) ORDER BY user_id FOR NO KEY UPDATE;
    IF old_ids IS NOT NULL THEN PERFORM fitness_uncount(old_ids, members); END IF;
    IF new_ids IS NOT NULL THEN PERFORM fitness_count(new_ids); END IF;
    PERFORM fitness_recount_days(members, dates);
    PERFORM fitness_recount_members(members);
    RETURN NULL;
  END $$;
`;
