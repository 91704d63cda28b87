import assert from 'node:assert/strict';
import { askAboutLapsed, endSubscriptionsOfLeavers, reconcile } from '../../../kernel/billing/reconcile.ts';
import { startFakeStripe, type FakeStripe, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

describe('the subscription', function () {
  this.timeout(60_000);
  let stripe: FakeStripe;
  let kernel: TestKernel;
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
  });
  after(async () => {
    await kernel.stop();
    await stripe.stop();
  });

  const subscribe = async (as: TestUser): Promise<string> => {
    const { body } = await kernel.post('/api/billing/subscription/checkout', { as, body: {} });
    return stripe.pay(stripe.sessionOf(body.data.url));
  };
  const deliver = async (events: ReturnType<FakeStripe['takeEvents']>): Promise<void> => {
    for (const event of events) assert.equal(await stripe.deliver(event, kernel.kernel.url), 200);
  };
  const reason = async (as: TestUser): Promise<string | null> => (await kernel.get('/api/credits/balance', { as })).body.data.unlimitedReason;
  const state = async (as: TestUser): Promise<string> => (await kernel.get('/api/billing/subscription', { as })).body.data.status;

  it('makes everything free from its payment to its end, and leaves no entry', async () => {
    const user = await kernel.signUp({ credits: 50 });
    const charge = (key: string): ReturnType<TestKernel['post']> =>
      kernel.post('/api/credits/charge', { as: user, key, body: { action: 'workout.log' } });
    const id = await subscribe(user);
    assert.equal(await reason(user), null);
    await deliver(stripe.takeEvents());
    assert.deepEqual([await reason(user), await state(user)], ['subscription', 'active']);
    const free = (await charge('a')).body.data;
    assert.deepEqual([free.amount, free.entryId, free.balance], [0, null, 50]);
    stripe.changeSubscription(id, { status: 'canceled' });
    await deliver(stripe.takeEvents());
    assert.deepEqual([await reason(user), await state(user)], [null, 'canceled']);
    assert.equal((await charge('a')).body.data.amount, 0);
    assert.equal((await charge('b')).body.data.amount, 25);
  });

  it('stands where Stripe says it stands, however late and mixed up the events arrive', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const id = await subscribe(user);
    stripe.changeSubscription(id, { status: 'past_due' });
    stripe.changeSubscription(id, { status: 'active', periods: 1 });
    const events = stripe.takeEvents();
    await deliver([...events].reverse());
    await deliver(events);
    assert.equal(await state(user), 'active');
    const rows = await kernel.knex('subscriptions').where({ user_id: user.id });
    assert.equal(rows.length, 1);
    const end = new Date(rows[0].current_period_end).getTime();
    assert.ok(end > Date.now() + 55 * 86_400_000);
  });

  it('knows each of the states that Stripe has', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const id = await subscribe(user);
    const map = {
      ...{ active: 'active', trialing: 'active', past_due: 'past_due', unpaid: 'unpaid', paused: 'inactive' },
      ...{ incomplete: 'inactive', incomplete_expired: 'canceled', canceled: 'canceled' },
    } as const;
    for (const [theirs, ours] of Object.entries(map)) {
      stripe.changeSubscription(id, { status: theirs });
      await deliver(stripe.takeEvents());
      assert.equal(await state(user), ours, theirs);
      assert.equal(await reason(user), ours === 'active' ? 'subscription' : null, theirs);
    }
  });

  it('is not bought twice, and two clicks lead to one page', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const click = (): ReturnType<TestKernel['post']> => kernel.post('/api/billing/subscription/checkout', { as: user, body: {} });
    const pages = await Promise.all([click(), click()]);
    assert.equal(new Set(pages.map(({ body }) => body.data.url)).size, 1);
    const id = await subscribe(user);
    await deliver(stripe.takeEvents());
    assert.equal((await click()).body.error.code, 'CONFLICT');
    stripe.changeSubscription(id, { status: 'canceled' });
    await deliver(stripe.takeEvents());
    assert.match((await click()).body.data.url, /^https:/);
    assert.match((await kernel.post('/api/billing/portal', { as: user, body: {} })).body.data.url, /^https:\/\/billing/);
  });

  it('is asked about when its period is over and no news came', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const id = await subscribe(user);
    await deliver(stripe.takeEvents());
    stripe.changeSubscription(id, { periods: 1 });
    stripe.takeEvents();
    await kernel.knex('subscriptions').where({ user_id: user.id }).update({ current_period_end: new Date(Date.now() - 60_000) });
    assert.equal(await reason(user), null);
    await askAboutLapsed(kernel.kernel.billing, 20);
    assert.equal(await reason(user), 'subscription');
  });

  it('ends with the account: with its period while the member may come back, at once when they are erased', async () => {
    const user = await kernel.signUp({ credits: 0 });
    await subscribe(user);
    await deliver(stripe.takeEvents());
    await kernel.knex('account_erasures').insert({ user_id: user.id, due_at: new Date() });
    assert.equal(await endSubscriptionsOfLeavers(kernel.kernel.billing, 20), 1);
    const { status, cancelAtPeriodEnd } = (await kernel.get('/api/billing/subscription', { as: user })).body.data;
    assert.deepEqual([status, cancelAtPeriodEnd], ['active', true]);
    assert.equal(await endSubscriptionsOfLeavers(kernel.kernel.billing, 20), 0);
    await kernel.knex('account_erasures').where({ user_id: user.id }).update({ erased_at: new Date() });
    assert.equal(await endSubscriptionsOfLeavers(kernel.kernel.billing, 20), 1);
    assert.equal(await state(user), 'canceled');
    stripe.takeEvents();
  });

  it('is found by reconciliation when every event of it was lost', async () => {
    const user = await kernel.signUp({ credits: 0 });
    await subscribe(user);
    stripe.takeEvents();
    await reconcile(kernel.kernel.billing, 1);
    assert.equal(await reason(user), 'subscription');
  });
});
