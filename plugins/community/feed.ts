import type { EventPayloads, PluginKernel, Profile, Transaction } from 'musclemap';
import './hooks.ts';
import {
  hideWorkout,
  insertActivity,
  removeWorkout,
  type ActivityRow,
  type FeedScope,
  type NewActivity,
} from './models/activities.ts';

export interface CommunityConfig {
  feedRetentionDays: number;
  defaultFeedScope: FeedScope;
}

/** An activity as its readers see it. Without a name it carries nothing that leads to one. */
export interface FeedEntry {
  id: string;
  type: string;
  scope: FeedScope;
  payload: Record<string, unknown>;
  user: Pick<Profile, 'id' | 'username' | 'displayName' | 'avatarUrl'> | null;
  highFives: number;
  isHighFived: boolean;
  createdAt: string;
}

/** What may be told without a name, by type of activity; a type that is not here is never told so. */
const ANONYMOUS: Record<string, (payload: Record<string, unknown>) => Record<string, unknown>> = {
  // Rounded: the exact figure stands in the leaderboard beside a name.
  'workout.logged': ({ totalTU }) => ({ totalTU: Math.round(Number(totalTU) / 10) * 10 }),
  'level.reached': ({ level }) => ({ level }),
  'milestone.completed': ({ name }) => ({ name }),
};

/** Everything that the feed shows of an activity to a reader. */
export function toFeedEntry(row: ActivityRow, profile: Profile | undefined, isOwn: boolean): FeedEntry {
  const { id, type, scope, payload, highFives, isHighFived, createdAt } = row;
  const isNamed = isOwn || scope === 'public_profile';
  const moment = isNamed ? createdAt : new Date(Math.floor(createdAt.getTime() / 60_000) * 60_000);
  return {
    ...{ id, type, scope, highFives, isHighFived },
    payload: isNamed ? payload : (ANONYMOUS[type]?.(payload) ?? {}),
    user: isNamed && profile !== undefined ? publicPart(profile) : null,
    createdAt: moment.toISOString(),
  };
}

function publicPart({ id, username, displayName, avatarUrl }: Profile): FeedEntry['user'] {
  return { id, username, displayName, avatarUrl };
}

/** Writes activities down and tells of them. */
export class Feed {
  readonly #kernel: PluginKernel<CommunityConfig>;

  constructor(kernel: PluginKernel<CommunityConfig>) {
    this.#kernel = kernel;
  }

  /** Adds an activity once, and tells those who may see it after the commit. */
  async add(trx: Transaction, activity: Omit<NewActivity, 'mayBeAnonymous'>): Promise<void> {
    const mayBeAnonymous = activity.type in ANONYMOUS;
    const row = await insertActivity(trx, { ...activity, mayBeAnonymous }, this.#kernel.config.defaultFeedScope);
    if (row === undefined) return;
    const profiles = await this.#kernel.users.profiles([activity.userId], { trx });
    const entry = toFeedEntry(row, profiles.get(activity.userId), row.scope === 'private');
    const channel = row.scope === 'private' ? `user:${activity.userId}` : 'community';
    await this.#kernel.realtime.publish(channel, 'activity', entry, { trx });
  }

  /** Subscribes to what the feed tells of. */
  register(events: Parameters<Parameters<PluginKernel['hooks']['events']['tap']>[1]>[0]): void {
    const add = (activity: Omit<NewActivity, 'mayBeAnonymous'>): Promise<void> => this.#kernel.database.transaction((trx) => this.add(trx, activity));
    const activityId = (eventId: string): string => `evt_${eventId}`;
    events.on('workout.logged', ({ id, payload: { userId, workoutId, totalTU, isPublic } }) =>
      add({ id: activityId(id), userId, type: 'workout.logged', payload: { workoutId, totalTU }, widest: isPublic ? 'public_profile' : 'private' }),
    );
    events.on('workout.changed', async ({ payload: { workoutId, isPublic } }) => {
      if (!isPublic) await this.#kernel.database.transaction((trx) => hideWorkout(trx, workoutId));
    });
    events.on('workout.deleted', ({ payload: { workoutId } }) => this.#kernel.database.transaction((trx) => removeWorkout(trx, workoutId)));
    events.on('level.reached', ({ id, payload: { userId, ...payload } }) =>
      add({ id: activityId(id), userId, type: 'level.reached', payload, widest: 'public_profile' }),
    );
    events.on('milestone.completed', ({ id, payload: { userId, ...payload } }) =>
      add({ id: activityId(id), userId, type: 'milestone.completed', payload, widest: 'public_profile' }),
    );
    events.on('competition.joined', ({ id, payload: { userId, ...payload } }) =>
      add({ id: activityId(id), userId, type: 'competition.joined', payload, widest: 'public_profile' }),
    );
    events.on('competition.completed', ({ id, payload: { userId, ...payload } }) =>
      add({ id: activityId(id), userId, type: 'competition.completed', payload, widest: 'public_profile' }),
    );
    events.on('high-five.given', ({ id, payload }) => this.#tellHighFive(activityId(id), payload));
  }

  async #tellHighFive(id: string, { activityId, fromId, toId }: EventPayloads['high-five.given']): Promise<void> {
    const from = (await this.#kernel.users.profiles([fromId])).get(fromId);
    if (from === undefined) return;
    await this.#kernel.database.transaction((trx) =>
      this.add(trx, { id, userId: toId, type: 'high-five.received', payload: { activityId, from: publicPart(from) }, widest: 'private' }),
    );
  }
}
