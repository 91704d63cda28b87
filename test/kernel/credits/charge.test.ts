import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';

/** Rows whose balance is not the sum of the ledger, or not its newest entry. */
const MISMATCHES = `
  SELECT b.user_id FROM credit_balances b
  WHERE b.balance <> (SELECT coalesce(sum(amount), 0) FROM credit_ledger l WHERE l.user_id = b.user_id)
     OR b.balance <> coalesce((SELECT balance_after FROM credit_ledger l WHERE l.user_id = b.user_id
          ORDER BY created_at DESC, id DESC LIMIT 1), 0)`;

describe('POST /api/credits/charge', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
    await kernel.knex('credit_actions').where({ id: 'workout.log' }).update({ default_cost: 1 });
  });
  after(async () => {
    assert.deepEqual((await kernel.knex.raw(MISMATCHES)).rows, []);
    await kernel.stop();
  });

  const charge = (as: TestUser, key: string, body: object = {}): ReturnType<TestKernel['post']> =>
    kernel.post('/api/credits/charge', { as, key, body: { action: 'workout.log', ...body } });
  const entries = async (user: TestUser): Promise<number> => {
    const rows = await kernel.knex('credit_ledger').where({ user_id: user.id, action: 'workout.log' }).count();
    return Number(rows[0]?.count);
  };

  it('takes the price of the action and says what is left', async () => {
    const user = await kernel.signUp({ credits: 10 });
    const { status, body } = await charge(user, 'a');
    assert.equal(status, 200);
    assert.deepEqual([body.data.amount, body.data.balance, body.data.replayed], [1, 9, false]);
  });

  it('makes 20 entries of 200 parallel requests with 20 keys', async () => {
    const user = await kernel.signUp({ credits: 1000 });
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => charge(user, `key-${String(i % 20)}`)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    assert.equal(new Set(answers.map(({ body }) => body.data.entryId)).size, 20);
    assert.equal(await entries(user), 20);
    assert.equal(answers.filter(({ body }) => body.data.replayed === false).length, 20);
  });

  it('lets 10 of 50 parallel requests pass when there are credits for 10', async () => {
    const user = await kernel.signUp({ credits: 10 });
    const answers = await Promise.all(Array.from({ length: 50 }, (_, i) => charge(user, `k${String(i)}`)));
    assert.equal(answers.filter(({ status }) => status === 200).length, 10);
    const refused = answers.filter(({ status }) => status === 402);
    assert.equal(refused.length, 40);
    assert.deepEqual(refused[0]?.body.error.details, { required: 1, available: 0 });
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 0);
  });

  it('refuses the same key with another body, and leaves the key of another user alone', async () => {
    const [one, two] = await Promise.all([kernel.signUp({ credits: 5 }), kernel.signUp({ credits: 5 })]);
    await charge(one, 'mine');
    assert.equal((await charge(one, 'mine', { metadata: { set: 2 } })).body.error.code, 'IDEMPOTENCY_CONFLICT');
    assert.equal((await charge(two, 'mine')).body.data.balance, 4);
  });

  it('refuses an expected version that has passed', async () => {
    const user = await kernel.signUp({ credits: 5 });
    const { version } = (await kernel.get('/api/credits/balance', { as: user })).body.data;
    assert.equal((await charge(user, 'v1', { expectedVersion: version })).status, 200);
    assert.equal((await charge(user, 'v2', { expectedVersion: version })).body.error.code, 'VERSION_MISMATCH');
  });

  it('charges nothing during the trial, and answers 404 for an unknown action', async () => {
    const user = await kernel.signUp();
    assert.deepEqual((await charge(user, 't')).body.data.entryId, null);
    assert.equal((await charge(user, 't')).body.data.replayed, true);
    assert.equal(await entries(user), 0);
    assert.equal((await charge(user, 'u', { action: 'no.such' })).status, 404);
  });

  it('replays what was paid after the price has changed, and after the user stopped paying', async () => {
    const user = await kernel.signUp({ credits: 10 });
    const { entryId } = (await charge(user, 'then')).body.data;
    await kernel.knex('credit_actions').where({ id: 'workout.log' }).update({ default_cost: 2 });
    const dearer = (await charge(user, 'then')).body.data;
    await kernel.knex('credit_actions').where({ id: 'workout.log' }).update({ default_cost: 1 });
    await kernel.knex.raw(`UPDATE users SET trial_ends_at = NOW() + INTERVAL '1 day' WHERE id = ?`, [user.id]);
    const free = (await charge(user, 'then')).body.data;
    for (const replay of [dearer, free]) assert.deepEqual([replay.entryId, replay.amount, replay.replayed], [entryId, 1, true]);
  });

  it('needs an Idempotency-Key', async () => {
    const user = await kernel.signUp();
    const { status, body } = await kernel.post('/api/credits/charge', { as: user, body: { action: 'workout.log' } });
    assert.deepEqual([status, body.error.details[0].path], [400, '/headers/idempotency-key']);
  });
});

