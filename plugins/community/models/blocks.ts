import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

export interface BlockRow {
  userId: string;
  createdAt: Date;
  position: string;
}

/** Blocks somebody; false when they were blocked already, undefined when there is nobody with this id. */
export async function insertBlock(trx: Transaction, blockerId: string, blockedId: string): Promise<boolean | undefined> {
  const { rows } = await trx.raw<Rows<{ isNew: boolean }>>(
    `WITH stored AS (
       INSERT INTO user_blocks (blocker_id, blocked_id)
       SELECT :blockerId, id FROM users WHERE id = :blockedId ON CONFLICT DO NOTHING RETURNING blocked_id
     )
     SELECT EXISTS (SELECT FROM stored) AS "isNew" FROM users WHERE id = :blockedId`,
    { blockerId, blockedId },
  );
  return rows[0]?.isNew;
}

export async function deleteBlock(trx: Transaction, blockerId: string, blockedId: string): Promise<void> {
  await trx('user_blocks').where({ blocker_id: blockerId, blocked_id: blockedId }).delete();
}

/** Whether one has blocked any of the others, or been blocked by one of them. */
export async function isBlocked(knex: Knex, oneId: string, otherIds: readonly string[]): Promise<boolean> {
  const { rows } = await knex.raw<Rows<{ blocked: boolean }>>(
    `SELECT EXISTS (
       SELECT FROM user_blocks
       WHERE (blocker_id = :oneId AND blocked_id = ANY (:otherIds)) OR (blocker_id = ANY (:otherIds) AND blocked_id = :oneId)
     ) AS blocked`,
    { oneId, otherIds: [...otherIds] },
  );
  return rows[0]?.blocked ?? false;
}

/** Everybody whom a member does not see, or who does not see the member. */
export async function findHidden(knex: Knex, userId: string): Promise<Set<string>> {
  const { rows } = await knex.raw<Rows<{ id: string }>>(
    `SELECT blocked_id AS id FROM user_blocks WHERE blocker_id = :userId
     UNION SELECT blocker_id FROM user_blocks WHERE blocked_id = :userId`,
    { userId },
  );
  return new Set(rows.map(({ id }) => id));
}

/** One page of those whom a member has blocked, the latest first. */
export async function findBlocks(
  knex: Knex,
  blockerId: string,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<BlockRow[]> {
  const { rows } = await knex.raw<Rows<BlockRow>>(
    `SELECT blocked_id AS "userId", created_at AS "createdAt", created_at::TEXT AS position FROM user_blocks
     WHERE blocker_id = :blockerId
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (created_at, blocked_id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY created_at DESC, blocked_id DESC LIMIT :limit`,
    { blockerId, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}
