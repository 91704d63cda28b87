import type { Knex } from 'knex';
import type { Rows, Transaction } from 'musclemap';

export const GROUP_ROLES = ['member', 'moderator', 'admin', 'owner'] as const;
export type GroupRole = (typeof GROUP_ROLES)[number];

export interface GroupSettings {
  /** Whether strangers find the group and see who is in it. */
  isPublic: boolean;
  /** `open` lets everybody in, `invitation` only who was asked. */
  joinPolicy: 'open' | 'invitation';
  /** The least role that may invite. */
  mayInvite: GroupRole;
}

export const STANDARD_SETTINGS: GroupSettings = { isPublic: true, joinPolicy: 'open', mayInvite: 'moderator' };

export interface Group {
  id: string;
  name: string;
  description: string | null;
  avatarUrl: string | null;
  ownerId: string;
  settings: GroupSettings;
  memberCount: number;
  /** The reader's role; null for who is not in it. */
  myRole: GroupRole | null;
  createdAt: Date;
  updatedAt: Date;
}

export interface GroupMember {
  userId: string;
  role: GroupRole;
  joinedAt: Date;
  position: string;
}

const COLUMNS = `
  g.id, g.name, g.description, g.avatar_url AS "avatarUrl", g.owner_id AS "ownerId",
  :standard::JSONB || coalesce(g.settings, '{}') AS settings,
  (SELECT count(*)::INTEGER FROM group_memberships c WHERE c.group_id = g.id) AS "memberCount",
  m.role AS "myRole", g.created_at AS "createdAt", g.updated_at AS "updatedAt"`;
const standard = JSON.stringify(STANDARD_SETTINGS);

const MINE = 'LEFT JOIN group_memberships m ON m.group_id = g.id AND m.user_id = :me';
const IS_PUBLIC = `coalesce(g.settings->>'isPublic', 'true') = 'true'`;

/** Whether a role is at least another. */
export function isAtLeast(role: GroupRole | null, least: GroupRole): boolean {
  return role !== null && GROUP_ROLES.indexOf(role) >= GROUP_ROLES.indexOf(least);
}

/** Makes a group with its owner in it. */
export async function insertGroup(
  trx: Transaction,
  group: { name: string; description: string | null; avatarUrl: string | null; ownerId: string; settings: Partial<GroupSettings> },
): Promise<string> {
  const { rows } = await trx.raw<Rows<{ id: string }>>(
    `WITH made AS (
       INSERT INTO groups (name, description, avatar_url, owner_id, settings)
       VALUES (:name, :description, :avatarUrl, :ownerId, :settings) RETURNING id
     ), joined AS (
       INSERT INTO group_memberships (group_id, user_id, role) SELECT id, :ownerId, 'owner' FROM made
     )
     SELECT id FROM made`,
    { ...group, settings: JSON.stringify(group.settings) },
  );
  const [made] = rows;
  if (made === undefined) throw new TypeError('INSERT … RETURNING answered no row.');
  return made.id;
}

/** A group that the reader may see: a public one, or one that they are in or were asked into. */
export async function findGroup(knex: Knex, id: string, me: string): Promise<Group | undefined> {
  const { rows } = await knex.raw<Rows<Group>>(
    `SELECT ${COLUMNS} FROM groups g ${MINE}
     WHERE g.id = :id AND (${IS_PUBLIC} OR m.role IS NOT NULL OR EXISTS (
       SELECT FROM community_invitations i WHERE i.group_id = g.id AND i.user_id = :me))`,
    { id, me, standard },
  );
  return rows[0];
}

/** One page of groups, the newest first: the public ones, or those that the reader is in. */
export async function findGroups(
  knex: Knex,
  question: { me: string; mine: boolean; search: string | null; after: readonly [string, string] | undefined; limit: number },
): Promise<(Group & { position: string })[]> {
  const { me, mine, search, after, limit } = question;
  const { rows } = await knex.raw<Rows<Group & { position: string }>>(
    `SELECT ${COLUMNS}, g.created_at::TEXT AS position FROM groups g ${mine ? MINE.replace('LEFT JOIN', 'JOIN') : MINE}
     WHERE (:mine OR ${IS_PUBLIC} OR m.role IS NOT NULL)
       AND (:search::TEXT IS NULL OR g.name ILIKE :search)
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (g.created_at, g.id) < (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY g.created_at DESC, g.id DESC LIMIT :limit`,
    {
      ...{ me, mine, limit, standard, search: search === null ? null : `%${search.replaceAll(/[\\%_]/g, '\\$&')}%` },
      ...{ afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null },
    },
  );
  return rows;
}

