import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

/** Everything that the community keeps about a member. */
export async function exportPersonalData(knex: Knex, userId: string): Promise<object> {
  const of = (table: string, column = 'user_id'): Promise<object[]> => knex(table).where({ [column]: userId }).select<object[]>();
  const [activities, highFives, blocks, settings, groups, memberships, competitions, participations, invitations, reports] = await Promise.all([
    of('activity_events'),
    of('high_fives'),
    of('user_blocks', 'blocker_id'),
    of('community_settings'),
    of('groups', 'owner_id'),
    of('group_memberships'),
    of('competitions', 'creator_id'),
    of('competition_participants'),
    of('community_invitations'),
    of('reports', 'reporter_id'),
  ]);
  return { activities, highFives, blocks, settings, groups, memberships, competitions, participations, invitations, reports };
}

/**
 * Takes a member out of everything. A group goes on with its oldest administrator, moderator or member as the owner, and is deleted when
 * nobody is left; standings of competitions stay, without a name; what others were told of the member goes.
 */
export async function erasePersonalData(trx: Transaction, userId: string): Promise<void> {
  await trx.raw(
    `WITH heirs AS (
       SELECT DISTINCT ON (m.group_id) m.group_id, m.user_id FROM group_memberships m JOIN groups g ON g.id = m.group_id
       WHERE g.owner_id = :userId AND m.user_id <> :userId
       ORDER BY m.group_id, array_position(ARRAY['admin', 'moderator', 'member'], m.role), m.joined_at
     ), promoted AS (
       UPDATE group_memberships m SET role = 'owner' FROM heirs h WHERE m.group_id = h.group_id AND m.user_id = h.user_id
     )
     UPDATE groups g SET owner_id = h.user_id FROM heirs h WHERE g.id = h.group_id`,
    { userId },
  );
  await trx('groups').where({ owner_id: userId }).delete();
  await trx('group_memberships').where({ user_id: userId }).delete();
  await trx.raw(
    `DELETE FROM activity_events WHERE user_id = :userId OR payload->'from'->>'id' = :userId`,
    { userId },
  );
  for (const [table, column] of [
    ['high_fives', 'user_id'],
    ['user_blocks', 'blocker_id'],
    ['user_blocks', 'blocked_id'],
    ['community_settings', 'user_id'],
    ['community_invitations', 'user_id'],
    ['community_invitations', 'invited_by'],
    ['community_presence', 'user_id'],
  ] as const) {
    await trx(table).where({ [column]: userId }).delete();
  }
  await trx('reports').where({ reporter_id: userId }).update({ reporter_id: null, details: null });
  await trx.raw<Rows<object>>(
    `UPDATE competitions SET description = NULL, name = 'Competition' WHERE creator_id = ? AND status IN ('completed', 'canceled')`,
    [userId],
  );
}
