import assert from 'node:assert/strict';
import { createCreditsService } from '../../../kernel/credits/plugin-credits.ts';
import { inTransaction, type Transaction } from '../../../kernel/database/transaction.ts';
import type { CreditsService } from '../../../kernel/index.ts';
import type { TestKernel } from '../../../kernel/testing.ts';
import { verifyLedger } from '../../../kernel/credits/verify.ts';
import { startCopy } from '../../support/setup.ts';

/** A clock that a test moves. */
class MovedClock {
  shiftMs = 0;
  now = (): Date => new Date(Date.now() + this.shiftMs);
}

describe('kernel.credits of a plugin', () => {
  const clock = new MovedClock();
  let kernel: TestKernel;
  let credits: CreditsService;
  before(async () => {
    kernel = await startCopy({ clock });
    credits = createCreditsService('fitness', kernel.kernel.credits);
    await kernel.knex('credit_actions').where({ id: 'workout.log' }).update({ default_cost: 10 });
  });
  after(async () => {
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
    await kernel.stop();
  });
  const inTrx = <T>(work: (trx: Transaction) => Promise<T>): Promise<T> => inTransaction(kernel.knex, work);
  const balanceOf = async (id: string): Promise<number> =>
    (await kernel.knex('credit_balances').where({ user_id: id }).first()).balance as number;
  const code = (expected: string) => (error: unknown) => {
    assert.equal((error as { code?: string }).code, expected);
    return true;
  };

  describe('refund', () => {
    it('gives back parts, never more than was taken, and the same key once', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const paid = await credits.charge(undefined, { userId, action: 'workout.log', key: 'a' });
      const entryId = paid.entryId ?? '';
      const refund = (key: string, amount?: number): ReturnType<CreditsService['refund']> =>
        inTrx((trx) => credits.refund(trx, { userId, entryId, key, ...(amount !== undefined && { amount }) }));
      assert.equal((await refund('r1', 4)).balance, 44);
      assert.equal((await refund('r1', 4)).isReplay, true);
      await assert.rejects(refund('r1', 5), code('IDEMPOTENCY_CONFLICT'));
      await assert.rejects(refund('r2', 7), code('UNPROCESSABLE'));
      assert.equal((await refund('r3')).amount, 6);
      await assert.rejects(refund('r4'), code('UNPROCESSABLE'));
      assert.equal(await balanceOf(userId), 50);
    });

    it('gives back what was taken once when twenty ask for it at the same time', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const { entryId } = await credits.take(undefined, { userId, action: 'stake', key: 'a', amount: 40 });
      const asked = Array.from({ length: 20 }, (_, i) =>
        inTrx((trx) => credits.refund(trx, { userId, entryId, key: `r${String(i)}`, amount: 15 })),
      );
      const answers = await Promise.allSettled(asked);
      assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 2);
      assert.equal(await balanceOf(userId), 40);
    });

    it("leaves another plugin's entries alone", async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const { entryId } = await createCreditsService('other', kernel.kernel.credits).take(undefined, { userId, action: 'stake', key: 'a', amount: 5 });
      await assert.rejects(inTrx((trx) => credits.refund(trx, { userId, entryId, key: 'r' })), code('NOT_FOUND'));
    });
  });

  describe('charge, grant and take', () => {
    it('are undone with the transaction they are part of', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const failing = inTrx(async (trx) => {
        await credits.charge(trx, { userId, action: 'workout.log', key: 'a' });
        await credits.grant(trx, { userId, action: 'prize', key: 'a', amount: 5 });
        throw new Error('no');
      });
      await assert.rejects(failing, /no/);
      assert.equal(await balanceOf(userId), 50);
    });

    it('refuse names of metadata that are the kernel\'s, and amounts that are none', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      for (const name of ['by', 'refundOf', '_request']) {
        await assert.rejects(credits.grant(undefined, { userId, action: 'a', key: 'k', amount: 1, metadata: { [name]: 'x' } }), RangeError);
      }
      for (const amount of [0, -1, 1.5, Number.NaN, 2 ** 31]) {
        await assert.rejects(credits.grant(undefined, { userId, action: 'a', key: 'k', amount }), RangeError);
      }
    });

    it('tell who caused the entry', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const { entryId } = await credits.grant(undefined, { userId, action: 'prize', key: 'a', amount: 5, metadata: { rank: 1 } });
      const entry = await kernel.knex('credit_ledger').where({ id: entryId }).first();
      assert.deepEqual(entry.metadata, { rank: 1, by: 'fitness' });
    });

    it('give each of many at once its own outcome, whatever becomes of the others', async () => {
      const [rich, poor] = await Promise.all([kernel.signUp({ credits: 1000 }), kernel.signUp({ credits: 3 })]);
      const take = (userId: string, key: string, amount: number): Promise<unknown> => credits.take(undefined, { userId, action: 'a', key, amount });
      const answers = await Promise.allSettled([
        ...Array.from({ length: 60 }, (_, i) => take(rich.id, `k${String(i)}`, 1)),
        ...Array.from({ length: 10 }, (_, i) => take(poor.id, `k${String(i)}`, 1)),
        take('user_nobody', 'k', 1),
        take(rich.id, 'k0', 2),
      ]);
      const codes = answers.flatMap((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : []));
      assert.deepEqual(codes.sort(), ['IDEMPOTENCY_CONFLICT', ...Array<string>(7).fill('INSUFFICIENT_CREDITS'), 'NOT_FOUND']);
      assert.deepEqual([await balanceOf(rich.id), await balanceOf(poor.id)], [940, 0]);
    });
  });

  describe('transfer', () => {
    it('moves credits in a ring without a dead-lock, both entries or none', async () => {
      const ring = await Promise.all(Array.from({ length: 5 }, () => kernel.signUp({ credits: 100 })));
      const moves = Array.from({ length: 100 }, (_, i) => {
        const [from, to] = [ring[i % 5]?.id ?? '', ring[(i + 1 + (i % 3)) % 5]?.id ?? ''];
        return inTrx((trx) => credits.transfer(trx, { senderId: from, recipientId: to, action: 'gift', key: `k${String(i)}`, amount: 30 }));
      });
      const answers = await Promise.allSettled(moves);
      const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : []));
      assert.deepEqual([...new Set(reasons)].filter((reason) => reason !== 'INSUFFICIENT_CREDITS'), []);
      const sums = await Promise.all(ring.map(({ id }) => balanceOf(id)));
      assert.equal(sums.reduce((a, b) => a + b), 500);
    });
  });

  describe('reserve', () => {
    const reserve = (userId: string, key: string, more: object = {}): ReturnType<CreditsService['reserve']> =>
      inTrx((trx) => credits.reserve(trx, { userId, action: 'workout.log', key, expiresInSeconds: 30, ...more }));

    it('sets the price aside and keeps it, or a part of it, when captured', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const hold = await reserve(userId, 'a');
      assert.deepEqual([hold.amount, hold.status, await balanceOf(userId)], [10, 'open', 40]);
      assert.equal((await reserve(userId, 'a')).id, hold.id);
      const captured = await inTrx((trx) => credits.capture(trx, hold.id, { amount: 4 }));
      assert.deepEqual([captured.status, captured.captured, await balanceOf(userId)], ['captured', 4, 46]);
      assert.equal((await inTrx((trx) => credits.capture(trx, hold.id, { amount: 4 }))).isReplay, true);
      assert.equal((await inTrx((trx) => credits.capture(trx, hold.id))).isReplay, true);
      await assert.rejects(inTrx((trx) => credits.capture(trx, hold.id, { amount: 5 })), code('CONFLICT'));
      await assert.rejects(inTrx((trx) => credits.release(trx, hold.id)), code('CONFLICT'));
    });

    it('gives everything back when released, once', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const hold = await reserve(userId, 'a', { amount: 33 });
      const released = await Promise.all(Array.from({ length: 5 }, () => inTrx((trx) => credits.release(trx, hold.id))));
      assert.equal(released.filter(({ isReplay }) => !isReplay).length, 1);
      assert.equal(await balanceOf(userId), 50);
      await assert.rejects(inTrx((trx) => credits.capture(trx, hold.id)), code('CONFLICT'));
    });

    it('gives expired holds back, against captures at the same moment either the one or the other', async () => {
      const users = await Promise.all(Array.from({ length: 8 }, () => kernel.signUp({ credits: 50 })));
      const holds = await Promise.all(users.map(({ id }) => reserve(id, 'a')));
      clock.shiftMs += 31_000;
      const captures = holds.map(({ id }) => inTrx((trx) => credits.capture(trx, id)));
      const [, ...answers] = await Promise.allSettled([kernel.kernel.creditsUpkeep.releaseExpired(), ...captures]);
      for (const [i, answer] of answers.entries()) {
        assert.equal(await balanceOf(users[i]?.id ?? ''), answer.status === 'fulfilled' ? 40 : 50);
      }
      await kernel.kernel.creditsUpkeep.releaseExpired();
      const open = await kernel.knex('credit_holds').whereIn('id', holds.map(({ id }) => id)).where({ status: 'open' });
      assert.deepEqual(open, []);
    });

    it('costs who is entitled nothing, with the same calls', async () => {
      const { id: userId } = await kernel.signUp();
      const hold = await reserve(userId, 'a');
      assert.deepEqual([hold.amount, await balanceOf(userId)], [0, 100]);
      assert.equal((await inTrx((trx) => credits.capture(trx, hold.id))).status, 'captured');
    });

    it('gives back what an administrator has left of it', async () => {
      const { id: userId } = await kernel.signUp({ credits: 50 });
      const hold = await reserve(userId, 'a');
      const admin = await kernel.signUp({ roles: ['user', 'admin'] });
      const { entry_id: entryId } = await kernel.knex('credit_holds').where({ id: hold.id }).first();
      const reversed = await kernel.post('/api/admin/credits/reverse', { as: admin, key: 'k', body: { entryId, reason: 'a mistake' } });
      assert.equal(reversed.status, 201);
      assert.equal((await inTrx((trx) => credits.release(trx, hold.id))).status, 'released');
      assert.equal(await balanceOf(userId), 50);
    });
  });
});

