import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessTokens } from '../../kernel/accounts/access-tokens.ts';
import { KeyRing } from '../../kernel/accounts/key-ring.ts';
import { Revocations } from '../../kernel/accounts/revocations.ts';
import { loadSigningKeys, rotateSigningKeys } from '../../kernel/config/signing-keys.ts';
import { systemClock } from '../../kernel/telemetry/clock.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

describe('sessions', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  const list = async (as: TestUser): Promise<TestAnswer['body']['data']> => (await kernel.get('/api/users/me/sessions', { as })).body.data;
  const signIn = async (user: TestUser, device: string): Promise<TestUser> => {
    const { username, password } = user;
    const { body } = await kernel.post('/api/auth/login', { body: { username, password }, headers: { 'User-Agent': device } });
    return { ...user, ...body.data };
  };
  const refresh = (refreshToken: string): Promise<TestAnswer> => kernel.post('/api/auth/refresh', { body: { refreshToken } });

  it('are listed with device, address and last use, the one used last first', async () => {
    const user = await kernel.signUp();
    const phone = await signIn(user, 'A telephone');
    const sessions = await list(user);
    assert.deepEqual(sessions.map(({ device, current }: TestAnswer['body']) => [device, current]), [['A telephone', false], ['node', true]]);
    assert.match(sessions[0].ip, /127\.0\.0\.1/);
    await refresh(user.refreshToken);
    const [first] = await list(phone);
    assert.deepEqual([first.device, first.current], ['node', false]);
    assert.ok(Date.parse(first.lastUsedAt) > Date.parse(first.createdAt) && Date.parse(first.expiresAt) > Date.now());
  });

  it('end one by one or all but this one, with their access tokens (ASVS 7.4.1, 7.5.2)', async () => {
    const user = await kernel.signUp();
    const [phone, tablet] = [await signIn(user, 'A telephone'), await signIn(user, 'A tablet')];
    const id = (await list(user)).find(({ device }: { device: string }) => device === 'A telephone').id;
    assert.equal((await kernel.request('DELETE', `/api/users/me/sessions/${id}`, { as: user })).status, 204);
    assert.equal((await kernel.request('DELETE', `/api/users/me/sessions/${id}`, { as: user })).status, 404);
    assert.deepEqual([(await kernel.get('/api/users/me', { as: phone })).status, (await refresh(phone.refreshToken)).status], [401, 401]);
    assert.equal((await kernel.request('DELETE', '/api/users/me/sessions', { as: user })).status, 204);
    assert.equal((await kernel.get('/api/users/me', { as: tablet })).status, 401);
    assert.deepEqual((await list(user)).map(({ current }: { current: boolean }) => current), [true]);
  });

  it("are not ended by somebody else", async () => {
    const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
    const [session] = await list(other);
    assert.equal((await kernel.request('DELETE', `/api/users/me/sessions/${session.id}`, { as: user })).status, 404);
    assert.equal((await kernel.get('/api/users/me', { as: other })).status, 200);
  });

  it('end for good at their longest age, however often they are used (ASVS 7.3.2)', async () => {
    const user = await kernel.signUp();
    const end = new Date(Date.now() + 60_000);
    await kernel.knex('sessions').where({ user_id: user.id }).update({ expires_at: end });
    const { refreshToken } = (await refresh(user.refreshToken)).body.data;
    const token = await kernel.knex('refresh_tokens').where({ user_id: user.id }).whereNull('revoked_at').first();
    assert.equal(new Date(token.expires_at).getTime(), end.getTime());
    await kernel.knex('refresh_tokens').where({ id: token.id }).update({ expires_at: new Date(0) });
    assert.equal((await refresh(refreshToken)).status, 401);
  });

  it('end and are refreshed at once, without waiting for each other in a circle, and none is left', async () => {
    const user = await kernel.signUp();
    for (let round = 0; round < 5; round++) {
      const devices = await Promise.all(Array.from({ length: 8 }, (_, index) => signIn(user, `Device ${String(index)}`)));
      const answers = await Promise.all(devices.flatMap((device, index) => [
        ...[refresh(device.refreshToken), refresh(device.refreshToken)],
        ...(index % 4 === 0 ? [kernel.post('/api/auth/logout-all', { as: device })] : []),
        ...(index % 4 === 1 ? [kernel.request('DELETE', '/api/users/me/sessions', { as: device })] : []),
        ...(index % 4 === 2 ? [kernel.post('/api/auth/logout', { as: device, body: { refreshToken: device.refreshToken } })] : []),
      ]));
      assert.deepEqual(answers.map(({ status, body }) => [status, body?.error?.code]).filter(([status]) => ![200, 204, 401].includes(status)), []);
      const renewed = answers.filter(({ status }) => status === 200).map(({ body }) => ({ ...user, ...body.data }) as TestUser);
      const last = await signIn(user, 'The last');
      assert.equal((await kernel.post('/api/auth/logout-all', { as: last })).status, 204);
      for (const as of renewed) assert.equal((await kernel.get('/api/users/me', { as })).status, 401);
    }
  });

  it('cannot be forked: a grandparent after its grace ends the newest too', async () => {
    const user = await kernel.signUp();
    const parent = (await refresh(user.refreshToken)).body.data;
    const newest = (await refresh(parent.refreshToken)).body.data;
    await kernel.knex.raw(`UPDATE refresh_tokens SET revoked_at = revoked_at - INTERVAL '11 seconds' WHERE user_id = ?`, [user.id]);
    assert.equal((await refresh(user.refreshToken)).status, 401);
    assert.deepEqual([(await refresh(parent.refreshToken)).status, (await refresh(newest.refreshToken)).status], [401, 401]);
    assert.equal((await kernel.get('/api/users/me', { as: { ...user, ...newest } })).status, 401);
  });
});

