import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyLedger } from '../../kernel/credits/verify.ts';
import { defaultSources } from '../../kernel/installation.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

/** Keeps names, gives them out piece by piece, and fails while it is told to. */
const GUESTBOOK = `
import { Type, definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    const { knex } = kernel.database;
    kernel.hooks.migrations.tap('guestbook', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.routes.tap('guestbook', (routes) => {
      const body = Type.Object({ text: Type.String() });
      routes.post('/guestbook', { summary: 'Signs', body, transaction: true }, async ({ user, body, trx }) => {
        const [name] = [...(await kernel.users.profiles([user.id])).values()];
        await trx('guestbook').insert({ user_id: user.id, username: name.username, text: body.text });
        return {};
      });
      routes.get('/guestbook/visible', { summary: 'Who is seen' }, async ({ user }) => [...(await kernel.users.visibility([user.id, 'user_x'])).values()]);
    });
    kernel.hooks.visibilityChanged.tapPromise('guestbook', ({ trx, userId, visibility }) =>
      trx('guestbook').where({ user_id: userId }).update({ in_feed: visibility.inFeed }));
    kernel.hooks.exporters.tap('guestbook', (exporters) => {
      exporters.add({
        async *export(userId) {
          for (const row of await knex('guestbook').where({ user_id: userId }).orderBy('text')) {
            if (row.text === 'broken') throw new Error('no more');
            yield { text: row.text };
          }
        },
        async erase(trx, userId) {
          if ((await trx('guestbook').where({ user_id: userId, text: 'stubborn' })).length > 0) throw new Error('not today');
          await trx('guestbook').where({ user_id: userId }).update({ username: 'somebody', text: '' });
        },
      });
    });
  },
});`;
const GUESTBOOK_TABLE = `
export const up = (knex) => knex.raw('CREATE TABLE guestbook (user_id TEXT, username TEXT, text TEXT, in_feed BOOLEAN DEFAULT TRUE)');
export const down = (knex) => knex.raw('DROP TABLE guestbook');`;

