import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../kernel/testing.ts';
import { Mailbox } from '../support/mailbox.ts';
import { startCopy } from '../support/setup.ts';

describe('POST /admin/users/import', () => {
  const mailbox = new Mailbox();
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    kernel = await startCopy({ config: { mail: { smtpUrl: await mailbox.start(), from: 'gym@example.org' } } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await mailbox.stop();
  });

  const bring = (body: string, query = '', as = admin): Promise<TestAnswer> =>
    kernel.post(`/api/admin/users/import${query}`, { as, body, headers: { 'Content-Type': 'text/csv' } });
  const count = async (): Promise<number> => (await kernel.knex('users').select('id')).length;

  it('tells line by line what it would do, and does nothing', async () => {
    const before = await count();
    const answer = await bring(
      `Email,Name,Username\nada@example.org,Ada,ada\nnobody,No One,\n,Empty,\nADA@example.org,Twin,\n${admin.username}@example.org,Known,\nbob@example.org,Bob,no good\n`,
      '?dryRun=true',
    );
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.deepEqual(answer.body.data, {
      made: 1,
      known: 1,
      problems: [
        { line: 3, message: '"nobody" is no e-mail address' },
        { line: 4, message: 'there is no e-mail address' },
        { line: 5, message: 'the address stands in line 2 already' },
        { line: 7, message: '"no good" is no name for signing in: 3 to 30 letters, digits and _' },
      ],
      sample: [{ line: 2, email: 'ada@example.org', username: 'ada', displayName: 'Ada' }],
    });
    assert.equal(await count(), before);
  });

  it('makes the accounts, and each signs in after the link of their mail', async () => {
    const answer = await bring('E-mail;First name;Last name\r\njo.smith@example.org;Jo;Smith\r\njo-smith@example.com;Joan;Smith\r\n');
    assert.deepEqual([answer.body.data.made, answer.body.data.problems], [2, []]);
    assert.deepEqual(answer.body.data.sample.map(({ username }: { username: string }) => username), ['jo_smith', 'jo_smith_2']);
    const mail = await mailbox.next('jo.smith@example.org', 'Your account at MuscleMap');
    const token = /reset-password#([\w-]+)/.exec(mail.content)?.[1];
    const set = await kernel.post('/api/auth/password-reset/confirm', { body: { token, newPassword: 'battery horse correct' } });
    assert.equal(set.status, 204, JSON.stringify(set.body));
    const { body } = await kernel.post('/api/auth/login', { body: { email: 'jo.smith@example.org', password: 'battery horse correct' } });
    assert.deepEqual([body.data.user.displayName, body.data.user.roles, body.data.user.flags.emailConfirmed], ['Jo Smith', ['user'], true]);
    const balance = await kernel.knex('credit_balances').where({ user_id: body.data.user.id }).first<{ balance: number }>('balance');
    assert.equal(balance.balance, 100);
  });

  it('brought again makes nobody twice, and refuses a name that is taken', async () => {
    const list = 'email,username\ngrace@example.org,grace\n';
    assert.equal((await bring(list)).body.data.made, 1);
    const before = await count();
    assert.deepEqual([(await bring(list)).body.data.made, (await bring(list)).body.data.known], [0, 1]);
    const taken = await bring('email,username\nother@example.org,GRACE\n');
    assert.deepEqual(taken.body.data.problems, [{ line: 2, message: 'the name GRACE is taken' }]);
    assert.equal(await count(), before);
  });

  it('refuses what is no list of members, naming what is missing', async () => {
    for (const [text, message] of [['name\nAda\n', /no column for the e-mail/], ['', /no column for the e-mail/], ['email\n"open', /is no CSV/]] as const) {
      const answer = await bring(text);
      assert.equal(answer.status, 400);
      assert.match(answer.body.error.details[0].message, message);
    }
    const many = await bring(`email\n${Array.from({ length: 1001 }, (_, n) => `m${String(n)}@example.org`).join('\n')}`);
    assert.match(many.body.error.details[0].message, /more than 1000/);
  });

  it('is for administrators', async () => {
    const member = await kernel.signUp();
    assert.equal((await bring('email\nx@example.org\n', '', member)).status, 403);
  });
});
