import { Type, type PluginKernel, type RouteRegistrar } from 'musclemap';
import type { CommunityConfig } from '../feed.ts';
import { findSettings } from '../models/settings.ts';
import { countCommunity } from '../models/totals.ts';
import type { Whereabouts } from '../presence/whereabouts.ts';

const Name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$' });

/** What a device says now and then; the same over the socket. */
export const HeartbeatBody = Type.Object({
  geoBucket: Type.Optional(Name),
  stageId: Type.Optional(Name),
  exerciseId: Type.Optional(Name),
});

const Counts = Type.Array(Type.Object({ id: Type.String(), count: Type.Integer() }));
const CACHE_SECONDS = 5;
const TOTALS_MS = 60_000;

/** POST /community/presence, and who is here. */
export function registerPresenceRoutes(routes: RouteRegistrar, kernel: PluginKernel<CommunityConfig>, whereabouts: Whereabouts): void {
  routes.post(
    '/community/presence',
    { summary: 'Says that the caller is here', body: HeartbeatBody, status: 204 },
    async ({ user, body }) => {
      await beat(kernel, whereabouts, user.id, body);
    },
  );
  routes.delete('/community/presence', { summary: 'Says that the caller has left', status: 204 }, async ({ user }) => {
    await whereabouts.leave(user.id);
  });
  routes.get(
    '/community/presence',
    {
      summary: 'How many are here, by place; places with fewer than three are counted as other',
      auth: 'none',
      response: Type.Object({
        total: Type.Integer(),
        buckets: Type.Array(Type.Object({ geoBucket: Type.String(), count: Type.Integer() })),
      }),
      cacheSeconds: CACHE_SECONDS,
    },
    () => whereabouts.presence(),
  );
  routes.get(
    '/community/now',
    {
      summary: 'Exercises and stages that were picked in the last 15 minutes',
      auth: 'none',
      response: Type.Object({ exercises: Counts, stages: Counts }),
      cacheSeconds: CACHE_SECONDS,
    },
    () => whereabouts.picks(),
  );
  routes.get(
    '/community/stats',
    {
      summary: 'The community in figures',
      auth: 'none',
      response: Type.Object({
        members: Type.Integer(),
        groups: Type.Integer(),
        activeCompetitions: Type.Integer(),
        activitiesToday: Type.Integer(),
        present: Type.Integer(),
      }),
      cacheSeconds: CACHE_SECONDS,
    },
    createStats(kernel, whereabouts),
  );
}

/** Counting everybody takes longer the more there are: it is done once a minute, not for every reader. */
function createStats(kernel: PluginKernel<CommunityConfig>, whereabouts: Whereabouts): () => Promise<object> {
  let counted: { at: number; totals: ReturnType<typeof countCommunity> } | undefined;
  return async () => {
    const now = kernel.clock.now().getTime();
    if (counted === undefined || now - counted.at >= TOTALS_MS) {
      counted = { at: now, totals: countCommunity(kernel.database.knex, kernel.clock.now()) };
      counted.totals.catch(() => {
        counted = undefined;
      });
    }
    const [totals, { total: present }] = await Promise.all([counted.totals, whereabouts.presence()]);
    return { ...totals, present };
  };
}

/** Counts a member as here, unless they do not want to be counted; what they pick is counted without them. */
export async function beat(
  kernel: PluginKernel<CommunityConfig>,
  whereabouts: Whereabouts,
  userId: string,
  { geoBucket, stageId, exerciseId }: { geoBucket?: string; stageId?: string; exerciseId?: string },
): Promise<void> {
  const { showPresence } = await findSettings(kernel.database.knex, userId);
  if (!showPresence) {
    await whereabouts.leave(userId);
    return;
  }
  await whereabouts.beat({ userId, geoBucket, stageId, exerciseIds: exerciseId === undefined ? [] : [exerciseId] });
}