describe('POST /api/credits/transfer', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('gives credits to a member named by id or username, once per key', async () => {
    const [one, two] = await Promise.all([kernel.signUp({ credits: 100 }), kernel.signUp({ credits: 0 })]);
    const send = (body: object, key: string): ReturnType<TestKernel['post']> => kernel.post('/api/credits/transfer', { as: one, key, body });
    const first = await send({ recipientUsername: two.username.toUpperCase(), amount: 30, note: 'thanks' }, 'a');
    assert.deepEqual([first.status, first.body.data.balance, first.body.data.recipient.id], [200, 70, two.id]);
    assert.equal((await send({ recipientUsername: two.username.toUpperCase(), amount: 30, note: 'thanks' }, 'a')).headers.get('Idempotency-Replayed'), 'true');
    await send({ recipientId: two.id, amount: 20 }, 'b');
    const history = (await kernel.get('/api/credits/history?action=transfer', { as: two })).body.data;
    assert.deepEqual(history.map(({ amount, balanceAfter }: { amount: number; balanceAfter: number }) => [amount, balanceAfter]), [[20, 50], [30, 30]]);
    assert.deepEqual(history[1].metadata, { by: 'user', note: 'thanks', transferFrom: one.id });
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
  });

  it('refuses oneself, strangers, more than there is, and two recipients or none', async () => {
    const [one, two] = await Promise.all([kernel.signUp({ credits: 100 }), kernel.signUp({ credits: 0 })]);
    let key = 0;
    const status = async (body: object): Promise<number> => (await kernel.post('/api/credits/transfer', { as: one, key: String((key += 1)), body })).status;
    assert.equal(await status({ recipientId: one.id, amount: 1 }), 422);
    assert.equal(await status({ recipientId: 'user_x', amount: 1 }), 404);
    assert.equal(await status({ recipientId: two.id, amount: 101 }), 402);
    assert.equal(await status({ recipientId: two.id, amount: 0 }), 400);
    assert.equal(await status({ recipientId: two.id, recipientUsername: two.username, amount: 1 }), 400);
    assert.equal(await status({ amount: 1 }), 400);
    assert.equal((await kernel.get('/api/credits/balance', { as: one })).body.data.balance, 100);
  });
});

