import Type from 'typebox';
import { inTransaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import { cursorPosition, page } from '../http/paging.ts';
import { Reply, type RouteRegistrar } from '../http/route.ts';
import type { AccountsContext } from './accounts.ts';
import { changeAccount, findNames, findUsers, getAdminUser } from './administration.ts';
import { importMembers } from './import/import-members.ts';
import { ROLES, type Role, type RolePermissions } from './permissions.ts';
import { Flags, Nullable, Timestamp } from './schemas.ts';

const RoleName = Type.Enum(Object.keys(ROLES) as Role[]);

const AdminUser = Type.Object({
  id: Type.String(),
  email: Type.String(),
  username: Type.String(),
  displayName: Nullable(Type.String()),
  avatarUrl: Nullable(Type.String()),
  roles: Type.Array(Type.String()),
  flags: Flags,
  currentArchetypeId: Nullable(Type.String()),
  currentLevel: Type.Integer(),
  trialEndsAt: Nullable(Timestamp),
  createdAt: Timestamp,
  lastUsedAt: Nullable(Timestamp),
  sessions: Type.Integer(),
  secondFactor: Type.Boolean(),
  restriction: Nullable(Type.Object({ reason: Type.String(), since: Type.String(), actorId: Nullable(Type.String()) })),
  erasure: Nullable(Type.Object({ dueAt: Type.String(), erasedAt: Nullable(Type.String()) })),
});

const UsersQuery = Type.Object({
  search: Type.Optional(Type.String({ minLength: 2, maxLength: 254, description: 'An e-mail address, or a part of a name' })),
  role: Type.Optional(RoleName),
  state: Type.Optional(Type.Enum(['active', 'quiet', 'banned', 'suspended', 'leaving', 'erased'], { description: 'quiet: not seen for 14 days' })),
});

const MOST_NAMES = 100;
const NamesQuery = Type.Object({
  ids: Type.String({ pattern: `^[^,]+(,[^,]+){0,${String(MOST_NAMES - 1)}}$`, maxLength: 8_000, description: `Up to ${String(MOST_NAMES)} ids with commas between them` }),
});
const AccountName = Type.Object({ id: Type.String(), username: Type.String(), displayName: Nullable(Type.String()) });

const AccountChange = Type.Object(
  {
    roles: Type.Optional(Type.Array(RoleName, { minItems: 1, maxItems: 10 })),
    flags: Type.Optional(Type.Partial(Flags, { minProperties: 1 })),
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'Needed to ban or to suspend' })),
  },
  { anyOf: [{ required: ['roles'] }, { required: ['flags'] }] },
);

const RoleDescription = Type.Object({
  id: Type.String(),
  description: Type.String(),
  permissions: Type.Array(Type.String()),
});
const PermissionDescription = Type.Object({
  id: Type.String(),
  description: Type.String(),
  owner: Type.String(),
  roles: Type.Array(Type.String()),
});

/** /admin/users, /admin/roles and /admin/permissions. */
export function registerAdminRoutes(routes: RouteRegistrar, context: AccountsContext, permissions: RolePermissions): void {
  registerUsers(routes, context);
  registerImport(routes, context);
  registerRoles(routes, context, permissions);
}

