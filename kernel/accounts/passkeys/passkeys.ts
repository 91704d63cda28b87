import { randomUUID } from 'node:crypto';
import type { Knex } from 'knex';
import { violatedConstraint } from '../../database/connect.ts';
import { inTransaction, type Transaction } from '../../database/transaction.ts';
import { ApiError, invalid } from '../../http/errors.ts';
import { proveByPassword, wrongProof, type AccountsContext } from '../accounts.ts';
import { MAILS } from '../mails.ts';
import { endTokens, issueToken, spendToken, takeUserToken } from '../one-use-tokens.ts';
import { isCodeRight } from '../second-factor/authenticator-app.ts';
import { describeSecondFactor, dropRecoveryCodes, factorsChanged, hasSecondFactor, lockFactors, type Member } from '../second-factor/factors.ts';
import { replaceRecoveryCodes } from '../second-factor/recovery-codes.ts';
import type { Client } from '../sessions.ts';
import type { User } from '../users.ts';
import { getRelyingParty } from './relying-party.ts';
import type { Assertion, CreationOptions, NewCredential, Passkey, RequestOptions } from './schemas.ts';
import { provePasskey } from './use.ts';
import { challengeIn, describeCreation, describeRequest, loadWebAuthn, verifyMade, type Descriptor, type MadeCredential } from './webauthn.ts';

export const CHALLENGE_MINUTES = 5;
const MOST_PASSKEYS = 10;
const UNDO_MINUTES = 7 * 24 * 60;

type Row = Omit<Passkey, 'createdAt' | 'lastUsedAt'> & { createdAt: Date; lastUsedAt: Date | null };
const COLUMNS = ['id', 'name', 'backed_up as backedUp', 'created_at as createdAt', 'last_used_at as lastUsedAt'];

/** The passkeys of a member, the oldest first. */
export async function findPasskeys(knex: Knex, userId: string): Promise<Row[]> {
  return knex('passkeys').where({ user_id: userId }).orderBy(['created_at', 'id']).select<Row[]>(COLUMNS);
}

/** How a browser knows the passkeys of a member. */
export async function findDescriptors(knex: Knex, userId: string): Promise<Descriptor[]> {
  return knex('passkeys').where({ user_id: userId }).select<Descriptor[]>('credential_id as credentialId', 'transports');
}

/** Begins to add a passkey: what a device needs to make one. Its challenge belongs to the session that gave the password. */
export async function beginPasskey(
  context: AccountsContext,
  member: Member,
  password: string,
  { host }: Client,
): Promise<{ publicKey: CreationOptions; expiresIn: number }> {
  const party = getRelyingParty(context.site, host);
  const user = await proveByPassword(context, member.id, password, '/body/password');
  const known = await findDescriptors(context.knex, user.id);
  if (known.length >= MOST_PASSKEYS) refuseMore();
  const challenge = await inTransaction(context.knex, (trx) =>
    issueToken(trx, { purpose: 'passkey-add', userId: user.id, minutes: CHALLENGE_MINUTES, data: { sessionId: member.sessionId }, keepsOthers: true }),
  );
  await loadWebAuthn();
  return { publicKey: describeCreation(party, user, challenge, known), expiresIn: CHALLENGE_MINUTES * 60 };
}

/** Keeps what a device has made. The first second factor of an account brings recovery codes, which are shown this once. */
export async function addPasskey(
  context: AccountsContext,
  member: Member,
  { name = 'Passkey', credential }: { name?: string; credential: NewCredential },
  { host }: Client,
): Promise<{ passkey: Row; recoveryCodes: string[] | null }> {
  const made = await verifyNew(context, member, credential, host);
  const transports = [...new Set(credential.response.transports)];
  return inTransaction(context.knex, async (trx) => {
    const user = await lockFactors(trx, member.id);
    const isFirst = !(await hasSecondFactor(trx, user.id));
    const passkey = await insertPasskey(trx, user.id, { name, transports, ...made });
    const recoveryCodes = isFirst ? await replaceRecoveryCodes(trx, user.id) : null;
    if (isFirst) await factorsChanged(context, trx, user.id, member.sessionId);
    else await context.sessions.end(trx, user.id, { except: member.sessionId });
    await mailAddition(context, trx, user, passkey);
    return { passkey, recoveryCodes };
  });
}

/** The challenge is used up whatever comes of it, and outside the transaction that a refusal would undo. */
async function verifyNew(context: AccountsContext, member: Member, credential: NewCredential, host: string | undefined): Promise<MadeCredential> {
  const party = getRelyingParty(context.site, host);
  const challenge = challengeIn(credential.response.clientDataJSON);
  const grant = await spendToken(context.knex, 'passkey-add', challenge);
  if (grant?.userId !== member.id || grant.data.sessionId !== member.sessionId) {
    throw invalid('/body/credential', 'is for a challenge that is not known, was used before, or has expired');
  }
  try {
    return await verifyMade(party, challenge, credential);
  } catch (error) {
    throw invalid('/body/credential', 'is not what was asked for, or was made for another site', error);
  }
}

async function insertPasskey(
  trx: Transaction,
  userId: string,
  { credentialId, publicKey, counter, backedUp, name, transports }: MadeCredential & { name: string; transports: string[] },
): Promise<Row> {
  const [{ count } = { count: 0 }] = await trx('passkeys').where({ user_id: userId }).count<{ count: number }[]>('* as count');
  if (count >= MOST_PASSKEYS) refuseMore();
  const row = { credential_id: credentialId, public_key: publicKey, counter, backed_up: backedUp, name, transports };
  try {
    const [made] = await trx('passkeys').insert({ id: `passkey_${randomUUID()}`, user_id: userId, ...row }).returning<Row[]>(COLUMNS);
    if (made === undefined) throw new TypeError('The passkey was not kept.');
    return made;
  } catch (error) {
    if (violatedConstraint(error) === undefined) throw error;
    throw new ApiError('CONFLICT', 'This passkey is known already.', { cause: error });
  }
}

