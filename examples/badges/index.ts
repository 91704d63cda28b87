import './hooks.ts';
import { ApiError, definePlugin, Type } from 'musclemap';

const NAMES = ['early-bird', 'iron-will', 'team-player'] as const;
const Award = Type.Object({ userId: Type.String(), badge: Type.Enum([...NAMES]) }, { additionalProperties: false });

export default definePlugin<Record<string, never>, 'badges'>({
  apply(kernel) {
    const hooks = kernel.offer({ hooks: { badgeEarned: 'transaction' }, services: { names: NAMES } });

    kernel.hooks.routes.tap('badges', (routes) => {
      routes.post(
        '/badges',
        { summary: 'Awards a badge', auth: 'moderator', transaction: true, body: Award, response: Award, status: 201, errors: ['NOT_FOUND'] },
        async ({ trx, body: { userId, badge } }) => {
          const profiles = await kernel.users.profiles([userId]);
          if (!profiles.has(userId)) throw new ApiError('NOT_FOUND', 'No member has this id.');
          await hooks.badgeEarned.promise({ trx, userId, badge });
          kernel.events.emit(trx, 'badge.earned', { userId, badge });
          return { userId, badge };
        },
      );
    });
  },
});