describe('POST /api/workouts', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());
  const workout = { exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 10, weight: 60 }] };

  it('stores, charges and answers once for 20 equal requests at once', async () => {
    const user = await kernel.signUp({ credits: 100 });
    const send = (): ReturnType<TestKernel['post']> => kernel.post('/api/workouts', { as: user, key: 'one', body: workout });
    const answers = await Promise.all(Array.from({ length: 20 }, send));
    assert.deepEqual(answers.map(({ status }) => status).sort().slice(-2), [200, 201]);
    assert.equal(new Set(answers.map(({ body }) => body.data.id)).size, 1);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 75);
    assert.equal((await kernel.get('/api/workouts', { as: user })).body.data.length, 1);
  });

  it('stores nothing when the credits do not suffice', async () => {
    const user = await kernel.signUp({ credits: 24 });
    const { status } = await kernel.post('/api/workouts', { as: user, key: 'poor', body: workout });
    assert.equal(status, 402);
    assert.equal((await kernel.get('/api/workouts', { as: user })).body.data.length, 0);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 24);
  });

  it('names an exercise that the catalogue does not have, and a date in the future', async () => {
    const user = await kernel.signUp();
    const unknown = await kernel.post('/api/workouts', { as: user, key: 'a', body: { exercises: [{ exerciseId: 'x', sets: 1 }] } });
    assert.equal(unknown.body.error.details[0].path, '/body/exercises/0/exerciseId');
    const future = await kernel.post('/api/workouts', { as: user, key: 'b', body: { ...workout, date: '2999-01-01' } });
    assert.equal(future.body.error.details[0].path, '/body/date');
  });

  it('previews the same numbers that it stores', async () => {
    const user = await kernel.signUp();
    const preview = (await kernel.post('/api/workouts/preview', { as: user, body: workout })).body.data;
    const stored = (await kernel.post('/api/workouts', { as: user, key: 'p', body: workout })).body.data;
    assert.equal(preview.totalTU, stored.totalTU);
    assert.deepEqual(preview.muscleActivations, stored.muscleActivations);
    assert.ok(preview.muscles.every(({ colorTier }: { colorTier: number }) => colorTier >= 0 && colorTier <= 5));
  });

  it("hides another member's private workout as if it were not there", async () => {
    const [one, two] = await Promise.all([kernel.signUp(), kernel.signUp()]);
    const { id } = (await kernel.post('/api/workouts', { as: one, key: 'x', body: { ...workout, isPublic: false } })).body.data;
    assert.equal((await kernel.get(`/api/workouts/${id}`, { as: two })).status, 404);
    assert.equal((await kernel.get(`/api/workouts/${id}`, { as: one })).status, 200);
  });
});

describe('update_credit_balance()', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());
  const call = async (...values: unknown[]): Promise<Record<string, unknown>> =>
    (await kernel.knex.raw('SELECT * FROM update_credit_balance(?, ?, ?, ?, ?, ?)', values as never)).rows[0];

  it('answers the four columns, and never for another user, action or amount', async () => {
    const [one, two] = await Promise.all([kernel.signUp(), kernel.signUp()]);
    const first = await call(one.id, -5, 'test', null, 'k1', null);
    assert.deepEqual(Object.keys(first), ['success', 'new_balance', 'entry_id', 'error_message']);
    assert.deepEqual([first.success, first.new_balance], [true, 95]);
    assert.equal((await call(one.id, -5, 'test', null, 'k1', null)).entry_id, first.entry_id);
    for (const other of [[two.id, -5, 'test'], [one.id, -6, 'test'], [one.id, -5, 'else']]) {
      assert.equal((await call(...other, null, 'k1', null)).success, false);
    }
  });

  it('refuses zero, overdraft, overflow, a missing key and an unknown user', async () => {
    const user = await kernel.signUp();
    const refused = [
      [user.id, 0, 'a', null, 'r1', null],
      [user.id, -101, 'a', null, 'r2', null],
      [user.id, 2_147_483_647, 'a', null, 'r3', null],
      [user.id, 1, 'a', null, null, null],
      ['user_nobody', 1, 'a', null, 'r4', null],
      [user.id, 1, 'a', null, 'r5', 99],
    ];
    for (const values of refused) assert.equal((await call(...values)).success, false, JSON.stringify(values));
  });

  it('keeps the ledger append-only for everyone', async () => {
    for (const sql of ['UPDATE credit_ledger SET amount = 1', 'DELETE FROM credit_ledger', 'TRUNCATE credit_ledger']) {
      await assert.rejects(kernel.knex.raw(sql), /append-only/);
    }
  });
});
