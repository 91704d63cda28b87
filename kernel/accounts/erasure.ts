import { randomBytes } from 'node:crypto';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { runContained, withTimeLimit, type Observer } from '../plugins/containment.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Logger } from '../telemetry/logger.ts';
import { proveByPassword, type AccountsContext } from './accounts.ts';
import { MAILS } from './mails.ts';
import { ERASED_DOMAIN, lockUser, updateUser } from './users.ts';
import { announceVisibility } from './visibility.ts';

export const ERASE_JOB = 'erase-accounts';
const PLUGIN_LIMIT_MS = 60_000;
const BATCH = 100;

export interface ErasureContext {
  accounts: AccountsContext;
  observer: Observer;
  log: Logger;
  composition: () => Composition;
}

/**
 * Asks for the erasure of one's own account after the days of grace. Its sessions end at once, and nobody sees it any more;
 * signing in again keeps it.
 */
export async function requestErasure(context: AccountsContext, userId: string, password: string): Promise<void> {
  const user = await proveByPassword(context, userId, password, '/body/password');
  const graceDays = context.settings.erasureGraceDays;
  await inTransaction(context.knex, async (trx) => {
    await lockUser(trx, userId);
    // Who leaves steps down at once, so that the guard of the last administrator answers now and not when nobody is there.
    if (user.roles.includes('admin')) await updateUser(trx, userId, { roles: ['user'] });
    const due = new Date(context.clock.now().getTime() + graceDays * 86_400_000);
    await trx('account_erasures').insert({ user_id: userId, due_at: due }).onConflict('user_id').ignore();
    await context.sessions.end(trx, userId, {});
    await announceVisibility(context, trx, userId);
    const values = { username: user.username, date: due.toISOString().slice(0, 10) };
    await context.mail.send(trx, { to: { userId }, template: MAILS.erasureAnnounced, values });
    await context.queue.enqueue('kernel', ERASE_JOB, {}, { trx, startAfterSeconds: graceDays * 86_400 });
  });
}

/** Who signs in during the days of grace stays. */
export async function cancelErasure(context: AccountsContext, trx: Transaction, userId: string): Promise<void> {
  const cancelled = await trx('account_erasures').where({ user_id: userId, erased_at: null }).delete();
  if (cancelled > 0) await announceVisibility(context, trx, userId);
}

/**
 * The job: erases every account that is due, then has the plugins erase what they keep.
 *
 * @throws Error at its end when there are accounts that could not be erased: the job is tried again.
 */
export async function eraseDueAccounts(context: ErasureContext): Promise<void> {
  const { knex, clock } = context.accounts;
  const failed: string[] = [];
  for (let after = ''; ; ) {
    const due = await knex('account_erasures')
      .whereNull('erased_at')
      .where('due_at', '<=', clock.now())
      .where('user_id', '>', after)
      .orderBy('user_id')
      .limit(BATCH)
      .pluck<string[]>('user_id');
    for (const userId of due) {
      try {
        await inTransaction(knex, (trx) => eraseAccount(context, trx, userId));
      } catch (error) {
        failed.push(userId);
        context.log.error({ err: error, userId }, 'an account that is due could not be erased');
      }
    }
    const last = due.at(-1);
    if (last === undefined) break;
    after = last;
  }
  await erasePluginData(context);
  if (failed.length > 0) throw new Error(`${String(failed.length)} accounts could not be erased: ${failed.slice(0, 5).join(', ')}`);
}

/** Makes an account anonymous and writes down which plugins have still to erase theirs, all or nothing. */
async function eraseAccount(context: ErasureContext, trx: Transaction, userId: string): Promise<void> {
  const { accounts } = context;
  await lockUser(trx, userId);
  const [erasure] = await trx('account_erasures')
    .where({ user_id: userId, erased_at: null })
    .where('due_at', '<=', accounts.clock.now())
    .update({ erased_at: trx.fn.now() })
    .returning<{ user_id: string }[]>('user_id');
  if (erasure === undefined) return;
  await trx.raw(
    `INSERT INTO plugin_erasures (plugin_id, user_id) SELECT id, :userId FROM installed_plugins ON CONFLICT DO NOTHING`,
    { userId },
  );
  await updateUser(trx, userId, {
    ...anonymousNames(),
    displayName: null,
    avatarUrl: null,
    passwordHash: '!',
    roles: ['user'],
    flags: { verified: false, banned: true, suspended: false, emailConfirmed: false },
  });
  await accounts.sessions.end(trx, userId, {});
  await accounts.revocations.revoke(trx, [userId], 'banned');
  for (const table of PERSONAL_TABLES) await trx(table).where({ user_id: userId }).delete();
  // What was told live is kept for who reconnects, for an hour.
  await trx.raw('DELETE FROM realtime_events WHERE channel = ? OR strpos(data::TEXT, ?) > 0', [`user:${userId}`, userId]);
  await announceVisibility(accounts, trx, userId);
}

/** The kernel's tables that hold nothing but what belongs to one person, and nothing that others still need. */
const PERSONAL_TABLES = [
  'refresh_tokens',
  'sessions',
  'account_tokens',
  'second_factors',
  'passkeys',
  'recovery_codes',
  'account_settings',
  'account_restrictions',
  'idempotency_keys',
];

function anonymousNames(): { email: string; username: string } {
  const name = `erased_${randomBytes(10).toString('hex')}`;
  return { email: `${name}@${ERASED_DOMAIN}`, username: name };
}

/** Has every running plugin erase what it has still to. What fails is tried again; what is not running waits for it. */
export async function erasePluginData(context: ErasureContext): Promise<void> {
  const { knex } = context.accounts;
  const composition = context.composition();
  // A plugin that is gone for good took its data along.
  await knex.raw('DELETE FROM plugin_erasures WHERE plugin_id NOT IN (SELECT id FROM installed_plugins)');
  const { rows } = await knex.raw<Rows<{ pluginId: string; userId: string }>>(
    `SELECT plugin_id AS "pluginId", user_id AS "userId" FROM plugin_erasures WHERE plugin_id = ANY (?) ORDER BY since`,
    [[...composition.activations.keys()]],
  );
  for (const { pluginId, userId } of rows) await eraseOfPlugin(context, composition, pluginId, userId);
}

async function eraseOfPlugin(context: ErasureContext, composition: Composition, pluginId: string, userId: string): Promise<void> {
  const kept = composition.exporters.filter(({ owner }) => owner === pluginId);
  const work = (): Promise<void> =>
    inTransaction(context.accounts.knex, async (trx) => {
      const { rowCount } = await trx.raw<Rows<unknown>>(
        'DELETE FROM plugin_erasures WHERE plugin_id = ? AND user_id = ?',
        [pluginId, userId],
      );
      if (rowCount === 0) return;
      for (const data of kept) await data.erase(trx, userId);
    });
  try {
    await runContained(context.observer, pluginId, 'erasure', () => withTimeLimit(work(), PLUGIN_LIMIT_MS, `${pluginId}: erasure`));
  } catch (error) {
    context.log.error({ plugin: pluginId, userId, err: error }, `${pluginId} could not erase a user; it is tried again`);
  }
}