/** Tells its owner, with a link for who is not the one that added it. */
async function mailAddition(context: AccountsContext, trx: Transaction, { id, username }: User, passkey: Row): Promise<void> {
  const data = { passkeyId: passkey.id };
  const token = await issueToken(trx, { purpose: 'passkey-undo', userId: id, minutes: UNDO_MINUTES, data, keepsOthers: true });
  await context.mail.send(trx, { to: { userId: id }, template: MAILS.passkeyAdded, values: { username, name: passkey.name, token } });
}

/** @throws ApiError NOT_FOUND. */
export async function renamePasskey(knex: Knex, userId: string, id: string, name: string): Promise<Row> {
  const [renamed] = await knex('passkeys').where({ id, user_id: userId }).update({ name }).returning<Row[]>(COLUMNS);
  if (renamed === undefined) throw unknownPasskey();
  return renamed;
}

/** A challenge with which a member shows a passkey of theirs while they are signed in. */
export async function beginProof(context: AccountsContext, userId: string, { host }: Client): Promise<{ publicKey: RequestOptions; expiresIn: number }> {
  const party = getRelyingParty(context.site, host);
  const allowed = await findDescriptors(context.knex, userId);
  if (allowed.length === 0) throw new ApiError('CONFLICT', 'There is no passkey.');
  const challenge = await inTransaction(context.knex, (trx) => issueToken(trx, { purpose: 'passkey-proof', userId, minutes: CHALLENGE_MINUTES, keepsOthers: true }));
  await loadWebAuthn();
  return { publicKey: describeRequest(party, challenge, { userVerification: 'preferred', allowed }), expiresIn: CHALLENGE_MINUTES * 60 };
}

export interface RemovalProof {
  password: string;
  code?: string;
  credential?: Assertion;
}

/**
 * Removes a passkey. The last second factor of an account goes like an authenticator app does: with a factor, or a recovery code.
 *
 * @throws ApiError VALIDATION_ERROR for a wrong password or proof, NOT_FOUND.
 */
export async function removePasskey(context: AccountsContext, member: Member, id: string, proof: RemovalProof, client: Client): Promise<void> {
  const userId = member.id;
  await proveByPassword(context, userId, proof.password, '/body/password');
  const shown = await spendProof(context, userId, proof.credential);
  const refusal = await inTransaction(context.knex, async (trx) => {
    const user = await lockFactors(trx, userId);
    const passkey = await trx('passkeys').where({ id, user_id: userId }).first<{ name: string } | undefined>('name');
    if (passkey === undefined) return unknownPasskey();
    const { app, passkeys } = await describeSecondFactor(trx, userId);
    const isLast = !app && passkeys === 1;
    const problem = isLast ? await refuseUnproven(context, trx, userId, { code: proof.code, shown }, client) : undefined;
    if (problem !== undefined) return problem;
    await trx('passkeys').where({ id }).delete();
    if (isLast) await factorsChanged(context, trx, userId, member.sessionId);
    else await context.sessions.end(trx, userId, { except: member.sessionId });
    await context.mail.send(trx, { to: { userId }, template: MAILS.passkeyRemoved, values: { username: user.username, name: passkey.name } });
    return undefined;
  });
  // Returned rather than thrown, so that what a passkey has told about itself is kept.
  if (refusal !== undefined) throw refusal;
}

interface Shown {
  credential: Assertion;
  challenge: string;
}

/** The challenge of a passkey that is shown as a proof is used up whatever comes of it. */
async function spendProof(context: AccountsContext, userId: string, credential: Assertion | undefined): Promise<Shown | undefined> {
  if (credential === undefined) return undefined;
  const challenge = challengeIn(credential.response.clientDataJSON);
  const grant = await spendToken(context.knex, 'passkey-proof', challenge);
  return grant?.userId === userId ? { credential, challenge } : undefined;
}

async function refuseUnproven(
  context: AccountsContext,
  trx: Transaction,
  userId: string,
  { code, shown }: { code: string | undefined; shown: Shown | undefined },
  client: Client,
): Promise<ApiError | undefined> {
  if (shown !== undefined) {
    const proven = await provePasskey(context, trx, { ...shown, userId, needsVerifiedUser: false }, client);
    return proven === undefined ? invalid('/body/credential', 'is wrong') : undefined;
  }
  if (code === undefined) return invalid('/body/code', 'is needed for the last second factor: a recovery code, or the passkey itself');
  return (await isCodeRight(context, trx, userId, code)) ? undefined : wrongProof(context, userId, '/body/code');
}

/** Takes a passkey away by a mailed token and ends every session: whoever added it is out, and has read no recovery code that counts. */
export async function undoPasskey(context: AccountsContext, token: string): Promise<void> {
  await inTransaction(context.knex, async (trx) => {
    const { user, data } = await takeUserToken(trx, 'passkey-undo', token);
    const { id: userId } = user;
    await trx('passkeys').where({ id: String(data.passkeyId), user_id: userId }).delete();
    await endTokens(trx, userId, ['passkey-add']);
    await dropRecoveryCodes(trx, userId);
    await factorsChanged(context, trx, userId, undefined);
  });
}

function refuseMore(): never {
  throw new ApiError('CONFLICT', `There are ${String(MOST_PASSKEYS)} passkeys. Remove one first.`);
}

function unknownPasskey(): ApiError {
  return new ApiError('NOT_FOUND', 'No passkey of yours has this id.');
}
