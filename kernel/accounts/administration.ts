import type { Knex } from 'knex';
import { recordAudit, type AuditActor } from '../audit/audit.ts';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError, invalid } from '../http/errors.ts';
import type { AccountsContext } from './accounts.ts';
import type { Role } from './permissions.ts';
import { endTokens } from './one-use-tokens.ts';
import { dropFactors, factorsChanged, hasFactorSql } from './second-factor/factors.ts';
import { refuseOwnWords } from './own-words.ts';
import { ERASED_DOMAIN, getUser, lockUser, updateUser, type AccountFlags } from './users.ts';
import { announceVisibility } from './visibility.ts';

/** An account as an administrator sees it. */
export interface AdminUser {
  id: string;
  email: string;
  username: string;
  displayName: string | null;
  avatarUrl: string | null;
  roles: string[];
  flags: AccountFlags;
  currentArchetypeId: string | null;
  currentLevel: number;
  trialEndsAt: Date | null;
  createdAt: Date;
  lastUsedAt: Date | null;
  sessions: number;
  secondFactor: boolean;
  /** Why they are banned or suspended. */
  restriction: { reason: string; since: string; actorId: string | null } | null;
  /** When the account will be erased, or was. */
  erasure: { dueAt: string; erasedAt: string | null } | null;
}

export interface UserFilter {
  search?: string | undefined;
  role?: string | undefined;
  state?: 'active' | 'quiet' | 'banned' | 'suspended' | 'leaving' | 'erased' | undefined;
}

const ADMIN_USER = `
  u.id, u.email, u.username, u.display_name AS "displayName", u.avatar_url AS "avatarUrl", u.roles, u.flags,
  u.current_archetype_id AS "currentArchetypeId", u.current_level AS "currentLevel", u.trial_ends_at AS "trialEndsAt",
  u.created_at AS "createdAt", s.last_used_at AS "lastUsedAt", coalesce(s.live, 0)::INTEGER AS sessions,
  ${hasFactorSql('u.id')} AS "secondFactor",
  CASE WHEN r.user_id IS NOT NULL THEN jsonb_build_object('reason', r.reason, 'since', r.since, 'actorId', r.actor_id) END AS restriction,
  CASE WHEN e.user_id IS NOT NULL THEN jsonb_build_object('dueAt', e.due_at, 'erasedAt', e.erased_at) END AS erasure`;
const ADMIN_USER_FROM = `
  users u
  LEFT JOIN LATERAL (
    SELECT max(last_used_at) AS last_used_at, count(*) FILTER (WHERE ended_at IS NULL AND expires_at > NOW()) AS live
    FROM sessions WHERE user_id = u.id
  ) s ON TRUE
  LEFT JOIN account_restrictions r ON r.user_id = u.id
  LEFT JOIN account_erasures e ON e.user_id = u.id`;

/** Accounts, the newest first; a search is for a whole e-mail address, or for a part of a name. */
export async function findUsers(
  knex: Knex,
  filter: UserFilter,
  page: { limit: number; after?: { createdAt: string; id: string } | undefined },
): Promise<(AdminUser & { position: string })[]> {
  const search = filter.search?.includes('@') === true ? undefined : filter.search;
  const { rows } = await knex.raw<Rows<AdminUser & { position: string }>>(
    `SELECT ${ADMIN_USER}, u.created_at::TEXT AS position FROM ${ADMIN_USER_FROM}
     WHERE (:email::TEXT IS NULL OR lower(u.email) = lower(:email))
       AND (:search::TEXT IS NULL OR (u.username || ' ' || coalesce(u.display_name, '')) ILIKE :search)
       AND (:role::JSONB IS NULL OR u.roles @> :role::JSONB)
       AND CASE :state::TEXT
         WHEN 'banned' THEN u.flags->>'banned' = 'true' AND e.erased_at IS NULL
         WHEN 'suspended' THEN u.flags->>'suspended' = 'true'
         WHEN 'leaving' THEN e.user_id IS NOT NULL AND e.erased_at IS NULL
         WHEN 'erased' THEN e.erased_at IS NOT NULL
         WHEN 'quiet' THEN s.last_used_at < NOW() - INTERVAL '14 days' AND u.flags->>'banned' = 'false' AND u.flags->>'suspended' = 'false' AND e.user_id IS NULL
         WHEN 'active' THEN u.flags->>'banned' = 'false' AND u.flags->>'suspended' = 'false' AND e.user_id IS NULL
         ELSE TRUE END
       AND (:afterTime::TIMESTAMPTZ IS NULL OR (u.created_at, u.id) < (:afterTime, :afterId))
     ORDER BY u.created_at DESC, u.id DESC LIMIT :limit`,
    {
      email: search === undefined ? (filter.search ?? null) : null,
      search: search === undefined ? null : `%${search.replace(/[\\%_]/g, '\\$&')}%`,
      role: filter.role === undefined ? null : JSON.stringify([filter.role]),
      state: filter.state ?? null,
      afterTime: page.after?.createdAt ?? null,
      afterId: page.after?.id ?? null,
      limit: page.limit,
    },
  );
  return rows;
}

