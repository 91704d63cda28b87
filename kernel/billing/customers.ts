import type { Knex } from 'knex';
import type Stripe from 'stripe';
import type { Rows } from '../database/connect.ts';
import { ApiError } from '../http/errors.ts';
import { hashRequest } from '../http/idempotency.ts';
import { askStripe } from './billing.ts';

/** The member as Stripe knows them; made known when they are not. */
export async function ensureCustomer(knex: Knex, stripe: Stripe, userId: string): Promise<string> {
  const known = await findCustomer(knex, userId);
  if (known !== undefined) return known;
  const { rows } = await knex.raw<Rows<{ email: string }>>('SELECT email FROM users WHERE id = ?', [userId]);
  const [user] = rows;
  if (user === undefined) throw new ApiError('NOT_FOUND', 'No user has this id.');
  const details = { email: user.email, metadata: { userId } };
  const customer = await askStripe(
    stripe.customers.create(details, { idempotencyKey: `customer:${hashRequest(details)}` }),
  );
  await knex.raw('INSERT INTO stripe_customers (user_id, customer_id) VALUES (?, ?) ON CONFLICT (user_id) DO NOTHING', [
    userId,
    customer.id,
  ]);
  return (await findCustomer(knex, userId)) ?? customer.id;
}

async function findCustomer(knex: Knex, userId: string): Promise<string | undefined> {
  const { rows } = await knex.raw<Rows<{ id: string }>>('SELECT customer_id AS id FROM stripe_customers WHERE user_id = ?', [userId]);
  return rows[0]?.id;
}
