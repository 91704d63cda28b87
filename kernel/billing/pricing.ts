import type { Knex } from 'knex';
import Type, { type Static } from 'typebox';
import type { Rows } from '../database/connect.ts';
import { ApiError, invalid } from '../http/errors.ts';

const Tier = Type.Object({
  id: Type.String({ pattern: '^[a-z0-9]+(-[a-z0-9]+)*$', maxLength: 40 }),
  credits: Type.Integer({ minimum: 1, maximum: 10_000_000 }),
  amountCents: Type.Integer({ minimum: 50, maximum: 99_999_999, description: 'In the smallest unit of the currency' }),
  popular: Type.Boolean({ default: false }),
});

const Plan = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 100 }),
  amountCents: Type.Integer({ minimum: 50, maximum: 99_999_999 }),
  interval: Type.Enum(['month', 'year']),
});

/** What is sold: amounts of credits, and the subscription that makes everything free; null when there is none. */
export const PricingSchema = Type.Object({
  currency: Type.String({ pattern: '^[a-z]{3}$', description: 'ISO 4217 in lower case, as Stripe writes it' }),
  tiers: Type.Array(Tier, { maxItems: 20 }),
  plan: Type.Union([Plan, Type.Null()]),
});

export type Pricing = Static<typeof PricingSchema>;

export interface StoredPricing extends Pricing {
  /** 0 for what the code says. */
  version: number;
}

/** What a new server sells until an administrator says otherwise. */
const DEFAULT_PRICING: Pricing = {
  currency: 'usd',
  tiers: [
    { id: 'starter', credits: 500, amountCents: 499, popular: false },
    { id: 'regular', credits: 1200, amountCents: 999, popular: true },
    { id: 'season', credits: 3000, amountCents: 1999, popular: false },
  ],
  plan: { name: 'Unlimited', amountCents: 999, interval: 'month' },
};

export async function findPricing(knex: Knex): Promise<StoredPricing> {
  const { rows } = await knex.raw<Rows<{ pricing: Pricing; version: number }>>('SELECT pricing, version FROM billing_settings');
  const [stored] = rows;
  return stored === undefined ? { ...DEFAULT_PRICING, version: 0 } : { ...stored.pricing, version: stored.version };
}

/**
 * Replaces what is sold, from the next checkout on. What was bought keeps the price it was bought at.
 *
 * @throws ApiError VALIDATION_ERROR for two tiers with one id or two popular ones, VERSION_MISMATCH when somebody was faster.
 */
export async function savePricing(
  knex: Knex,
  pricing: Pricing,
  change: { expectedVersion: number; by: string },
): Promise<StoredPricing> {
  const ids = pricing.tiers.map(({ id }) => id);
  const twin = ids.findIndex((id, index) => ids.indexOf(id) !== index);
  if (twin !== -1) throw invalid(`/body/tiers/${String(twin)}/id`, 'is used twice');
  if (pricing.tiers.filter(({ popular }) => popular).length > 1) throw invalid('/body/tiers', 'has more than one popular tier');
  const { rows } = await knex.raw<Rows<{ version: number }>>(
    `INSERT INTO billing_settings AS b (pricing, updated_by)
     SELECT :pricing::JSONB, :by WHERE :expectedVersion::INTEGER = 0 OR EXISTS (SELECT FROM billing_settings)
     ON CONFLICT (is_only) DO UPDATE
     SET pricing = excluded.pricing, updated_by = excluded.updated_by, version = b.version + 1, updated_at = NOW()
     WHERE b.version = :expectedVersion::INTEGER
     RETURNING version`,
    { pricing: JSON.stringify(pricing), ...change },
  );
  const [saved] = rows;
  if (saved === undefined) throw new ApiError('VERSION_MISMATCH', 'The pricing has changed since it was read.');
  return { ...pricing, version: saved.version };
}
