import Type from 'typebox';
import { ApiError } from '../http/errors.ts';
import { Reply, type Caller, type RouteRegistrar } from '../http/route.ts';
import {
  changePassword,
  changeProfile,
  describeAccount,
  logout,
  logoutAll,
  refresh,
  register,
  type AccountsContext,
} from './accounts.ts';
import {
  Login,
  Me,
  PasswordChange,
  ProfileChange,
  PublicProfile,
  Refresh,
  Registration,
  Setup,
  SignedIn,
  Tokens,
} from './schemas.ts';
import { SecondStepNeeded } from './passkeys/schemas.ts';
import { registerPasskeyRoutes } from './passkeys/routes.ts';
import { registerSecurityRoutes } from './security-routes.ts';
import { clientOf } from './sessions.ts';
import { setUp } from './setup.ts';
import { login } from './sign-in.ts';
import { findVisibility } from './visibility.ts';
import { findProfiles, getUser, searchProfiles } from './users.ts';

/** /auth/… and /users/… */
export function registerAccountRoutes(routes: RouteRegistrar, context: AccountsContext): void {
  registerAuthRoutes(routes, context);
  registerUserRoutes(routes, context);
  registerSecurityRoutes(routes, context);
  registerPasskeyRoutes(routes, context);
}

function registerAuthRoutes(routes: RouteRegistrar, context: AccountsContext): void {
  routes.post(
    '/auth/register',
    { summary: 'Makes an account and signs in', auth: 'none', status: 201, body: Registration, response: SignedIn, errors: ['CONFLICT'] },
    async ({ body, ip, headers }) => new Reply(await register(context, body, clientOf({ ip, headers })), { headers: { Location: '/api/users/me' } }),
  );
  routes.post(
    '/auth/setup',
    { summary: 'Makes the first administrator, with the token that the server printed when it started', auth: 'none', status: 201, body: Setup, response: SignedIn, errors: ['CONFLICT'] },
    async ({ body, ip, headers }) => new Reply(await setUp(context, body, clientOf({ ip, headers })), { headers: { Location: '/api/users/me' } }),
  );
  routes.post(
    '/auth/login',
    { summary: 'Signs in, or asks for a second step', auth: 'none', body: Login, response: Type.Union([SignedIn, SecondStepNeeded]), errors: ['UNAUTHORIZED', 'ACCOUNT_BANNED', 'ACCOUNT_SUSPENDED'] },
    ({ body, ip, headers }) => {
      const credentials = { login: body.email ?? body.username ?? '', password: body.password };
      return login(context, credentials, clientOf({ ip, headers }));
    },
  );
  routes.post(
    '/auth/refresh',
    { summary: 'Exchanges a refresh token for the next pair', auth: 'none', body: Refresh, response: Tokens, errors: ['UNAUTHORIZED'] },
    ({ body, ip, headers }) => refresh(context, body.refreshToken, clientOf({ ip, headers })),
  );
  routes.post('/auth/logout', { summary: 'Ends one session', status: 204, body: Refresh }, ({ user, body }) =>
    logout(context, user.id, body.refreshToken),
  );
  routes.post('/auth/logout-all', { summary: 'Ends every session', status: 204 }, ({ user }) => logoutAll(context, user.id));
  routes.post(
    '/auth/password',
    { summary: 'Changes the password and ends every other session', status: 204, body: PasswordChange },
    ({ user, body }) => changePassword(context, user, body),
  );
}

function registerUserRoutes(routes: RouteRegistrar, context: AccountsContext): void {
  routes.get('/users/me', { summary: "The caller's account", response: Me }, async ({ user }) =>
    describeAccount(context, await getUser(context.knex, user.id)),
  );
  routes.patch(
    '/users/me',
    { summary: "Changes the caller's profile", body: ProfileChange, response: Me, errors: ['CONFLICT'] },
    ({ user, body }) => changeProfile(context, user, body),
  );
  routes.get(
    '/users/:id',
    { summary: 'A public profile', response: PublicProfile, errors: ['NOT_FOUND'] },
    async ({ params, user }) => {
      const id = params.id ?? '';
      const [[profile], visibility] = await Promise.all([findProfiles(context.knex, [id]), findVisibility(context.knex, [id])]);
      const isHidden = visibility.get(id)?.profile === 'private' && id !== user.id && !isModerator(user);
      if (profile === undefined || isHidden) throw new ApiError('NOT_FOUND', 'No user has this id.');
      return profile;
    },
  );
  routes.get(
    '/users',
    {
      summary: 'Public profiles by name, the most alike first',
      replica: true,
      query: Type.Object({
        search: Type.String({ minLength: 2, maxLength: 50 }),
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
      }),
      response: Type.Array(PublicProfile),
    },
    async ({ query, reader }) => {
      const { limit = 20 } = query;
      return new Reply(await searchProfiles(reader, query.search, limit), { meta: { limit, nextCursor: null } });
    },
  );
}

function isModerator({ roles }: Caller): boolean {
  return roles.includes('moderator') || roles.includes('admin');
}
