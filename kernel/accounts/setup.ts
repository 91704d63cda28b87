import type { Knex } from 'knex';
import type { Rows } from '../database/connect.ts';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import { recordAudit } from '../audit/audit.ts';
import { register, type AccountsContext, type SignedInAccount } from './accounts.ts';
import { issueToken, takeToken } from './one-use-tokens.ts';
import type { Client } from './sessions.ts';

const SETUP_MINUTES = 24 * 60;

async function hasAdministrator(knex: Knex): Promise<boolean> {
  const { rows } = await knex.raw<Rows<{ has: boolean }>>(
    `SELECT EXISTS (SELECT FROM users WHERE roles @> '["admin"]' AND is_active_admin(users)) AS has`,
  );
  return rows[0]?.has === true;
}

/** A token that makes the first administrator, good for a day; undefined when there is one. */
export async function issueSetupToken(knex: Knex): Promise<string | undefined> {
  if (await hasAdministrator(knex)) return undefined;
  return inTransaction(knex, (trx) => issueToken(trx, { purpose: 'setup', userId: null, minutes: SETUP_MINUTES }));
}

/** Makes the first administrator's account. @throws ApiError VALIDATION_ERROR for a wrong token, CONFLICT when there is one. */
export async function setUp(
  context: AccountsContext,
  { token, ...registration }: Parameters<typeof register>[1] & { token: string },
  client: Client,
): Promise<SignedInAccount> {
  return register(context, registration, client, async (trx) => {
    await takeToken(trx, 'setup', token);
    await becomeFirst(trx);
    return ['user', 'admin'];
  });
}

/** Of two who come at once with two tokens, one is first. */
async function becomeFirst(trx: Transaction): Promise<void> {
  await trx.raw(`SELECT pg_advisory_xact_lock(hashtext('musclemap.administrators'))`);
  if (await hasAdministrator(trx)) throw new ApiError('CONFLICT', 'There is an administrator already.');
  await trx('account_tokens').where({ purpose: 'setup' }).delete();
  await recordAudit(trx, { actor: { kind: 'kernel' }, action: 'user.setup', objectType: 'users', result: 'done' });
}
