import { Reply, Type, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { findLeaderboard } from '../models/leaderboard.ts';
import { LeaderboardEntry } from './schemas.ts';

const Query = Type.Object({
  period: Type.Optional(Type.Enum(['week', 'month', 'all'], { default: 'all' })),
  archetypeId: Type.Optional(Type.String({ maxLength: 50 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
});

/** GET /leaderboard */
export function registerLeaderboardRoutes(routes: RouteRegistrar, kernel: PluginKernel): void {
  routes.get(
    '/leaderboard',
    { summary: 'Members by Training Units', auth: 'optional', query: Query, response: Type.Array(LeaderboardEntry) },
    async ({ user, query }) => {
      const { period = 'all', limit = 20, archetypeId } = query;
      const { top, me } = await findLeaderboard(kernel.database.knex, { period, archetypeId, limit, me: user?.id });
      return new Reply(top, { meta: { limit, nextCursor: null, me } });
    },
  );
}