/** @throws ApiError NOT_FOUND. */
export async function getAdminUser(knex: Knex, id: string): Promise<AdminUser> {
  const { rows } = await knex.raw<Rows<AdminUser>>(`SELECT ${ADMIN_USER} FROM ${ADMIN_USER_FROM} WHERE u.id = ?`, [id]);
  const [user] = rows;
  if (user === undefined) throw new ApiError('NOT_FOUND', 'No user has this id.');
  return user;
}

export interface AccountChange {
  roles?: readonly Role[];
  flags?: Partial<AccountFlags>;
  /** Needed to ban or to suspend. */
  reason?: string;
}

/**
 * Changes roles and flags. Who is banned or suspended is out at once, on every instance and with every session; other
 * changes of roles hold from the next refresh, which they force.
 *
 * @throws ApiError NOT_FOUND; CONFLICT for the last administrator and for who has been erased.
 */
export async function changeAccount(
  context: AccountsContext,
  trx: Transaction,
  id: string,
  { roles, flags, reason }: AccountChange,
  actor: AuditActor,
): Promise<void> {
  const before = await lockUser(trx, id);
  if (before.email.endsWith(`@${ERASED_DOMAIN}`)) throw new ApiError('CONFLICT', 'This account has been erased.');
  const after = { ...before.flags, ...flags };
  const isBanned = after.banned && !before.flags.banned;
  const isSuspended = after.suspended && !before.flags.suspended;
  if ((isBanned || isSuspended) && reason === undefined) throw invalid('/body/reason', 'is needed to ban or to suspend');
  await updateUser(trx, id, { flags: after, ...(roles && { roles: [...new Set(roles)] }) });
  if (isBanned || isSuspended) {
    const restriction = { reason: reason ?? '', actor_id: actor.id ?? actor.kind, since: trx.fn.now() };
    await trx('account_restrictions').insert({ user_id: id, ...restriction }).onConflict('user_id').merge();
    await context.sessions.end(trx, id, {});
    await endTokens(trx, id, ['second-step', 'password-reset']);
    await context.revocations.revoke(trx, [id], isBanned ? 'banned' : 'suspended');
  } else if (roles !== undefined) {
    await context.revocations.revoke(trx, [id], 'changed');
  }
  if (!after.banned && !after.suspended) {
    await trx('account_restrictions').where({ user_id: id }).delete();
    if (before.flags.banned || before.flags.suspended) await context.revocations.revoke(trx, [id], 'changed');
  }
  await announceVisibility(context, trx, id);
}

/** The same from the command line, where nobody writes the audit but this. */
export async function changeAccountByCommand(
  context: AccountsContext,
  id: string,
  change: AccountChange,
  action: string,
): Promise<void> {
  const actor = { kind: 'cli' } as const;
  await inTransaction(context.knex, async (trx) => {
    await changeAccount(context, trx, id, change, actor);
    await recordAudit(trx, { actor, action, objectType: 'users', objectId: id, result: 'done', details: { ...change } });
  });
}

/** Sets a password for somebody who cannot get a mail; ends every session, and the second factors too when those are lost. */
export async function resetPasswordByCommand(
  context: AccountsContext,
  id: string,
  password: string,
  options: { removesSecondFactor: boolean },
): Promise<void> {
  refuseOwnWords(context, password, '/password', await getUser(context.knex, id));
  await context.passwords.refuseCommon(password, '/password');
  const passwordHash = await context.passwords.hash(password);
  await inTransaction(context.knex, async (trx) => {
    await updateUser(trx, id, { passwordHash });
    await context.sessions.end(trx, id, {});
    await endTokens(trx, id, ['second-step', 'password-reset']);
    if (options.removesSecondFactor && (await dropFactors(trx, id))) await factorsChanged(context, trx, id, undefined);
    const details = { secondFactorRemoved: options.removesSecondFactor };
    await recordAudit(trx, { actor: { kind: 'cli' }, action: 'user.reset-password', objectType: 'users', objectId: id, result: 'done', details });
  });
}

/** What accounts are called, by id. */
export async function findNames(knex: Knex, ids: readonly string[]): Promise<{ id: string; username: string; displayName: string | null }[]> {
  return knex('users').whereIn('id', [...ids]).select('id', 'username', { displayName: 'display_name' });
}
