import { inTransaction, type Transaction } from '../database/transaction.ts';
import { invalid } from '../http/errors.ts';
import type { AccountsContext } from './accounts.ts';
import { MAILS } from './mails.ts';
import { endTokens, issueToken, takeUserToken } from './one-use-tokens.ts';
import { refuseOwnWords } from './own-words.ts';
import { dropFactors, dropRecoveryCodes, factorsChanged } from './second-factor/factors.ts';
import { findUserByLogin, updateUser, type User } from './users.ts';

const CONFIRM_MINUTES = 3 * 24 * 60;
const RESET_MINUTES = 30;
const UNDO_MINUTES = 7 * 24 * 60;
const SEAL = 'password-reset';
export const RESET_JOB = 'password-reset';

/** Mails a token that confirms the user's address. */
export async function sendConfirmation(context: AccountsContext, trx: Transaction, user: User): Promise<void> {
  const data = { email: user.email };
  const token = await issueToken(trx, { purpose: 'email-confirm', userId: user.id, minutes: CONFIRM_MINUTES, data });
  const to = { address: user.email };
  await context.mail.send(trx, { to, template: MAILS.confirmEmail, values: { username: user.username, token } });
}

/** @throws ApiError VALIDATION_ERROR for a token that is not good, or whose address is no longer the account's. */
export async function confirmEmail(context: AccountsContext, token: string): Promise<void> {
  await inTransaction(context.knex, async (trx) => {
    const { user, data } = await takeUserToken(trx, 'email-confirm', token);
    if (user.email !== data.email) throw invalid('/body/token', 'is for an address that the account no longer has');
    await updateUser(trx, user.id, { flags: { ...user.flags, emailConfirmed: true } });
  });
}

/** How much later than the answer the job runs: whoever asks again at once must not notice that it has something to do. */
const RESET_DELAY_SECONDS = 1;

/**
 * Asks for a mail that sets a new password. Whether the address is known is looked up by a job, so that the answer and its
 * time are the same for all.
 */
export async function requestPasswordReset(context: AccountsContext, request: { email: string; ip: string }): Promise<void> {
  await context.mailLimit.count(`${request.ip} ${request.email.toLowerCase()}`);
  const data = { sealed: context.ring.seal(SEAL, { email: request.email }) };
  await context.queue.enqueue('kernel', RESET_JOB, data, { startAfterSeconds: RESET_DELAY_SECONDS });
}

/** The job behind it. */
export async function mailPasswordReset(context: AccountsContext, sealed: string): Promise<void> {
  const { email } = context.ring.open(SEAL, sealed) as { email: string };
  const user = await findUserByLogin(context.knex, email);
  if (user === undefined || user.flags.banned) return;
  await inTransaction(context.knex, async (trx) => {
    const token = await issueToken(trx, { purpose: 'password-reset', userId: user.id, minutes: RESET_MINUTES });
    const to = { userId: user.id };
    await context.mail.send(trx, { to, template: MAILS.resetPassword, values: { username: user.username, token } });
  });
}

/** Sets a new password by a mailed token, which also proves the address; ends every session. */
export async function resetPassword(context: AccountsContext, token: string, newPassword: string): Promise<void> {
  await context.passwords.refuseCommon(newPassword, '/body/newPassword');
  const passwordHash = await context.passwords.hash(newPassword);
  await inTransaction(context.knex, async (trx) => {
    const { user: before } = await takeUserToken(trx, 'password-reset', token);
    refuseOwnWords(context, newPassword, '/body/newPassword', before);
    const { id: userId, flags } = before;
    const user = await updateUser(trx, userId, { passwordHash, flags: { ...flags, emailConfirmed: true } });
    await context.sessions.end(trx, userId, {});
    await endTokens(trx, userId, ['second-step']);
    await context.mail.send(trx, { to: { userId }, template: MAILS.passwordChanged, values: { username: user.username } });
  });
}

/** Tells both addresses of a change: the new one to confirm it, the old one to take it back. */
export async function announceNewEmail(context: AccountsContext, trx: Transaction, before: User, after: User): Promise<void> {
  await endTokens(trx, after.id, ['password-reset']);
  await sendConfirmation(context, trx, after);
  const data = { email: before.email, wasConfirmed: before.flags.emailConfirmed };
  const token = await issueToken(trx, { purpose: 'email-undo', userId: after.id, minutes: UNDO_MINUTES, data, keepsOthers: true });
  const to = { address: before.email };
  await context.mail.send(trx, { to, template: MAILS.emailChanged, values: { username: after.username, token } });
}

/**
 * Gives an account its former address back and ends every session. Whoever changed it is out, and the second factors that
 * have come since are theirs, as recovery codes may be.
 */
export async function undoEmailChange(context: AccountsContext, token: string): Promise<void> {
  await inTransaction(context.knex, async (trx) => {
    const { user, data, createdAt } = await takeUserToken(trx, 'email-undo', token);
    const { id: userId, flags } = user;
    await updateUser(trx, userId, { email: String(data.email), flags: { ...flags, emailConfirmed: data.wasConfirmed === true } });
    await endTokens(trx, userId, ['email-confirm', 'email-undo', 'password-reset', 'second-step', 'passkey-add']);
    await dropFactors(trx, userId, createdAt);
    await dropRecoveryCodes(trx, userId);
    await factorsChanged(context, trx, userId, undefined);
  });
}
