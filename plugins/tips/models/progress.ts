import type { Knex } from 'knex';
import { ApiError, type Rows, type Transaction } from 'musclemap';

/** How far a member has come with one milestone. */
export interface Progress {
  userId: string;
  milestoneId: string;
  progress: number;
  isComplete: boolean;
}

/** Keeps measurings of the same members apart, so that an older one never overwrites a newer one. */
export async function lockMeasuring(trx: Transaction, userIds: readonly string[]): Promise<void> {
  await trx.raw(
    `SELECT pg_advisory_xact_lock(hashtextextended('tips:measuring:' || id, 0)) FROM unnest(?::TEXT[]) AS id`,
    [[...userIds].sort()],
  );
}

/**
 * Writes down progress and answers what has been completed by it. What was completed before stays as it is, whatever has
 * happened to the workouts since.
 */
export async function storeProgress(
  trx: Transaction,
  progress: readonly Progress[],
  now: Date,
): Promise<{ userId: string; milestoneId: string }[]> {
  const { rows } = await trx.raw<Rows<{ userId: string; milestoneId: string; completedAt: Date | null }>>(
    `WITH given AS (
       SELECT * FROM jsonb_to_recordset(:progress::JSONB)
         AS g("userId" TEXT, "milestoneId" TEXT, progress INTEGER, "isComplete" BOOLEAN)
     )
     INSERT INTO user_milestone_progress AS p (user_id, milestone_id, progress, completed_at)
     SELECT u.id, m.id, g.progress, CASE WHEN g."isComplete" THEN :now::TIMESTAMPTZ END
     FROM given g JOIN users u ON u.id = g."userId" JOIN milestones m ON m.id = g."milestoneId"
     WHERE g.progress > 0 OR EXISTS (SELECT FROM user_milestone_progress e WHERE e.user_id = u.id AND e.milestone_id = m.id)
     ON CONFLICT (user_id, milestone_id) DO UPDATE SET progress = excluded.progress, completed_at = excluded.completed_at
       WHERE p.completed_at IS NULL AND (p.progress <> excluded.progress OR excluded.completed_at IS NOT NULL)
     RETURNING user_id AS "userId", milestone_id AS "milestoneId", completed_at AS "completedAt"`,
    { progress: JSON.stringify(progress), now },
  );
  return rows.filter(({ completedAt }) => completedAt !== null);
}

/**
 * Marks a completed milestone's reward as claimed; of two who do it at once the second one finds it claimed.
 *
 * @throws ApiError NOT_FOUND, UNPROCESSABLE when it is not completed, CONFLICT when it is claimed.
 */
export async function claimReward(
  trx: Transaction,
  userId: string,
  milestoneId: string,
): Promise<{ name: string; rewardCredits: number }> {
  const { rows } = await trx.raw<Rows<{ name: string; rewardCredits: number; isCompleted: boolean; isClaimed: boolean }>>(
    `WITH claimed AS (
       UPDATE user_milestone_progress SET reward_claimed = TRUE
       WHERE user_id = :userId AND milestone_id = :milestoneId AND completed_at IS NOT NULL AND NOT coalesce(reward_claimed, FALSE)
       RETURNING milestone_id
     )
     SELECT m.name, coalesce(m.reward_credits, 0) AS "rewardCredits", p.completed_at IS NOT NULL AS "isCompleted",
       EXISTS (SELECT FROM claimed) AS "isClaimed"
     FROM milestones m LEFT JOIN user_milestone_progress p ON p.milestone_id = m.id AND p.user_id = :userId
     WHERE m.id = :milestoneId`,
    { userId, milestoneId },
  );
  const [row] = rows;
  if (row === undefined) throw new ApiError('NOT_FOUND', 'No milestone has this id.');
  if (!row.isCompleted) throw new ApiError('UNPROCESSABLE', 'This milestone has not been reached yet.');
  if (!row.isClaimed) throw new ApiError('CONFLICT', 'The reward of this milestone has been claimed before.');
  return row;
}

/** `near` from 80 % on, `completed` for a week, `unclaimed` while a reward waits. */
export const MILESTONE_SIGNS = ['near', 'completed', 'unclaimed'] as const;

/** Which signs there are in a member's milestones. */
export async function findMilestoneSigns(knex: Knex, userId: string, now: Date): Promise<Set<string>> {
  const { rows } = await knex.raw<Rows<Record<(typeof MILESTONE_SIGNS)[number], boolean | null>>>(
    `SELECT
       bool_or(p.completed_at IS NULL AND p.progress >= 0.8 * (m.condition_value->>'target')::NUMERIC) AS near,
       bool_or(p.completed_at > :now::TIMESTAMPTZ - INTERVAL '7 days') AS completed,
       bool_or(p.completed_at IS NOT NULL AND NOT p.reward_claimed AND m.reward_credits > 0) AS unclaimed
     FROM user_milestone_progress p JOIN milestones m ON m.id = p.milestone_id WHERE p.user_id = :userId`,
    { userId, now },
  );
  return new Set(MILESTONE_SIGNS.filter((sign) => rows[0]?.[sign] === true));
}