/** Holds a group still while its members change; undefined when there is none. */
export async function lockGroup(trx: Transaction, id: string): Promise<boolean> {
  const { rows } = await trx.raw<Rows<object>>('SELECT FROM groups WHERE id = ? FOR UPDATE', [id]);
  return rows.length === 1;
}

export async function findRole(knex: Knex, groupId: string, userId: string): Promise<GroupRole | null> {
  const row = await knex('group_memberships').where({ group_id: groupId, user_id: userId }).first<{ role: GroupRole } | undefined>('role');
  return row?.role ?? null;
}

export async function updateGroup(
  trx: Transaction,
  id: string,
  change: { name?: string; description?: string | null; avatarUrl?: string | null; settings?: Partial<GroupSettings> },
): Promise<void> {
  await trx.raw(
    `UPDATE groups SET
       name = coalesce(:name, name),
       description = CASE WHEN :hasDescription THEN :description ELSE description END,
       avatar_url = CASE WHEN :hasAvatar THEN :avatarUrl ELSE avatar_url END,
       settings = coalesce(settings, '{}') || :settings::JSONB
     WHERE id = :id`,
    {
      id,
      name: change.name ?? null,
      hasDescription: change.description !== undefined,
      description: change.description ?? null,
      hasAvatar: change.avatarUrl !== undefined,
      avatarUrl: change.avatarUrl ?? null,
      settings: JSON.stringify(change.settings ?? {}),
    },
  );
}

/** False when there is no such group. */
export async function deleteGroup(trx: Transaction, id: string): Promise<boolean> {
  return (await trx('groups').where({ id }).delete()) > 0;
}

/** Adds a member and uses up their invitation; false when they are in already. */
export async function addMember(trx: Transaction, groupId: string, userId: string): Promise<boolean> {
  const { rows } = await trx.raw<Rows<object>>(
    `WITH used AS (DELETE FROM community_invitations WHERE group_id = :groupId AND user_id = :userId)
     INSERT INTO group_memberships (group_id, user_id, role) VALUES (:groupId, :userId, 'member')
     ON CONFLICT DO NOTHING RETURNING user_id`,
    { groupId, userId },
  );
  return rows.length === 1;
}

export async function removeMember(trx: Transaction, groupId: string, userId: string): Promise<void> {
  await trx('group_memberships').where({ group_id: groupId, user_id: userId }).delete();
}

export async function setRole(trx: Transaction, groupId: string, userId: string, role: GroupRole): Promise<void> {
  await trx('group_memberships').where({ group_id: groupId, user_id: userId }).update({ role });
}

/** Makes a member the owner; who was it becomes an administrator. */
export async function transferOwnership(trx: Transaction, groupId: string, userId: string): Promise<void> {
  await trx.raw(
    `WITH former AS (UPDATE group_memberships SET role = 'admin' WHERE group_id = :groupId AND role = 'owner' AND user_id <> :userId),
       next AS (UPDATE group_memberships SET role = 'owner' WHERE group_id = :groupId AND user_id = :userId)
     UPDATE groups SET owner_id = :userId WHERE id = :groupId`,
    { groupId, userId },
  );
}

/** One page of members, in the order in which they came. */
export async function findMembers(
  knex: Knex,
  groupId: string,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<GroupMember[]> {
  const { rows } = await knex.raw<Rows<GroupMember>>(
    `SELECT user_id AS "userId", role, joined_at AS "joinedAt", joined_at::TEXT AS position FROM group_memberships
     WHERE group_id = :groupId
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (joined_at, user_id) > (:afterTime::TIMESTAMPTZ, :afterId::TEXT))
     ORDER BY joined_at, user_id LIMIT :limit`,
    { groupId, afterTime: after?.[0] ?? null, afterId: after?.[1] ?? null, limit },
  );
  return rows;
}
