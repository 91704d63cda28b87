import type { Knex } from 'knex';
import type { FeedScope } from './activities.ts';

/** What a member has chosen. */
export interface CommunitySettings {
  /** Who sees their activities; null while they leave it to the gym. */
  feedScope: FeedScope | null;
  showPresence: boolean;
}

export async function findSettings(knex: Knex, userId: string): Promise<CommunitySettings> {
  const row = await knex('community_settings')
    .where({ user_id: userId })
    .first<CommunitySettings | undefined>({ feedScope: 'feed_scope', showPresence: 'show_presence' });
  return row ?? { feedScope: null, showPresence: true };
}

/** Changes what is given and leaves the rest. */
export async function saveSettings(knex: Knex, userId: string, change: Partial<CommunitySettings>): Promise<CommunitySettings> {
  const changed = {
    ...(change.feedScope !== undefined && { feed_scope: change.feedScope }),
    ...(change.showPresence !== undefined && { show_presence: change.showPresence }),
    updated_at: new Date(),
  };
  await knex('community_settings').insert({ user_id: userId, ...changed }).onConflict('user_id').merge(changed);
  return findSettings(knex, userId);
}
