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

/** What a bucket of each level is wide, as a power of two, in those of the level below. */
const WIDTH = 5;
const TOP_LEVEL = 5;

/**
 * How many are above a score: the buckets above it within the same bucket of the next level, level by level; what has
 * changed since they were folded; and those of its own narrowest bucket.
 */
const above = (score: string): string => `
  coalesce((SELECT sum(b.members) FROM generate_series(0, ${String(TOP_LEVEL)}) AS l (level) CROSS JOIN LATERAL (
    SELECT sum(members) AS members FROM leaderboard_buckets
    WHERE board_id = :board AND archetype_id = coalesce(:archetypeId::TEXT, '*') AND level = l.level
      AND bucket > fitness_bucket(${score}) >> (${String(WIDTH)} * l.level)
      AND bucket < CASE l.level WHEN ${String(TOP_LEVEL)} THEN ${String(Number.MAX_SAFE_INTEGER)}
        ELSE ((fitness_bucket(${score}) >> (${String(WIDTH)} * (l.level + 1))) + 1) << ${String(WIDTH)} END
  ) AS b), 0)
  + coalesce((SELECT sum(change) FROM leaderboard_moves
    WHERE board_id = :board AND ${OF_ARCHETYPE} AND bucket > fitness_bucket(${score})), 0)
  + (SELECT count(*) FROM leaderboard_scores near
    WHERE board_id = :board AND ${OF_ARCHETYPE} AND near.tu > ${score} AND near.tu < (fitness_bucket(${score}) + 1) << ${String(WIDTH)})`;

const COLUMNS = `
  s.user_id AS "userId", u.username, u.display_name AS "displayName", u.avatar_url AS "avatarUrl",
  u.current_archetype_id AS "archetypeId", u.current_level AS level, s.tu AS hundredths, s.tu / 100.0::FLOAT8 AS "totalTU",
  s.workouts AS "workoutCount"`;

const PAGE = `SELECT * FROM leaderboard_scores WHERE board_id = :board AND ${OF_ARCHETYPE}`;
const ORDER = 'ORDER BY tu DESC, user_id LIMIT :limit';

/** Those with the same score come after each other by id, the others below it: each by an index, however many are tied. */
const PAGE_AFTER = `(${PAGE} AND tu = :tu AND user_id > :userId ${ORDER}) UNION ALL (${PAGE} AND tu < :tu ${ORDER})`;

/** One page of a board, whose ranks follow from those of its first two scores. */
export async function findLeaderboard(
  knex: Knex,
  question: LeaderboardQuestion,
  after: LeaderboardPosition | undefined,
  limit: number,
): Promise<Scored[]> {
  const bindings = { ...bindingsOf(question), limit, ...(after && { tu: after[0], userId: after[1] }) };
  const { rows } = await knex.raw<Rows<Omit<Scored, 'rank'>>>(
    `SELECT ${COLUMNS} FROM (
       SELECT * FROM (${after === undefined ? `${PAGE} ${ORDER}` : PAGE_AFTER}) p ${ORDER}
     ) s JOIN users u ON u.id = s.user_id ORDER BY s.tu DESC, s.user_id`,
    bindings,
  );
  if (after === undefined) return ranked(rows, [1]);
  const scores = [...new Set(rows.map(({ hundredths }) => hundredths))].slice(0, 2);
  return ranked(rows, await findRanks(knex, question, scores));
}

/** Every further score has as many above it as the rows that came since the last score whose rank is known. */
function ranked(rows: readonly Omit<Scored, 'rank'>[], known: readonly number[]): Scored[] {
  const waiting = [...known];
  let rank = 0;
  let [last, since] = [0, 0];
  return rows.map((row, index) => {
    if (index === 0 || row.hundredths !== rows[index - 1]?.hundredths) {
      const next = waiting.shift();
      if (next !== undefined) [last, since] = [next, index];
      rank = last + index - since;
    }
    return { ...row, rank };
  });
}

/** The ranks of scores, in their order. */
async function findRanks(knex: Knex, question: LeaderboardQuestion, scores: readonly number[]): Promise<number[]> {
  if (scores.length === 0) return [];
  const { rows } = await knex.raw<Rows<{ rank: number }>>(
    `SELECT (1 + ${above('s.tu')})::INTEGER AS rank FROM unnest(:scores::BIGINT[]) WITH ORDINALITY AS s (tu, place) ORDER BY s.place`,
    { ...bindingsOf(question), scores: [...scores] },
  );
  return rows.map(({ rank }) => rank);
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
