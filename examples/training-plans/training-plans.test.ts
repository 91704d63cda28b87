import assert from 'node:assert/strict';
import { startWithPlugins, type TestKernel, type TestUser } from 'musclemap/testing';

describe('POST /training-plans', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startWithPlugins([import.meta.dirname]);
  });
  after(() => kernel.stop());

  const order = (user: TestUser, key: string, minutes: number): ReturnType<TestKernel['post']> =>
    kernel.post('/api/training-plans', { as: user, key, body: { days: 3, minutes } });
  const balance = async (user: TestUser): Promise<number> => (await kernel.get('/api/credits/balance', { as: user })).body.data.balance;
  const status = async (user: TestUser, id: string): Promise<string> =>
    (await kernel.get(`/api/training-plans/${id}`, { as: user })).body.data.status;

  it('takes credits once, however often it is sent, and has the plan written', async () => {
    const user = await kernel.signUp({ credits: 25 });
    const first = await order(user, 'a', 180);
    assert.equal(first.status, 201);
    assert.deepEqual((await order(user, 'a', 180)).body, first.body);
    assert.equal(await balance(user), 15);
    const { id } = first.body.data;
    await kernel.until(async () => (await status(user, id)) === 'ready', 'the plan');
    const { sessions } = (await kernel.get(first.headers.get('Location') ?? '', { as: user })).body.data;
    assert.deepEqual(sessions.map(({ focus }: { focus: string }) => focus), ['Push', 'Pull', 'Legs']);
  });

  it('gives the credits back when there is no such plan', async () => {
    const user = await kernel.signUp({ credits: 25 });
    const { id } = (await order(user, 'b', 30)).body.data;
    await kernel.until(async () => (await status(user, id)) === 'refunded', 'the refund');
    assert.equal(await balance(user), 25);
  });

  it('stores nothing when the credits do not suffice', async () => {
    const user = await kernel.signUp({ credits: 9 });
    assert.equal((await order(user, 'c', 180)).body.error.code, 'INSUFFICIENT_CREDITS');
    assert.equal(await balance(user), 9);
  });

  it('shows nobody the plans of others', async () => {
    const user = await kernel.signUp({ credits: 25 });
    const { id } = (await order(user, 'd', 180)).body.data;
    assert.equal((await kernel.get(`/api/training-plans/${id}`, { as: await kernel.signUp() })).status, 404);
  });
});
