import type { Knex } from 'knex';
import { inTransaction, type Transaction } from '../database/transaction.ts';
import { ApiError } from '../http/errors.ts';
import type { IdempotentRequest } from '../http/idempotency.ts';
import type { Charge } from '../http/route.ts';
import type { Composition } from '../plugins/composition.ts';
import type { Clock } from '../telemetry/clock.ts';
import { Batches } from './batches.ts';
import { applyChanges, applyCharges, ledgerKey, toEntry, type LedgerChange, type LedgerCharge, type LedgerEntry, type Outcome } from './ledger.ts';
import { findChargeTerms } from './terms.ts';

export interface CreditsContext {
  knex: Knex;
  clock: Clock;
  composition(): Pick<Composition, 'hooks' | 'creditActions'>;
  /** What nobody's transaction is waiting for goes out together. */
  changes: Batches<LedgerChange, Outcome>;
  charges: Batches<LedgerCharge, Outcome>;
}

/** Two runs keep both processors busy; more would only wait for the same rows. */
const BATCHES = { maxItems: 128, maxRunning: 2 };

export function createCreditsContext(needs: Pick<CreditsContext, 'knex' | 'clock' | 'composition'>): CreditsContext {
  const { knex, clock } = needs;
  return {
    ...needs,
    changes: new Batches((changes) => applyChanges(knex, changes), BATCHES),
    charges: new Batches((charges) => applyCharges(knex, charges, clock.now()), BATCHES),
  };
}

/** The key under which a client's request stands in the ledger. */
export function requestKey(request: Pick<IdempotentRequest, 'userId' | 'route' | 'key'>): string {
  return ledgerKey('u', request.userId, request.route, request.key);
}

/** Moves a given amount: in `trx`, or together with what others move at the moment. */
export async function move(context: CreditsContext, trx: Transaction | undefined, change: LedgerChange): Promise<LedgerEntry> {
  const outcome = trx === undefined ? await context.changes.add(change) : (await applyChanges(trx, [change]))[0];
  return toEntry(change, outcome);
}

/**
 * Takes the price of an action, unless the user is entitled or the action is free. One statement, but for plugins that have
 * a say in prices or entitlement: they are asked between two.
 */
export async function chargePrice(
  context: CreditsContext,
  trx: Transaction | undefined,
  charge: Omit<LedgerCharge, 'terms'>,
): Promise<LedgerEntry> {
  const { hooks, creditActions } = context.composition();
  if (!creditActions.has(charge.action)) throw new ApiError('NOT_FOUND', 'There is no such credit action.');
  if (trx === undefined && hooks.creditsCharged.isUsed()) {
    return inTransaction(context.knex, (own) => chargePrice(context, own, charge));
  }
  const asksPlugins = hooks.price.isUsed() || hooks.entitlement.isUsed();
  const terms = asksPlugins ? await findChargeTerms(trx ?? context.knex, hooks, { ...charge, now: context.clock.now() }) : undefined;
  const priced: LedgerCharge = { ...charge, terms };
  const outcome =
    trx === undefined ? await context.charges.add(priced) : (await applyCharges(trx, [priced], context.clock.now()))[0];
  const entry = toEntry(charge, outcome);
  if (trx !== undefined && entry.entryId !== null && !entry.isReplay && hooks.creditsCharged.isUsed()) {
    const { userId, action } = charge;
    await hooks.creditsCharged.promise({ trx, userId, action, amount: entry.amount, entryId: entry.entryId });
  }
  return entry;
}

/**
 * Takes the price of a route in its transaction, under the key of the request, or finds that it was taken before. `owner` is
 * the plugin whose route it is.
 */
export async function chargeRequest(
  trx: Transaction,
  context: CreditsContext,
  request: IdempotentRequest,
  route: { action: string; owner: string },
): Promise<{ charge: Charge; isReplay: boolean }> {
  const { entryId, amount, balance, isReplay } = await chargePrice(context, trx, {
    userId: request.userId,
    action: route.action,
    metadata: { _request: request.requestHash, by: route.owner },
    idempotencyKey: requestKey(request),
  });
  return { charge: { action: route.action, amount, entryId, balance }, isReplay };
}
