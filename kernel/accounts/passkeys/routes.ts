import Type from 'typebox';
import { created, type RouteRegistrar } from '../../http/route.ts';
import type { AccountsContext } from '../accounts.ts';
import { CurrentPassword, MailedToken, SignedIn } from '../schemas.ts';
import { clientOf } from '../sessions.ts';
import { addPasskey, beginPasskey, beginProof, findPasskeys, removePasskey, renamePasskey, undoPasskey } from './passkeys.ts';
import { Creation, Passkey, PasskeyAdded, PasskeyAddition, PasskeyName, PasskeyRemoval, PasskeySignIn, Request } from './schemas.ts';
import { beginPasskeySignIn, signInWithPasskey } from './sign-in.ts';

/** /auth/passkey… and /users/me/passkeys… */
export function registerPasskeyRoutes(routes: RouteRegistrar, context: AccountsContext): void {
  registerSignIn(routes, context);
  registerOwn(routes, context);
}

function registerSignIn(routes: RouteRegistrar, context: AccountsContext): void {
  routes.post(
    '/auth/passkey/options',
    { summary: 'A challenge to sign in by a passkey, without saying who one is', auth: 'none', response: Request, errors: ['UNPROCESSABLE'] },
    ({ ip, headers }) => beginPasskeySignIn(context, clientOf({ ip, headers })),
  );
  routes.post(
    '/auth/passkey',
    { summary: 'Signs in by a passkey that has signed the challenge', auth: 'none', body: PasskeySignIn, response: SignedIn, errors: ['UNAUTHORIZED', 'ACCOUNT_BANNED', 'ACCOUNT_SUSPENDED'] },
    ({ body, ip, headers }) => signInWithPasskey(context, body.credential, clientOf({ ip, headers })),
  );
  routes.post(
    '/auth/passkey/undo',
    { summary: 'Takes a new passkey and the recovery codes away by a mailed token and ends every session', auth: 'none', status: 204, body: Type.Object({ token: MailedToken }) },
    ({ body }) => undoPasskey(context, body.token),
  );
}

function registerOwn(routes: RouteRegistrar, context: AccountsContext): void {
  routes.get(
    '/users/me/passkeys',
    { summary: "The caller's passkeys, the oldest first; there are ten at most", response: Type.Array(Passkey) },
    ({ user }) => findPasskeys(context.knex, user.id),
  );
  routes.post(
    '/users/me/passkeys/options',
    { summary: 'What a device needs to make a passkey', body: Type.Object({ password: CurrentPassword }), response: Creation, errors: ['CONFLICT', 'UNPROCESSABLE'] },
    ({ user, body, ip, headers }) => beginPasskey(context, user, body.password, clientOf({ ip, headers })),
  );
  routes.post(
    '/users/me/passkeys',
    { summary: 'Adds the passkey that a device has made and ends every other session; from then on a password alone does not sign in', status: 201, body: PasskeyAddition, response: PasskeyAdded, errors: ['CONFLICT', 'UNPROCESSABLE', 'ACCOUNT_BANNED', 'ACCOUNT_SUSPENDED'] },
    async ({ user, body, ip, headers }) => {
      const added = await addPasskey(context, user, body, clientOf({ ip, headers }));
      return created(`/api/users/me/passkeys/${added.passkey.id}`, added);
    },
  );
  routes.post(
    '/users/me/passkeys/proof',
    { summary: 'A challenge with which a passkey proves who removes the last second factor', response: Request, errors: ['CONFLICT', 'UNPROCESSABLE'] },
    ({ user, ip, headers }) => beginProof(context, user.id, clientOf({ ip, headers })),
  );
  routes.patch(
    '/users/me/passkeys/:id',
    { summary: 'Renames a passkey', body: PasskeyName, response: Passkey, errors: ['NOT_FOUND'] },
    ({ user, params, body }) => renamePasskey(context.knex, user.id, params.id ?? '', body.name),
  );
  routes.post(
    '/users/me/passkeys/:id/remove',
    { summary: 'Removes a passkey and ends every other session; the last second factor asks for a recovery code or the passkey itself', status: 204, body: PasskeyRemoval, errors: ['NOT_FOUND', 'ACCOUNT_BANNED', 'ACCOUNT_SUSPENDED'] },
    ({ user, params, body, ip, headers }) => removePasskey(context, user, params.id ?? '', body, clientOf({ ip, headers })),
  );
}
