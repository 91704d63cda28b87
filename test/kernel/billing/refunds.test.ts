import assert from 'node:assert/strict';
import { verifyLedger } from '../../../kernel/credits/verify.ts';
import { startFakeStripe, type FakeStripe, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

describe('refunds from the console', function () {
  this.timeout(120_000);
  let stripe: FakeStripe;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  afterEach(() => {
    stripe.isDown = false;
  });
  after(async () => {
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
    await kernel.stop();
    await stripe.stop();
  });

  interface Bought {
    user: TestUser;
    id: string;
    paymentId: string;
  }

  const deliverAll = async (): Promise<void> => {
    for (const event of stripe.takeEvents()) assert.equal(await stripe.deliver(event, kernel.kernel.url), 200);
  };
  const buy = async (): Promise<Bought> => {
    const user = await kernel.signUp({ credits: 0 });
    const { data } = (await kernel.post('/api/billing/checkout', { as: user, key: 'buy', body: { tierId: 'starter' } })).body;
    const paymentId = stripe.pay(stripe.sessionOf(data.url));
    await deliverAll();
    return { user, id: data.purchaseId, paymentId };
  };
  const refund = (id: string, key: string, body: object = { reason: 'changed their mind' }, as = admin): Promise<TestAnswer> =>
    kernel.post(`/api/admin/billing/purchases/${id}/refund`, { as, key, body });
  const balance = async (as: TestUser): Promise<number> => (await kernel.get('/api/credits/balance', { as })).body.data.balance;

  it('gives all of it back once for one key, takes the credits, and says why and by whom', async () => {
    const { user, id } = await buy();
    const first = await refund(id, 'back');
    assert.deepEqual([first.status, first.body.data.status, first.body.data.refundedCents], [200, 'refunded', 499], JSON.stringify(first.body));
    const [only] = first.body.data.refunds;
    assert.deepEqual([only.amountCents, only.status, only.reason, only.by], [499, 'succeeded', 'changed their mind', admin.id]);
    assert.equal((await refund(id, 'back')).body.data.refunds.length, 1);
    await deliverAll();
    assert.equal(await balance(user), 0);
    const { data } = (await kernel.get(`/api/admin/billing/purchases?userId=${user.id}`, { as: admin })).body;
    assert.deepEqual([data[0].refundedCents, data[0].refunds.length, data[0].refunds[0].reason], [499, 1, 'changed their mind']);
    const again = await refund(id, 'more');
    assert.deepEqual([again.status, again.body.error.code], [409, 'CONFLICT']);
    const audit = (await kernel.get(`/api/admin/audit?objectType=purchases&object=${id}`, { as: admin })).body.data;
    assert.deepEqual([audit.length, audit.at(-1).details.body.reason, audit.at(-1).result], [3, 'changed their mind', 'done']);
  });

  it('gives a part back, takes as much of the credits, and refuses more than is left', async () => {
    const { user, id } = await buy();
    const part = await refund(id, 'part', { amountCents: 100, reason: 'half an hour too late' });
    assert.deepEqual([part.status, part.body.data.status, part.body.data.refundedCents], [200, 'completed', 100]);
    assert.equal(await balance(user), 500 - Math.ceil((500 * 100) / 499));
    const tooMuch = await refund(id, 'much', { amountCents: 400, reason: 'x' });
    assert.deepEqual([tooMuch.status, tooMuch.body.error.details[0].path], [400, '/body/amountCents']);
    const other = await refund(id, 'part', { amountCents: 200, reason: 'x' });
    assert.deepEqual([other.status, other.body.error.code], [409, 'IDEMPOTENCY_CONFLICT']);
    assert.equal((await refund(id, 'rest')).body.data.refundedCents, 499);
    await deliverAll();
    assert.equal(await balance(user), 0);
  });

  it('changes nothing while Stripe is down, and then does what was asked with the same key', async () => {
    const { user, id } = await buy();
    stripe.isDown = true;
    assert.equal((await refund(id, 'later')).status, 503);
    assert.equal(await balance(user), 500);
    stripe.isDown = false;
    assert.equal((await refund(id, 'later')).status, 200);
    assert.equal(await balance(user), 0);
  });

  it('gives the credits again when a refund fails days later, and shows that it did', async () => {
    const { user, id, paymentId } = await buy();
    assert.equal(await balance(user), 500);
    const refundId = (await refund(id, 'gone')).body.data.refunds[0].id;
    await deliverAll();
    stripe.failRefund(refundId);
    await deliverAll();
    const { data } = (await kernel.get(`/api/admin/billing/purchases?userId=${user.id}`, { as: admin })).body;
    assert.deepEqual([data[0].status, data[0].refundedCents, data[0].refunds[0].status, data[0].refunds[0].reason], ['completed', 0, 'failed', 'changed their mind'], paymentId);
    assert.equal(await balance(user), 500);
  });

  it('is for administrators, and for what was paid', async () => {
    const { user, id } = await buy();
    assert.equal((await refund(id, 'mine', undefined, user)).status, 403);
    assert.equal((await refund('pur_none', 'none')).status, 404);
    await kernel.post('/api/billing/checkout', { as: user, key: 'unpaid', body: { tierId: 'starter' } });
    const { data } = (await kernel.get(`/api/admin/billing/purchases?userId=${user.id}&status=pending`, { as: admin })).body;
    assert.deepEqual((await refund(data[0].id, 'unpaid')).body.error.code, 'CONFLICT');
  });
});
