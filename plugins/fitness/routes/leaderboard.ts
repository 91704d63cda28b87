import { Reply, Type, cursorPosition, invalid, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { PERIODS, type Boards } from '../models/boards.ts';
import { findLeaderboard, findOwnPlace } from '../models/leaderboard.ts';
import { LeaderboardEntry } from './schemas.ts';

const Query = Type.Object({
  period: Type.Optional(Type.Enum([...PERIODS], { default: 'all', description: 'The last 7 days, the last 30, or all' })),
  archetypeId: Type.Optional(Type.String({ minLength: 1, maxLength: 50 })),
});

/** GET /leaderboard */
export function registerLeaderboardRoutes(routes: RouteRegistrar, kernel: PluginKernel, boards: Boards): void {
  routes.get(
    '/leaderboard',
    {
      summary: "Members by the Training Units of their public workouts; meta.me is the caller's own place",
      auth: 'optional',
      list: true,
      replica: true,
      query: Query,
      response: Type.Array(LeaderboardEntry),
    },
    async ({ user, query, reader }) => {
      const { period = 'all', archetypeId } = query;
      const after = cursorPosition(query.cursor, ['number', 'string']);
      if (after !== undefined && !Number.isSafeInteger(after[0])) throw invalid('/query/cursor', 'is not a cursor of this list');
      const question = { board: await boards.find(period, kernel.clock.now()), archetypeId };
      const [rows, me] = await Promise.all([
        findLeaderboard(reader, question, after, query.limit + 1),
        user === undefined ? null : findOwnPlace(reader, question, user.id),
      ]);
      const { data, options } = page(rows, query, ({ hundredths, userId }) => [hundredths, userId]);
      const entries = data.map(({ hundredths: _hundredths, ...entry }) => entry);
      return new Reply(entries, { meta: { ...options.meta, me } });
    },
  );
}
