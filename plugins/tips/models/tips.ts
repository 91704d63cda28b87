import type { Knex } from 'knex';
import { ApiError, type Rows, type Transaction } from 'musclemap';
import { keepEdited } from './shipped.ts';

export interface Tip {
  id: string;
  triggerType: string;
  triggerValue: string | null;
  category: string;
  title: string;
  content: string;
  priority: number;
  /** Where it may be shown; empty for everywhere. */
  displayContext: string[];
  minLevel: number;
  maxLevel: number | null;
  createdAt: Date;
}

export type TipFields = Omit<Tip, 'id' | 'createdAt'>;

const COLUMNS = `
  t.id, t.trigger_type AS "triggerType", t.trigger_value AS "triggerValue", t.category, t.title, t.content,
  coalesce(t.priority, 0) AS priority, coalesce(t.display_context, '{}') AS "displayContext",
  coalesce(t.min_level, 1) AS "minLevel", t.max_level AS "maxLevel", t.created_at AS "createdAt"`;

/** The tips that were chosen for a member on a day, in their order, but for those dismissed since. */
export async function findChosen(knex: Knex, userId: string, day: string, context: string): Promise<Tip[]> {
  const { rows } = await knex.raw<Rows<Tip>>(
    `SELECT ${COLUMNS} FROM tips_chosen c JOIN tips t ON t.id = c.tip_id
     WHERE c.user_id = :userId AND c.day = :day AND c.context = :context
       AND NOT EXISTS (SELECT FROM user_tips_seen s WHERE s.user_id = c.user_id AND s.tip_id = c.tip_id)
     ORDER BY c.position`,
    { userId, day, context },
  );
  return rows;
}

/** What may be chosen for a member: at their level, for this place, not dismissed, not yet chosen here today. */
export async function findCandidates(
  knex: Knex,
  question: { userId: string; day: string; context: string; place: string; level: number },
): Promise<(Tip & { lastChosen: string | null })[]> {
  const { rows } = await knex.raw<Rows<Tip & { lastChosen: string | null }>>(
    `SELECT ${COLUMNS}, (SELECT max(c.day) FROM tips_chosen c WHERE c.user_id = :userId AND c.tip_id = t.id) AS "lastChosen"
     FROM tips t
     WHERE coalesce(t.min_level, 1) <= :level AND (t.max_level IS NULL OR t.max_level >= :level)
       AND (coalesce(cardinality(t.display_context), 0) = 0 OR :place = ANY (t.display_context))
       AND NOT EXISTS (SELECT FROM user_tips_seen s WHERE s.user_id = :userId AND s.tip_id = t.id)
       AND NOT EXISTS (
         SELECT FROM tips_chosen c WHERE c.user_id = :userId AND c.day = :day AND c.context = :context AND c.tip_id = t.id)`,
    question,
  );
  return rows;
}

/** Writes down what was chosen, after what was chosen before, and forgets what is too old to matter. */
export async function storeChosen(
  trx: Transaction,
  choice: { userId: string; day: string; context: string; tipIds: readonly string[]; forgetBefore: string },
): Promise<void> {
  await trx.raw(
    `WITH forgotten AS (DELETE FROM tips_chosen WHERE user_id = :userId AND day < :forgetBefore)
     INSERT INTO tips_chosen (user_id, day, context, position, tip_id)
     SELECT :userId, :day, :context, n.after + g.position, g.tip_id
     FROM unnest(:tipIds::TEXT[]) WITH ORDINALITY AS g (tip_id, position),
       (SELECT coalesce(max(position), 0) AS after FROM tips_chosen
        WHERE user_id = :userId AND day = :day AND context = :context) AS n
     ON CONFLICT DO NOTHING`,
    { ...choice, tipIds: [...choice.tipIds] },
  );
}

/** Keeps a member's choices apart, so that two requests at once choose one after the other. */
export async function lockChoice(trx: Transaction, userId: string): Promise<void> {
  await trx.raw('SELECT pg_advisory_xact_lock(hashtextextended(?, 0))', [`tips:choice:${userId}`]);
}

