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

  it('names the plugin that was changed last, and who did it', async () => {
    const { data } = (await kernel.get('/api/admin/plugins/tips', { as: admin })).body;
    await kernel.request('PUT', '/api/admin/plugins/tips/config', { as: admin, body: data.config });
    const { lastChange } = (await overview()).plugins;
    assert.deepEqual([lastChange.action, lastChange.plugin, lastChange.actor.kind, lastChange.actor.username], ['plugin.configure', 'tips', 'user', admin.username]);
  });

  it('tells when the first of those who leave is erased', async () => {
    const leaver = await kernel.signUp();
    assert.equal((await overview()).people.nextErasureAt, null);
    await kernel.request('DELETE', '/api/users/me', { as: leaver, body: { password: leaver.password } });
    const { people } = await overview();
    assert.ok(Date.parse(people.nextErasureAt) > Date.now(), JSON.stringify(people));
  });

  it('shows moderators how the gym does, but money only to who may see it', async () => {
    const moderator = await kernel.signUp({ roles: ['user', 'moderator'] });
    const seen = async (): Promise<{ status: number; money: unknown; sold: unknown; purchases: number }> => {
      const { status, body } = await kernel.get('/api/admin/overview', { as: moderator });
      const purchases = await kernel.get('/api/admin/billing/purchases', { as: moderator });
      return { status, money: body.data.money?.revenue, sold: body.data.days.at(-1).sold, purchases: purchases.status };
    };
    assert.deepEqual(await seen(), { status: 200, money: undefined, sold: null, purchases: 403 });
    const role = (isGiven: boolean | null) => kernel.request('PATCH', '/api/admin/roles/moderator', { as: admin, body: { permissions: { 'billing.read': isGiven } } });
    assert.equal((await role(true)).status, 200);
    const now = await seen();
    await role(null);
    assert.deepEqual([now.status, Array.isArray(now.money), typeof now.sold, now.purchases], [200, true, 'number', 200]);
  });

  it('is not for members', async () => {
    const member = await kernel.signUp();
    for (const path of ['/api/admin/overview', '/api/admin/billing/purchases']) assert.equal((await kernel.get(path, { as: member })).status, 403);
  });
});
