import type { Knex } from 'knex';
import type Stripe from 'stripe';
import type { Config } from '../config/config.ts';
import { ApiError } from '../http/errors.ts';
import type { StripeKeys } from '../settings/settings.ts';
import type { Clock } from '../telemetry/clock.ts';
import type { Logger } from '../telemetry/logger.ts';
import { stripeLibrary } from './library.ts';

/** What billing is made of. */
export interface BillingContext {
  knex: Knex;
  clock: Clock;
  log: Logger;
  /** Undefined without keys: then every route that needs Stripe answers BILLING_DISABLED. */
  readonly stripe: Stripe | undefined;
  readonly webhookSecret: string | undefined;
  /** Where a person may be sent back to after paying: the server's own address and the origins that CORS allows. */
  publicUrl: string | undefined;
  allowedOrigins: readonly string[];
}

/** @param entered The keys that an owner has entered; those of the environment win. */
export function createBillingContext(
  needs: Pick<BillingContext, 'knex' | 'clock' | 'log'>,
  config: Pick<Config, 'stripe' | 'publicUrl' | 'corsOrigins'>,
  entered: () => StripeKeys | undefined = () => undefined,
): BillingContext {
  const fixed = config.stripe && createStripe(config.stripe);
  let made: { secretKey: string; stripe: Stripe } | undefined;
  return {
    ...needs,
    get stripe() {
      const keys = fixed === undefined ? entered() : undefined;
      if (keys === undefined) return fixed;
      if (made?.secretKey !== keys.secretKey) made = { secretKey: keys.secretKey, stripe: createStripe({ ...keys, apiBase: undefined }) };
      return made.stripe;
    },
    get webhookSecret() {
      return config.stripe === undefined ? entered()?.webhookSecret : config.stripe.webhookSecret;
    },
    publicUrl: config.publicUrl,
    allowedOrigins: config.corsOrigins,
  };
}

function createStripe({ secretKey, apiBase }: NonNullable<Config['stripe']>): Stripe {
  const base = apiBase === undefined ? undefined : new URL(apiBase);
  const Library = stripeLibrary();
  return new Library(secretKey, {
    maxNetworkRetries: 2,
    timeout: 15_000,
    telemetry: false,
    appInfo: { name: 'MuscleMap' },
    ...(base && {
      protocol: base.protocol === 'http:' ? 'http' : 'https',
      host: base.hostname,
      ...(base.port !== '' && { port: base.port }),
    }),
  });
}

/** @throws ApiError BILLING_DISABLED when there are no keys. */
export function requireStripe({ stripe }: Pick<BillingContext, 'stripe'>): Stripe {
  if (stripe === undefined) throw new ApiError('BILLING_DISABLED');
  return stripe;
}

/** Asks Stripe for a person who waits. @throws ApiError UNAVAILABLE when it does not do what it was asked to. */
export async function askStripe<T>(request: Promise<T>): Promise<T> {
  try {
    return await request;
  } catch (error) {
    throw toApiError(error);
  }
}

/** What a person is told when Stripe did not do what it was asked to; every other error stays as it is. */
export function toApiError(error: unknown): unknown {
  if (!(error instanceof stripeLibrary().errors.StripeError)) return error;
  return new ApiError('UNAVAILABLE', 'The payment provider did not answer. Try again shortly.', { cause: error });
}

/** Whether Stripe said that it has no such object, as opposed to not having answered. */
export function isUnknownToStripe(error: unknown): boolean {
  return error instanceof stripeLibrary().errors.StripeInvalidRequestError && error.code === 'resource_missing';
}

/** The id of what Stripe hands over as an id or as the object itself. */
export function idOf(reference: string | { id: string } | null | undefined): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}

/** Stripe's seconds as a Date. */
export function toDate(seconds: number): Date {
  return new Date(seconds * 1000);
}
