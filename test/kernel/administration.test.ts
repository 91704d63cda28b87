import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSources } from '../../kernel/installation.ts';
import { startKernel, type Kernel } from '../../kernel/kernel.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const GYM = `
import { Type, definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    kernel.hooks.permissions.tap('gym', (permissions) => {
      permissions.add({ id: 'gym.manage', description: 'Changes the hours', roles: ['coach'] });
    });
    kernel.hooks.routes.tap('gym', (routes) => {
      routes.get('/gym/hours', { summary: 'Hours', auth: { permission: 'gym.manage' } }, () => ({}));
      routes.post('/gym/greet', { summary: 'Greets', transaction: true }, async ({ user, trx }) => {
        const template = { subject: 'Hello {name}', paragraphs: ['Welcome, {name}.'] };
        await kernel.mail.send(trx, { userId: user.id, template, values: { name: 'Ada' } });
        return { may: kernel.users.may(user, 'gym.manage') };
      });
    });
  },
});`;

describe('administration', () => {
  const jwtSecret = 'the one secret that both instances share';
  let kernel: TestKernel;
  let other: Kernel;
  let directory: string;
  let admin: TestUser;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-admin-'));
    await mkdir(join(directory, 'gym'));
    const manifest = { id: 'gym', version: '1.0.0', displayName: 'Gym', description: 'Of this test', kernel: '^1.0.0', scopes: ['routes', 'database', 'permissions', 'mail', 'users'] };
    await writeFile(join(directory, 'gym', 'plugin.json'), JSON.stringify(manifest));
    await writeFile(join(directory, 'gym', 'index.ts'), GYM);
    const { bundled, ...rest } = defaultSources(testConfig());
    const sources = { ...rest, bundled: [...bundled, directory] };
    kernel = await startCopy({ config: { jwtSecret }, sources });
    other = await startKernel({ config: testConfig({ jwtSecret }), databaseUrl: kernel.databaseUrl, sources });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await other.stop();
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const patch = (id: string, body: object, as = admin): Promise<TestAnswer> => kernel.request('PATCH', `/api/admin/users/${id}`, { as, body });
  /** What the other instance answers to a member. */
  const elsewhere = async (path: string, as: TestUser): Promise<number> =>
    (await fetch(`${other.url}${path}`, { headers: { Authorization: `Bearer ${as.accessToken}` } })).status;
  const login = async (user: TestUser): Promise<TestUser> => {
    const { username, password } = user;
    return { ...user, ...(await kernel.post('/api/auth/login', { body: { username, password } })).body.data };
  };
  /** How long it takes, in milliseconds. */
  const until = async (holds: () => Promise<boolean>): Promise<number> => {
    const started = performance.now();
    while (!(await holds())) {
      if (performance.now() - started > 10_000) throw new Error('It did not happen in time.');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return performance.now() - started;
  };

  describe('GET /admin/users', () => {
    it('finds by address, by a part of a name, by role and state, page by page', async () => {
      const users = [await kernel.signUp(), await kernel.signUp({ roles: ['user', 'coach'] }), await kernel.signUp()];
      const [first, coach, last] = users as [TestUser, TestUser, TestUser];
      const ids = async (query: string): Promise<string[]> =>
        (await kernel.get(`/api/admin/users?${query}`, { as: admin })).body.data.map(({ id }: TestUser) => id);
      assert.deepEqual(await ids(`search=${first.username.toUpperCase()}@example.org`), [first.id]);
      assert.deepEqual(await ids(`search=${coach.username.slice(2, 14)}`), [coach.id]);
      assert.ok((await ids('role=coach')).includes(coach.id) && !(await ids('role=coach')).includes(first.id));
      const seen: string[] = [];
      let cursor = '';
      do {
        const { body } = await kernel.get(`/api/admin/users?limit=2${cursor}`, { as: admin });
        seen.push(...body.data.map(({ id }: TestUser) => id));
        cursor = body.meta.nextCursor === null ? '' : `&cursor=${body.meta.nextCursor}`;
      } while (cursor !== '');
      assert.equal(new Set(seen).size, seen.length);
      assert.deepEqual(seen.slice(0, 3), [last.id, coach.id, first.id]);
      await patch(last.id, { flags: { suspended: true }, reason: 'a test' });
      assert.ok((await ids('state=suspended')).includes(last.id) && !(await ids('state=active')).includes(last.id));
    });

    it('is for administrators, shows no hash, and keeps what was searched out of the audit (ASVS 8.2.1)', async () => {
      const user = await kernel.signUp();
      assert.equal((await kernel.get('/api/admin/users', { as: user })).status, 403);
      const one = await kernel.get(`/api/admin/users/${user.id}`, { as: admin });
      assert.equal(one.status, 200);
      assert.doesNotMatch(JSON.stringify(one.body), /pbkdf2/);
      await kernel.get(`/api/admin/users?search=${user.username}`, { as: admin });
      const { body } = await kernel.get(`/api/admin/audit?action=${encodeURIComponent('GET /api/admin/users')}&limit=1`, { as: admin });
      assert.deepEqual(body.data[0].details.query.search, '[hidden]');
    });
  });

  describe('PATCH /admin/users/:id', () => {
    it('bans with a reason: out at once, on the other instance within a second, access tokens included (ASVS 7.4.2)', async () => {
      const user = await kernel.signUp();
      assert.equal(await elsewhere('/api/users/me', user), 200);
      assert.equal((await patch(user.id, { flags: { banned: true } })).body.error.details[0].path, '/body/reason');
      const { body } = await patch(user.id, { flags: { banned: true }, reason: 'insults' });
      assert.deepEqual([body.data.flags.banned, body.data.restriction.reason, body.data.restriction.actorId, body.data.sessions], [true, 'insults', admin.id, 0]);
      const waited = await until(async () => (await elsewhere('/api/users/me', user)) === 403);
      assert.ok(waited < 1000, `${String(waited)} ms`);
      assert.equal((await kernel.get('/api/users/me', { as: user })).body.error.code, 'ACCOUNT_BANNED');
      assert.equal((await kernel.post('/api/auth/refresh', { body: { refreshToken: user.refreshToken } })).status, 403);
      await patch(user.id, { flags: { banned: false } });
      const back = await login(user);
      await until(async () => (await elsewhere('/api/users/me', back)) === 200);
      assert.equal((await kernel.get(`/api/admin/users/${user.id}`, { as: admin })).body.data.restriction, null);
    });

    /** Has requests wait for a user's row, one behind the other, and then lets them go on. Answers their statuses. */
    const behindEachOther = async (user: TestUser, requests: (() => Promise<TestAnswer>)[]): Promise<number[]> => {
      const answers: Promise<TestAnswer>[] = [];
      await kernel.knex.transaction(async (trx) => {
        await trx('users').where({ id: user.id }).forUpdate().first('id');
        for (const request of requests) {
          answers.push(request());
          await until(async () => {
            const { rows } = await kernel.knex.raw<{ rows: object[] }>("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
            return rows.length === answers.length;
          });
        }
      });
      return (await Promise.all(answers)).map(({ status }) => status);
    };

    it('holds for who changes their address or signs in at the same time', async () => {
      const user = await kernel.signUp();
      const { username, password } = user;
      const statuses = await behindEachOther(user, [
        () => patch(user.id, { flags: { banned: true }, reason: 'insults' }),
        () => kernel.request('PATCH', '/api/users/me', { as: user, body: { email: `new-${username}@example.org` } }),
        () => kernel.post('/api/auth/login', { body: { username, password } }),
      ]);
      assert.deepEqual(statuses, [200, 200, 403]);
      const { flags } = (await kernel.get(`/api/admin/users/${user.id}`, { as: admin })).body.data;
      assert.deepEqual([flags.banned, flags.emailConfirmed], [true, false]);
    });

    it('lets nobody in with a password that was changed while it was looked at', async () => {
      const user = await kernel.signUp();
      const { username, password } = user;
      const statuses = await behindEachOther(user, [
        () => kernel.post('/api/auth/password', { as: user, body: { currentPassword: password, newPassword: 'another horse battery' } }),
        () => kernel.post('/api/auth/login', { body: { username, password } }),
      ]);
      assert.deepEqual(statuses, [204, 401]);
    });

    it('changes roles, which the other instance feels within a second (ASVS 8.3.2)', async () => {
      const user = await kernel.signUp();
      await patch(user.id, { roles: ['user', 'moderator', 'coach'] });
      const promoted = await login(user);
      assert.equal(await elsewhere('/api/gym/hours', promoted), 200);
      await patch(user.id, { roles: ['user'] });
      const waited = await until(async () => (await elsewhere('/api/gym/hours', promoted)) === 401);
      assert.ok(waited < 1000, `${String(waited)} ms`);
      const { data } = (await kernel.post('/api/auth/refresh', { body: { refreshToken: promoted.refreshToken } })).body;
      assert.equal(await elsewhere('/api/gym/hours', { ...user, ...data }), 403, 'the session goes on without the role');
    });

    it('is audited with who, whom and what, in the transaction of the change', async () => {
      const user = await kernel.signUp();
      await patch(user.id, { flags: { suspended: true }, reason: 'a pause' });
      const { data } = (await kernel.get(`/api/admin/audit?object=${user.id}`, { as: admin })).body;
      assert.deepEqual(
        data.map(({ actorId, action, result, details }: TestAnswer['body']) => [actorId, action, result, details]),
        [[admin.id, 'PATCH /api/admin/users/:id', 'done', { body: { flags: { suspended: true }, reason: 'a pause' } }]],
      );
    });

    it('refuses what no role is, who is nobody, and who has been erased', async () => {
      const user = await kernel.signUp();
      assert.equal((await patch(user.id, { roles: ['emperor'] })).status, 400);
      assert.equal((await patch(user.id, { roles: [] })).status, 400);
      assert.equal((await patch(user.id, { password: 'x' })).status, 400);
      assert.equal((await patch('user_nobody', { roles: ['user'] })).status, 404);
      await kernel.knex('users').where({ id: user.id }).update({ email: 'erased_1@erased.invalid' });
      assert.equal((await patch(user.id, { roles: ['user'] })).status, 409);
    });

    it('keeps one administrator of two who demote each other at the same time, and the last one always', async () => {
      await kernel.knex('users').whereNot({ id: admin.id }).whereRaw(`roles @> '["admin"]'`).update({ roles: '["user"]' });
      assert.equal((await patch(admin.id, { roles: ['user'] })).body.error.code, 'CONFLICT');
      assert.equal((await patch(admin.id, { flags: { banned: true }, reason: 'x' })).body.error.code, 'CONFLICT');
      await assert.rejects(async () => kernel.knex.raw(`UPDATE users SET roles = '["user"]' WHERE id = ?`, [admin.id]), /last administrator/);
      for (let round = 0; round < 5; round++) {
        const second = await kernel.signUp({ roles: ['user', 'admin'] });
        const answers = await Promise.all([patch(second.id, { roles: ['user'] }, admin), patch(admin.id, { roles: ['user'] }, second)]);
        assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
        const left = await kernel.knex('users').whereRaw(`roles @> '["admin"]'`).pluck('id');
        assert.equal(left.length, 1);
        if (left[0] === second.id) {
          await kernel.knex('users').where({ id: admin.id }).update({ roles: '["user", "admin"]' });
          await kernel.knex('users').where({ id: second.id }).update({ roles: '["user"]' });
        }
        admin = await login(admin);
      }
    });
  });

  it('DELETE /admin/users/:id/sessions ends every session of an account (ASVS 7.4.5)', async () => {
    const user = await kernel.signUp();
    assert.equal((await kernel.request('DELETE', `/api/admin/users/${user.id}/sessions`, { as: admin })).status, 204);
    assert.equal((await kernel.get('/api/users/me', { as: user })).status, 401);
    assert.equal((await kernel.request('DELETE', '/api/admin/users/user_nobody/sessions', { as: admin })).status, 404);
  });

  describe('PATCH /admin/roles/:role', () => {
    const decide = (role: string, permissions: object): Promise<TestAnswer> =>
      kernel.request('PATCH', `/api/admin/roles/${role}`, { as: admin, body: { permissions } });

    it('gives a role a permission of a plugin, takes it, and leaves it to the plugin again, on every instance', async () => {
      const [user, coach] = [await kernel.signUp(), await kernel.signUp({ roles: ['user', 'coach'] })];
      assert.deepEqual([await elsewhere('/api/gym/hours', user), await elsewhere('/api/gym/hours', coach)], [403, 200]);
      assert.deepEqual((await decide('user', { 'gym.manage': true })).body.data.permissions, ['gym.manage']);
      assert.equal((await kernel.get('/api/gym/hours', { as: user })).status, 200);
      await until(async () => (await elsewhere('/api/gym/hours', user)) === 200);
      await decide('user', { 'gym.manage': false });
      await decide('coach', { 'gym.manage': false });
      await until(async () => (await elsewhere('/api/gym/hours', coach)) === 403);
      await decide('coach', { 'gym.manage': null });
      await until(async () => (await elsewhere('/api/gym/hours', coach)) === 200);
      assert.deepEqual((await kernel.get('/api/users/me/permissions', { as: coach })).body.data, ['gym.manage']);
      const { data } = (await kernel.get('/api/admin/permissions', { as: admin })).body;
      const [gym] = data.filter(({ id }: { id: string }) => id === 'gym.manage');
      assert.deepEqual(gym, { id: 'gym.manage', description: 'Changes the hours', owner: 'gym', roles: ['coach', 'admin'] });
    });

    it('refuses a permission that nobody adds, and to limit administrators', async () => {
      assert.equal((await decide('user', { 'gym.burn': true })).status, 400);
      assert.equal((await decide('admin', { 'gym.manage': false })).status, 409);
      assert.equal((await decide('emperor', { 'gym.manage': true })).status, 400);
    });
  });

  it('plugins ask for a permission and send mail by template', async () => {
    const coach = await kernel.signUp({ roles: ['user', 'coach'] });
    const { body } = await kernel.post('/api/gym/greet', { as: coach });
    assert.deepEqual(body.data, { may: true });
  });
});

describe('POST /auth/setup', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('makes the first administrator once, with the token of the printed link (ASVS 6.3.2)', async () => {
    const setUp = (token: string, username: string): Promise<TestAnswer> =>
      kernel.post('/api/auth/setup', { body: { token, username, email: `${username}@example.org`, password: 'a quiet new horse' } });
    const tokens: string[] = [];
    for (let n = 0; n < 4; n++) tokens.push((await kernel.kernel.firstAdministratorLink())?.split('#')[1] ?? '');
    assert.equal((await setUp('guessed', 'first_of_all')).status, 400);
    const answers = await Promise.all(tokens.map((token, n) => setUp(token, `owner_${String(n)}`)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1, JSON.stringify(answers.map(({ status }) => status)));
    const made = answers.find(({ status }) => status === 201)?.body.data;
    assert.deepEqual(made.user.roles, ['user', 'admin']);
    const as = { ...made.user, ...made } as TestUser;
    assert.equal((await kernel.get('/api/admin/audit', { as })).status, 200);
    assert.equal((await kernel.knex('users')).length, 1, 'who came second made no account');
    assert.equal(await kernel.kernel.firstAdministratorLink(), undefined);
  });
});
