import type { Knex } from 'knex';
import { Model, snakeCaseMappers } from 'objection';
import { violatedConstraint } from '../database/connect.ts';
import type { Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import type { Profile } from '../plugins/contract.ts';

export interface AccountFlags {
  verified: boolean;
  banned: boolean;
  suspended: boolean;
  emailConfirmed: boolean;
}

/** A row of `users`. */
export class User extends Model {
  static override readonly tableName = 'users';
  static override readonly columnNameMappers = snakeCaseMappers();
  static override readonly jsonAttributes = ['roles', 'flags'];

  declare id: string;
  declare email: string;
  declare username: string;
  declare displayName: string | null;
  declare passwordHash: string;
  declare avatarUrl: string | null;
  declare roles: string[];
  declare flags: AccountFlags;
  declare currentArchetypeId: string | null;
  declare currentLevel: number;
  declare trialStartedAt: Date | null;
  declare trialEndsAt: Date | null;
  declare createdAt: Date;
}

export interface NewUser {
  roles: string[];
  email: string;
  username: string;
  displayName: string | null;
  passwordHash: string;
  trialStartedAt: Date;
  trialEndsAt: Date;
}

export type UserChange = Partial<
  Pick<User, 'email' | 'username' | 'displayName' | 'avatarUrl' | 'passwordHash' | 'flags' | 'roles'>
>;

/** @throws ApiError CONFLICT when the e-mail address or the username is taken. */
export async function insertUser(knex: Knex, user: NewUser): Promise<User> {
  return refusingDuplicates(User.query(knex).insert(user).returning('*'));
}

/** @throws ApiError NOT_FOUND, or CONFLICT when the new e-mail address or username is taken. */
export async function updateUser(knex: Knex, id: string, change: UserChange): Promise<User> {
  const updated = await refusingDuplicates(User.query(knex).patch(change).where({ id }).returning('*').first());
  return updated ?? refuseUnknown();
}

export async function getUser(knex: Knex, id: string): Promise<User> {
  return (await User.query(knex).findById(id)) ?? refuseUnknown();
}

/** The user, whom nobody else changes until the transaction ends: what is decided by it still holds when it is written down. */
export async function lockUser(trx: Transaction, id: string): Promise<User> {
  return (await User.query(trx).findById(id).forNoKeyUpdate()) ?? refuseUnknown();
}

/** Finds by e-mail address or username, without regard to case. */
export async function findUserByLogin(knex: Knex, login: string): Promise<User | undefined> {
  const column = login.includes('@') ? 'email' : 'username';
  return User.query(knex).whereRaw('lower(??) = lower(?)', [column, login]).first();
}

/** Where a user is written to; undefined when there is no such user any more. */
export async function currentAddress(knex: Knex, id: string): Promise<string | undefined> {
  const row = await knex('users').where({ id }).whereNot('email', 'like', `%@${ERASED_DOMAIN}`).first<{ email: string } | undefined>('email');
  return row?.email;
}

/** The addresses of erased accounts; nobody can have one. */
export const ERASED_DOMAIN = 'erased.invalid';

const PROFILE_COLUMNS = ['id', 'username', 'display_name', 'avatar_url', 'current_archetype_id', 'current_level'];

/** The public profiles of those ids that exist and, unless said otherwise, are not banned. */
export async function findProfiles(knex: Knex, ids: readonly string[], { mayBeBanned = false } = {}): Promise<Profile[]> {
  if (ids.length === 0) return [];
  const users = User.query(knex)
    .select(PROFILE_COLUMNS)
    .whereIn('id', [...new Set(ids)]);
  return (await (mayBeBanned ? users : users.whereRaw(`flags->>'banned' = 'false'`))).map(toProfile);
}

/** When those of the ids that exist signed up, by id. */
export async function findSignUps(knex: Knex, ids: readonly string[]): Promise<Map<string, Date>> {
  const users = await User.query(knex)
    .select('id', 'created_at')
    .whereIn('id', [...new Set(ids)]);
  return new Map(users.map(({ id, createdAt }) => [id, createdAt]));
}

/** The ids of the accounts that are not banned, in their order, after `after`. */
export async function findUserIds(knex: Knex, after: string | undefined, limit: number): Promise<string[]> {
  const users = User.query(knex).select('id').whereRaw(`flags->>'banned' = 'false'`).orderBy('id').limit(limit);
  return (await (after === undefined ? users : users.where('id', '>', after))).map(({ id }) => id);
}

/** Public profiles of those who want to be found, whose name holds the words, the most alike first. */
export async function searchProfiles(knex: Knex, search: string, limit: number): Promise<Profile[]> {
  const name = `username || ' ' || coalesce(display_name, '')`;
  const users = await User.query(knex)
    .select(PROFILE_COLUMNS)
    .join('user_visibility', 'user_visibility.user_id', 'users.id')
    .where('user_visibility.searchable', true)
    .whereRaw(`(${name}) ILIKE ?`, [`%${search.replace(/[\\%_]/g, '\\$&')}%`])
    .orderByRaw(`similarity(${name}, ?) DESC, id`, [search])
    .limit(limit);
  return users.map(toProfile);
}

function toProfile(user: User): Profile {
  const { id, username, displayName, avatarUrl, currentArchetypeId, currentLevel } = user;
  return { id, username, displayName, avatarUrl, currentArchetypeId, currentLevel };
}

/** @throws ApiError ACCOUNT_BANNED or ACCOUNT_SUSPENDED. */
export function refuseLockedAccount(flags: AccountFlags): void {
  if (flags.banned) throw new ApiError('ACCOUNT_BANNED');
  if (flags.suspended) throw new ApiError('ACCOUNT_SUSPENDED');
}

function refuseUnknown(): never {
  throw new ApiError('NOT_FOUND', 'No user has this id.');
}

async function refusingDuplicates<T>(query: PromiseLike<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    const cause = error instanceof Error && 'nativeError' in error ? error.nativeError : error;
    const constraint = violatedConstraint(cause) ?? violatedConstraint(error);
    if (constraint === 'last_administrator') throw new ApiError('CONFLICT', 'The last administrator stays one.', { cause: error });
    const field = ['email', 'username'].find((name) => constraint?.includes(name));
    if (field === undefined) throw error;
    const details = [{ path: `/body/${field}`, message: 'is taken' }];
    throw new ApiError('CONFLICT', `This ${field === 'email' ? 'e-mail address' : 'username'} is taken.`, { details });
  }
}
