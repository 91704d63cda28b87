import assert from 'node:assert/strict';
import { verifyLedger } from '../../../kernel/credits/verify.ts';
import { reconcile } from '../../../kernel/billing/reconcile.ts';
import { startFakeStripe, type FakeStripe, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

type Event = ReturnType<FakeStripe['takeEvents']>[number];

function permutations<Item>(items: readonly Item[]): Item[][] {
  if (items.length <= 1) return [[...items]];
  return items.flatMap((item, i) => permutations(items.filter((_, j) => j !== i)).map((rest) => [item, ...rest]));
}

describe('buying credits', function () {
  this.timeout(120_000);
  let stripe: FakeStripe;
  let kernel: TestKernel;
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
  });
  afterEach(() => {
    stripe.isDown = false;
  });
  after(async () => {
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
    await kernel.stop();
    await stripe.stop();
  });

  const checkout = (as: TestUser, key: string, body: object = { tierId: 'starter' }): Promise<TestAnswer> =>
    kernel.post('/api/billing/checkout', { as, key, body });
  const open = async (as: TestUser, key = 'buy'): Promise<string> => stripe.sessionOf((await checkout(as, key)).body.data.url);
  const deliver = (event: Event, options: object = {}): Promise<number> => stripe.deliver(event, kernel.kernel.url, options);
  const deliverAll = async (events: readonly Event[]): Promise<void> => {
    for (const event of events) assert.equal(await deliver(event), 200);
  };
  const balance = async (as: TestUser): Promise<number> => (await kernel.get('/api/credits/balance', { as })).body.data.balance;
  const purchase = async (as: TestUser): Promise<Record<string, unknown>> => (await kernel.get('/api/billing/purchases', { as })).body.data[0];
  const owed = async (as: TestUser): Promise<number> => {
    const rows = await kernel.knex('credit_shortfalls').where({ user_id: as.id }).sum('owed');
    return Number(rows[0]?.sum ?? 0);
  };

  it('credits what was bought once it is paid, not when the page is opened', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const { status, body } = await checkout(user, 'buy');
    assert.equal(status, 201);
    assert.deepEqual([await balance(user), (await purchase(user)).status], [0, 'pending']);
    const session = stripe.session(stripe.sessionOf(body.data.url));
    assert.deepEqual([session.amount_total, session.currency, session.client_reference_id], [499, 'usd', body.data.purchaseId]);
    stripe.pay(session.id);
    await deliverAll(stripe.takeEvents());
    assert.deepEqual([await balance(user), (await purchase(user)).status], [500, 'completed']);
    const [entry] = (await kernel.get('/api/credits/history', { as: user })).body.data;
    assert.deepEqual(entry.metadata, { by: 'stripe', purchase: body.data.purchaseId, tier: 'starter' });
  });

  it('opens one page for one key, also after an outage in the middle, and refuses the key with another tier', async () => {
    const user = await kernel.signUp({ credits: 0 });
    stripe.isDown = true;
    assert.equal((await checkout(user, 'k')).body.error.code, 'UNAVAILABLE');
    stripe.isDown = false;
    const answers = await Promise.all(Array.from({ length: 5 }, () => checkout(user, 'k')));
    assert.equal(new Set(answers.map(({ body }) => body.data.url)).size, 1);
    assert.equal((await checkout(user, 'k')).headers.get('Idempotency-Replayed'), 'true');
    assert.equal((await checkout(user, 'k', { tierId: 'season' })).body.error.code, 'IDEMPOTENCY_CONFLICT');
    assert.equal((await kernel.get('/api/billing/purchases', { as: user })).body.data.length, 1);
    assert.equal((await checkout(user, 'l', { tierId: 'nothing' })).status, 404);
  });

  it('sends people back only to sites that the server knows', async () => {
    const user = await kernel.signUp();
    const answer = await checkout(user, 'k', { tierId: 'starter', returnUrl: 'https://evil.example/' });
    assert.equal(answer.body.error.details[0].path, '/body/returnUrl');
    assert.equal((await checkout(user, 'k', { tierId: 'starter', returnUrl: `${kernel.kernel.url}/shop` })).status, 201);
  });

  it('credits once for every order of the events of a purchase, each delivered twice', async () => {
    let orders = 0;
    const count = permutations([1, 2, 3, 4]).length;
    for (let i = 0; i < count; i++) {
      const user = await kernel.signUp({ credits: 0 });
      const session = await open(user);
      stripe.pay(session, { later: true });
      stripe.settle(session, true);
      const events = stripe.takeEvents();
      assert.equal(events.length, 4);
      for (const event of permutations(events)[i] ?? []) {
        const statuses = await Promise.all([deliver(event), deliver(event)]);
        assert.deepEqual(statuses, [200, 200]);
      }
      assert.equal(await balance(user), 500);
      orders += 1;
    }
    assert.equal(orders, 24);
  });

  it('comes to the same end for every order of payment, refund and dispute', async () => {
    const total = process.env.MONEY_TESTS === 'full' ? 120 : 24;
    for (let i = 0; i < total; i++) {
      const user = await kernel.signUp({ credits: 0 });
      const session = await open(user);
      const payment = stripe.pay(session);
      stripe.refund(payment, 250);
      if (total === 120) stripe.refund(payment, 49);
      stripe.closeDispute(stripe.dispute(payment), 'won');
      const known = ['checkout.session.completed', 'charge.refunded', 'charge.dispute.created', 'charge.dispute.closed'];
      const events = stripe.takeEvents().filter(({ type }) => known.includes(type));
      assert.equal(permutations(events).length, total);
      for (const event of permutations(events)[i] ?? []) {
        await deliver(event);
        await deliver(event);
      }
      // A refund of 250 of 499 cents takes 251 of 500 credits along; 299 cents take 300.
      assert.deepEqual([await balance(user), await owed(user)], [total === 120 ? 200 : 249, 0], JSON.stringify(events.map(({ type }) => type)));
    }
  });

  it('fails a purchase whose payment never arrives, and still credits it when it does after all', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const session = await open(user);
    stripe.pay(session, { later: true });
    stripe.settle(session, false);
    await deliverAll(stripe.takeEvents());
    assert.deepEqual([await balance(user), (await purchase(user)).status], [0, 'failed']);
    stripe.settle(session, true);
    await deliverAll(stripe.takeEvents());
    assert.deepEqual([await balance(user), (await purchase(user)).status], [500, 'completed']);
  });

  it('takes a refund back as far as the balance goes, flags the rest, and nets it from the next grant', async () => {
    const [user, admin] = await Promise.all([kernel.signUp({ credits: 0 }), kernel.signUp({ roles: ['user', 'admin'] })]);
    const payment = stripe.pay(await open(user));
    await deliverAll(stripe.takeEvents());
    await kernel.knex.raw(`SELECT * FROM update_credit_balance(?, -420, 'spent', NULL, ?)`, [user.id, `spent:${user.id}`]);
    stripe.refund(payment);
    await deliverAll(stripe.takeEvents());
    assert.deepEqual([await balance(user), await owed(user), (await purchase(user)).status], [0, 420, 'refunded']);
    const { metadata } = await kernel.knex('purchases').where({ user_id: user.id }).first();
    assert.equal(metadata.shortfall, 420);
    const grant = async (amount: number, key: string): Promise<number> => {
      const body = { userId: user.id, amount, reason: 'a prize' };
      return (await kernel.post('/api/admin/credits/grant', { as: admin, key, body })).body.data.balance;
    };
    assert.deepEqual([await grant(400, 'a'), await owed(user)], [0, 20]);
    assert.deepEqual([await grant(100, 'b'), await owed(user)], [80, 0]);
  });

  it('gives the credits of a won dispute back, and forgives what was still owed for it', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const payment = stripe.pay(await open(user));
    await deliverAll(stripe.takeEvents());
    await kernel.knex.raw(`SELECT * FROM update_credit_balance(?, -200, 'spent', NULL, ?)`, [user.id, `spent:${user.id}`]);
    const dispute = stripe.dispute(payment);
    await deliverAll(stripe.takeEvents());
    assert.deepEqual([await balance(user), await owed(user)], [0, 200]);
    stripe.closeDispute(dispute, 'won');
    await deliverAll(stripe.takeEvents());
    assert.deepEqual([await balance(user), await owed(user), (await purchase(user)).status], [300, 0, 'completed']);
  });

  it('keeps events of unknown types and of purchases that are not ours', async () => {
    stripe.emitUnknown('v9.gym.opened');
    const [event] = stripe.takeEvents();
    assert.ok(event);
    assert.equal(await deliver(event), 200);
    const row = await kernel.knex('stripe_events').where({ id: event.id }).first();
    assert.deepEqual([row.type, row.outcome, row.processed_at !== null], ['v9.gym.opened', 'kept', true]);
  });

  it('refuses what Stripe has not signed, or signed long ago, and stores nothing of it', async () => {
    stripe.emitUnknown('a.b');
    const [event] = stripe.takeEvents();
    assert.ok(event);
    assert.equal(await deliver(event, { secret: 'whsec_wrong_secret' }), 400);
    assert.equal(await deliver(event, { signedAt: Math.floor(Date.now() / 1000) - 3600 }), 400);
    const unsigned = await kernel.post('/api/billing/webhook', { body: event });
    assert.equal(unsigned.body.error.details[0].path, '/headers/stripe-signature');
    assert.equal(await kernel.knex('stripe_events').where({ id: event.id }).first(), undefined);
  });

  it('works on an event again later when Stripe cannot be asked', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const payment = stripe.pay(await open(user));
    const paid = stripe.takeEvents();
    const dispute = stripe.dispute(payment);
    const [created] = stripe.takeEvents();
    assert.ok(created && dispute);
    stripe.isDown = true;
    assert.equal(await deliver(created), 200);
    const waiting = await kernel.knex('stripe_events').where({ id: created.id }).first();
    assert.deepEqual([waiting.processed_at, waiting.attempts], [null, 1]);
    stripe.isDown = false;
    await deliverAll(paid);
    assert.equal(await balance(user), 500);
    await kernel.knex('stripe_events').where({ id: created.id }).update({ next_attempt_at: new Date(0) });
    await kernel.kernel.billingUpkeep.sweep();
    assert.equal(await balance(user), 0);
  });

  it('finds by reconciliation what was lost on the way, once', async () => {
    const [paid, expired] = await Promise.all([kernel.signUp({ credits: 0 }), kernel.signUp({ credits: 0 })]);
    const [session, other] = [await open(paid), await open(expired)];
    stripe.refund(stripe.pay(session), 100);
    stripe.expire(other);
    stripe.takeEvents();
    const first = await reconcile(kernel.kernel.billing, 30);
    assert.ok(first.eventsFound >= 3);
    assert.deepEqual([await balance(paid), (await purchase(expired)).status], [399, 'failed']);
    const second = await reconcile(kernel.kernel.billing, 30);
    assert.deepEqual([second.eventsFound, second.purchasesChanged, await balance(paid)], [0, 0, 399]);
  });

  it('sells what an administrator says, from the next purchase on', async () => {
    const [admin, user] = await Promise.all([kernel.signUp({ roles: ['user', 'admin'] }), kernel.signUp()]);
    const current = (await kernel.get('/api/admin/billing/pricing', { as: admin })).body.data;
    const { version, ...pricing } = current as { version: number };
    const put = (body: object): Promise<TestAnswer> => kernel.request('PUT', '/api/admin/billing/pricing', { as: admin, body });
    const dearer = { ...pricing, currency: 'eur', tiers: [{ id: 'starter', credits: 10, amountCents: 700, popular: true }] };
    assert.equal((await put({ ...dearer, expectedVersion: version })).status, 200);
    assert.equal((await put({ ...dearer, expectedVersion: version })).body.error.code, 'VERSION_MISMATCH');
    const twins = { ...dearer, tiers: [...dearer.tiers, ...dearer.tiers] };
    assert.equal((await put({ ...twins, expectedVersion: version + 1 })).status, 400);
    const { tiers, subscription } = (await kernel.get('/api/credits/pricing')).body.data;
    assert.deepEqual(tiers, [{ id: 'starter', credits: 10, amountCents: 700, currency: 'eur', popular: true }]);
    assert.equal(subscription.currency, 'eur');
    const { url } = (await checkout(user, 'k')).body.data;
    assert.equal(stripe.session(stripe.sessionOf(url)).amount_total, 700);
  });
});

describe('billing without keys', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('answers BILLING_DISABLED where Stripe is needed, and serves the rest', async () => {
    const user = await kernel.signUp();
    const paths = ['/checkout', '/subscription/checkout', '/portal', '/webhook'];
    for (const path of paths) {
      const { status, body } = await kernel.post(`/api/billing${path}`, { as: user, key: 'k', body: path === '/checkout' ? { tierId: 'starter' } : {} });
      assert.deepEqual([status, body.error.code], [503, 'BILLING_DISABLED'], path);
    }
    assert.equal((await kernel.get('/api/credits/pricing')).body.data.enabled, false);
    assert.equal((await kernel.get('/api/billing/subscription', { as: user })).body.data, null);
    assert.deepEqual((await kernel.get('/api/billing/purchases', { as: user })).body.data, []);
  });
});
