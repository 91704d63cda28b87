import assert from 'node:assert/strict';
import { renderMail } from '../../kernel/mail/template.ts';
import type { TestAnswer, TestKernel } from '../../kernel/testing.ts';
import { Mailbox, tokenOf } from '../support/mailbox.ts';
import { startCopy } from '../support/setup.ts';

describe('mail', () => {
  const mailbox = new Mailbox();
  let kernel: TestKernel;
  before(async () => {
    const smtpUrl = await mailbox.start();
    kernel = await startCopy({ config: { mail: { smtpUrl, from: 'MuscleMap <hello@gym.example>' }, publicUrl: 'https://gym.example' } });
  });
  after(async () => {
    await kernel.stop();
    await mailbox.stop();
  });

  const addressOf = ({ username }: { username: string }): string => `${username}@example.org`;
  const post = (path: string, body: object): Promise<TestAnswer> => kernel.post(`/api${path}`, { body });
  const login = (username: string, password: string, device = 'one'): Promise<TestAnswer> =>
    kernel.post('/api/auth/login', { body: { username, password }, headers: { 'User-Agent': device } });

  describe('the confirmation of an address', () => {
    it('is mailed at sign-up, with a link that works once (ASVS 6.4.1)', async () => {
      const user = await kernel.signUp();
      const mail = await mailbox.next(addressOf(user), 'Please confirm');
      assert.equal(mail.from, 'hello@gym.example');
      assert.match(mail.content, /https:\/\/gym\.example\/account\/confirm-email#/);
      const token = tokenOf(mail);
      const isConfirmed = async (): Promise<boolean> => (await kernel.get('/api/users/me', { as: user })).body.data.flags.emailConfirmed;
      assert.equal(await isConfirmed(), false);
      const [first, second] = await Promise.all([post('/auth/email/confirm', { token }), post('/auth/email/confirm', { token })]);
      assert.deepEqual([first.status, second.status].sort(), [204, 400]);
      assert.equal(await isConfirmed(), true);
    });

    it('is mailed again on request, which ends the first link', async () => {
      const user = await kernel.signUp();
      const first = tokenOf(await mailbox.next(addressOf(user), 'Please confirm'));
      assert.equal((await kernel.post('/api/users/me/email/confirm', { as: user })).status, 204);
      const second = tokenOf(await mailbox.next(addressOf(user), 'Please confirm'));
      assert.equal((await post('/auth/email/confirm', { token: first })).body.error.details[0].path, '/body/token');
      assert.equal((await post('/auth/email/confirm', { token: second })).status, 204);
      assert.equal((await kernel.post('/api/users/me/email/confirm', { as: user })).status, 409);
    });

    it('is refused when its token has expired', async () => {
      const user = await kernel.signUp();
      const token = tokenOf(await mailbox.next(addressOf(user), 'Please confirm'));
      await kernel.knex('account_tokens').where({ user_id: user.id }).update({ expires_at: new Date(0) });
      assert.equal((await post('/auth/email/confirm', { token })).status, 400);
    });
  });

  describe('POST /auth/password-reset', () => {
    it('mails a link that sets a new password once and ends every session (ASVS 6.4.3, 7.4.3)', async () => {
      const user = await kernel.signUp();
      assert.equal((await post('/auth/password-reset', { email: addressOf(user).toUpperCase() })).status, 204);
      const token = tokenOf(await mailbox.next(addressOf(user), 'A new password'));
      const confirm = (newPassword: string): Promise<TestAnswer> => post('/auth/password-reset/confirm', { token, newPassword });
      assert.equal((await confirm('password1')).body.error.details[0].path, '/body/newPassword');
      assert.equal((await confirm('a quiet new horse')).status, 204);
      assert.equal((await confirm('a third new horse')).status, 400);
      assert.equal((await kernel.get('/api/users/me', { as: user })).status, 401);
      assert.deepEqual([(await login(user.username, user.password)).status, (await login(user.username, 'a quiet new horse')).status], [401, 200]);
      await mailbox.next(addressOf(user), 'Your password was changed');
    });

    it('answers the same for an address that nobody has, and mails nothing', async () => {
      const user = await kernel.signUp();
      const [known, unknown] = [await post('/auth/password-reset', { email: addressOf(user) }), await post('/auth/password-reset', { email: 'nobody@example.org' })];
      assert.deepEqual([unknown.status, unknown.body], [known.status, known.body]);
      await mailbox.next(addressOf(user), 'A new password');
      assert.deepEqual(mailbox.mails.filter(({ to }) => to.includes('nobody@example.org')), []);
    });

    it('keeps neither address nor token readable in the queue', async () => {
      const user = await kernel.signUp();
      await post('/auth/password-reset', { email: addressOf(user) });
      const token = tokenOf(await mailbox.next(addressOf(user), 'A new password'));
      const { rows } = await kernel.knex.raw('SELECT data::TEXT FROM pgboss.job UNION ALL SELECT data::TEXT FROM pgboss.archive');
      const text = JSON.stringify(rows);
      assert.ok(text.includes('sealed'));
      assert.ok(!text.includes(addressOf(user)) && !text.includes(token));
      const hashes = await kernel.knex('account_tokens').where({ user_id: user.id }).pluck('token_hash');
      assert.ok(hashes.length > 0 && !hashes.includes(token));
    });
  });

  describe('a change of the address', () => {
    it('is told to both addresses, and the old one can take it back (ASVS 6.3.7)', async () => {
      const user = await kernel.signUp();
      const changed = { email: `new-${addressOf(user)}` };
      assert.equal((await kernel.request('PATCH', '/api/users/me', { as: user, body: changed })).status, 200);
      const confirm = tokenOf(await mailbox.next(changed.email, 'Please confirm'));
      const undo = tokenOf(await mailbox.next(addressOf(user), 'The e-mail address of your account was changed'));
      assert.equal((await post('/auth/email/confirm', { token: confirm })).status, 204);
      assert.equal((await post('/auth/email/undo', { token: undo })).status, 204);
      assert.equal((await kernel.get('/api/users/me', { as: user })).status, 401);
      const { email } = (await login(user.username, user.password)).body.data.user;
      assert.equal(email, addressOf(user));
      assert.equal((await post('/auth/email/undo', { token: undo })).status, 400);
    });

    it('takes the password from whoever has been signed in for a while (ASVS 7.5.1)', async () => {
      const user = await kernel.signUp();
      await kernel.knex.raw(`UPDATE sessions SET created_at = created_at - INTERVAL '16 minutes' WHERE user_id = ?`, [user.id]);
      const change = (more: object): Promise<TestAnswer> =>
        kernel.request('PATCH', '/api/users/me', { as: user, body: { email: `later-${addressOf(user)}`, ...more } });
      for (const more of [{}, { currentPassword: 'wrong' }]) {
        assert.equal((await change(more)).body.error.details[0].path, '/body/currentPassword');
      }
      assert.equal((await change({ currentPassword: user.password })).status, 200);
      assert.equal((await kernel.request('PATCH', '/api/users/me', { as: user, body: { displayName: 'Ada' } })).status, 200);
    });

    it('ends the link that confirmed the former address', async () => {
      const user = await kernel.signUp();
      const token = tokenOf(await mailbox.next(addressOf(user), 'Please confirm'));
      await kernel.request('PATCH', '/api/users/me', { as: user, body: { email: `other-${addressOf(user)}` } });
      assert.equal((await post('/auth/email/confirm', { token })).status, 400);
    });
  });

  it('tells of a sign-in from a new device, and not of one from a known device (ASVS 6.3.5)', async () => {
    const user = await kernel.signUp();
    await login(user.username, user.password, 'A telephone');
    const mail = await mailbox.next(addressOf(user), 'A new device signed in');
    assert.match(mail.content, /A telephone/);
    await login(user.username, user.password, 'A telephone');
    await login(user.username, user.password, 'A tablet');
    assert.match((await mailbox.next(addressOf(user), 'A new device signed in')).content, /A tablet/);
    assert.equal(mailbox.mails.filter(({ to, content }) => to.includes(addressOf(user)) && content.includes('A telephone')).length, 0);
  });

  it('is tried again when the server takes it only later', async () => {
    mailbox.refuseNext = 1;
    const user = await kernel.signUp();
    await mailbox.next(addressOf(user), 'Please confirm');
    assert.equal(mailbox.refuseNext, 0);
  });

  it('escapes values, keeps them on their line, and refuses a gap', () => {
    const template = { subject: 'For {name}', paragraphs: ['Hello {name}'], action: { label: 'Go', path: '/x?t={token}' } } as const;
    const values = { name: '<b>"Ada"</b>\r\nBcc: eve@example.org', token: 'a&b' };
    const { subject, text, html } = renderMail(template, values, 'https://gym.example');
    assert.doesNotMatch(subject, /[\r\n]/);
    assert.equal(text, 'Hello <b>"Ada"</b> Bcc: eve@example.org\n\nGo: https://gym.example/x?t=a%26b\n');
    assert.ok(html.includes('Hello &lt;b&gt;&quot;Ada&quot;&lt;/b&gt; Bcc') && !html.includes('<b>'));
    assert.throws(() => renderMail(template, { name: 'Ada' }, ''), /no value for \{token\}/);
  });
});
