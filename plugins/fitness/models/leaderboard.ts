import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

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

export type Period = 'week' | 'month' | 'all';

const DAYS: Record<Period, number | null> = { week: 7, month: 30, all: null };

/** Members ranked by the Training Units of their public workouts in the period; the view of that name ranks all time. */
export async function findLeaderboard(
  knex: Knex,
  question: { period: Period; archetypeId?: string | undefined; limit: number; me: string | undefined },
): Promise<{ top: LeaderboardRow[]; me: LeaderboardRow | null }> {
  const { rows } = await knex.raw<Rows<LeaderboardRow>>(
    `WITH ranked AS (
       SELECT rank() OVER (ORDER BY round(sum(w.total_tu::FLOAT8)::NUMERIC, 2) DESC)::INTEGER AS rank, u.id AS "userId", u.username,
         u.display_name AS "displayName", u.avatar_url AS "avatarUrl", u.current_archetype_id AS "archetypeId",
         u.current_level AS level, round(sum(w.total_tu::FLOAT8)::NUMERIC, 2)::FLOAT8 AS "totalTU", count(*)::INTEGER AS "workoutCount"
       FROM workouts w JOIN users u ON u.id = w.user_id
       WHERE w.is_public AND u.flags->>'banned' = 'false'
         AND (:days::INTEGER IS NULL OR w.date > CURRENT_DATE - :days::INTEGER)
         AND (:archetypeId::TEXT IS NULL OR u.current_archetype_id = :archetypeId)
       GROUP BY u.id
     )
     (SELECT * FROM ranked ORDER BY rank, "userId" LIMIT :limit)
     UNION (SELECT * FROM ranked WHERE "userId" = :me)
     ORDER BY rank, "userId"`,
    {
      days: DAYS[question.period],
      archetypeId: question.archetypeId ?? null,
      limit: question.limit,
      me: question.me ?? null,
    },
  );
  return { top: rows.slice(0, question.limit), me: rows.find(({ userId }) => userId === question.me) ?? null };
}

/** Takes a member off the boards or puts them back. */
export async function setListed(trx: Transaction, userId: string, isListed: boolean): Promise<void> {
  await trx.raw('UPDATE member_totals SET is_hidden = ? WHERE user_id = ?', [!isListed, userId]);
}