describe('signing keys', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'musclemap-keys-'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  const claims = { userId: 'user_1', roles: ['user'], sessionId: 'rt_1', issuedAt: 1 };
  const tokensOf = (ring: KeyRing): AccessTokens => new AccessTokens(ring, Object.create(Revocations.prototype, {
    reasonOfEnd: { value: () => undefined },
  }) as Revocations, 900, systemClock);

  it('are made once, kept for their owner only, and rotated without breaking what was signed', async () => {
    const config = { home, jwtSecret: undefined };
    const ring = new KeyRing(await loadSigningKeys(config));
    assert.deepEqual(await loadSigningKeys(config), ring.keys);
    const tokens = tokensOf(ring);
    const [before, sealed] = [tokens.sign(claims), ring.seal('test', { a: 1 })];
    const made = await rotateSigningKeys(config, new Date());
    ring.replace(await loadSigningKeys(config));
    assert.deepEqual(ring.keys.map(({ id }) => id), [made.id, ring.keys[1]?.id]);
    const after = tokens.sign(claims);
    assert.notEqual(before.split('.')[0], after.split('.')[0]);
    for (const token of [before, after]) assert.equal(tokens.verify(token).id, 'user_1');
    assert.deepEqual(ring.open('test', sealed), { a: 1 });
    assert.throws(() => ring.open('another purpose', sealed));
    assert.equal((await readFile(join(home, 'signing-key'), 'utf8')).trim().split('\n').length, 2);
  });

  it('verify nothing any more once all that a retired one signed has expired', async () => {
    const config = { home: join(home, 'old'), jwtSecret: undefined };
    const first = await loadSigningKeys(config);
    const token = tokensOf(new KeyRing(first)).sign(claims);
    await rotateSigningKeys(config, new Date(Date.now() - 901_000));
    assert.equal(tokensOf(new KeyRing(first)).verify(token).id, 'user_1');
    const tokens = tokensOf(new KeyRing(await loadSigningKeys(config)));
    assert.throws(() => tokens.verify(token), { code: 'UNAUTHORIZED' });
  });

  it('come as a list in JWT_SECRET, the first signs', async () => {
    const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
    const old = tokensOf(new KeyRing(await loadSigningKeys({ home, jwtSecret: two })));
    const both = tokensOf(new KeyRing(await loadSigningKeys({ home, jwtSecret: `${one}, ${two}` })));
    assert.equal(both.verify(old.sign(claims)).id, 'user_1');
    assert.throws(() => old.verify(both.sign(claims)), { code: 'UNAUTHORIZED' });
    assert.equal((await loadSigningKeys({ home, jwtSecret: 'one secret, with a comma in its middle' })).length, 1);
  });
});
