import { ApiError, Reply, Type, cursorPosition, page, type PluginKernel, type Reader, type RouteRegistrar } from 'musclemap';
import { moderates } from '../competitions/competitions.ts';
import { toFeedEntry, type CommunityConfig } from '../feed.ts';
import {
  findActivity,
  findAnonymousFeed,
  findCommunityFeed,
  findNamedFeed,
  findOwnFeed,
  giveHighFive,
  removeActivity,
  takeHighFiveBack,
  type ActivityRow,
} from '../models/activities.ts';
import { findSettings, saveSettings } from '../models/settings.ts';
import { Nullable, PublicUser } from './schemas.ts';

const Scope = Type.Enum(['public_anon', 'public_profile', 'private']);

const SCOPES = [
  { scope: 'public_profile', summary: 'Other members, with my name' },
  { scope: 'public_anon', summary: 'Everybody, without my name' },
  { scope: 'private', summary: 'Nobody' },
];

const Entry = Type.Object({
  id: Type.String(),
  type: Type.String(),
  scope: Scope,
  payload: Type.Record(Type.String(), Type.Unknown()),
  user: Nullable(PublicUser),
  highFives: Type.Integer(),
  isHighFived: Type.Boolean(),
  createdAt: Type.String({ format: 'date-time' }),
});

const Settings = Type.Object({
  feedScope: Nullable(Scope, { description: "Without a choice, the gym's own setting decides" }),
  showPresence: Type.Boolean({ description: 'Whether I am counted among those who are here' }),
});

/** GET /community/feed, high-fives, and the member's settings. */
export function registerFeedRoutes(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  const { knex } = kernel.database;
  routes.get(
    '/community/feed',
    {
      summary: 'What people do: without names for everybody, with names for members, everything of their own',
      auth: 'optional',
      list: true,
      replica: true,
      query: Type.Object({ scope: Type.Optional(Scope) }),
      response: Type.Array(Entry),
      errors: ['UNAUTHORIZED'],
    },
    async ({ user, query, reader }) => {
      const question = { me: user?.id ?? null, after: cursorPosition(query.cursor, ['date', 'string']), limit: query.limit + 1 };
      const rows = await readFeed(reader, query.scope, question);
      const answer = page(rows, query, ({ position, id }) => [position, id]);
      return new Reply(await describe(reader, answer.data, user?.id), answer.options);
    },
  );

  const readFeed = async (
    reader: Reader,
    scope: string | undefined,
    question: Parameters<typeof findAnonymousFeed>[1],
  ): Promise<ActivityRow[]> => {
    const { me } = question;
    if (me === null) {
      if (scope === undefined || scope === 'public_anon') return findAnonymousFeed(reader, question);
      throw new ApiError('UNAUTHORIZED', 'Sign in to see who it was.');
    }
    if (scope === 'public_anon') return findAnonymousFeed(reader, question);
    if (scope === 'private') return findOwnFeed(reader, { ...question, me });
    return scope === 'public_profile' ? findNamedFeed(reader, question) : findCommunityFeed(reader, question);
  };

  const describe = async (reader: Reader, rows: readonly ActivityRow[], me: string | undefined): Promise<object[]> => {
    const profiles = await kernel.users.profiles(rows.flatMap(({ userId }) => userId ?? []), { reader });
    return rows.map((row) => toFeedEntry(row, profiles.get(row.userId ?? ''), row.userId === me));
  };

  routes.delete(
    '/community/feed/:id',
    { summary: 'Removes an activity of the caller; moderators remove any', transaction: true, status: 204, errors: ['NOT_FOUND'] },
    async ({ user, params, trx }) => {
      const isGone = await removeActivity(trx, params.id ?? '', moderates(user) ? undefined : user.id);
      if (!isGone) throw new ApiError('NOT_FOUND', 'No activity has this id.');
    },
  );
  registerHighFives(routes, kernel);
  routes.get('/community/settings', { summary: "The caller's settings", response: Settings }, ({ user }) => findSettings(knex, user.id));
  routes.get(
    '/community/settings/scopes',
    { summary: 'What can be chosen for who sees my activities', auth: 'none', response: Type.Array(Type.Object({ scope: Scope, summary: Type.String() })) },
    () => SCOPES,
  );
  routes.patch(
    '/community/settings',
    { summary: "Changes the caller's settings", body: Type.Partial(Settings), response: Settings },
    ({ user, body }) => saveSettings(knex, user.id, body),
  );
}

function registerHighFives(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>): void {
  const path = '/community/feed/:id/high-five';
  const HighFives = Type.Object({ highFives: Type.Integer() });
  routes.post(
    path,
    { summary: 'Gives a high-five, once', transaction: true, response: HighFives, errors: ['NOT_FOUND', 'UNPROCESSABLE'] },
    async ({ user, params, trx }) => {
      const activity = await getActivity(kernel, params.id, user.id);
      if (activity.userId === user.id) throw new ApiError('UNPROCESSABLE', 'This is your own activity.');
      const isNew = await giveHighFive(trx, activity.id, user.id);
      if (isNew && activity.userId !== null) {
        kernel.events.emit(trx, 'high-five.given', { activityId: activity.id, fromId: user.id, toId: activity.userId });
      }
      return { highFives: activity.highFives + (isNew ? 1 : 0) };
    },
  );
  routes.delete(path, { summary: 'Takes a high-five back', status: 204 }, async ({ user, params }) => {
    await takeHighFiveBack(kernel.database.knex, params.id ?? '', user.id);
  });
}

async function getActivity(kernel: PluginKernel<CommunityConfig>, id: string | undefined, me: string): Promise<ActivityRow> {
  const activity = await findActivity(kernel.database.knex, id ?? '', me);
  if (activity === undefined) throw new ApiError('NOT_FOUND', 'No activity has this id.');
  return activity;
}
