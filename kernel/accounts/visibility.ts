import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import type { AccountsContext } from './accounts.ts';

/** What others may see of somebody, as it holds right now: who is banned, suspended or about to be erased is seen by nobody. */
export interface Visibility {
  /** Who sees the profile: everybody, who is signed in, or only moderators. */
  profile: 'public' | 'members' | 'private';
  /** Whether they appear in rankings. */
  onLeaderboard: boolean;
  /** Whether what they do appears in feeds. */
  inFeed: boolean;
  /** Whether a search by name finds them. */
  searchable: boolean;
}

/** A user's own choice, with what they have agreed to. */
export interface PrivacySettings extends Visibility {
  /** By purpose, as `newsletter`. */
  consents: Record<string, { granted: boolean; at: string }>;
}

export type PrivacyChange = Partial<Visibility> & { consents?: Record<string, boolean> };

const DEFAULTS: PrivacySettings = { profile: 'public', onLeaderboard: true, inFeed: true, searchable: true, consents: {} };
const VISIBILITY = `profile, on_leaderboard AS "onLeaderboard", in_feed AS "inFeed", searchable`;

/** The visibility of those ids that exist, by id, in one statement. */
export async function findVisibility(knex: Knex, ids: readonly string[]): Promise<Map<string, Visibility>> {
  const { rows } = await knex.raw<Rows<Visibility & { userId: string }>>(
    `SELECT user_id AS "userId", ${VISIBILITY} FROM user_visibility WHERE user_id = ANY (?)`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map(({ userId, ...visibility }) => [userId, visibility]));
}

export async function findPrivacy(knex: Knex, userId: string): Promise<PrivacySettings> {
  const { rows } = await knex.raw<Rows<PrivacySettings>>(
    `SELECT ${VISIBILITY}, consents FROM account_settings WHERE user_id = ?`,
    [userId],
  );
  return rows[0] ?? DEFAULTS;
}

/** Changes what is given; each consent is kept with its time. */
export async function changePrivacy(context: AccountsContext, userId: string, change: PrivacyChange): Promise<PrivacySettings> {
  const at = context.clock.now().toISOString();
  return inTransaction(context.knex, async (trx) => {
    await trx('account_settings').insert({ user_id: userId }).onConflict('user_id').ignore();
    await trx('account_settings').where({ user_id: userId }).forUpdate().first('user_id');
    const before = await findPrivacy(trx, userId);
    const consents = { ...before.consents };
    for (const [purpose, granted] of Object.entries(change.consents ?? {})) consents[purpose] = { granted, at };
    const after: PrivacySettings = { ...before, ...change, consents };
    await trx('account_settings').where({ user_id: userId }).update({
      profile: after.profile,
      on_leaderboard: after.onLeaderboard,
      in_feed: after.inFeed,
      searchable: after.searchable,
      consents: JSON.stringify(after.consents),
      updated_at: trx.fn.now(),
    });
    await announceVisibility(context, trx, userId);
    return after;
  });
}

/** Tells plugins that keep lists of people, within the transaction of the change. */
export async function announceVisibility(context: Pick<AccountsContext, 'hooks'>, trx: Transaction, userId: string): Promise<void> {
  const hooks = context.hooks();
  if (!hooks.visibilityChanged.isUsed()) return;
  const visibility = (await findVisibility(trx, [userId])).get(userId);
  if (visibility !== undefined) await hooks.visibilityChanged.promise({ trx, userId, visibility });
}