/** Remembers that a member does not want to see a tip again. @throws ApiError NOT_FOUND. */
export async function dismissTip(knex: Knex, userId: string, tipId: string, now: Date): Promise<void> {
  const { rowCount } = await knex.raw<Rows<object>>(
    `WITH tip AS (SELECT id FROM tips WHERE id = :tipId), seen AS (
       INSERT INTO user_tips_seen (user_id, tip_id, seen_at) SELECT :userId, id, :now FROM tip ON CONFLICT DO NOTHING
     ) SELECT id FROM tip`,
    { userId, tipId, now },
  );
  if (rowCount === 0) refuseUnknown();
}

export interface TipFilter {
  triggerType?: string | undefined;
  category?: string | undefined;
  search?: string | undefined;
}

/** Newest first. */
export async function findTips(
  knex: Knex,
  filter: TipFilter,
  after: readonly [string, string] | undefined,
  limit: number,
): Promise<Tip[]> {
  const { rows } = await knex.raw<Rows<Tip>>(
    `SELECT ${COLUMNS} FROM tips t
     WHERE (:triggerType::TEXT IS NULL OR t.trigger_type = :triggerType)
       AND (:category::TEXT IS NULL OR t.category = :category)
       AND (:search::TEXT IS NULL OR t.title || ' ' || t.content ILIKE :search)
       AND (:afterAt::TIMESTAMPTZ IS NULL OR (date_trunc('milliseconds', t.created_at), t.id) < (:afterAt, :afterId))
     ORDER BY date_trunc('milliseconds', t.created_at) DESC, t.id DESC LIMIT :limit`,
    {
      triggerType: filter.triggerType ?? null,
      category: filter.category ?? null,
      search: filter.search === undefined ? null : `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`,
      afterAt: after?.[0] ?? null,
      afterId: after?.[1] ?? null,
      limit,
    },
  );
  return rows;
}

/** @throws ApiError NOT_FOUND. */
export async function getTip(knex: Knex, id: string): Promise<Tip> {
  const { rows } = await knex.raw<Rows<Tip>>(`SELECT ${COLUMNS} FROM tips t WHERE t.id = ?`, [id]);
  return rows[0] ?? refuseUnknown();
}

export async function insertTip(trx: Transaction, fields: TipFields): Promise<Tip> {
  const [row] = await trx('tips').insert(toRow(fields)).returning<{ id: string }[]>('id');
  return getTip(trx, row?.id ?? '');
}

export async function updateTip(trx: Transaction, id: string, fields: TipFields): Promise<Tip> {
  await trx('tips').where({ id }).update(toRow(fields));
  await keepEdited(trx, id);
  return getTip(trx, id);
}

/** @throws ApiError NOT_FOUND. */
export async function deleteTip(trx: Transaction, id: string): Promise<void> {
  if ((await trx('tips').where({ id }).delete()) === 0) refuseUnknown();
  await keepEdited(trx, id);
}

function toRow(fields: TipFields): Record<string, unknown> {
  return {
    trigger_type: fields.triggerType,
    trigger_value: fields.triggerValue,
    category: fields.category,
    title: fields.title,
    content: fields.content,
    priority: fields.priority,
    display_context: fields.displayContext.length === 0 ? null : fields.displayContext,
    min_level: fields.minLevel,
    max_level: fields.maxLevel,
  };
}

function refuseUnknown(): never {
  throw new ApiError('NOT_FOUND', 'No tip has this id.');
}

/** What the tips that there are compare with, by the type of their trigger. */
export async function findTriggerValues(knex: Knex): Promise<{ type: string; value: string }[]> {
  return knex('tips')
    .whereNotNull('trigger_value')
    .distinct<{ type: string; value: string }[]>({ type: 'trigger_type', value: 'trigger_value' })
    .orderBy(['type', 'value']);
}
