import type { Knex } from 'knex';

/** While tomorrow's boards are filled, a rank on today's reads the changes of its own board and not the million of others. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('CREATE INDEX idx_leaderboard_moves_board ON leaderboard_moves (board_id, bucket)');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP INDEX idx_leaderboard_moves_board');
}
