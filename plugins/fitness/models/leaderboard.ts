import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

/** One member on a board. Members with the same Training Units have the same rank. */
export interface LeaderboardRow {
  rank: number;
  userId: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
  archetypeId: string | null;
  level: number;
  totalTU: number;
  workoutCount: number;
}

/** The Training Units, in hundredths, and the id of the last member of the page before. */
export type LeaderboardPosition = readonly [number, string];

export interface LeaderboardQuestion {
  board: number;
  archetypeId: string | undefined;
}

type Scored = LeaderboardRow & { hundredths: number };

const OF_ARCHETYPE = '(:archetypeId::TEXT IS NULL OR archetype_id = :archetypeId)';

/** How many are above a score: whole buckets, what has changed since they were folded, and those of its own bucket. */
const above = (score: string): string => `
  coalesce((SELECT sum(members) FROM leaderboard_buckets
    WHERE board_id = :board AND archetype_id = coalesce(:archetypeId::TEXT, '*') AND bucket > fitness_bucket(${score})), 0)
  + coalesce((SELECT sum(change) FROM leaderboard_moves
    WHERE board_id = :board AND ${OF_ARCHETYPE} AND bucket > fitness_bucket(${score})), 0)
  + (SELECT count(*) FROM leaderboard_scores near
    WHERE board_id = :board AND ${OF_ARCHETYPE} AND near.tu > ${score} AND near.tu < ((fitness_bucket(${score}) + 1)::BIGINT * (fitness_bucket(${score}) + 1)))`;

const COLUMNS = `
  s.user_id AS "userId", u.username, u.display_name AS "displayName", u.avatar_url AS "avatarUrl",
  u.current_archetype_id AS "archetypeId", u.current_level AS level, s.tu AS hundredths, s.tu / 100.0::FLOAT8 AS "totalTU",
  s.workouts AS "workoutCount"`;

/** One page of a board: its rows by an index, and the place of the first of them from the buckets. */
export async function findLeaderboard(
  knex: Knex,
  question: LeaderboardQuestion,
  after: LeaderboardPosition | undefined,
  limit: number,
): Promise<Scored[]> {
  const bindings = { ...bindingsOf(question), tu: after?.[0] ?? null, userId: after?.[1] ?? null, limit };
  const { rows } = await knex.raw<Rows<Omit<Scored, 'rank'>>>(
    `SELECT ${COLUMNS} FROM (
       SELECT * FROM leaderboard_scores
       WHERE board_id = :board AND ${OF_ARCHETYPE}
         AND (:tu::BIGINT IS NULL OR (tu <= :tu AND (tu < :tu OR user_id > :userId)))
       ORDER BY tu DESC, user_id LIMIT :limit
     ) s JOIN users u ON u.id = s.user_id ORDER BY s.tu DESC, s.user_id`,
    bindings,
  );
  const [first] = rows;
  if (first === undefined) return [];
  const start = after === undefined ? { above: 0, tied: 0 } : await findPlace(knex, question, first.hundredths, first.userId);
  return ranked(rows, start);
}

function ranked(rows: readonly Omit<Scored, 'rank'>[], start: { above: number; tied: number }): Scored[] {
  let rank = start.above + 1;
  return rows.map((row, index) => {
    if (index > 0 && row.hundredths !== rows[index - 1]?.hundredths) rank = start.above + start.tied + index + 1;
    return { ...row, rank };
  });
}

async function findPlace(
  knex: Knex,
  question: LeaderboardQuestion,
  tu: number,
  userId: string,
): Promise<{ above: number; tied: number }> {
  const { rows } = await knex.raw<Rows<{ above: number; tied: number }>>(
    `SELECT (${above(':tu::BIGINT')})::INTEGER AS above, (
       SELECT count(*) FROM leaderboard_scores
       WHERE board_id = :board AND ${OF_ARCHETYPE} AND tu = :tu::BIGINT AND user_id < :userId
     )::INTEGER AS tied`,
    { ...bindingsOf(question), tu, userId },
  );
  return rows[0] ?? { above: 0, tied: 0 };
}

/** A member's own place; null when they have no public workout in the window or are not listed. */
export async function findOwnPlace(
  knex: Knex,
  question: LeaderboardQuestion,
  userId: string,
): Promise<LeaderboardRow | null> {
  const { rows } = await knex.raw<Rows<LeaderboardRow>>(
    `SELECT (1 + ${above('s.tu')})::INTEGER AS rank, ${COLUMNS}
     FROM leaderboard_scores s JOIN users u ON u.id = s.user_id
     WHERE s.board_id = :board AND s.user_id = :userId AND ${OF_ARCHETYPE}`,
    { ...bindingsOf(question), userId },
  );
  return rows[0] ?? null;
}

function bindingsOf({ board, archetypeId }: LeaderboardQuestion): { board: number; archetypeId: string | null } {
  return { board, archetypeId: archetypeId ?? null };
}

/** Takes a member off the boards or puts them back. */
export async function setListed(trx: Transaction, userId: string, isListed: boolean): Promise<void> {
  await trx.raw('UPDATE member_totals SET is_hidden = ? WHERE user_id = ?', [!isListed, userId]);
}

/** Lists and unlists those who have changed their mind while nobody told: the plugin was off. */
export async function takeListingsOver(knex: Knex): Promise<void> {
  await knex.raw(
    `UPDATE member_totals t SET is_hidden = NOT v.on_leaderboard FROM user_visibility v
     WHERE v.user_id = t.user_id AND t.is_hidden = v.on_leaderboard`,
  );
}
