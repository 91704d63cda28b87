import assert from 'node:assert/strict';
import { Secret, TOTP } from 'otpauth';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

describe('the second factor', () => {
  let kernel: TestKernel;
  let now = Date.UTC(2026, 0, 1);
  before(async () => {
    const { accounts } = testConfig();
    kernel = await startCopy({
      clock: { now: () => new Date(now) },
      config: { accounts: { ...accounts, adminNeedsSecondFactor: true } },
    });
  });
  after(() => kernel.stop());

  const post = (path: string, as: TestUser | undefined, body: object): Promise<TestAnswer> => kernel.post(`/api${path}`, { as, body });
  const login = ({ username, password }: TestUser): Promise<TestAnswer> => post('/auth/login', undefined, { username, password });
  /** The code that an app shows; each call is one step later, since a code works once. */
  const nextCode = (secret: string): string => {
    now += 30_000;
    return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: now });
  };
  const enrol = async (user: TestUser): Promise<{ secret: string; recoveryCodes: string[] }> => {
    const { secret } = (await post('/users/me/second-factor', user, { password: user.password })).body.data;
    const { recoveryCodes } = (await post('/users/me/second-factor/confirm', user, { code: nextCode(secret) })).body.data;
    return { secret, recoveryCodes };
  };
  const step = async (user: TestUser, code: string): Promise<TestAnswer> => {
    const { secondStep } = (await login(user)).body.data;
    return post('/auth/second-step', undefined, { token: secondStep.token, code });
  };

  it('begins with the password and counts once a code was given', async () => {
    const user = await kernel.signUp();
    assert.equal((await post('/users/me/second-factor', user, { password: 'wrong' })).status, 400);
    const { status, body } = await post('/users/me/second-factor', user, { password: user.password });
    assert.equal(status, 201);
    assert.match(body.data.uri, new RegExp(`^otpauth://totp/MuscleMap:${user.username}\\?.*secret=${body.data.secret}`));
    assert.equal((await login(user)).body.data.user.id, user.id, 'not yet confirmed');
    assert.equal((await post('/users/me/second-factor/confirm', user, { code: '000000' })).status, 400);
    const stored = await kernel.knex('second_factors').where({ user_id: user.id }).first();
    assert.ok(!JSON.stringify(stored).includes(body.data.secret));
    const confirmed = await post('/users/me/second-factor/confirm', user, { code: nextCode(body.data.secret) });
    assert.equal(confirmed.body.data.recoveryCodes.length, 10);
  });

  it('makes a sign-in ask for a code, which works once (ASVS 6.5.1, 6.5.5)', async () => {
    const user = await kernel.signUp();
    const { secret } = await enrol(user);
    const asked = (await login(user)).body.data;
    assert.deepEqual(Object.keys(asked), ['secondStep']);
    const code = nextCode(secret);
    const wrong = await post('/auth/second-step', undefined, { token: asked.secondStep.token, code: '000000' });
    assert.equal(wrong.status, 401);
    const entered = await post('/auth/second-step', undefined, { token: asked.secondStep.token, code });
    assert.equal(entered.body.data.user.id, user.id);
    assert.equal((await post('/auth/second-step', undefined, { token: asked.secondStep.token, code })).status, 401, 'the challenge is used');
    assert.equal((await step(user, code)).status, 401, 'the code is used');
  });

  it('gives the same code that is sent five times at once to one sign-in', async () => {
    const user = await kernel.signUp();
    const { secret } = await enrol(user);
    const challenges = await Promise.all(Array.from({ length: 5 }, () => login(user)));
    const code = nextCode(secret);
    const answers = await Promise.all(
      challenges.map(({ body }) => post('/auth/second-step', undefined, { token: body.data.secondStep.token, code })),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401]);
  });

  it('takes five codes per challenge, then asks for the password again (ASVS 6.6.3)', async () => {
    const user = await kernel.signUp();
    const { secret } = await enrol(user);
    const { token } = (await login(user)).body.data.secondStep;
    for (let n = 0; n < 5; n++) await post('/auth/second-step', undefined, { token, code: '000000' });
    assert.equal((await post('/auth/second-step', undefined, { token, code: nextCode(secret) })).status, 401);
    assert.equal((await step(user, nextCode(secret))).status, 200);
  });

  it('can be replaced by a recovery code, each once (ASVS 6.5.2)', async () => {
    const user = await kernel.signUp();
    const { recoveryCodes } = await enrol(user);
    const [first = '', second = ''] = recoveryCodes;
    assert.equal((await step(user, first)).status, 200);
    assert.equal((await step(user, first)).status, 401);
    const entered = await step(user, second.toLowerCase().replaceAll('-', ' '));
    assert.equal(entered.status, 200);
    const as = { ...user, ...entered.body.data };
    assert.deepEqual((await kernel.get('/api/users/me/second-factor', { as })).body.data, { enabled: true, app: true, passkeys: 0, recoveryCodesLeft: 8 });
    const renewed = (await post('/users/me/second-factor/recovery-codes', as, { password: user.password })).body.data.recoveryCodes;
    assert.equal((await step(user, recoveryCodes[2] ?? '')).status, 401);
    assert.equal((await step(user, renewed[0])).status, 200);
  });

  it('is removed with the password and a code', async () => {
    const user = await kernel.signUp();
    const { secret } = await enrol(user);
    const as = { ...user, ...(await step(user, nextCode(secret))).body.data };
    const remove = (password: string, code: string): Promise<TestAnswer> => post('/users/me/second-factor/remove', as, { password, code });
    assert.equal((await remove('wrong', nextCode(secret))).status, 400);
    assert.equal((await remove(user.password, '000000')).status, 400);
    assert.equal((await remove(user.password, nextCode(secret))).status, 204);
    assert.equal((await login(user)).body.data.user.id, user.id);
  });

  it('ends every other session when it comes and goes, and when its recovery codes are replaced (ASVS 7.4.3)', async () => {
    let user = await kernel.signUp();
    const renew = async (): Promise<void> => {
      const { status, body } = await post('/auth/refresh', undefined, { refreshToken: user.refreshToken });
      assert.equal(status, 200, 'this session stays');
      user = { ...user, ...body.data };
    };
    const isOut = async (as: TestUser): Promise<boolean[]> => [
      (await kernel.get('/api/users/me', { as })).status === 401,
      (await post('/auth/refresh', undefined, { refreshToken: as.refreshToken })).status === 401,
    ];
    const before = { ...user, ...(await login(user)).body.data };
    const { secret, recoveryCodes } = await enrol(user);
    assert.deepEqual(await isOut(before), [true, true]);
    await renew();
    const between = { ...user, ...(await step(user, recoveryCodes[0] ?? '')).body.data };
    assert.equal((await post('/users/me/second-factor/recovery-codes', user, { password: user.password })).status, 200);
    assert.deepEqual(await isOut(between), [true, true]);
    const after = { ...user, ...(await step(user, nextCode(secret))).body.data };
    assert.equal((await post('/users/me/second-factor/remove', user, { password: user.password, code: nextCode(secret) })).status, 204);
    assert.deepEqual(await isOut(after), [true, true]);
    await renew();
  });

  it('is required of administrators where it is set so: without it they are users', async () => {
    const user = await kernel.signUp({ roles: ['user', 'admin'] });
    assert.equal((await kernel.get('/api/admin/audit', { as: user })).status, 403);
    const { secret } = await enrol(user);
    assert.equal((await kernel.get('/api/users/me', { as: user })).status, 401, 'the old token says nothing of the role');
    const { data } = (await post('/auth/refresh', undefined, { refreshToken: user.refreshToken })).body;
    assert.equal((await kernel.get('/api/admin/audit', { as: { ...user, ...data } })).status, 200);
    const entered = (await step(user, nextCode(secret))).body.data;
    assert.equal((await kernel.get('/api/admin/audit', { as: { ...user, ...entered } })).status, 200);
  });
});