function registerUsers(routes: RouteRegistrar, context: AccountsContext): void {
  routes.get(
    '/admin/users',
    {
      summary: 'Accounts, the newest first',
      ...{ auth: 'admin', list: true, query: UsersQuery, response: Type.Array(AdminUser), audit: { hide: ['search'] } },
    },
    async ({ query }) => {
      const position = cursorPosition(query.cursor, ['date', 'string']);
      const after = position && { createdAt: position[0], id: position[1] };
      const rows = await findUsers(context.knex, query, { limit: query.limit + 1, after });
      const answer = page(rows, query, (row) => [row.position, row.id]);
      return new Reply(answer.data.map(({ position: _position, ...user }) => user), answer.options);
    },
  );
  routes.get(
    '/admin/users/names',
    {
      summary: 'What the accounts of some ids are called, for lists that know ids only; those that are gone are left out',
      ...{ auth: 'moderator', query: NamesQuery, response: Type.Array(AccountName) },
    },
    ({ query }) => findNames(context.knex, query.ids.split(',')),
  );
  routes.get('/admin/users/:id', { summary: 'One account', auth: 'admin', response: AdminUser, errors: ['NOT_FOUND'] }, ({ params }) =>
    getAdminUser(context.knex, params.id ?? ''),
  );
  routes.patch(
    '/admin/users/:id',
    {
      summary: 'Changes roles and flags; who is banned or suspended is out at once',
      ...{ auth: 'admin', transaction: true, body: AccountChange, response: AdminUser, errors: ['NOT_FOUND', 'CONFLICT'] },
    },
    async ({ params, body, user, trx }) => {
      const id = params.id ?? '';
      await changeAccount(context, trx, id, body, { kind: 'user', id: user.id });
      return getAdminUser(trx, id);
    },
  );
  routes.delete(
    '/admin/users/:id/sessions',
    { summary: 'Ends every session of an account', auth: 'admin', status: 204, transaction: true, errors: ['NOT_FOUND'] },
    async ({ params, trx }) => {
      const { id } = await getAdminUser(trx, params.id ?? '');
      await context.sessions.end(trx, id, {});
    },
  );
}

const MemberImport = Type.Object({
  made: Type.Integer({ description: 'Accounts that were made, or with dryRun would be' }),
  known: Type.Integer({ description: 'Lines whose address has an account already' }),
  problems: Type.Array(Type.Object({ line: Type.Integer(), message: Type.String() }), { description: 'Lines that were left out' }),
  sample: Type.Array(Type.Object({ line: Type.Integer(), email: Type.String(), username: Type.String(), displayName: Nullable(Type.String()) })),
});

function registerImport(routes: RouteRegistrar, context: AccountsContext): void {
  routes.post(
    '/admin/users/import',
    {
      summary: 'Makes accounts from a CSV list of members and mails each a link that sets the password; the same list again makes the rest',
      ...{ auth: 'admin', rawBody: true, query: Type.Object({ dryRun: Type.Optional(Type.Boolean()) }), response: MemberImport },
    },
    ({ rawBody, query }) => importMembers(context, rawBody?.toString('utf8') ?? '', { dryRun: query.dryRun === true }),
  );
}

function registerRoles(routes: RouteRegistrar, context: AccountsContext, permissions: RolePermissions): void {
  const describe = (id: Role): object => ({ id, description: ROLES[id], permissions: permissions.of([id]) });
  routes.get('/admin/roles', { summary: 'The roles and what they may do', auth: 'admin', response: Type.Array(RoleDescription) }, () =>
    (Object.keys(ROLES) as Role[]).map(describe),
  );
  routes.get(
    '/admin/permissions',
    { summary: 'The permissions that the kernel and the enabled plugins add', auth: 'admin', response: Type.Array(PermissionDescription) },
    () => permissions.describe(),
  );
  routes.patch(
    '/admin/roles/:role',
    {
      summary: 'Gives a role permissions, takes them, or with null leaves it to what their owners propose',
      ...{ auth: 'admin', params: Type.Object({ role: RoleName }), response: RoleDescription, errors: ['NOT_FOUND', 'CONFLICT'] },
      body: Type.Object({ permissions: Type.Record(Type.String(), Nullable(Type.Boolean()), { minProperties: 1, maxProperties: 100 }) }),
    },
    async ({ params: { role }, body }) => {
      if (role === 'admin') throw new ApiError('CONFLICT', 'Administrators hold every permission.');
      await inTransaction(context.knex, (trx) => permissions.change(trx, role, body.permissions));
      await permissions.read(context.knex);
      return describe(role);
    },
  );
  routes.get(
    '/users/me/permissions',
    { summary: 'What the caller may do beyond what everybody may', response: Type.Array(Type.String()) },
    ({ user }) => permissions.of(user.roles),
  );
}
