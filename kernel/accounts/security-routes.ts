import Type from 'typebox';
import { inTransaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import type { RouteRegistrar } from '../http/route.ts';
import { endSession, logoutAll, type AccountsContext } from './accounts.ts';
import { confirmEmail, requestPasswordReset, resetPassword, sendConfirmation, undoEmailChange } from './recovery.ts';
import {
  Code,
  CurrentPassword,
  Email,
  MailedToken,
  Password,
  RecoveryCodes,
  SecondFactor,
  SecondFactorSecret,
  Session,
  SignedIn,
} from './schemas.ts';
import { SecondStep } from './passkeys/schemas.ts';
import { beginSecondFactor, confirmSecondFactor, removeSecondFactor } from './second-factor/authenticator-app.ts';
import { describeSecondFactor } from './second-factor/factors.ts';
import { renewRecoveryCodes } from './second-factor/recovery-codes.ts';
import { clientOf } from './sessions.ts';
import { takeSecondStep } from './sign-in.ts';
import { getUser } from './users.ts';

/** Mailed tokens, sessions and the second factor. */
export function registerSecurityRoutes(routes: RouteRegistrar, context: AccountsContext): void {
  registerRecovery(routes, context);
  registerSessions(routes, context);
  registerSecondFactor(routes, context);
}

function registerRecovery(routes: RouteRegistrar, context: AccountsContext): void {
  routes.post(
    '/auth/password-reset',
    { summary: 'Asks for a mail that sets a new password; the answer is the same for every address', auth: 'none', status: 204, body: Type.Object({ email: Email }) },
    ({ body, ip }) => requestPasswordReset(context, { email: body.email, ip }),
  );
  routes.post(
    '/auth/password-reset/confirm',
    { summary: 'Sets a new password by a mailed token and ends every session', auth: 'none', status: 204, body: Type.Object({ token: MailedToken, newPassword: Password }) },
    ({ body }) => resetPassword(context, body.token, body.newPassword),
  );
  routes.post(
    '/auth/email/confirm',
    { summary: 'Confirms an e-mail address by a mailed token', auth: 'none', status: 204, body: Type.Object({ token: MailedToken }) },
    ({ body }) => confirmEmail(context, body.token),
  );
  routes.post(
    '/auth/email/undo',
    { summary: 'Takes a changed e-mail address back by a mailed token and ends every session', auth: 'none', status: 204, body: Type.Object({ token: MailedToken }), errors: ['CONFLICT'] },
    ({ body }) => undoEmailChange(context, body.token),
  );
  routes.post(
    '/users/me/email/confirm',
    { summary: "Mails the confirmation of the caller's e-mail address again", status: 204, errors: ['CONFLICT'] },
    async ({ user, ip }) => {
      await context.mailLimit.count(`${ip} ${user.id}`);
      const account = await getUser(context.knex, user.id);
      if (account.flags.emailConfirmed) throw new ApiError('CONFLICT', 'The address is confirmed.');
      await inTransaction(context.knex, (trx) => sendConfirmation(context, trx, account));
    },
  );
}

function registerSessions(routes: RouteRegistrar, context: AccountsContext): void {
  routes.get(
    '/users/me/sessions',
    { summary: "The caller's sessions, the one used last first", response: Type.Array(Session) },
    async ({ user }) =>
      (await context.sessions.list(context.knex, user.id)).map((session) => ({ ...session, current: session.id === user.sessionId })),
  );
  routes.delete(
    '/users/me/sessions/:id',
    { summary: 'Ends one session', status: 204, errors: ['NOT_FOUND'] },
    ({ user, params }) => endSession(context, user.id, params.id ?? ''),
  );
  routes.delete(
    '/users/me/sessions',
    { summary: 'Ends every session but this one', status: 204 },
    ({ user }) => logoutAll(context, user.id, user.sessionId),
  );
}

function registerSecondFactor(routes: RouteRegistrar, context: AccountsContext): void {
  routes.post(
    '/auth/second-step',
    { summary: 'Ends a sign-in that asks for a second factor: a code, or a passkey that has signed', auth: 'none', body: SecondStep, response: SignedIn, errors: ['UNAUTHORIZED', 'ACCOUNT_BANNED', 'ACCOUNT_SUSPENDED'] },
    ({ body, ip, headers }) => takeSecondStep(context, body, clientOf({ ip, headers })),
  );
  routes.get(
    '/users/me/second-factor',
    { summary: 'Whether signing in asks for a second factor, and which there are', response: SecondFactor },
    ({ user }) => describeSecondFactor(context.knex, user.id),
  );
  routes.post(
    '/users/me/second-factor',
    { summary: 'Makes a secret for an authenticator app; it counts once it is confirmed', status: 201, body: Type.Object({ password: CurrentPassword }), response: SecondFactorSecret, errors: ['CONFLICT'] },
    ({ user, body }) => beginSecondFactor(context, user.id, body.password),
  );
  routes.post(
    '/users/me/second-factor/confirm',
    { summary: 'Confirms the secret by a code and ends every other session; answers recovery codes, which are shown this once', body: Type.Object({ code: Code }), response: RecoveryCodes, errors: ['CONFLICT'] },
    async ({ user, body }) => ({ recoveryCodes: await confirmSecondFactor(context, user, body.code) }),
  );
  routes.post(
    '/users/me/second-factor/recovery-codes',
    { summary: 'Replaces the recovery codes and ends every other session', body: Type.Object({ password: CurrentPassword }), response: RecoveryCodes, errors: ['CONFLICT'] },
    async ({ user, body }) => ({ recoveryCodes: await renewRecoveryCodes(context, user, body.password) }),
  );
  routes.post(
    '/users/me/second-factor/remove',
    { summary: 'Removes the authenticator app and ends every other session', status: 204, body: Type.Object({ password: CurrentPassword, code: Code }) },
    ({ user, body }) => removeSecondFactor(context, user, body),
  );
}
