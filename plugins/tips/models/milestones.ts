import type { Knex } from 'knex';
import { ApiError, type Rows, type Transaction } from 'musclemap';
import { keepEdited } from './shipped.ts';

export interface Milestone {
  id: string;
  name: string;
  description: string | null;
  category: string;
  conditionType: string;
  conditionValue: { target: number } & Record<string, unknown>;
  rewardCredits: number;
  badgeIcon: string | null;
  createdAt: Date;
}

export type MilestoneFields = Omit<Milestone, 'id' | 'createdAt'>;

const COLUMNS = `
  m.id, m.name, m.description, m.category, m.condition_type AS "conditionType", m.condition_value AS "conditionValue",
  coalesce(m.reward_credits, 0) AS "rewardCredits", m.badge_icon AS "badgeIcon", m.created_at AS "createdAt"`;

/** What is measured: all milestones, or those of the ids. */
export async function findConditions(
  knex: Knex,
  ids: readonly string[] | null,
): Promise<Pick<Milestone, 'id' | 'name' | 'conditionType' | 'conditionValue' | 'rewardCredits'>[]> {
  const { rows } = await knex.raw<Rows<Milestone>>(
    `SELECT ${COLUMNS} FROM milestones m WHERE :ids::TEXT[] IS NULL OR m.id = ANY (:ids)`,
    { ids: ids === null ? null : [...ids] },
  );
  return rows;
}

/** The ids of those whose condition is of one of the types. */
export async function findIdsByCondition(knex: Knex, types: readonly string[]): Promise<string[]> {
  const rows = await knex('milestones').whereIn('condition_type', [...types]).select<{ id: string }[]>('id');
  return rows.map(({ id }) => id);
}

export interface MemberMilestone extends Milestone {
  progress: number;
  completedAt: Date | null;
  rewardClaimed: boolean;
}

/** All milestones with how far a member has come, by category and the least first. */
export async function findMemberMilestones(knex: Knex, userId: string): Promise<MemberMilestone[]> {
  const { rows } = await knex.raw<Rows<MemberMilestone>>(
    `SELECT ${COLUMNS}, coalesce(p.progress, 0) AS progress, p.completed_at AS "completedAt",
       coalesce(p.reward_claimed, FALSE) AS "rewardClaimed"
     FROM milestones m LEFT JOIN user_milestone_progress p ON p.milestone_id = m.id AND p.user_id = ?
     ORDER BY m.category, m.condition_type, (m.condition_value->>'target')::NUMERIC, m.id`,
    [userId],
  );
  return rows;
}

/** Newest first. */
export async function findMilestones(
  knex: Knex,
  filter: { conditionType?: string | undefined; category?: string | undefined },
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<Milestone[]> {
  const { rows } = await knex.raw<Rows<Milestone>>(
    `SELECT ${COLUMNS} FROM milestones m
     WHERE (:conditionType::TEXT IS NULL OR m.condition_type = :conditionType)
       AND (:category::TEXT IS NULL OR m.category = :category)
       AND (:afterAt::TIMESTAMPTZ IS NULL OR (date_trunc('milliseconds', m.created_at), m.id) < (:afterAt, :afterId))
     ORDER BY date_trunc('milliseconds', m.created_at) DESC, m.id DESC LIMIT :limit`,
    {
      conditionType: filter.conditionType ?? null,
      category: filter.category ?? null,
      afterAt: after?.[0] ?? null,
      afterId: after?.[1] ?? null,
      limit,
    },
  );
  return rows;
}

/** @throws ApiError NOT_FOUND. */
export async function getMilestone(knex: Knex, id: string): Promise<Milestone> {
  const { rows } = await knex.raw<Rows<Milestone>>(`SELECT ${COLUMNS} FROM milestones m WHERE m.id = ?`, [id]);
  return rows[0] ?? refuseUnknown();
}

export async function insertMilestone(trx: Transaction, fields: MilestoneFields): Promise<Milestone> {
  const [row] = await trx('milestones').insert(toRow(fields)).returning<{ id: string }[]>('id');
  return getMilestone(trx, row?.id ?? '');
}

export async function updateMilestone(trx: Transaction, id: string, fields: MilestoneFields): Promise<Milestone> {
  await trx('milestones').where({ id }).update(toRow(fields));
  await keepEdited(trx, id);
  return getMilestone(trx, id);
}

/** @throws ApiError NOT_FOUND. */
export async function deleteMilestone(trx: Transaction, id: string): Promise<void> {
  if ((await trx('milestones').where({ id }).delete()) === 0) refuseUnknown();
  await keepEdited(trx, id);
}

function toRow(fields: MilestoneFields): Record<string, unknown> {
  return {
    name: fields.name,
    description: fields.description,
    category: fields.category,
    condition_type: fields.conditionType,
    condition_value: JSON.stringify(fields.conditionValue),
    reward_credits: fields.rewardCredits,
    badge_icon: fields.badgeIcon,
  };
}

function refuseUnknown(): never {
  throw new ApiError('NOT_FOUND', 'No milestone has this id.');
}
