import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { startCopy } from '../../support/setup.ts';

describe('npx musclemap user', function () {
  this.timeout(90_000);
  const JWT_SECRET = 'the secret of the server and of the commands';
  let kernel: TestKernel;
  const run = (args: string[], input = ''): Promise<CommandResult> =>
    runMusclemap(['user', ...args], { DATABASE_URL: kernel.databaseUrl, JWT_SECRET }, input);
  const login = (username: string, password: string): Promise<TestAnswer> => kernel.post('/api/auth/login', { body: { username, password } });
  before(async () => {
    kernel = await startCopy({ config: { jwtSecret: JWT_SECRET } });
  });
  after(() => kernel.stop());

  it('create makes an administrator with a password that is piped in', async () => {
    const { code, out, err } = await run(['create', '--email', 'owner@example.org', '--username', 'owner', '--role', 'admin'], 'a quiet new horse\n');
    assert.equal(code, 0, err);
    assert.match(out, /^owner \(user_[\w-]+\) is user, admin\.\n$/);
    assert.equal((await login('owner', 'a quiet new horse')).body.data.user.roles.join(), 'user,admin');
    const sessions = await kernel.knex('sessions').whereNull('ended_at').join('users', 'users.id', 'sessions.user_id').where({ username: 'owner' });
    assert.equal(sessions.length, 1, 'only the one that was just opened');
  });

  it('create says what is wrong and makes nothing', async () => {
    const attempts: [string[], string, RegExp][] = [
      [['--email', 'nonsense', '--username', 'x'], 'a quiet new horse', /email must match format "email"; username must match/],
      [['--email', 'eve@example.org', '--username', 'eve_one'], 'password1', /guessed first/],
      [['--email', 'eve@example.org', '--username', 'eve_one'], '', /No password was given/],
    ];
    for (const [options, password, message] of attempts) {
      const { code, err } = await run(['create', ...options], password);
      assert.equal(code, 1, err);
      assert.match(err, message);
    }
    assert.equal((await kernel.knex('users').where('username', 'like', 'eve%')).length, 0);
  });

  it('grant, ban, unban and reset-password act on the running server at once and are audited', async () => {
    const user: TestUser = await kernel.signUp();
    assert.equal((await run(['grant', user.username, '--role', 'moderator'])).out, `${user.username} is user, moderator.\n`);
    assert.equal((await kernel.get('/api/users/me', { as: user })).status, 401, 'the old token says nothing of the role');
    const banned = await run(['ban', `${user.username}@example.org`, '--reason', 'insults']);
    assert.equal(banned.code, 0, banned.err);
    assert.equal((await login(user.username, user.password)).body.error.code, 'ACCOUNT_BANNED');
    assert.equal((await run(['unban', user.id])).code, 0);
    const reset = await run(['reset-password', user.username, '--generate']);
    const password = reset.out.trim().split(' ').at(-1) ?? '';
    assert.equal(password.length, 20, reset.err);
    assert.deepEqual([(await login(user.username, user.password)).status, (await login(user.username, password)).status], [401, 200]);
    const audit = await kernel.knex('audit_log').where({ object_id: user.id }).orderBy('id').select('action', 'actor_kind', 'details');
    assert.deepEqual(audit.map(({ action }) => action), ['user.grant', 'user.ban', 'user.unban', 'user.reset-password']);
    assert.deepEqual(new Set(audit.map(({ actor_kind: kind }) => kind)), new Set(['cli']));
  });

  it('reset-password takes the passkeys of who has lost them', async () => {
    const { id, username } = await kernel.signUp();
    const key = { public_key: Buffer.alloc(77), counter: 0, transports: [], name: 'Lost', backed_up: false };
    await kernel.knex('passkeys').insert({ id: `passkey_${id}`, user_id: id, credential_id: id, ...key });
    const reset = async (...more: string[]): Promise<TestAnswer> => {
      const { out, err } = await run(['reset-password', username, '--generate', ...more]);
      const password = out.trim().split(' ').at(-1) ?? '';
      assert.equal(password.length, 20, err);
      return login(username, password);
    };
    assert.deepEqual((await reset()).body.data.secondStep.methods, ['passkey', 'recovery-code']);
    assert.equal((await reset('--remove-second-factor')).body.data.user.id, id);
  });

  it('list shows accounts as a table', async () => {
    const user = await kernel.signUp();
    const table = await run(['list', '--search', user.username]);
    assert.match(table.out, new RegExp(`id +username +email +roles +state +createdAt.*\\n.*${user.id}.*active`));
  });
});