describe('/api/admin/credits', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('grants, reverses once, searches and proves', async () => {
    const [admin, user] = await Promise.all([kernel.signUp({ roles: ['user', 'admin'] }), kernel.signUp({ credits: 0 })]);
    const grant = (): ReturnType<TestKernel['post']> =>
      kernel.post('/api/admin/credits/grant', { as: admin, key: 'g', body: { userId: user.id, amount: 40, reason: 'won the raffle' } });
    const granted = await grant();
    assert.deepEqual([granted.status, granted.body.data.balance], [201, 40]);
    assert.equal((await grant()).status, 200);
    const { entryId } = granted.body.data;
    const reverse = (key: string): ReturnType<TestKernel['post']> =>
      kernel.post('/api/admin/credits/reverse', { as: admin, key, body: { entryId, reason: 'drawn twice' } });
    assert.equal((await reverse('r')).body.data.balance, 0);
    assert.equal((await reverse('s')).body.error.code, 'UNPROCESSABLE');
    const found = (await kernel.get(`/api/admin/credits/ledger?userId=${user.id}&limit=2`, { as: admin })).body;
    assert.deepEqual(found.data.map(({ action }: { action: string }) => action), ['reversal', 'admin_grant']);
    assert.deepEqual(found.data[1].metadata, { by: `admin:${admin.id}`, reason: 'won the raffle' });
    const proof = (await kernel.get('/api/admin/credits/verify', { as: admin })).body.data;
    assert.deepEqual([proof.users, proof.mismatches], [2, []]);
  });

  it('pages through the whole ledger, newest first, without a gap', async () => {
    const admin = await kernel.signUp({ roles: ['user', 'admin'] });
    const total = Number((await kernel.knex('credit_ledger').count())[0]?.count);
    for (const filter of ['', `&to=${new Date(Date.now() + 60_000).toISOString()}&from=2020-01-01T00:00:00Z`]) {
      const ids: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer = await kernel.get(`/api/admin/credits/ledger?limit=3${filter}${cursor && `&cursor=${cursor}`}`, { as: admin });
        ids.push(...answer.body.data.map(({ id }: { id: string }) => id));
        cursor = answer.body.meta.nextCursor;
      }
      assert.equal(new Set(ids).size, total);
      assert.deepEqual(ids, [...ids].sort().reverse());
    }
  });

  it('changes prices at once, and switches actions off', async () => {
    const [admin, user] = await Promise.all([kernel.signUp({ roles: ['user', 'admin'] }), kernel.signUp({ credits: 100 })]);
    const change = (body: object): ReturnType<TestKernel['request']> => kernel.request('PATCH', '/api/admin/credits/actions/workout.log', { as: admin, body });
    const charge = async (key: string): Promise<{ status: number; amount: number }> => {
      const { status, body } = await kernel.post('/api/credits/charge', { as: user, key, body: { action: 'workout.log' } });
      return { status, amount: body.data?.amount };
    };
    assert.equal((await change({ defaultCost: 7 })).body.data.defaultCost, 7);
    assert.equal((await charge('a')).amount, 7);
    assert.equal((await change({ enabled: false })).status, 200);
    assert.equal((await charge('b')).status, 404);
    assert.equal((await change({ defaultCost: -1 })).status, 400);
    assert.equal((await change({})).status, 400);
  });

  it('is closed to members', async () => {
    const user = await kernel.signUp();
    for (const path of ['ledger', 'verify', 'actions']) assert.equal((await kernel.get(`/api/admin/credits/${path}`, { as: user })).status, 403);
    const body = { userId: user.id, amount: 1, reason: 'me' };
    assert.equal((await kernel.post('/api/admin/credits/grant', { as: user, key: 'k', body })).status, 403);
  });
});
