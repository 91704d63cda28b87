import { created, cursorPosition, page, Type, type RouteRegistrar } from 'musclemap';
import { MILESTONE_CATEGORIES, TIP_CATEGORIES } from '../catalogue/types.ts';
import { requestCatchUp } from '../milestones/catch-up.ts';
import { allConditions, type ConditionContext } from '../milestones/conditions.ts';
import { deleteMilestone, findMilestones, getMilestone, insertMilestone, updateMilestone } from '../models/milestones.ts';
import { deleteTip, findTips, getTip, insertTip, updateTip } from '../models/tips.ts';
import { AddedType, Milestone, MilestoneBody, MilestonePatch, Tip, TipBody, TipPatch, TriggerValue } from './schemas.ts';
import { allTriggers, checkMilestone, checkTip, knownValues } from './values.ts';

const admin = { auth: 'admin' } as const;
const one = { ...admin, transaction: true, errors: ['NOT_FOUND'] } as const;
const text = (maxLength: number) => Type.Optional(Type.String({ minLength: 1, maxLength }));

/** /admin/tips */
export function registerTipAdministration(routes: RouteRegistrar, context: ConditionContext): void {
  const { knex } = context.kernel.database;
  const query = Type.Object({ triggerType: text(60), category: Type.Optional(Type.Enum([...TIP_CATEGORIES])), search: text(100) });
  routes.get(
    '/admin/tips',
    { ...admin, summary: 'Tips, newest first', list: true, query, response: Type.Array(Tip) },
    async ({ query: { limit, cursor, ...filter } }) => {
      const tips = await findTips(knex, filter, cursorPosition(cursor, ['date', 'string']), limit + 1);
      return page(tips, { limit }, ({ createdAt, id }) => [createdAt, id]);
    },
  );
  routes.get(
    '/admin/tips/triggers',
    { ...admin, summary: 'What may make a tip fit: the types that there are now', response: Type.Array(AddedType) },
    () => allTriggers(context),
  );
  routes.get(
    '/admin/tips/trigger-values',
    {
      ...admin,
      summary: 'What triggers are known to compare with, by type; numbers, exercises and the types of plugins take others as well',
      response: Type.Array(TriggerValue),
    },
    () => knownValues(context),
  );
  routes.get(
    '/admin/tips/:id',
    { ...admin, summary: 'One tip', response: Tip, errors: ['NOT_FOUND'] },
    ({ params }) => getTip(knex, params.id ?? ''),
  );
  routes.post(
    '/admin/tips',
    { ...admin, summary: 'Adds a tip', transaction: true, status: 201, body: TipBody, response: Tip },
    async ({ body, trx }) => {
      const defaults = { triggerValue: null, priority: 0, displayContext: [], minLevel: 1, maxLevel: null };
      const fields = { ...defaults, ...body };
      await checkTip(context, fields);
      const tip = await insertTip(trx, fields);
      return created(`/api/admin/tips/${tip.id}`, tip);
    },
  );
  routes.patch(
    '/admin/tips/:id',
    { ...one, summary: 'Changes a tip', body: TipPatch, response: Tip },
    async ({ params: { id = '' }, body, trx }) => {
      const fields = { ...(await getTip(trx, id)), ...body };
      await checkTip(context, fields);
      return updateTip(trx, id, fields);
    },
  );
  routes.delete(
    '/admin/tips/:id',
    { ...one, summary: 'Removes a tip, for everybody and for good', status: 204 },
    ({ params: { id = '' }, trx }) => deleteTip(trx, id),
  );
}

/** /admin/milestones */
export function registerMilestoneAdministration(routes: RouteRegistrar, context: ConditionContext): void {
  const { knex } = context.kernel.database;
  const query = Type.Object({ conditionType: text(60), category: Type.Optional(Type.Enum([...MILESTONE_CATEGORIES])) });
  routes.get(
    '/admin/milestones',
    { ...admin, summary: 'Milestones, newest first', list: true, query, response: Type.Array(Milestone) },
    async ({ query: { limit, cursor, ...filter } }) => {
      const milestones = await findMilestones(knex, filter, cursorPosition(cursor, ['date', 'string']), limit + 1);
      return page(milestones, { limit }, ({ createdAt, id }) => [createdAt, id]);
    },
  );
  routes.get(
    '/admin/milestones/conditions',
    { ...admin, summary: 'What milestones may be measured by: the types that there are now', response: Type.Array(AddedType) },
    () => allConditions(context),
  );
  routes.get(
    '/admin/milestones/:id',
    { ...admin, summary: 'One milestone', response: Milestone, errors: ['NOT_FOUND'] },
    ({ params }) => getMilestone(knex, params.id ?? ''),
  );
  routes.post(
    '/admin/milestones',
    {
      ...admin,
      summary: 'Adds a milestone; what members have done before counts',
      transaction: true,
      status: 201,
      body: MilestoneBody,
      response: Milestone,
    },
    async ({ body, trx }) => {
      await checkMilestone(context, body);
      const milestone = await insertMilestone(trx, { description: null, rewardCredits: 0, badgeIcon: null, ...body });
      await requestCatchUp(context, [milestone.id], trx);
      return created(`/api/admin/milestones/${milestone.id}`, milestone);
    },
  );
  routes.patch(
    '/admin/milestones/:id',
    {
      ...one,
      summary: 'Changes a milestone; who has completed it keeps it, all others are measured anew',
      body: MilestonePatch,
      response: Milestone,
    },
    async ({ params: { id = '' }, body, trx }) => {
      const fields = { ...(await getMilestone(trx, id)), ...body };
      if (body.conditionType !== undefined || body.conditionValue !== undefined) await checkMilestone(context, fields);
      const milestone = await updateMilestone(trx, id, fields);
      await requestCatchUp(context, [id], trx);
      return milestone;
    },
  );
  routes.delete(
    '/admin/milestones/:id',
    { ...one, summary: 'Removes a milestone and all progress towards it; claimed rewards stay', status: 204 },
    ({ params: { id = '' }, trx }) => deleteMilestone(trx, id),
  );
}
