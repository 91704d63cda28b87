import type { Knex } from 'knex';
import type { Transaction } from '../database/transaction.ts';
import type { IdempotentRequest } from '../http/idempotency.ts';
import type { Charge } from '../http/route.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Clock } from '../telemetry/clock.ts';
import { changeCredits, ledgerKey } from './ledger.ts';
import type { ChargeResult, CreditChange, CreditsService, GrantResult } from './service.ts';
import { findChargeTerms } from './terms.ts';

export interface CreditsContext {
  clock: Clock;
  composition(): Pick<Composition, 'hooks' | 'creditActions'>;
}

/** The part of every key that says whose it is: a plugin's own keys, or those that clients send with a route. */
function ownedKey(owner: string, change: CreditChange): string {
  return ledgerKey('p', owner, change.userId, change.action, change.key);
}

/** The key under which the charge of a client's request stands in the ledger. */
export function requestKey(request: Pick<IdempotentRequest, 'userId' | 'route' | 'key'>): string {
  return ledgerKey('u', request.userId, request.route, request.key);
}

/** Takes the price of an action, unless the user is entitled or the action is free. */
export async function chargePrice(
  knex: Knex,
  context: CreditsContext,
  charge: { userId: string; action: string; metadata: Record<string, unknown>; idempotencyKey: string },
): Promise<ChargeResult> {
  const { hooks } = context.composition();
  const terms = await findChargeTerms(knex, context.composition(), { ...charge, now: context.clock.now() });
  if (terms.unlimitedReason !== null || terms.price === 0) {
    return { entryId: null, amount: 0, balance: null, isReplay: false };
  }
  const entry = await changeCredits(knex, { ...charge, amount: -terms.price });
  if (hooks.creditsCharged.isUsed() && !entry.isReplay && knex.isTransaction === true) {
    const { userId, action } = charge;
    const trx = knex as Transaction;
    await hooks.creditsCharged.promise({ trx, userId, action, amount: terms.price, entryId: entry.entryId });
  }
  return { entryId: entry.entryId, amount: terms.price, balance: entry.balance, isReplay: entry.isReplay };
}

/** Takes the price of a route in its transaction, under the key of the request. */
export async function chargeRequest(
  trx: Transaction,
  context: CreditsContext,
  request: IdempotentRequest,
  action: string,
): Promise<Charge> {
  const { userId, requestHash } = request;
  const metadata = { _request: requestHash };
  const { entryId, amount, balance } = await chargePrice(trx, context, {
    userId,
    action,
    metadata,
    idempotencyKey: requestKey(request),
  });
  return { action, amount, entryId, balance };
}

/** The credits of one plugin: its keys cannot meet those of another. */
export function createCreditsService(owner: string, context: CreditsContext): CreditsService {
  const move = async (trx: Transaction, change: CreditChange, amount: number): Promise<GrantResult> => {
    const metadata = { ...change.metadata, by: owner };
    const { userId, action } = change;
    const entry = await changeCredits(trx, {
      userId,
      action,
      amount,
      metadata,
      idempotencyKey: ownedKey(owner, change),
    });
    return { entryId: entry.entryId, amount: Math.abs(amount), balance: entry.balance, isReplay: entry.isReplay };
  };
  return {
    charge: (trx, change) =>
      chargePrice(trx, context, {
        userId: change.userId,
        action: change.action,
        metadata: { ...change.metadata, by: owner },
        idempotencyKey: ownedKey(owner, change),
      }),
    grant: async (trx, change) => move(trx, change, positive(change.amount)),
    take: async (trx, change) => move(trx, change, -positive(change.amount)),
  };
}

function positive(amount: number): number {
  if (!Number.isSafeInteger(amount) || amount < 1 || amount > 2_147_483_647) {
    throw new RangeError(`An amount of credits is a whole number from 1 to 2,147,483,647, not ${String(amount)}.`);
  }
  return amount;
}
