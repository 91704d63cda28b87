import { ApiError, definePlugin, Type } from 'musclemap';

const Entry = Type.Object({ userId: Type.String(), badge: Type.String(), isAnnounced: Type.Boolean() });

export default definePlugin({
  apply(kernel) {
    kernel.hooks.migrations.tap('badge-wall', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));

    // In the award's transaction: the wall and the award are kept together, and a second badge of a kind is refused.
    kernel.plugin('badges').hooks.badgeEarned.tapPromise({ name: 'badge-wall', veto: true }, async ({ trx, userId, badge }) => {
      const added = await trx('badge_wall').insert({ user_id: userId, badge }).onConflict(['user_id', 'badge']).ignore().returning('badge');
      if (added.length === 0) throw new ApiError('CONFLICT', 'This member has the badge already.');
    });

    // After the commit, at least once: the event's id makes the second delivery do nothing new.
    kernel.hooks.events.tap('badge-wall', (events) => {
      events.on('badge.earned', async ({ id, payload: { userId, badge } }) => {
        await kernel.database.knex('badge_wall').where({ user_id: userId, badge }).update({ announced_by: id });
      });
    });

    kernel.hooks.routes.tap('badge-wall', (routes) => {
      routes.get('/badge-wall', { summary: 'Who earned which badge', auth: 'none', response: Type.Array(Entry) }, () =>
        kernel.database.knex('badge_wall')
          .orderBy(['user_id', 'badge'])
          .limit(100)
          .select({ userId: 'user_id', badge: 'badge', isAnnounced: kernel.database.knex.raw('announced_by IS NOT NULL') }),
      );
    });
  },
});
