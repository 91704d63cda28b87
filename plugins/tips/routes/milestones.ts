import { Type, type RouteRegistrar } from 'musclemap';
import { allConditions, type ConditionContext } from '../milestones/conditions.ts';
import { findMemberMilestones } from '../models/milestones.ts';
import { claimReward } from '../models/progress.ts';
import { Claim, MemberMilestone } from './schemas.ts';

/** GET /milestones and POST /milestones/:id/claim */
export function registerMilestoneRoutes(routes: RouteRegistrar, context: ConditionContext): void {
  const { kernel } = context;
  routes.get(
    '/milestones',
    {
      summary: 'All milestones that can be reached here, with how far the caller has come',
      response: Type.Array(MemberMilestone),
    },
    async ({ user }) => {
      const measured = new Set((await allConditions(context)).map(({ type }) => type));
      const milestones = await findMemberMilestones(kernel.database.knex, user.id);
      return milestones
        .filter(({ conditionType, completedAt }) => measured.has(conditionType) || completedAt !== null)
        .map(({ createdAt: _createdAt, ...milestone }) => {
          const { target } = milestone.conditionValue;
          const percent = milestone.completedAt === null ? Math.floor((milestone.progress / target) * 100) : 100;
          return { ...milestone, target, progressPercent: Math.min(100, percent) };
        });
    },
  );
  routes.post(
    '/milestones/:id/claim',
    {
      summary: 'Claims the reward of a completed milestone: once, as credits in the ledger',
      idempotent: true,
      response: Claim,
      errors: ['NOT_FOUND', 'CONFLICT', 'UNPROCESSABLE'],
    },
    async ({ user, params, trx }) => {
      const milestoneId = params.id ?? '';
      const { name, rewardCredits } = await claimReward(trx, user.id, milestoneId);
      if (rewardCredits === 0) return { milestoneId, credits: 0, entryId: null, balance: null };
      const { entryId, amount, balance } = await kernel.credits.grant(trx, {
        userId: user.id,
        action: 'milestone_reward',
        key: `milestone:${user.id}:${milestoneId}`,
        amount: rewardCredits,
        metadata: { milestoneId, name },
      });
      return { milestoneId, credits: amount, entryId, balance };
    },
  );
}
