import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { KeyRing } from '../../accounts/key-ring.ts';
import { recordAudit } from '../../audit/audit.ts';
import { loadSigningKeys } from '../../config/signing-keys.ts';
import { createBillingContext, type BillingContext } from '../../billing/billing.ts';
import { findPricing, savePricing, PricingSchema, type Pricing } from '../../billing/pricing.ts';
import { EVENTS_KEPT_DAYS, reconcile } from '../../billing/reconcile.ts';
import type { Rows } from '../../database/connect.ts';
import { createValidate } from '../../http/validation.ts';
import { Settings } from '../../settings/settings.ts';
import { systemClock } from '../../telemetry/clock.ts';
import { CommandFailure } from '../plugin-command.ts';
import { withSession, type CommandSession } from '../session.ts';
import { endProgress, printJson, printLine, printRows, showProgress } from '../terminal.ts';

/** npx musclemap billing … */
export function registerBillingCommands(program: Command): void {
  const billing = program.command('billing').description('payments through Stripe');
  registerReconcile(billing);
  registerPricing(billing);
  registerEvents(billing);
}

async function billingOf({ knex, log, config }: CommandSession): Promise<BillingContext> {
  const settings = new Settings(knex, new KeyRing(await loadSigningKeys(config)), log);
  await settings.read();
  return createBillingContext({ knex, log, clock: systemClock }, config, () => settings.current.stripe);
}

function registerReconcile(billing: Command): void {
  billing
    .command('reconcile')
    .description('compare with Stripe and make up for what was lost; exit code 1 when events still fail')
    .option('--days <n>', `how far back, at most ${String(EVENTS_KEPT_DAYS)}`, String(EVENTS_KEPT_DAYS))
    .option('--json', 'print the result as JSON')
    .action(async ({ days, json }: { days: string; json?: boolean }) => {
      const count = Number(days);
      if (!Number.isInteger(count) || count < 1 || count > EVENTS_KEPT_DAYS) {
        throw new CommandFailure(`--days is a whole number from 1 to ${String(EVENTS_KEPT_DAYS)}, not ${days}.`);
      }
      const result = await withSession(async (session) => {
        const context = await billingOf(session);
        if (context.stripe === undefined) throw new CommandFailure('STRIPE_SECRET_KEY is not set, nor entered in the console: there is nothing to compare with.');
        return reconcile(context, count, showProgress);
      });
      endProgress();
      if (json === true) printJson(result);
      else {
        const { eventsFound, eventsWorked, purchasesAsked, purchasesChanged, subscriptionsAsked } = result;
        printLine(`${String(eventsFound)} events had been lost; ${String(eventsWorked)} were worked on now.`);
        printLine(`${String(purchasesChanged)} of ${String(purchasesAsked)} open purchases are over; ${String(subscriptionsAsked)} subscriptions were asked about.`);
      }
      if (result.eventsFailed > 0) throw new CommandFailure(`${String(result.eventsFailed)} events cannot be worked on: npx musclemap billing events`);
    });
}

function registerPricing(billing: Command): void {
  billing
    .command('pricing')
    .description('show what is sold, or replace it')
    .option('--set <file>', 'a JSON document as this command prints with --json')
    .option('--json', 'print it as JSON')
    .action(async ({ set, json }: { set?: string; json?: boolean }) => {
      const wanted = set === undefined ? undefined : await readPricing(set);
      const pricing = await withSession(async ({ knex }) => {
        const current = await findPricing(knex);
        if (wanted === undefined) return current;
        const saved = await savePricing(knex, wanted, { expectedVersion: current.version, by: 'cli' });
        await recordAudit(knex, { actor: { kind: 'cli' }, action: 'billing.pricing', result: 'done', details: { version: saved.version } });
        return saved;
      });
      const { version: _version, ...document } = pricing;
      if (json === true) {
        printJson(document);
        return;
      }
      const { currency, tiers, plan } = pricing;
      const money = (cents: number): string => `${(cents / 100).toFixed(2)} ${currency}`;
      printRows(tiers.map((tier) => ({ ...tier, price: money(tier.amountCents) })), ['id', 'credits', 'price', 'popular'], { whenEmpty: 'No credits are sold.' });
      printLine(plan === null ? 'There is no subscription.' : `${plan.name}: ${money(plan.amountCents)} a ${plan.interval}`);
    });
}

async function readPricing(path: string): Promise<Pricing> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CommandFailure(`${path} is not a JSON document: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  createValidate(PricingSchema, 'body')(document);
  return document as Pricing;
}

interface WaitingEvent {
  id: string;
  type: string;
  receivedAt: Date;
  attempts: number;
  nextAttemptAt: Date;
  error: string | null;
}

function registerEvents(billing: Command): void {
  billing
    .command('events')
    .description('the events of Stripe that are not worked on yet, with why')
    .option('--json', 'print them as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const { rows } = await withSession(({ knex }) =>
        knex.raw<Rows<WaitingEvent>>(
          `SELECT id, type, received_at AS "receivedAt", attempts, next_attempt_at AS "nextAttemptAt", error
           FROM stripe_events WHERE processed_at IS NULL ORDER BY received_at LIMIT 100`,
        ),
      );
      printRows(rows, ['id', 'type', 'receivedAt', 'attempts', 'error'], { json, whenEmpty: 'Every event is worked on.' });
    });
}
