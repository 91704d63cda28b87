import type { Knex } from 'knex';
import type { PersonalData } from 'musclemap';

/** What is kept about a member: tips shown and dismissed, and milestones. */
export function personalData(knex: Knex): PersonalData {
  return {
    export: async (userId) => {
      const [dismissedTips, chosenTips, milestones] = await Promise.all([
        knex('user_tips_seen AS s')
          .join('tips AS t', 't.id', 's.tip_id')
          .where('s.user_id', userId)
          .orderBy('s.seen_at')
          .select({ tipId: 's.tip_id', title: 't.title', seenAt: 's.seen_at' }),
        knex('tips_chosen AS c')
          .join('tips AS t', 't.id', 'c.tip_id')
          .where('c.user_id', userId)
          .orderBy(['c.day', 'c.context', 'c.position'])
          .select({ tipId: 'c.tip_id', title: 't.title', day: 'c.day', context: 'c.context' }),
        knex('user_milestone_progress AS p')
          .join('milestones AS m', 'm.id', 'p.milestone_id')
          .where('p.user_id', userId)
          .orderBy('p.milestone_id')
          .select({
            milestoneId: 'p.milestone_id',
            name: 'm.name',
            progress: 'p.progress',
            completedAt: 'p.completed_at',
            rewardClaimed: 'p.reward_claimed',
          }),
      ]);
      return { dismissedTips, chosenTips, milestones };
    },
    erase: async (trx, userId) => {
      for (const table of ['user_tips_seen', 'tips_chosen', 'user_milestone_progress']) {
        await trx(table).where({ user_id: userId }).delete();
      }
    },
  };
}
