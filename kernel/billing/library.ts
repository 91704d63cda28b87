import { createRequire } from 'node:module';
import type Stripe from 'stripe';

const require = createRequire(import.meta.url);

/** Stripe's library takes 15 MB of memory: it is loaded by who sells something. */
export function stripeLibrary(): typeof Stripe {
  return require('stripe') as typeof Stripe;
}
