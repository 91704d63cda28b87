import assert from 'node:assert/strict';
import type { TestAnswer, TestUser } from '../../../kernel/testing.ts';
import { Authenticator, type Twist } from '../../support/authenticator.ts';
import { tokenOf } from '../../support/mailbox.ts';
import { addressOf, ORIGIN, OTHER_SITE, PasskeyGym, problemOf } from './kit.ts';

const MOST = 10;

describe('adding and removing passkeys', () => {
  const gym = new PasskeyGym();
  before(() => gym.start());
  after(() => gym.stop());

  describe('POST /users/me/passkeys', () => {
    it('adds a passkey with its name, which then signs in without a name or a password (ASVS 6.3.3, 6.5.7)', async () => {
      const user = await gym.kernel.signUp();
      const device = new Authenticator(ORIGIN);
      const made = await gym.add(user, device.make(await gym.options(user)), 'My telephone');
      assert.equal(made.status, 201);
      const { passkey } = made.body.data;
      assert.equal(made.headers.get('location'), `/api/users/me/passkeys/${String(passkey.id)}`);
      assert.deepEqual({ name: passkey.name, backedUp: passkey.backedUp, lastUsedAt: passkey.lastUsedAt }, { name: 'My telephone', backedUp: true, lastUsedAt: null });
      const entered = await gym.signIn(device);
      assert.equal(entered.status, 200, JSON.stringify(entered.body));
      assert.equal(entered.body.data.user.id, user.id);
      const as = { ...user, ...entered.body.data };
      const [listed, ...others] = (await gym.kernel.get('/api/users/me/passkeys', { as })).body.data;
      assert.deepEqual([listed.id, others.length, typeof listed.lastUsedAt], [passkey.id, 0, 'string']);
      const state = (await gym.kernel.get('/api/users/me/second-factor', { as })).body.data;
      assert.deepEqual(state, { enabled: true, app: false, passkeys: 1, recoveryCodesLeft: 10 });
    });

    it('asks a device for what a password alone cannot give: its owner seen, no attestation, none that is there already', async () => {
      const { user, device } = await gym.enrol();
      const asked = (await gym.post('/users/me/passkeys/options', user, { password: user.password })).body.data;
      assert.deepEqual(asked.publicKey.rp, { id: 'gym.example', name: 'MuscleMap' });
      assert.deepEqual([asked.publicKey.attestation, asked.publicKey.authenticatorSelection.userVerification, asked.expiresIn], ['none', 'required', 300]);
      assert.deepEqual(asked.publicKey.excludeCredentials, [{ type: 'public-key', id: device.id, transports: ['internal', 'hybrid'] }]);
      assert.ok(!JSON.stringify(asked).includes('example.org'));
    });

    it('begins with the password (ASVS 7.5.1)', async () => {
      const user = await gym.kernel.signUp();
      const refused = await gym.post('/users/me/passkeys/options', user, { password: 'wrong' });
      assert.deepEqual([refused.status, problemOf(refused)], [400, '/body/password']);
    });

    it('tells the owner by mail, with a link for whoever was not it, which puts the other out', async () => {
      const { user, device } = await gym.enrol();
      const mail = await gym.mailbox.next(addressOf(user), 'A passkey was added');
      assert.match(mail.content, /https:\/\/gym\.example\/account\/undo-passkey#/);
      const token = tokenOf(mail);
      assert.equal((await gym.post('/auth/passkey/undo', undefined, { token })).status, 204);
      assert.equal((await gym.post('/auth/passkey/undo', undefined, { token })).status, 400);
      assert.equal((await gym.signIn(device)).status, 401);
      assert.equal((await gym.kernel.get('/api/users/me', { as: user })).status, 401);
      assert.equal((await gym.login(user)).body.data.user.id, user.id, 'the password is enough again');
      assert.equal((await gym.kernel.knex('recovery_codes').where({ user_id: user.id })).length, 0);
    });

    it('leaves no recovery codes to whoever was not it, when others have come with the passkey or since', async () => {
      const { user, recoveryCodes } = await gym.enrol();
      const token = tokenOf(await gym.mailbox.next(addressOf(user), 'A passkey was added'));
      const second = await gym.enrol(user);
      assert.equal((await gym.post('/auth/passkey/undo', undefined, { token })).status, 204);
      const { secondStep } = (await gym.login(user)).body.data;
      assert.equal((await gym.post('/auth/second-step', undefined, { token: secondStep.token, code: recoveryCodes[0] })).status, 401);
      const entered = await gym.signIn(second.device);
      assert.equal(entered.status, 200);
      const state = await gym.kernel.get('/api/users/me/second-factor', { as: { ...user, ...entered.body.data } });
      assert.deepEqual(state.body.data, { enabled: true, app: false, passkeys: 1, recoveryCodesLeft: 0 });
    });

    it('ends every other session of its member, the first passkey and every other one, and so does its removal (ASVS 7.4.3)', async () => {
      const user = await gym.kernel.signUp();
      const elsewhere = async (): Promise<TestUser> => ({ ...user, ...(await gym.login(user)).body.data });
      const isOut = async (as: TestUser): Promise<boolean[]> => [
        (await gym.kernel.get('/api/users/me', { as })).status === 401,
        (await gym.post('/auth/refresh', undefined, { refreshToken: as.refreshToken })).status === 401,
      ];
      const before = await elsewhere();
      const first = await gym.enrol(user);
      assert.deepEqual(await isOut(before), [true, true]);
      const other = async (): Promise<TestUser> => ({ ...user, ...(await gym.signIn(first.device)).body.data });
      const [between, own] = [await other(), await gym.renew(first.user)];
      const second = await gym.enrol(own);
      assert.deepEqual(await isOut(between), [true, true]);
      const after = await other();
      assert.equal((await gym.post(`/users/me/passkeys/${second.passkeyId}/remove`, second.user, { password: user.password })).status, 204);
      assert.deepEqual(await isOut(after), [true, true]);
      assert.equal((await gym.post('/auth/refresh', undefined, { refreshToken: second.user.refreshToken })).status, 200);
    });

    const refusals: readonly [string, Twist][] = [
      ['another site', { origin: 'https://evil.example' }],
      ['another relying party', { rpId: 'evil.example' }],
      ['a device that has not seen its owner', { isVerified: false }],
      ['a device that nobody has touched', { isPresent: false }],
      ['another ceremony', { type: 'webauthn.get' }],
      ['a certificate that was not asked for', { format: 'packed', x5c: [Buffer.from('certificate')] }],
      ['a format that was not asked for', { format: 'fido-u2f' }],
    ];
    for (const [what, twist] of refusals) {
      it(`refuses ${what}, and the challenge is used up`, async () => {
        const user = await gym.kernel.signUp();
        const asked = await gym.options(user);
        const device = new Authenticator(ORIGIN);
        const refused = await gym.add(user, device.make(asked, twist));
        assert.deepEqual([refused.status, problemOf(refused)], [400, '/body/credential']);
        assert.equal((await gym.add(user, device.make(asked))).status, 400);
        assert.equal((await gym.kernel.get('/api/users/me/passkeys', { as: user })).body.data.length, 0);
      });
    }

    it('refuses bytes that are no attestation', async () => {
      const user = await gym.kernel.signUp();
      for (const attestationObject of ['AAAA', 'oA', 'v_8', Buffer.from('ffffffff', 'hex').toString('base64url')]) {
        const made = new Authenticator(ORIGIN).make(await gym.options(user));
        const refused = await gym.add(user, { ...made, response: { ...made.response, attestationObject } });
        assert.deepEqual([refused.status, problemOf(refused)], [400, '/body/credential']);
      }
    });

    it('takes a page of another site that CORS lets in', async () => {
      const { device } = await gym.enrol(undefined, new Authenticator(OTHER_SITE));
      assert.equal((await gym.signIn(device)).status, 200);
    });

    it('refuses a challenge of another member, of another session, of another purpose, an expired one and a made-up one', async () => {
      const [user, other] = [await gym.kernel.signUp(), await gym.kernel.signUp()];
      const device = new Authenticator(ORIGIN);
      const refused = async (asked: Parameters<Authenticator['make']>[0], as = user): Promise<void> => {
        const answer = await gym.add(as, device.make(asked));
        assert.deepEqual([answer.status, problemOf(answer)], [400, '/body/credential']);
      };
      await refused(await gym.options(other));
      await refused(await gym.options(user), { ...user, ...(await gym.login(user)).body.data });
      await refused({ ...(await gym.options(user)), challenge: (await gym.challenge()).challenge });
      await refused({ ...(await gym.options(user)), challenge: 'made-up' });
      const asked = await gym.options(user);
      await gym.expire('passkey-add');
      await refused(asked);
    });

    it('gives one challenge that is used twice at once to one', async () => {
      const user = await gym.kernel.signUp();
      const asked = await gym.options(user);
      const answers = await Promise.all(Array.from({ length: 5 }, () => gym.add(user, new Authenticator(ORIGIN).make(asked))));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 400, 400, 400, 400]);
    });

    it(`keeps ${String(MOST)} of 20 that are added at once, and one set of recovery codes`, async () => {
      const { user } = await gym.enrol();
      const asked = await Promise.all(Array.from({ length: 20 }, () => gym.options(user)));
      const answers = await Promise.all(asked.map((one) => gym.add(user, new Authenticator(ORIGIN).make(one))));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array<number>(MOST - 1).fill(201), ...Array<number>(21 - MOST).fill(409)]);
      assert.equal((await gym.kernel.get('/api/users/me/passkeys', { as: user })).body.data.length, MOST);
      assert.equal((await gym.post('/users/me/passkeys/options', user, { password: user.password })).status, 409);
      const state = (await gym.kernel.get('/api/users/me/second-factor', { as: user })).body.data;
      assert.deepEqual([state.passkeys, state.recoveryCodesLeft], [MOST, 10]);
    });

    it('gives the first factors that come at once one set of recovery codes', async () => {
      const user = await gym.kernel.signUp();
      const asked = await Promise.all(Array.from({ length: 4 }, () => gym.options(user)));
      const answers = await Promise.all(asked.map((one) => gym.add(user, new Authenticator(ORIGIN).make(one))));
      // Who comes after the first may find the access token renewed.
      const codes = answers.filter(({ status }) => status === 201).map(({ body }) => body.data.recoveryCodes as string[] | null);
      assert.equal(codes.filter((given) => given !== null).length, 1);
      assert.equal((await gym.kernel.knex('recovery_codes').where({ user_id: user.id })).length, 10);
    });

    it('refuses a passkey that somebody has already', async () => {
      const { device } = await gym.enrol();
      const other = await gym.kernel.signUp();
      assert.equal((await gym.add(other, device.make(await gym.options(other)))).status, 409);
    });
  });

  describe('POST /users/me/passkeys/:id/remove', () => {
    const remove = (user: TestUser, id: string, body: object): Promise<TestAnswer> => gym.post(`/users/me/passkeys/${id}/remove`, user, { password: user.password, ...body });

    it('removes one of several with the password, and tells the owner', async () => {
      const { user, device, passkeyId } = await gym.enrol();
      const second = await gym.enrol(user);
      const refused = await remove(user, passkeyId, { password: 'wrong' });
      assert.deepEqual([refused.status, problemOf(refused)], [400, '/body/password']);
      assert.equal((await remove(user, passkeyId, {})).status, 204);
      assert.equal((await remove(user, passkeyId, {})).status, 404);
      await gym.mailbox.next(addressOf(user), 'A passkey was removed');
      assert.equal((await gym.signIn(device)).status, 401);
      assert.equal((await gym.signIn(second.device)).status, 200);
    });

    it('takes the last factor away with a factor only: a recovery code, or the passkey itself (ASVS 7.5.1)', async () => {
      const { user, device, passkeyId, recoveryCodes } = await gym.enrol();
      const proof = async (): Promise<Parameters<Authenticator['sign']>[0]> => (await gym.post('/users/me/passkeys/proof', user)).body.data.publicKey;
      const stranger = await gym.enrol();
      const signed = device.sign(await proof());
      for (const body of [{}, { code: '123456' }, { code: stranger.recoveryCodes[0] }, { credential: stranger.device.sign(await proof()) }, { credential: device.sign(await gym.challenge()) }]) {
        assert.equal((await remove(user, passkeyId, body)).status, 400, JSON.stringify(body));
      }
      assert.equal((await remove(user, passkeyId, { password: 'wrong', credential: signed })).status, 400);
      assert.equal((await remove(user, passkeyId, { credential: signed })).status, 204);
      assert.equal((await gym.login(user)).body.data.user.id, user.id, 'the password is enough again');
      assert.equal((await gym.kernel.knex('recovery_codes').where({ user_id: user.id })).length, 0);
      const again = await gym.enrol({ ...user, ...(await gym.login(user)).body.data });
      assert.equal((await remove(again.user, again.passkeyId, { code: recoveryCodes[0] })).status, 400, 'the codes went with the factor');
      assert.equal((await remove(again.user, again.passkeyId, { code: again.recoveryCodes[0] })).status, 204);
    });

    it('leaves an administrator without a factor a user, where administrators need one', async () => {
      const { user, passkeyId, recoveryCodes } = await gym.enrol(await gym.kernel.signUp({ roles: ['user', 'admin'] }));
      assert.equal((await gym.kernel.get('/api/admin/audit', { as: user })).status, 200);
      assert.equal((await remove(user, passkeyId, { code: recoveryCodes[0] })).status, 204);
      assert.equal((await gym.kernel.get('/api/admin/audit', { as: user })).status, 401);
      assert.equal((await gym.kernel.get('/api/admin/audit', { as: await gym.renew(user) })).status, 403);
    });

    it('keeps one of two that are removed at once', async () => {
      const { user, passkeyId } = await gym.enrol();
      const second = await gym.enrol(user);
      const answers = await Promise.all([passkeyId, second.passkeyId].map((id) => remove(user, id, {})));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [204, 400]);
    });

    it('knows no passkey of another member', async () => {
      const [one, other] = [await gym.enrol(), await gym.enrol()];
      assert.equal((await remove(other.user, one.passkeyId, { code: other.recoveryCodes[0] })).status, 404);
      const rename = (as: TestUser, id: string): Promise<TestAnswer> => gym.kernel.request('PATCH', `/api/users/me/passkeys/${id}`, { as, body: { name: 'Mine' } });
      assert.equal((await rename(other.user, one.passkeyId)).status, 404);
      assert.equal((await rename(one.user, one.passkeyId)).body.data.name, 'Mine');
    });
  });

  it('of whoever has taken an account over go with the address that its owner takes back', async () => {
    const user = await gym.kernel.signUp();
    const kept = await gym.enrol(user);
    const changed = { email: `new-${addressOf(user)}`, currentPassword: user.password };
    assert.equal((await gym.kernel.request('PATCH', '/api/users/me', { as: kept.user, body: changed })).status, 200);
    const intruder = await gym.enrol(kept.user);
    const undo = tokenOf(await gym.mailbox.next(addressOf(user), 'The e-mail address of your account was changed'));
    assert.equal((await gym.post('/auth/email/undo', undefined, { token: undo })).status, 204);
    assert.deepEqual([(await gym.signIn(intruder.device)).status, (await gym.signIn(kept.device)).status], [401, 200]);
  });

  it('are in what a member takes along, without their keys', async () => {
    const { user, device, passkeyId } = await gym.enrol();
    const text = JSON.stringify((await gym.kernel.get('/api/users/me/export', { as: user })).body);
    const row = await gym.kernel.knex('passkeys').where({ id: passkeyId }).first();
    assert.ok(text.includes(passkeyId) && !text.includes(device.id) && !text.includes(row.public_key.toString('hex')));
  });
});
