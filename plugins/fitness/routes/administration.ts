import { Reply, Type, cursorPosition, page, type PluginKernel, type RouteRegistrar } from 'musclemap';
import { today } from '../dates.ts';
import { findGymDays } from '../models/activity.ts';
import { IMPORT_STATES, findAllImports } from '../models/imports.ts';
import { findStreaks, findTotals } from '../models/totals.ts';
import { Day, Nullable } from './schemas.ts';

const Moment = Type.String({ format: 'date-time' });
const State = Type.Enum([...IMPORT_STATES]);

const GymDay = Type.Object({ date: Day, workouts: Type.Integer(), members: Type.Integer(), totalTU: Type.Number() });
const GymImport = Type.Object({
  id: Type.String(),
  user: Nullable(Type.Object({ id: Type.String(), username: Type.String() })),
  state: State,
  format: Type.String({ description: 'Empty while that is not known' }),
  workouts: Type.Integer(),
  duplicates: Type.Integer(),
  problems: Type.Integer({ description: 'Rows and workouts that were left out' }),
  error: Nullable(Type.String()),
  createdAt: Moment,
  finishedAt: Nullable(Moment),
});
const Training = Type.Object({
  workouts: Type.Integer(),
  totalTU: Type.Number(),
  daysTrained: Type.Integer(),
  currentStreak: Type.Integer(),
  lastDate: Nullable(Day),
});

/** What who runs the gym sees of everybody's training: sums, never what somebody has lifted. */
export function registerAdministration(routes: RouteRegistrar, kernel: PluginKernel): void {
  const { knex } = kernel.database;
  routes.get(
    '/admin/workouts/days',
    {
      summary: 'How many people trained on each day, the last one today (UTC)',
      auth: 'admin',
      query: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366, default: 28 })) }),
      response: Type.Array(GymDay),
    },
    ({ query: { days = 28 } }) => findGymDays(knex, today(kernel.clock.now()), days),
  );
  routes.get(
    '/admin/workouts/imports',
    {
      summary: 'The imports of all members, newest first',
      auth: 'admin',
      list: true,
      query: Type.Object({ state: Type.Optional(State) }),
      response: Type.Array(GymImport),
    },
    async ({ query }) => {
      const after = cursorPosition(query.cursor, ['string']);
      const answer = page(await findAllImports(knex, query.state, after?.[0], query.limit + 1), query, ({ id }) => [id]);
      const profiles = await kernel.users.profiles(answer.data.map(({ userId }) => userId));
      const imports = answer.data.map(({ userId, ...row }) => {
        const profile = profiles.get(userId);
        return { ...row, user: profile === undefined ? null : { id: userId, username: profile.username } };
      });
      return new Reply(imports, answer.options);
    },
  );
  routes.get(
    '/admin/users/:userId/training',
    { summary: 'The sums of a member', auth: 'admin', response: Training },
    async ({ params: { userId = '' } }) => {
      const [totals, streaks] = await Promise.all([findTotals(knex, [userId]), findStreaks(knex, [userId], kernel.clock.now())]);
      return { ...totals.get(userId), currentStreak: streaks.get(userId)?.current ?? 0 };
    },
  );
}
