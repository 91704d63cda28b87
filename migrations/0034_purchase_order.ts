import type { Knex } from 'knex';

/** An operator's list of purchases, newest first, is a page of an index. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX idx_purchases_order ON purchases (created_at DESC, id DESC)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX idx_purchases_order');
}
