import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { createSigner } from 'fast-jwt';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

describe('accounts', () => {
  let kernel: TestKernel;
  const secret = 'a secret of the tests that is long enough';
  before(async () => {
    kernel = await startCopy({ config: { jwtSecret: secret } });
  });
  after(() => kernel.stop());

  const me = (user: TestUser): ReturnType<TestKernel['get']> => kernel.get('/api/users/me', { as: user });
  const refresh = (refreshToken: string): ReturnType<TestKernel['post']> =>
    kernel.post('/api/auth/refresh', { body: { refreshToken } });
  const login = (username: string, password: string): ReturnType<TestKernel['post']> =>
    kernel.post('/api/auth/login', { body: { username, password } });

  it('signs up with a trial of 90 days and a bonus of 100 that stands in the ledger', async () => {
    const user = await kernel.signUp();
    const { trialStartedAt, trialEndsAt, entitlements } = (await me(user)).body.data;
    assert.equal((Date.parse(trialEndsAt) - Date.parse(trialStartedAt)) / 86_400_000, 90);
    assert.deepEqual(entitlements, { unlimited: true, reason: 'trial' });
    const { data } = (await kernel.get('/api/credits/history', { as: user })).body;
    assert.deepEqual([data.length, data[0].action, data[0].amount, data[0].balanceAfter], [1, 'signup_bonus', 100, 100]);
  });

  it('refuses a name or an address that is taken, without regard to case', async () => {
    const { username } = await kernel.signUp();
    const same = { email: 'other@example.org', username: username.toUpperCase(), password: 'correct horse' };
    assert.equal((await kernel.post('/api/auth/register', { body: same })).status, 409);
    const address = { email: `${username.toUpperCase()}@EXAMPLE.org`, username: 'somebody_else', password: 'correct horse' };
    const { body } = await kernel.post('/api/auth/register', { body: address });
    assert.deepEqual([body.error.code, body.error.details[0].path], ['CONFLICT', '/body/email']);
  });

  it('names every problem of a registration at once', async () => {
    const { body } = await kernel.post('/api/auth/register', { body: { email: 'x', username: 'a b', password: 'short', admin: true } });
    const paths = body.error.details.map(({ path }: { path: string }) => path).sort();
    assert.deepEqual(paths, ['/body/admin', '/body/email', '/body/password', '/body/username']);
  });

  it('stores a password only as a hash of the cost that is set', async () => {
    const user = await kernel.signUp();
    const row = await kernel.knex('users').where({ id: user.id }).first();
    assert.match(row.password_hash, /^\$pbkdf2-sha512\$i=1000\$[\w-]{22}\$[\w-]{86}$/);
  });

  it('gives a name that several ask for at once to one of them', async () => {
    const body = { email: 'race@example.org', username: 'race_of_eight', password: 'correct horse' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => kernel.post('/api/auth/register', { body })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array.from({ length: 7 }, () => 409)]);
  });

  it('signs in by address or name, without regard to case', async () => {
    const { id, username, password } = await kernel.signUp();
    const address = `${username}@example.org`;
    for (const name of [{ username }, { username: username.toUpperCase() }, { email: address }, { email: address.toUpperCase() }, { email: username }]) {
      const { status, body } = await kernel.post('/api/auth/login', { body: { ...name, password } });
      assert.deepEqual([status, body.data?.user.id], [200, id], JSON.stringify(name));
    }
    assert.equal((await kernel.post('/api/auth/login', { body: { password } })).status, 400);
  });

  it('says the same of an unknown name and of a wrong password', async () => {
    const { username } = await kernel.signUp();
    const [unknown, wrong] = [await login('nobody_at_all', 'x'), await login(username, 'x')];
    assert.deepEqual([unknown.status, wrong.status], [401, 401]);
    assert.equal(unknown.body.error.message, wrong.body.error.message);
  });

  it('answers 403 to who is banned or suspended', async () => {
    for (const [flag, code] of [['banned', 'ACCOUNT_BANNED'], ['suspended', 'ACCOUNT_SUSPENDED']] as const) {
      const user = await kernel.signUp();
      await kernel.knex.raw(`UPDATE users SET flags = flags || ?::JSONB WHERE id = ?`, [JSON.stringify({ [flag]: true }), user.id]);
      assert.equal((await login(user.username, user.password)).body.error.code, code);
      assert.equal((await refresh(user.refreshToken)).body.error.code, code);
      assert.equal((await login(user.username, 'a wrong one')).status, 401, 'only the owner learns of it');
    }
  });

  it('gives 20 refreshes at once one and the same successor, and nobody is signed out', async () => {
    const user = await kernel.signUp();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(user.refreshToken)));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
    const tokens = new Set(answers.map(({ body }) => body.data.refreshToken));
    assert.equal(tokens.size, 1);
    const [next] = [...tokens] as string[];
    assert.equal((await refresh(next ?? '')).status, 200);
  });

  it('gives a new pair at each refresh, and the newest one again to who lost the answer', async () => {
    const user = await kernel.signUp();
    const second = (await refresh(user.refreshToken)).body.data;
    assert.notEqual(second.refreshToken, user.refreshToken);
    assert.equal((await me({ ...user, accessToken: second.accessToken })).status, 200);
    assert.equal((await refresh(user.refreshToken)).body.data.refreshToken, second.refreshToken);
    const third = (await refresh(second.refreshToken)).body.data;
    assert.equal((await refresh(user.refreshToken)).body.data.refreshToken, third.refreshToken);
    const live = await kernel.knex('refresh_tokens').where({ user_id: user.id }).whereNull('revoked_at');
    assert.equal(live.length, 1);
  });

  it('refuses a refresh token that is unknown, expired, or whose session was ended within its grace', async () => {
    assert.equal((await refresh('unknown')).status, 401);
    const [late, gone] = [await kernel.signUp(), await kernel.signUp()];
    await kernel.knex('refresh_tokens').where({ user_id: late.id }).update({ expires_at: new Date(0) });
    assert.equal((await refresh(late.refreshToken)).status, 401);
    assert.equal((await kernel.post('/api/auth/logout', { as: gone, body: { refreshToken: gone.refreshToken } })).status, 204);
    assert.equal((await refresh(gone.refreshToken)).status, 401);
  });

  it("leaves another's session alone on logout", async () => {
    const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
    assert.equal((await kernel.post('/api/auth/logout', { as: user, body: { refreshToken: other.refreshToken } })).status, 204);
    assert.deepEqual([(await me(other)).status, (await refresh(other.refreshToken)).status], [200, 200]);
  });

  it('ends the whole family when a token comes back after its grace, the newest and its access token included', async () => {
    const user = await kernel.signUp();
    const second = (await refresh(user.refreshToken)).body.data;
    const third = (await refresh(second.refreshToken)).body.data;
    await kernel.knex.raw(`UPDATE refresh_tokens SET revoked_at = revoked_at - INTERVAL '1 minute' WHERE user_id = ?`, [user.id]);
    assert.equal((await refresh(user.refreshToken)).status, 401);
    assert.equal((await refresh(third.refreshToken)).status, 401);
    assert.equal((await me({ ...user, accessToken: third.accessToken })).status, 401);
  });

  it('ends one session on logout and all on logout-all, their access tokens at once', async () => {
    const user = await kernel.signUp();
    const other = (await login(user.username, user.password)).body.data;
    await kernel.post('/api/auth/logout', { as: user, body: { refreshToken: user.refreshToken } });
    assert.equal((await me(user)).status, 401);
    const second = { ...user, ...other };
    assert.equal((await me(second)).status, 200);
    assert.equal((await kernel.post('/api/auth/logout-all', { as: second })).status, 204);
    assert.deepEqual([(await me(second)).status, (await refresh(second.refreshToken)).status], [401, 401]);
  });

  it('ends every other session when the password changes', async () => {
    const user = await kernel.signUp();
    const other = { ...user, ...(await login(user.username, user.password)).body.data };
    const change = { currentPassword: user.password, newPassword: 'another good one' };
    assert.equal((await kernel.post('/api/auth/password', { as: user, body: { ...change, currentPassword: 'no' } })).status, 400);
    assert.equal((await kernel.post('/api/auth/password', { as: user, body: change })).status, 204);
    assert.deepEqual([(await me(user)).status, (await me(other)).status], [200, 401]);
    assert.deepEqual([(await refresh(user.refreshToken)).status, (await refresh(other.refreshToken)).status], [200, 401]);
    assert.deepEqual([(await login(user.username, user.password)).status, (await login(user.username, change.newPassword)).status], [401, 200]);
  });

  it('takes one of two new passwords that are set at once, and ends sign-ins that are half done and resets on their way', async () => {
    const user = await kernel.signUp();
    const token = (purpose: string): object => ({ token_hash: `${purpose} ${user.id}`, user_id: user.id, purpose, data: '{}', expires_at: new Date(Date.now() + 60_000) });
    await kernel.knex('account_tokens').insert([token('second-step'), token('password-reset')]);
    const passwords = ['another good one', 'yet another good one'];
    const answers = await Promise.all(passwords.map((newPassword) => kernel.post('/api/auth/password', { as: user, body: { currentPassword: user.password, newPassword } })));
    assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400]);
    const kept = passwords[answers.findIndex(({ status }) => status === 204)] ?? '';
    assert.equal((await login(user.username, kept)).status, 200);
    assert.deepEqual(await kernel.knex('account_tokens').where({ user_id: user.id }).whereIn('purpose', ['second-step', 'password-reset']), []);
  });

  it('makes a weak hash stronger at the next sign-in', async () => {
    const user = await kernel.signUp();
    const weak = pbkdf2Sync(user.password, 'salt', 10, 64, 'sha512').toString('base64url');
    const salt = Buffer.from('salt').toString('base64url');
    await kernel.knex('users').where({ id: user.id }).update({ password_hash: `$pbkdf2-sha512$i=10$${salt}$${weak}` });
    assert.equal((await login(user.username, user.password)).status, 200);
    const row = await kernel.knex('users').where({ id: user.id }).first();
    assert.match(row.password_hash, /^\$pbkdf2-sha512\$i=1000\$/);
  });

  it('changes a profile, and has a new address confirmed again', async () => {
    const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
    await kernel.knex.raw(`UPDATE users SET flags = flags || '{"emailConfirmed": true}' WHERE id = ?`, [user.id]);
    const { body } = await kernel.request('PATCH', '/api/users/me', { as: user, body: { displayName: 'Ada', email: `new-${user.username}@example.org` } });
    assert.deepEqual([body.data.displayName, body.data.flags.emailConfirmed], ['Ada', false]);
    for (const taken of [{ username: other.username.toUpperCase() }, { email: `${other.username}@EXAMPLE.org` }]) {
      const answer = await kernel.request('PATCH', '/api/users/me', { as: user, body: taken });
      assert.deepEqual([answer.status, answer.body.error.details[0].path], [409, `/body/${Object.keys(taken).join()}`]);
    }
    assert.equal((await kernel.request('PATCH', '/api/users/me', { as: user, body: {} })).status, 400);
    assert.equal((await kernel.request('PATCH', '/api/users/me', { as: user, body: { roles: ['admin'] } })).status, 400);
  });

  it('shows others the public profile only', async () => {
    const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
    const { data } = (await kernel.get(`/api/users/${other.id}`, { as: user })).body;
    assert.deepEqual(Object.keys(data).sort(), ['avatarUrl', 'currentArchetypeId', 'currentLevel', 'displayName', 'id', 'username']);
    assert.equal((await kernel.get('/api/users/user_nobody', { as: user })).status, 404);
    const found = (await kernel.get(`/api/users?search=${other.username.slice(0, 12)}`, { as: user })).body.data;
    assert.equal(found[0].id, other.id);
  });

  it('refuses access tokens that are forged, expired, of another issuer, or no access tokens (ASVS 9.1.1, 9.1.2, 9.2.1-9.2.4)', async () => {
    const user = await kernel.signUp();
    const claims = { sub: user.id, sid: 'rt_x', roles: ['admin'], at: Date.now() };
    const [ours = ''] = user.accessToken.split('.');
    const header = JSON.parse(Buffer.from(ours, 'base64url').toString()) as { alg: string; typ: string; kid: string };
    const right = { iss: 'musclemap', aud: 'musclemap:api', header, expiresIn: 60_000 };
    const sign = (options: object, key: string = secret): string => createSigner({ ...right, ...options, key, algorithm: 'HS256' })(claims);
    const large = (bytes: number): string => createSigner({ ...right, key: secret, algorithm: 'HS256' })({ ...claims, more: 'x'.repeat(bytes) });
    const [head = '', body = '', signature = ''] = sign({}).split('.');
    const none = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url');
    const forged: Record<string, string> = {
      'another key': sign({}, 'another key that is also long enough'),
      'another issuer': sign({ iss: 'other' }),
      'another audience': sign({ aud: 'other' }),
      'another type': sign({ header: { ...header, typ: 'JWT' } }),
      'a kid that is a path': sign({ header: { ...header, kid: '../../../dev/null' } }),
      'a kid that is SQL': sign({ header: { ...header, kid: "' OR 1=1 --" } }),
      'no kid': sign({ header: { alg: 'HS256', typ: 'at+jwt' } }),
      'another algorithm': createSigner({ ...right, header: { ...header, alg: 'HS512' }, key: secret, algorithm: 'HS512' })(claims),
      'our header on another algorithm': `${head}.${createSigner({ ...right, key: secret, algorithm: 'HS512' })(claims).split('.').slice(1).join('.')}`,
      'no expiry': createSigner({ iss: right.iss, aud: right.aud, header, key: secret, algorithm: 'HS256' })(claims),
      expired: sign({ expiresIn: 1, clockTimestamp: Date.now() - 60_000 }),
      'no algorithm': `${none}.${body}.`,
      'changed claims': `${head}.${Buffer.from('{"sub":"x"}').toString('base64url')}.${signature}`,
      'a refresh token': user.refreshToken,
      '20 KB of nothing': 'x'.repeat(20_000),
      '20 KB, signed as ours are': large(20_000),
    };
    assert.ok((forged['20 KB, signed as ours are'] ?? '').length > 20_000);
    assert.equal((await me({ ...user, accessToken: large(1_000) })).status, 200, 'nothing but the size is wrong with the large one');
    assert.equal((await me({ ...user, accessToken: sign({}) })).status, 200);
    for (const [what, accessToken] of Object.entries(forged)) {
      const { status, body: answer } = await me({ ...user, accessToken });
      assert.deepEqual([what, status, answer.error.code], [what, 401, 'UNAUTHORIZED']);
    }
  });
});
