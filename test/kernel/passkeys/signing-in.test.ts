import assert from 'node:assert/strict';
import { Secret, TOTP } from 'otpauth';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { Authenticator, type Signed, type Twist } from '../../support/authenticator.ts';
import { startCopy } from '../../support/setup.ts';
import { addressOf, ORIGIN, PasskeyGym } from './kit.ts';

describe('signing in with a passkey', () => {
  const gym = new PasskeyGym();
  before(() => gym.start());
  after(() => gym.stop());

  /** Nobody writes to a table until it is released. */
  const holdUp = async (table: string): Promise<() => Promise<void>> => {
    const trx = await gym.kernel.knex.transaction();
    await trx.raw('LOCK TABLE ?? IN SHARE MODE', [table]);
    return async () => {
      await trx.rollback();
    };
  };
  /** How many wait for a lock. */
  const heldUp = async (): Promise<number> =>
    (await gym.kernel.knex.raw(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`)).rows.length;

  describe('POST /auth/passkey', () => {
    const refusals: readonly [string, Twist][] = [
      ['another site', { origin: 'https://evil.example' }],
      ['another relying party', { rpId: 'evil.example' }],
      ['a device that has not seen its owner (ASVS 6.5.7)', { isVerified: false }],
      ['a device that nobody has touched', { isPresent: false }],
      ['another ceremony', { type: 'webauthn.create' }],
      ['another member whom the device names', { userHandle: Buffer.from('user_somebody').toString('base64url') }],
      ['a device that does not say whose it is', { userHandle: null }],
    ];
    for (const [what, twist] of refusals) {
      it(`refuses ${what}`, async () => {
        const { device } = await gym.enrol();
        assert.equal((await gym.signIn(device, twist)).status, 401);
        assert.equal((await gym.signIn(device)).status, 200);
      });
    }

    it('answers the same to a passkey that is not known and to a wrong signature (ASVS 6.3.8)', async () => {
      const { device } = await gym.enrol();
      const signed = device.sign(await gym.challenge());
      const tampered = Buffer.from(signed.response.signature, 'base64url');
      tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
      const wrong = await gym.enter({ ...signed, response: { ...signed.response, signature: tampered.toString('base64url') } });
      const stranger = new Authenticator(ORIGIN);
      const unknown = await gym.signIn(stranger, { userHandle: Buffer.from('user_somebody').toString('base64url') });
      const { requestId: _one, ...told } = wrong.body.error;
      const { requestId: _other, ...toldStranger } = unknown.body.error;
      assert.deepEqual([wrong.status, told], [401, toldStranger]);
      const cut = await gym.enter({ ...device.sign(await gym.challenge()), response: { ...device.sign(await gym.challenge()).response, authenticatorData: 'AAAA' } });
      assert.equal(cut.status, 401);
    });

    it('takes a signature once', async () => {
      const { device } = await gym.enrol();
      const signed = device.sign(await gym.challenge());
      assert.deepEqual([(await gym.enter(signed)).status, (await gym.enter(signed)).status], [200, 401]);
    });

    it('gives one challenge that is used five times at once to one', async () => {
      const { device } = await gym.enrol();
      const signed = device.sign(await gym.challenge());
      const answers = await Promise.all(Array.from({ length: 5 }, () => gym.enter(signed)));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401, 401]);
    });

    it('refuses an expired challenge, a made-up one, and one for something else', async () => {
      const { user, device } = await gym.enrol();
      const asked = await gym.challenge();
      await gym.expire('passkey-sign-in');
      assert.equal((await gym.enter(device.sign(asked))).status, 401);
      assert.equal((await gym.enter(device.sign({ ...asked, challenge: 'made-up' }))).status, 401);
      assert.equal((await gym.enter(device.sign({ ...asked, challenge: (await gym.options(user)).challenge }))).status, 401);
      const { secondStep } = (await gym.login(user)).body.data;
      assert.equal((await gym.enter(device.sign(secondStep.publicKey))).status, 401);
    });

    it('refuses a counter that goes back or stands still, writes it down and tells the owner', async () => {
      const device = new Authenticator(ORIGIN, { isBackedUp: false });
      const { user, passkeyId } = await gym.enrol(undefined, device);
      assert.equal((await gym.signIn(device, { counter: 7 })).status, 200);
      for (const counter of [7, 3, 0]) assert.equal((await gym.signIn(device, { counter })).status, 401);
      assert.equal((await gym.signIn(device, { counter: 8 })).status, 200);
      const written = await gym.kernel.knex('audit_log').where({ action: 'passkey.copied', object_id: user.id }).orderBy('id');
      assert.deepEqual(
        written.map(({ details, object_type: type, result }) => [details, type, result]),
        [7, 3, 0].map((counter) => [{ id: passkeyId, counter, countedBefore: 7 }, 'users', 'UNAUTHORIZED']),
      );
      await gym.mailbox.next(addressOf(user), 'A passkey of your account may have been copied');
    });

    it('writes nothing down of a counter that nobody has signed', async () => {
      const device = new Authenticator(ORIGIN);
      const { user } = await gym.enrol(undefined, device);
      assert.equal((await gym.signIn(device, { counter: 7 })).status, 200);
      const signed = device.sign(await gym.challenge(), { counter: 1 });
      const other = new Authenticator(ORIGIN).sign(await gym.challenge(), { counter: 1 });
      const forged = await gym.enter({ ...signed, response: { ...signed.response, signature: other.response.signature } });
      assert.equal(forged.status, 401);
      assert.equal((await gym.kernel.knex('audit_log').where({ action: 'passkey.copied', object_id: user.id })).length, 0);
    });

    it('counts one of several uses with one count that come at once', async () => {
      const { device } = await gym.enrol();
      const asked = await Promise.all(Array.from({ length: 4 }, () => gym.challenge()));
      const answers = await Promise.all(asked.map((one) => gym.enter(device.sign(one, { counter: 9 }))));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401, 401]);
    });

    it('refuses who is suspended or banned', async () => {
      const admin = (await gym.enrol(await gym.kernel.signUp({ roles: ['user', 'admin'] }))).user;
      const { user, device } = await gym.enrol();
      const change = (flags: object): Promise<TestAnswer> => gym.kernel.request('PATCH', `/api/admin/users/${user.id}`, { as: admin, body: { flags, reason: 'a test' } });
      assert.equal((await change({ suspended: true })).status, 200);
      assert.equal((await gym.signIn(device)).body.error.code, 'ACCOUNT_SUSPENDED');
      assert.equal((await change({ suspended: false, banned: true })).status, 200);
      assert.equal((await gym.signIn(device)).body.error.code, 'ACCOUNT_BANNED');
      assert.equal((await change({ banned: false })).status, 200);
      assert.equal((await gym.signIn(device)).status, 200);
    });

    it('leaves nobody in who is banned in the middle of it (ASVS 7.4.2)', async () => {
      const admin = (await gym.enrol(await gym.kernel.signUp({ roles: ['user', 'admin'] }))).user;
      const { user, device } = await gym.enrol();
      const signed = device.sign(await gym.challenge());
      const release = await holdUp('passkeys');
      const entering = gym.enter(signed);
      await gym.kernel.until(async () => (await heldUp()) >= 1, 'the sign-in to be held up');
      let isBanned = false;
      const banning = gym.kernel.request('PATCH', `/api/admin/users/${user.id}`, { as: admin, body: { flags: { banned: true }, reason: 'a test' } });
      void banning.then(() => (isBanned = true));
      await gym.kernel.until(async () => isBanned || (await heldUp()) >= 2, 'the ban to be done, or to wait for the sign-in');
      await release();
      const [entered, banned] = await Promise.all([entering, banning]);
      assert.equal(banned.status, 200);
      const as = { ...user, ...entered.body.data };
      assert.notEqual((await gym.kernel.get('/api/users/me', { as })).status, 200);
      assert.notEqual((await gym.post('/auth/refresh', undefined, { refreshToken: as.refreshToken })).status, 200);
    });

    it('tells of a new device as any sign-in does', async () => {
      const { user, device } = await gym.enrol();
      const credential = device.sign(await gym.challenge());
      assert.equal((await gym.kernel.post('/api/auth/passkey', { body: { credential }, headers: { 'User-Agent': 'A tablet' } })).status, 200);
      assert.match((await gym.mailbox.next(addressOf(user), 'A new device signed in')).content, /A tablet/);
    });

    it('keeps who has asked to be erased, and knows nobody who has been', async () => {
      const { user, device } = await gym.enrol();
      const leave = async (as: TestUser): Promise<void> => {
        assert.equal((await gym.kernel.request('DELETE', '/api/users/me', { as, body: { password: user.password } })).status, 204);
      };
      await leave(user);
      const back = await gym.signIn(device);
      assert.equal(back.status, 200);
      assert.equal((await gym.kernel.knex('account_erasures').where({ user_id: user.id })).length, 0);
      await leave({ ...user, ...back.body.data });
      await gym.kernel.knex('account_erasures').where({ user_id: user.id }).update({ due_at: new Date(0) });
      await gym.kernel.knex('pgboss.job').where({ name: 'work' }).whereRaw(`data::TEXT LIKE '%erase-accounts%'`).update({ start_after: new Date(0) });
      await gym.kernel.settle();
      assert.equal((await gym.kernel.knex('passkeys').where({ user_id: user.id })).length, 0);
      assert.equal((await gym.kernel.knex('recovery_codes').where({ user_id: user.id })).length, 0);
      assert.equal((await gym.signIn(device)).status, 401);
    });

    it('makes somebody an administrator where that takes two factors (ASVS 6.3.4)', async () => {
      const before = await gym.kernel.signUp({ roles: ['user', 'admin'] });
      assert.equal((await gym.kernel.get('/api/admin/audit', { as: before })).status, 403);
      const { user, device } = await gym.enrol(before);
      assert.equal((await gym.kernel.get('/api/admin/audit', { as: user })).status, 200, 'the first factor brings the role');
      const entered = await gym.signIn(device);
      assert.equal((await gym.kernel.get('/api/admin/audit', { as: { ...user, ...entered.body.data } })).status, 200);
    });
  });

  describe('POST /auth/second-step', () => {
    const begin = async (user: TestUser): Promise<{ token: string; publicKey: Parameters<Authenticator['sign']>[0]; methods: string[] }> => (await gym.login(user)).body.data.secondStep;

    it('takes a passkey after the password, which alone does not sign in (ASVS 6.5.1)', async () => {
      const { user, device } = await gym.enrol();
      const asked = await begin(user);
      assert.deepEqual(asked.methods, ['passkey', 'recovery-code']);
      const credential = device.sign(asked.publicKey, { isVerified: false, userHandle: null });
      const answers = await Promise.all([1, 2, 3].map(() => gym.post('/auth/second-step', undefined, { token: asked.token, credential })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401]);
      assert.equal(answers.find(({ status }) => status === 200)?.body.data.user.id, user.id);
    });

    it('takes a recovery code when the passkey is lost', async () => {
      const { user, recoveryCodes } = await gym.enrol();
      const { token } = await begin(user);
      assert.equal((await gym.post('/auth/second-step', undefined, { token, code: '123456' })).status, 401);
      assert.equal((await gym.post('/auth/second-step', undefined, { token, code: recoveryCodes[0] ?? '' })).status, 200);
    });

    it('refuses the passkey of another member, of another sign-in, of another site, and two proofs at once', async () => {
      const [one, other] = [await gym.enrol(), await gym.enrol()];
      const asked = await begin(one.user);
      const step = (credential: Signed, more = {}): Promise<TestAnswer> => gym.post('/auth/second-step', undefined, { token: asked.token, credential, ...more });
      assert.equal((await step(other.device.sign(asked.publicKey))).status, 401);
      assert.equal((await step(one.device.sign((await begin(one.user)).publicKey))).status, 401);
      assert.equal((await step(one.device.sign(asked.publicKey, { origin: 'https://evil.example' }))).status, 401);
      assert.equal((await step(one.device.sign(asked.publicKey), { code: '123456' })).status, 400);
      assert.equal((await step(one.device.sign(asked.publicKey))).status, 200);
    });

    it('is tried while the passkey goes, without one waiting for the other in a circle', async () => {
      const { user, passkeyId, recoveryCodes } = await gym.enrol();
      const { secondStep } = (await gym.login(user)).body.data;
      const release = await holdUp('recovery_codes');
      const removing = gym.post(`/users/me/passkeys/${passkeyId}/remove`, user, { password: user.password, code: recoveryCodes[0] });
      await gym.kernel.until(async () => (await heldUp()) >= 1, 'the removal to be held up');
      const trying = gym.post('/auth/second-step', undefined, { token: secondStep.token, code: '000000' });
      await gym.kernel.until(async () => (await heldUp()) >= 2, 'the second step to wait for it');
      await release();
      assert.deepEqual([(await removing).status, (await trying).status], [204, 401]);
    });

    it('takes five wrong passkeys, then the password is asked for again (ASVS 6.6.3)', async () => {
      const { user, device } = await gym.enrol();
      const asked = await begin(user);
      for (let n = 0; n < 5; n++) {
        const credential = device.sign(asked.publicKey, { origin: 'https://evil.example' });
        assert.equal((await gym.post('/auth/second-step', undefined, { token: asked.token, credential })).status, 401);
      }
      assert.equal((await gym.post('/auth/second-step', undefined, { token: asked.token, credential: device.sign(asked.publicKey) })).status, 401);
    });
  });

  it('stand beside an authenticator app: each is enough, and the codes go with the last', async () => {
    const { user, device } = await gym.enrol();
    const { secret } = (await gym.post('/users/me/second-factor', user, { password: user.password })).body.data;
    const code = (later: number): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + later });
    const confirmed = await gym.post('/users/me/second-factor/confirm', user, { code: code(0) });
    assert.equal(confirmed.body.data.recoveryCodes.length, 10);
    const asked = (await gym.login(user)).body.data.secondStep;
    assert.deepEqual(asked.methods, ['passkey', 'app', 'recovery-code']);
    const entered = (await gym.post('/auth/second-step', undefined, { token: asked.token, credential: device.sign(asked.publicKey) })).body.data;
    const as = { ...user, ...entered };
    assert.equal((await gym.post('/users/me/second-factor/remove', as, { password: user.password, code: code(30_000) })).status, 204);
    const left = (await gym.kernel.get('/api/users/me/second-factor', { as: await gym.renew(as) })).body.data;
    assert.deepEqual(left, { enabled: true, app: false, passkeys: 1, recoveryCodesLeft: 10 });
    assert.deepEqual((await gym.login(user)).body.data.secondStep.methods, ['passkey', 'recovery-code']);
  });

  it('are taken by any instance, since the challenge is in the database as a hash', async () => {
    const { user, device } = await gym.enrol();
    const asked = await gym.challenge();
    const hashes = await gym.kernel.knex('account_tokens').where({ purpose: 'passkey-sign-in' }).pluck('token_hash');
    assert.ok(hashes.length > 0 && !hashes.includes(asked.challenge));
    const credential = device.sign(asked);
    const headers = { 'Content-Type': 'application/json' };
    const elsewhere = await fetch(`${gym.other.url}/api/auth/passkey`, { method: 'POST', headers, body: JSON.stringify({ credential }) });
    const { data } = (await elsewhere.json()) as { data: { accessToken: string } };
    assert.equal((await gym.kernel.get('/api/users/me', { as: { ...user, ...data } })).status, 200);
    assert.equal((await gym.enter(credential)).status, 401);
  });

  describe('of a server without PUBLIC_URL', () => {
    let local: TestKernel;
    before(async () => {
      local = await startCopy();
    });
    after(() => local.stop());

    it('belong to the name that it is opened by', async () => {
      const answer = await local.post('/api/auth/passkey/options');
      assert.deepEqual([answer.status, answer.body.error.code], [422, 'UNPROCESSABLE']);
      const named = await fetch(`${local.kernel.url.replace('127.0.0.1', 'localhost')}/api/auth/passkey/options`, { method: 'POST' });
      const { data } = (await named.json()) as { data: { publicKey: { rpId: string } } };
      assert.equal(data.publicKey.rpId, 'localhost');
    });
  });
});
