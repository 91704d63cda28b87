import { recordAudit } from '../../audit/audit.ts';
import type { Transaction } from '../../database/transaction.ts';
import type { AccountsContext } from '../accounts.ts';
import { MAILS } from '../mails.ts';
import type { Client } from '../sessions.ts';
import { lockUser, type User } from '../users.ts';
import { findRelyingParty } from './relying-party.ts';
import type { Assertion } from './schemas.ts';
import { userHandleOf, verifyUse, type Use } from './webauthn.ts';

export interface ShownPasskey {
  credential: Assertion;
  /** That was given out and is used up. */
  challenge: string;
  /** Whose it must be; anybody's, when the passkey has to say it. */
  userId?: string;
  /** Whether the device must have seen that it is its owner, by a finger, a face or a PIN. */
  needsVerifiedUser: boolean;
}

interface Row {
  id: string;
  userId: string;
  name: string;
  publicKey: Buffer;
  counter: number;
}

/** A key that nobody has the other half of: a passkey that is not known takes as long to refuse as a wrong signature. */
const NOBODYS = Buffer.from(
  'pQECAyYgASFYIJVghIYD8rVZ4C7ybzmH8sG2kWNv4G-17BgGzljy6QulIlggcPLqW1jams_YzP7LmLDQ00OPc8NHZPV1fXpT0Klp5xc',
  'base64url',
);

/**
 * The owner of a passkey who has just used it, locked; undefined for whatever is wrong. A counter that has not risen tells of a copy: that
 * is written down, and its owner is told, so the transaction is to be committed even then.
 */
export async function provePasskey(context: AccountsContext, trx: Transaction, shown: ShownPasskey, client: Client): Promise<User | undefined> {
  const party = findRelyingParty(context.site, client.host);
  if (party === undefined) return undefined;
  const known = await findShown(trx, shown);
  const { credential, challenge, needsVerifiedUser } = shown;
  const use = await verifyUse(party, challenge, credential, { publicKey: known?.publicKey ?? NOBODYS, needsVerifiedUser });
  if (known === undefined || use === undefined) return undefined;
  const user = await lockUser(trx, known.userId);
  // Of two uses with one count one is counted, and what has been removed meanwhile lets nobody in.
  const passkey = await findShown(trx, shown);
  if (passkey === undefined) return undefined;
  if (!hasRisen(passkey, use)) {
    await reportCopy(context, trx, { user, passkey, counter: use.counter }, client);
    return undefined;
  }
  await countUse(trx, passkey, use);
  return user;
}

/** The passkey that is said to have been used. Who signs in without a name is said by the device; where it says it, it must be the owner. */
async function findShown(trx: Transaction, { credential, userId }: ShownPasskey): Promise<Row | undefined> {
  const row = await trx('passkeys')
    .where({ credential_id: credential.id, ...(userId !== undefined && { user_id: userId }) })
    .first<Row | undefined>('id', 'user_id as userId', 'name', 'public_key as publicKey', 'counter');
  const said = credential.response.userHandle ?? undefined;
  const isOwner = said === undefined ? userId !== undefined : row !== undefined && said === userHandleOf(row.userId);
  return isOwner ? row : undefined;
}

/** Whether the use is a new one. Many devices do not count: then it stays 0. */
function hasRisen({ counter: before }: Row, { counter }: Use): boolean {
  return counter > before || (counter === 0 && before === 0);
}

async function countUse(trx: Transaction, { id }: Row, { counter, backedUp }: Use): Promise<void> {
  await trx('passkeys').where({ id }).update({ counter, backed_up: backedUp, last_used_at: trx.raw('clock_timestamp()') });
}

async function reportCopy(
  context: AccountsContext,
  trx: Transaction,
  { user, passkey, counter }: { user: User; passkey: Row; counter: number },
  { ip }: Client,
): Promise<void> {
  const details = { id: passkey.id, counter, countedBefore: passkey.counter };
  await recordAudit(trx, { actor: { kind: 'kernel' }, action: 'passkey.copied', objectType: 'users', objectId: user.id, result: 'UNAUTHORIZED', ip, details });
  const values = { username: user.username, name: passkey.name, ip, time: context.clock.now().toISOString() };
  await context.mail.send(trx, { to: { userId: user.id }, template: MAILS.passkeyCopied, values });
}
