import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE purchases (
      id TEXT PRIMARY KEY DEFAULT 'purch_' || uuid_generate_v4(),
      user_id TEXT NOT NULL REFERENCES users (id),
      tier_id TEXT NOT NULL,
      credits INTEGER NOT NULL CHECK (credits > 0),
      amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
      status TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'failed', 'refunded')),
      stripe_payment_id TEXT,
      stripe_session_id TEXT,
      metadata JSONB,
      created_at TIMESTAMPTZ DEFAULT NOW(),
      completed_at TIMESTAMPTZ
    );
    CREATE INDEX idx_purchases_user ON purchases (user_id, created_at DESC, id DESC);
    CREATE UNIQUE INDEX idx_purchases_session ON purchases (stripe_session_id) WHERE stripe_session_id IS NOT NULL;
    CREATE UNIQUE INDEX idx_purchases_payment ON purchases (stripe_payment_id) WHERE stripe_payment_id IS NOT NULL;

    CREATE TABLE subscriptions (
      id TEXT PRIMARY KEY DEFAULT 'sub_' || uuid_generate_v4(),
      user_id TEXT NOT NULL REFERENCES users (id),
      stripe_customer_id TEXT,
      stripe_subscription_id TEXT UNIQUE,
      status TEXT NOT NULL CHECK (status IN ('inactive', 'active', 'past_due', 'canceled', 'unpaid')),
      current_period_start TIMESTAMPTZ,
      current_period_end TIMESTAMPTZ,
      cancel_at_period_end BOOLEAN DEFAULT FALSE,
      created_at TIMESTAMPTZ DEFAULT NOW(),
      updated_at TIMESTAMPTZ DEFAULT NOW()
    );
    CREATE INDEX idx_subscriptions_user ON subscriptions (user_id);
    CREATE TRIGGER subscriptions_updated_at BEFORE UPDATE ON subscriptions
      FOR EACH ROW EXECUTE FUNCTION update_updated_at();
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE subscriptions, purchases');
}
