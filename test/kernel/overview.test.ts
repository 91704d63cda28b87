import assert from 'node:assert/strict';
import { startFakeStripe, type FakeStripe, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

describe('what an owner looks at first', () => {
  let stripe: FakeStripe;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await stripe.stop();
  });

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the body of an answer
  const overview = async (): Promise<any> => {
    const answer = await kernel.get('/api/admin/overview', { as: admin });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body.data;
  };

  const buy = async (member: TestUser): Promise<string> => {
    const { body } = await kernel.post('/api/billing/checkout', { as: member, key: `buy-${member.id}`, body: { tierId: 'starter' } });
    const session = stripe.sessionOf(body.data.url);
    stripe.pay(session);
    for (const event of stripe.takeEvents()) assert.equal(await stripe.deliver(event, kernel.kernel.url), 200);
    return session;
  };

  it('counts members, who joined, and who has gone quiet, and lists those', async () => {
    const before = await overview();
    const quiet = await kernel.signUp();
    const banned = await kernel.signUp();
    await kernel.knex('sessions').where({ user_id: quiet.id }).update({ last_used_at: new Date(Date.now() - 20 * 86_400_000) });
    await kernel.request('PATCH', `/api/admin/users/${banned.id}`, { as: admin, body: { flags: { banned: true }, reason: 'a test' } });
    const after = await overview();
    assert.deepEqual(
      ['members', 'new7', 'quiet', 'banned', 'active7'].map((name) => after.people[name] - before.people[name]),
      [2, 2, 1, 1, 1],
    );
    const list = await kernel.get('/api/admin/users?state=quiet', { as: admin });
    assert.deepEqual(list.body.data.map(({ id }: { id: string }) => id), [quiet.id]);
    assert.equal(after.days.length, 28);
    assert.equal(after.days.at(-1).joined - before.days.at(-1).joined, 2);
  });

  it('tells what was sold, what is held and what Stripe has said last, and lists the purchases', async () => {
    const before = await overview();
    const member = await kernel.signUp({ credits: 10 });
    await buy(member);
    const after = await overview();
    assert.equal(after.money.outstanding - before.money.outstanding, 510);
    assert.equal(after.days.at(-1).sold - before.days.at(-1).sold, 500);
    assert.deepEqual(after.money.revenue, [{ currency: 'usd', amountCents: 499 }]);
    assert.ok(Date.now() - Date.parse(after.money.lastEventAt) < 60_000);
    assert.equal(after.money.waitingEvents, 0);
    const { body } = await kernel.get(`/api/admin/billing/purchases?userId=${member.id}`, { as: admin });
    const [purchase] = body.data;
    assert.deepEqual(
      [body.data.length, purchase.userId, purchase.username, purchase.credits, purchase.amountCents, purchase.status, purchase.disputed],
      [1, member.id, member.username, 500, 499, 'completed', false],
    );
    assert.deepEqual((await kernel.get('/api/admin/billing/purchases?status=refunded', { as: admin })).body.data, []);
  });

  it('says how large the database is and whether anything is sold', async () => {
    const { data } = await overview();
    assert.ok(data.databaseBytes > 1_000_000 && data.freeBytes > 0);
    assert.equal(data.payments, true);
    assert.match(data.databaseVersion, /^\d+/);
  });

  it('is for administrators', async () => {
    const member = await kernel.signUp();
    for (const path of ['/api/admin/overview', '/api/admin/billing/purchases']) assert.equal((await kernel.get(path, { as: member })).status, 403);
  });
});
