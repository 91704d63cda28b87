import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

export interface Invitation {
  id: string;
  groupId: string | null;
  competitionId: string | null;
  /** Of the group or competition. */
  name: string;
  invitedBy: string;
  createdAt: Date;
  position: string;
}

/** What somebody is asked into. */
export type InvitedTo = { groupId: string } | { competitionId: string };

/** Asks somebody in; the same again changes nothing. Undefined when there is nobody with this id. */
export async function invite(trx: Transaction, to: InvitedTo, userId: string, invitedBy: string): Promise<string | undefined> {
  const groupId = 'groupId' in to ? to.groupId : null;
  const competitionId = 'competitionId' in to ? to.competitionId : null;
  const { rows } = await trx.raw<Rows<{ id: string }>>(
    `WITH made AS (
       INSERT INTO community_invitations (group_id, competition_id, user_id, invited_by)
       SELECT :groupId, :competitionId, id, :invitedBy FROM users WHERE id = :userId ON CONFLICT DO NOTHING RETURNING id
     )
     SELECT id FROM made UNION ALL
     SELECT id FROM community_invitations
     WHERE user_id = :userId AND (group_id = :groupId OR competition_id = :competitionId) LIMIT 1`,
    { groupId, competitionId, userId, invitedBy },
  );
  return rows[0]?.id;
}

/** One page of what a member was asked into, the latest first. */
export async function findInvitations(
  knex: Knex,
  userId: string,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<Invitation[]> {
  const { rows } = await knex.raw<Rows<Invitation>>(
    `SELECT i.id, i.group_id AS "groupId", i.competition_id AS "competitionId", coalesce(g.name, c.name) AS name,
       i.invited_by AS "invitedBy", i.created_at AS "createdAt", i.created_at::TEXT AS position
     FROM community_invitations i LEFT JOIN groups g ON g.id = i.group_id LEFT JOIN competitions c ON c.id = i.competition_id
     WHERE i.user_id = :userId
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (i.created_at, i.id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY i.created_at DESC, i.id DESC LIMIT :limit`,
    { userId, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}

/** Whether somebody was asked in. */
export async function isInvited(knex: Knex, to: InvitedTo, userId: string): Promise<boolean> {
  const where = 'groupId' in to ? { group_id: to.groupId } : { competition_id: to.competitionId };
  return (await knex('community_invitations').where({ ...where, user_id: userId }).first<object | undefined>('id')) !== undefined;
}

export async function deleteInvitation(knex: Knex, id: string, userId: string): Promise<boolean> {
  return (await knex('community_invitations').where({ id, user_id: userId }).delete()) > 0;
}