describe('privacy', () => {
  let kernel: TestKernel;
  let directory: string;
  let admin: TestUser;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-privacy-'));
    await mkdir(join(directory, 'guestbook', 'migrations'), { recursive: true });
    const common = { version: '1.0.0', description: 'A plugin of this test', kernel: '^1.0.0' };
    const manifest = { id: 'guestbook', displayName: 'Guestbook', scopes: ['routes', 'database', 'users', 'exporters'], ...common };
    await writeFile(join(directory, 'guestbook', 'plugin.json'), JSON.stringify(manifest));
    await writeFile(join(directory, 'guestbook', 'index.ts'), GUESTBOOK);
    await writeFile(join(directory, 'guestbook', 'migrations', '0001_guestbook.ts'), GUESTBOOK_TABLE);
    const config = testConfig();
    const { bundled, ...sources } = defaultSources(config);
    kernel = await startCopy({ sources: { ...sources, bundled: [...bundled, directory] } });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const change = (as: TestUser, body: object): Promise<TestAnswer> => kernel.request('PATCH', '/api/users/me/privacy', { as, body });
  const sign = (as: TestUser, text: string): Promise<TestAnswer> => kernel.post('/api/guestbook', { as, body: { text } });
  const eraseMe = (as: TestUser, password = as.password): Promise<TestAnswer> =>
    kernel.request('DELETE', '/api/users/me', { as, body: { password } });
  const login = ({ username, password }: TestUser): Promise<TestAnswer> => kernel.post('/api/auth/login', { body: { username, password } });
  /** Lets the grace of a user pass and the job run. */
  const grow = async (user: TestUser): Promise<void> => {
    await kernel.knex('account_erasures').where({ user_id: user.id }).update({ due_at: new Date(0) });
    await kernel.kernel.queue.enqueue('kernel', 'erase-accounts', {});
    await until(async () => (await kernel.knex('account_erasures').where({ user_id: user.id }).first())?.erased_at != null);
  };
  const until = async (holds: () => Promise<boolean>): Promise<void> => {
    const deadline = Date.now() + 15_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error('It did not happen in time.');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  };

  describe('PATCH /users/me/privacy', () => {
    it('hides a private profile from other members, from the search and from plugins', async () => {
      const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
      const seen = async (as: TestUser): Promise<unknown[]> => [
        (await kernel.get(`/api/users/${user.id}`, { as })).status,
        (await kernel.get(`/api/users?search=${user.username}`, { as })).body.data.length,
      ];
      assert.deepEqual(await seen(other), [200, 1]);
      await sign(user, 'hello');
      assert.equal((await change(user, { searchable: false })).body.data.searchable, false);
      assert.deepEqual(await seen(other), [200, 0]);
      assert.equal((await change(user, { profile: 'private' })).status, 200);
      assert.deepEqual([await seen(other), await seen(user), await seen(admin)], [[404, 0], [200, 0], [200, 0]]);
      const [visible, ...more] = (await kernel.get('/api/guestbook/visible', { as: user })).body.data;
      assert.deepEqual(visible, { profile: 'private', onLeaderboard: false, inFeed: false, searchable: false });
      assert.equal(more.length, 0);
      assert.equal((await kernel.knex('guestbook').where({ user_id: user.id }).first()).in_feed, false);
      await change(user, { profile: 'public' });
      assert.equal((await kernel.knex('guestbook').where({ user_id: user.id }).first()).in_feed, true);
    });

    it('keeps each consent with its time', async () => {
      const user = await kernel.signUp();
      const { consents } = (await change(user, { consents: { newsletter: true, research: false } })).body.data;
      assert.deepEqual([consents.newsletter.granted, consents.research.granted], [true, false]);
      const later = (await change(user, { consents: { newsletter: false } })).body.data.consents;
      assert.deepEqual([later.newsletter.granted, later.research], [false, consents.research]);
      assert.equal((await change(user, { consents: { 'Not a purpose': true } })).status, 400);
      assert.equal((await change(user, {})).status, 400);
    });

    it('loses nothing when two changes come at once', async () => {
      const user = await kernel.signUp();
      await Promise.all([change(user, { consents: { a: true } }), change(user, { consents: { b: true } }), change(user, { inFeed: false })]);
      const { inFeed, consents } = (await kernel.get('/api/users/me/privacy', { as: user })).body.data;
      assert.deepEqual([inFeed, Object.keys(consents).sort()], [false, ['a', 'b']]);
    });
  });

  describe('GET /users/me/export', () => {
    it('is one document of what the kernel and every plugin hold, and of nobody else', async () => {
      const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
      await sign(user, 'my words');
      await sign(other, 'not mine');
      const { status, headers, body } = await kernel.get('/api/users/me/export', { as: user });
      assert.equal(status, 200);
      assert.match(headers.get('content-disposition') ?? '', /^attachment; filename="musclemap-\d{4}-\d\d-\d\d\.json"$/);
      assert.deepEqual([body.kernel.account[0].id, body.kernel.account[0].email], [user.id, `${user.username}@example.org`]);
      assert.equal(body.kernel.ledger[0].action, 'signup_bonus');
      assert.equal(body.kernel.sessions.length, 1);
      assert.deepEqual(body.plugins.guestbook, [{ text: 'my words' }]);
      assert.deepEqual(body.problems, []);
      const text = JSON.stringify(body);
      assert.doesNotMatch(text, /not mine|pbkdf2|password_hash|token_hash/);
      assert.ok(!text.includes(other.id) && !text.includes(other.username));
    });

    it('gives the rest and says so when a plugin fails in the middle', async () => {
      const user = await kernel.signUp();
      await sign(user, 'a first one');
      await sign(user, 'broken');
      const { body } = await kernel.get('/api/users/me/export', { as: user });
      assert.deepEqual(body.plugins.guestbook, [{ text: 'a first one' }]);
      assert.deepEqual(body.problems.map(({ plugin }: { plugin: string }) => plugin), ['guestbook']);
      assert.equal(body.kernel.account[0].id, user.id);
    });
  });

  describe('DELETE /users/me', () => {
    it('asks for the password, ends every session and hides the account at once', async () => {
      const [user, other] = await Promise.all([kernel.signUp(), kernel.signUp()]);
      assert.equal((await eraseMe(user, 'wrong')).body.error.details[0].path, '/body/password');
      assert.equal((await kernel.request('DELETE', '/api/users/me', { as: user })).status, 400);
      assert.equal((await eraseMe(user)).status, 204);
      assert.equal((await kernel.get('/api/users/me', { as: user })).status, 401);
      assert.equal((await kernel.get(`/api/users/${user.id}`, { as: other })).status, 404);
      const { due_at: due } = await kernel.knex('account_erasures').where({ user_id: user.id }).first();
      assert.ok(Math.abs(due.getTime() - Date.now() - 14 * 86_400_000) < 60_000);
    });

    it('is taken back by signing in during the grace', async () => {
      const user = await kernel.signUp();
      await eraseMe(user);
      assert.equal((await login(user)).status, 200);
      assert.equal(await kernel.knex('account_erasures').where({ user_id: user.id }).first(), undefined);
      await kernel.kernel.queue.enqueue('kernel', 'erase-accounts', {});
      assert.equal((await login(user)).status, 200);
    });

    it('leaves name and address in no column of the database; the ledger is green and others keep what is theirs', async () => {
      const [user, other] = await Promise.all([kernel.signUp({ credits: 90 }), kernel.signUp()]);
      await kernel.request('PATCH', '/api/users/me', { as: user, body: { displayName: `Ada ${user.username}` } });
      await kernel.post('/api/users/me/second-factor', { as: user, body: { password: user.password } });
      await sign(user, `signed ${user.username}`);
      await sign(other, 'kept');
      await kernel.post('/api/credits/transfer', { as: user, key: 'gift', body: { recipientId: other.id, amount: 5, note: 'for you' } });
      await kernel.get(`/api/admin/audit?object=${user.id}`, { as: admin });
      await kernel.post('/api/auth/password-reset', { body: { email: `${user.username}@example.org` } });
      assert.notDeepEqual(await findEverywhere(user.username), []);
      await eraseMe(user);
      await grow(user);
      await until(async () => (await kernel.knex('plugin_erasures').where({ user_id: user.id })).length === 0);
      assert.deepEqual(await findEverywhere(user.username), []);
      const row = await kernel.knex('users').where({ id: user.id }).first();
      assert.match(row.email, /^erased_[0-9a-f]{20}@erased\.invalid$/);
      assert.equal((await login(user)).status, 401);
      const ledger = await kernel.knex('credit_ledger').where({ user_id: user.id });
      assert.ok(ledger.length >= 2, 'the ledger stays');
      assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
      assert.equal((await kernel.knex('guestbook').where({ user_id: other.id }).first()).text, 'kept');
    });

    it('waits for a plugin that fails and is tried again', async () => {
      const user = await kernel.signUp();
      await sign(user, 'stubborn');
      await eraseMe(user);
      await grow(user);
      const pending = (): Promise<string[]> => kernel.knex('plugin_erasures').where({ user_id: user.id }).pluck('plugin_id');
      await until(async () => (await pending()).join() === 'guestbook');
      await kernel.knex('guestbook').where({ user_id: user.id }).update({ text: 'tame' });
      await kernel.kernel.queue.enqueue('kernel', 'erase-accounts', {});
      await until(async () => (await pending()).length === 0);
      assert.equal((await kernel.knex('guestbook').where({ user_id: user.id }).first()).username, 'somebody');
    });

    it('holds nobody else up where one account cannot be erased, and comes back to it', async () => {
      const [stuck, after] = (await Promise.all([kernel.signUp(), kernel.signUp()])).sort((a, b) => (a.id < b.id ? -1 : 1));
      await kernel.knex.raw(`CREATE FUNCTION refuse_erasure() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''held''; END';
        CREATE TRIGGER refuse_erasure BEFORE UPDATE OF erased_at ON account_erasures FOR EACH ROW
          WHEN (NEW.user_id = '${stuck.id}') EXECUTE FUNCTION refuse_erasure()`);
      await eraseMe(stuck);
      await eraseMe(after);
      await kernel.knex('account_erasures').where({ user_id: stuck.id }).update({ due_at: new Date(0) });
      await grow(after);
      await kernel.knex.raw('DROP TRIGGER refuse_erasure ON account_erasures; DROP FUNCTION refuse_erasure()');
      await grow(stuck);
    });

    it('is refused to the last administrator', async () => {
      assert.equal((await eraseMe(admin)).body.error.code, 'CONFLICT');
      assert.equal((await kernel.get('/api/admin/audit', { as: admin })).status, 200);
    });
  });

  /** The columns of the whole database whose text, also within JSON and arrays, holds the words. */
  async function findEverywhere(words: string): Promise<string[]> {
    const { rows } = await kernel.knex.raw(
      `SELECT format('%I.%I', c.table_schema, c.table_name) AS "table", format('%I', c.column_name) AS "column"
       FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
       WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
         AND c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'ARRAY', 'USER-DEFINED')`,
    );
    const found: string[] = [];
    for (const { table, column } of rows) {
      const hit = await kernel.knex.raw(`SELECT 1 FROM ${table} WHERE ${column}::TEXT ILIKE :words LIMIT 1`, { words: `%${words}%` });
      if (hit.rows.length > 0) found.push(`${table}.${column}`);
    }
    return found;
  }
});