describe('guesses by somebody who is signed in', () => {
  let kernel: TestKernel;
  before(async () => {
    const accounts = { ...testConfig().accounts, passwordIterations: 100_000 };
    kernel = await startCopy({ config: { authLimit: { max: 3, windowMs: 60_000 }, accounts } });
  });
  after(() => kernel.stop());

  it('of the code that removes the second factor are stopped after so many (ASVS 6.6.3)', async () => {
    const user = await kernel.signUp();
    const { password } = user;
    const { secret } = (await kernel.post('/api/users/me/second-factor', { as: user, body: { password } })).body.data;
    const codeAt = (timestamp: number): string => new TOTP({ secret: Secret.fromBase32(secret as string) }).generate({ timestamp });
    const confirmed = await kernel.post('/api/users/me/second-factor/confirm', { as: user, body: { code: codeAt(Date.now() - 30_000) } });
    assert.equal(confirmed.status, 200, JSON.stringify(confirmed.body));
    const { data } = (await kernel.post('/api/auth/refresh', { body: { refreshToken: user.refreshToken } })).body;
    const as = { ...user, ...data };
    const remove = async (code: string): Promise<number> => (await kernel.post('/api/users/me/second-factor/remove', { as, body: { password, code } })).status;
    assert.deepEqual([await remove('000000'), await remove('000000'), await remove('000000')], [400, 400, 400]);
    assert.equal(await remove(codeAt(Date.now())), 429);
    assert.equal((await kernel.get('/api/users/me/second-factor', { as })).body.data.app, true);
  });

  it('of the password are stopped also when they are sent at once, the right one behind them included', async () => {
    const user = await kernel.signUp();
    const guesses = [...Array.from({ length: 12 }, () => 'wrong'), user.password];
    const answers = await Promise.all(guesses.map((password) => kernel.post('/api/users/me/second-factor', { as: user, body: { password } })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array.from({ length: 3 }, () => 400), ...Array.from({ length: 10 }, () => 429)]);
  });
});
