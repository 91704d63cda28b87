import { inTransaction } from '../../database/transaction.ts';
import { ApiError } from '../../http/errors.ts';
import type { AccountsContext, SignedInAccount } from '../accounts.ts';
import { issueToken, spendToken } from '../one-use-tokens.ts';
import type { Client } from '../sessions.ts';
import { enter } from '../sign-in.ts';
import { refuseLockedAccount } from '../users.ts';
import { CHALLENGE_MINUTES } from './passkeys.ts';
import { getRelyingParty } from './relying-party.ts';
import type { Assertion, RequestOptions } from './schemas.ts';
import { provePasskey } from './use.ts';
import { challengeIn, describeRequest, loadWebAuthn } from './webauthn.ts';

/** A challenge for whoever wants to sign in: the device shows the passkeys that it has for this server. */
export async function beginPasskeySignIn(context: AccountsContext, { host }: Client): Promise<{ publicKey: RequestOptions; expiresIn: number }> {
  const party = getRelyingParty(context.site, host);
  const challenge = await inTransaction(context.knex, (trx) => issueToken(trx, { purpose: 'passkey-sign-in', userId: null, minutes: CHALLENGE_MINUTES }));
  await loadWebAuthn();
  return { publicKey: describeRequest(party, challenge, { userVerification: 'required' }), expiresIn: CHALLENGE_MINUTES * 60 };
}

/**
 * Signs in by a passkey alone. The device has seen its owner, so it counts as two factors. Nothing here can be guessed, so that
 * failures are not counted: a gym's one address is not locked out by a passkey that somebody has removed.
 *
 * @throws ApiError UNAUTHORIZED, the same for a passkey that is not known and one that is not right; ACCOUNT_BANNED …
 */
export async function signInWithPasskey(context: AccountsContext, credential: Assertion, client: Client): Promise<SignedInAccount> {
  const challenge = challengeIn(credential.response.clientDataJSON);
  if ((await spendToken(context.knex, 'passkey-sign-in', challenge)) === undefined) {
    throw new ApiError('UNAUTHORIZED', 'This sign-in has expired. Begin again.');
  }
  const entered = await inTransaction(context.knex, async (trx) => {
    const user = await provePasskey(context, trx, { credential, challenge, needsVerifiedUser: true }, client);
    if (user === undefined) return undefined;
    refuseLockedAccount(user.flags);
    return enter(context, trx, user, client);
  });
  // Outside the transaction, which keeps what a refused passkey has told about itself.
  if (entered === undefined) throw new ApiError('UNAUTHORIZED', 'The passkey was not accepted.');
  return entered;
}
