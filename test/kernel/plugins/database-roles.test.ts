import assert from 'node:assert/strict';
import knex from 'knex';
import { databaseOf, startTestKernel, testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy, testServer } from '../../support/setup.ts';

/** A plugin that sends whatever statements it is told, on every connection that it is ever given. */
const PROBE: PluginFiles = {
  apply: `
    const Statements = Type.Object({ statements: Type.Array(Type.String()) });
    const send = async (on, statements) => {
      const rows = [];
      for (const statement of statements) rows.push((await on.raw(statement)).rows);
      return rows;
    };
    const answer = (work) => work.catch((error) => { throw new ApiError('UNPROCESSABLE', error.message); });
    const { knex } = kernel.database;
    kernel.hooks.migrations.tap('probe', (m) => m.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.creditActions.tap('probe', (a) => a.add({ id: 'probe.ask', name: 'Ask', defaultCost: 3 }));
    kernel.hooks.routes.tap('probe', (routes) => {
      const add = (path, options, work) => routes.post('/probe/' + path, { summary: path, auth: 'user', body: Statements, errors: ['UNPROCESSABLE'], ...options }, work);
      add('pool', {}, ({ body }) => answer(send(knex, body.statements)));
      add('own-transaction', {}, ({ body }) => answer(kernel.database.transaction((trx) => send(trx, body.statements))));
      add('knex-transaction', {}, ({ body }) => answer(knex.transaction((trx) => send(trx, body.statements))));
      add('route-transaction', { transaction: true }, ({ body, trx }) => answer(send(trx, body.statements)));
      add('savepoint', { transaction: true }, ({ body, trx }) => answer(trx.transaction((inner) => send(inner, body.statements))));
      add('priced', { priced: 'probe.ask' }, ({ body, trx }) => answer(send(trx, body.statements)));
      add('raw-connection', {}, ({ body }) => answer((async () => {
        const connection = await knex.client.acquireConnection();
        try { const rows = []; for (const s of body.statements) rows.push((await connection.query(s)).rows); return rows; }
        finally { await knex.client.releaseConnection(connection); }
      })()));
      add('service', { transaction: true }, async ({ trx, user }) => {
        const { balance } = await kernel.credits.grant(trx, { userId: user.id, action: 'probe_gift', key: String(Math.random()), amount: 7 });
        await trx('notes').insert({ text: 'gift' });
        const profiles = await kernel.users.profiles([user.id], { trx });
        kernel.events.emit(trx, 'probe.gave', { userId: user.id });
        return { balance, names: [...profiles.values()].map(({ username }) => username) };
      });
      add('types', {}, async () => {
        const [row] = await knex('samples').where({ big: 2 }).select();
        const [same] = (await knex.raw('SELECT * FROM samples WHERE at = ? AND tags = ? AND bytes = ? AND doc @> ?', [row.at, row.tags, row.bytes, JSON.stringify({ a: ['?'] })])).rows;
        return { row: { ...row, bytes: row.bytes.toString('hex') }, isDate: row.at instanceof Date, same: same.big, updated: await knex('samples').update({ small: 5 }), plucked: await knex('samples').pluck('big'), none: await knex('samples').where({ big: 99 }).first() ?? null };
      });
    });
    kernel.hooks.userRegistered.tapPromise('probe', async ({ trx }) => {
      globalThis.probeHook = await send(trx, globalThis.probeStatements ?? []).catch((error) => error.message);
    });
    kernel.hooks.events.tap('probe', (events) => events.on('probe.gave', async ({ payload }) => { await knex('notes').insert({ text: 'heard of ' + payload.userId }); }));`,
  files: {
    'migrations/0001_notes.ts': `
      export const up = async (knex) => {
        await knex.schema.createTable('notes', (table) => { table.increments('id'); table.text('text'); });
        await knex.raw("CREATE TYPE mood AS ENUM ('good', 'bad')");
        await knex.raw('CREATE TABLE samples (big BIGINT PRIMARY KEY, small SMALLINT, exact NUMERIC, at TIMESTAMPTZ, day DATE, yes BOOLEAN, bytes BYTEA, doc JSONB, tags TEXT[], mood mood, odd TEXT, nothing TEXT)');
        await knex('samples').insert({ big: 2, small: 1, exact: '12345678901234567890.50', at: new Date(0), day: '2026-02-03', yes: true, bytes: Buffer.from('00ff', 'hex'), doc: JSON.stringify({ a: ['?', '$1'] }), tags: ['a,b', 'c"d'], mood: 'bad', odd: 'it\\'s \\\\ "q", ($1)' });
      };
      export const down = async (knex) => { await knex.raw('DROP TABLE samples; DROP TYPE mood'); await knex.schema.dropTable('notes'); };`,
  },
};

const EVIL = `CREATE OR REPLACE FUNCTION evil() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN UPDATE public.users SET roles = ''["admin"]''; RETURN NULL; END'`;
/** What somebody would try who wants to write accounts or the ledger; each list is one attempt. */
const ATTEMPTS: Record<string, string[]> = {
  'a plain update': [`UPDATE users SET roles = '["admin"]'`],
  'a plain read of accounts': ['SELECT email, password_hash FROM users'],
  'a read of sessions': ['SELECT * FROM refresh_tokens'],
  'a read of another plugin’s tables': ['SELECT * FROM workouts'],
  'a write to the ledger': [`INSERT INTO credit_ledger (user_id, action, amount, balance_after, idempotency_key) SELECT 'x', 'x', 1, 1, 'x'`],
  'a write to balances': ['UPDATE credit_balances SET balance = 1000000'],
  'the function that moves credits': [`SELECT * FROM update_credit_balance('user_x', 1000, 'gift', NULL, 'k')`],
  'the function that moves many credits': [`SELECT * FROM apply_credit_changes(ARRAY['u'], ARRAY[1], ARRAY['a'], ARRAY[NULL]::jsonb[], ARRAY['k'], ARRAY[NULL]::int[])`],
  'set role': ['SET ROLE NONE', `UPDATE users SET roles = '["admin"]'`],
  'reset role': ['RESET ROLE', `UPDATE users SET roles = '["admin"]'`],
  'set local role': ['SET LOCAL ROLE postgres'],
  'session authorization': ['SET SESSION AUTHORIZATION DEFAULT'],
  'reset session authorization': ['RESET SESSION AUTHORIZATION'],
  'set_config of the role': [`SELECT set_config('role', 'none', false)`],
  'set_config, then a query in the same statement': [`SELECT set_config('role', 'none', true), query_to_xml('DELETE FROM users', true, true, '')`],
  'several statements at once': [`RESET ROLE; UPDATE users SET roles = '["admin"]'`],
  'a block of code': [`DO 'BEGIN EXECUTE ''RESET ROLE''; UPDATE users SET current_level = 9; END'`],
  'a function of its own that leaves the role': [
    `CREATE OR REPLACE FUNCTION leave() RETURNS INT LANGUAGE plpgsql AS 'BEGIN PERFORM set_config(''role'', ''none'', true); UPDATE public.users SET current_level = 9; RETURN 1; END'`,
    'SELECT leave()',
  ],
  'a procedure that commits': [`CREATE OR REPLACE PROCEDURE ends() LANGUAGE plpgsql AS 'BEGIN COMMIT; UPDATE public.users SET current_level = 9; END'`, 'CALL ends()'],
  'ending the transaction': ['COMMIT', `UPDATE users SET current_level = 9`],
  'undoing what the caller did': ['ROLLBACK TO SAVEPOINT stay_1'],
  'a temporary table in place of users': ['CREATE TEMP TABLE users (id TEXT)'],
  'a table of its own in the public schema': ['CREATE TABLE public.mine (id TEXT)'],
  'its own access function': ['DROP FUNCTION plugin_access.plugin_probe (TEXT, BOOLEAN)'],
  'its own access function, made to run as its caller': ['ALTER FUNCTION plugin_access.plugin_probe (TEXT, BOOLEAN) SECURITY INVOKER'],
  'a trigger that waits for the commit': [
    EVIL,
    'CREATE CONSTRAINT TRIGGER late AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evil()',
    `INSERT INTO notes (text) VALUES ('x')`,
  ],
  'a trigger that waits for the commit, in one text': [
    `${EVIL}; CREATE CONSTRAINT TRIGGER late AFTER INSERT ON notes DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evil(); INSERT INTO notes (text) VALUES ('x')`,
  ],
  'an expression that waits for the commit': [
    `CREATE FUNCTION peek(INT) RETURNS INT LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM password_hash FROM public.users; RETURN $1; END'`,
    'ALTER TABLE notes ADD CONSTRAINT late EXCLUDE USING btree ((peek(id)) WITH =) DEFERRABLE INITIALLY DEFERRED',
  ],
  'a trigger on accounts': [EVIL, 'CREATE TRIGGER mine AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION evil()'],
  'a foreign key on accounts': ['CREATE TABLE refers (user_id TEXT REFERENCES users (id))'],
  'a role of its own making': ['CREATE ROLE stronger SUPERUSER'],
  'files of the server': [`COPY notes TO '/tmp/notes'`],
  'a program on the server': [`COPY notes TO PROGRAM 'id'`],
  'the schema of the queue': ['SELECT * FROM pgboss.job'],
  'configurations with secrets': ['SELECT config FROM installed_plugins'],
};
const WAYS = ['pool', 'own-transaction', 'knex-transaction', 'route-transaction', 'savepoint', 'priced', 'raw-connection'];

describe('the database of a plugin that is not bundled', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    folder = await writePlugins({ probe: PROBE, unscoped: { manifest: { scopes: ['routes', 'credits', 'users'] }, apply: UNSCOPED } });
    const { containment } = testConfig();
    kernel = await startCopy({
      sources: { bundled: [], directories: [folder.directory], nodeModules: [] },
      config: { containment: { ...containment, breaker: { ...containment.breaker, faults: 100_000 } } },
    });
    admin = await kernel.signUp({ roles: ['user', 'admin'], credits: 1000 });
    await enable(kernel, admin, 'probe');
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const newcomers: string[] = [];
  let key = 0;
  const send = (way: string, statements: string[]): Promise<TestAnswer> =>
    kernel.post(`/api/probe/${way}`, { as: admin, key: String((key += 1)), body: { statements } });
  const rowsOf = async (way: string, ...statements: string[]): Promise<unknown[][]> => {
    const { status, body } = await send(way, statements);
    assert.equal(status, 200, JSON.stringify(body));
    return body.data;
  };
  const facts = async (): Promise<unknown> => {
    const users = await kernel.knex('users').whereNotIn('id', newcomers).orderBy('id').select('id', 'roles', 'current_level', 'email');
    // Roles are the whole server's: those of other databases come and go with the tests beside this one.
    const { rows } = await kernel.knex.raw(`
      SELECT tgname AS name, NULL AS rights FROM pg_trigger WHERE NOT tgisinternal
      UNION ALL SELECT rolname, concat(rolsuper, rolcreaterole, rolcreatedb, rolcanlogin, rolbypassrls) FROM pg_roles
      WHERE rolname !~ '_(plugin_.*|ledger)$' OR starts_with(rolname, current_database()) ORDER BY 1`);
    return { users, rows, mine: await kernel.knex.schema.hasTable('mine') };
  };

  for (const [what, statements] of Object.entries(ATTEMPTS)) {
    it(`is not left by ${what}, whichever way it is sent`, async () => {
      const before = await facts();
      for (const way of WAYS) {
        const { status, body } = await send(way, statements);
        assert.equal(status, 422, `${way}: ${JSON.stringify(body)}`);
      }
      Reflect.set(globalThis, 'probeStatements', statements);
      const newcomer = await kernel.signUp();
      Reflect.set(globalThis, 'probeStatements', []);
      assert.equal(typeof Reflect.get(globalThis, 'probeHook'), 'string', `${what} went through in a hook`);
      newcomers.push(newcomer.id);
      assert.deepEqual(await facts(), before);
    });
  }

  it('leaves nothing in the session that the kernel’s next statements would stumble over', async () => {
    for (const way of WAYS) {
      await rowsOf(way, 'SET search_path = plugin_probe', `SET TimeZone = 'Asia/Tokyo'`, 'SET statement_timeout = 1', `SELECT set_config('synchronous_commit', 'off', false)`);
      await rowsOf(way, 'DECLARE c CURSOR WITH HOLD FOR SELECT 1', 'SELECT pg_advisory_lock(42)');
    }
    const { rows } = await kernel.knex.raw(`SELECT current_setting('search_path') AS path, current_setting('TimeZone') AS zone, current_setting('statement_timeout') AS timeout,
      current_setting('synchronous_commit') AS commit, (SELECT count(*)::INT FROM pg_cursors) AS cursors, (SELECT count(*)::INT FROM pg_locks WHERE locktype = 'advisory' AND objid = 42) AS locks`);
    assert.deepEqual({ ...rows[0], commit: 'on' }, { path: '"$user", public', zone: 'UTC', timeout: '30s', commit: 'on', cursors: 0, locks: 0 });
    assert.equal(rows[0].commit, (await kernel.knex.raw(`SELECT reset_val FROM pg_settings WHERE name = 'synchronous_commit'`)).rows[0].reset_val);
  });

  it('gives and takes what pg does, value for value', async () => {
    const { body } = await send('types', []);
    const { row, ...rest } = body.data;
    const plain = (await kernel.knex('plugin_probe.samples').where({ big: 2 }).first()) as Record<string, unknown>;
    assert.deepEqual(row, JSON.parse(JSON.stringify({ ...plain, small: 1, bytes: '00ff' })));
    assert.equal(row.odd, 'it\'s \\ "q", ($1)');
    assert.deepEqual(rest, { isDate: true, same: 2, updated: 1, plucked: [2], none: null });
  });

  it('answers statements of every shape as pg does', async () => {
    const [inserted, updated, many, twice] = await rowsOf(
      'pool',
      `INSERT INTO notes (text) VALUES ('a'), (NULL) RETURNING text, 1 AS "1", 2 AS "1"`,
      `/* $1 /* nested */ */ WITH changed AS (UPDATE notes SET text = 'b' WHERE text = 'a' RETURNING text) SELECT text AS t, '$1' AS d, $$ $2 $$ AS q FROM changed -- $3`,
      `(SELECT 1 AS n) UNION ALL SELECT 2 ORDER BY n`,
      `SELECT 1 AS same, 2 AS same`,
    );
    assert.deepEqual(inserted, [{ text: 'a', 1: 2 }, { text: null, 1: 2 }]);
    assert.deepEqual(updated, [{ t: 'b', d: '$1', q: ' $2 ' }]);
    assert.deepEqual([many, twice], [[{ n: 1 }, { n: 2 }], [{ same: 2 }]]);
  });

  it('is one transaction with what the kernel does in it', async () => {
    const before = await kernel.knex('credit_balances').where({ user_id: admin.id }).first<{ balance: number }>('balance');
    const { body } = await send('service', []);
    assert.deepEqual(body.data, { balance: before.balance + 7, names: [admin.username] });
    await kernel.until(async () => (await kernel.knex('plugin_probe.notes').where('text', 'like', 'heard of %')).length > 0, 'the event');
  });

  it('reads the public part of accounts with the scope users', async () => {
    const [profiles, visibility] = await rowsOf('pool', 'SELECT * FROM user_profiles LIMIT 1', 'SELECT * FROM user_visibility LIMIT 1');
    assert.deepEqual(Object.keys(profiles?.[0] ?? {}), ['id', 'username', 'display_name', 'avatar_url', 'current_archetype_id', 'current_level', 'created_at']);
    assert.equal(visibility?.length, 1);
    assert.equal((await send('pool', [`UPDATE user_profiles SET username = 'x'`])).status, 422);
  });

  it('is described to the administrator', async () => {
    const { isolation } = (await kernel.get('/api/admin/plugins/probe', { as: admin })).body.data;
    const [{ name }] = (await kernel.knex.raw('SELECT current_database() AS name')).rows;
    assert.deepEqual(isolation, { schema: 'plugin_probe', role: `${String(name)}_plugin_probe`, reason: null });
  });

  it('does not exist for a plugin without the scope, in no transaction that it is handed', async () => {
    await enable(kernel, admin, 'unscoped');
    const { body } = await kernel.post('/api/unscoped', { as: admin, key: 'u' });
    assert.match(body.data.error, /unscoped: a statement needs the scope "database"/);
    await kernel.signUp();
    assert.match(String(Reflect.get(globalThis, 'unscopedHook')), /needs the scope "database"/);
  });
});

const UNSCOPED = `
  kernel.hooks.creditActions.tap('unscoped', (a) => a.add({ id: 'unscoped.ask', name: 'Ask', defaultCost: 1 }));
  kernel.hooks.routes.tap('unscoped', (routes) => routes.post('/unscoped', { summary: 'x', priced: 'unscoped.ask' }, async ({ trx }) => ({
    error: await trx.raw('SELECT 1').then(() => 'it ran', (error) => error.message),
  })));
  kernel.hooks.userRegistered.tapPromise('unscoped', async ({ trx }) => { globalThis.unscopedHook = await trx('users').select().then(() => 'it ran', (error) => error.message); });`;

async function enable(kernel: TestKernel, admin: TestUser, id: string): Promise<void> {
  const { status, body } = await kernel.post(`/api/admin/plugins/${id}/enable`, { as: admin });
  assert.equal(status, 200, JSON.stringify(body));
}

describe('a plugin’s role', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  before(async () => {
    folder = await writePlugins({ probe: PROBE });
  });
  after(() => folder.remove());

  /** A kernel whose login is the owner of its database and has these rights beside. */
  const startAs = async (rights: string, work: (kernel: TestKernel, admin: TestUser) => Promise<void>): Promise<void> => {
    const login = `login_${String(Math.random()).slice(2)}`;
    const superuser = knex({ client: 'pg', connection: testServer().adminUrl });
    try {
      await superuser.raw(`CREATE ROLE ${login} LOGIN CREATEDB ${rights} PASSWORD 'secret'`);
      const url = new URL(databaseOf(testServer(), 'postgres'));
      Object.assign(url, { username: login, password: 'secret' });
      const kernel = await startTestKernel({ server: { adminUrl: url.href }, sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
      try {
        const admin = await kernel.signUp({ roles: ['user', 'admin'] });
        await enable(kernel, admin, 'probe');
        await work(kernel, admin);
      } finally {
        await kernel.stop();
      }
    } finally {
      const { rows } = await superuser.raw('SELECT rolname FROM pg_roles WHERE rolname LIKE ?', [`test\\_%\\_ledger`]);
      for (const { rolname } of rows) await superuser.raw('DROP ROLE IF EXISTS ??', [rolname]).catch(() => undefined);
      await superuser.raw(`DROP ROLE IF EXISTS ${login}`);
      await superuser.destroy();
    }
  };
  const send = (kernel: TestKernel, admin: TestUser, statement: string): Promise<TestAnswer> =>
    kernel.post('/api/probe/pool', { as: admin, body: { statements: [statement] } });
  const snapshot = async (kernel: TestKernel): Promise<unknown> => {
    const sql = [
      'SELECT nspname FROM pg_namespace ORDER BY 1',
      `SELECT relname, relacl::TEXT FROM pg_class WHERE relnamespace <> 'pg_catalog'::REGNAMESPACE AND relkind <> 't' AND relname !~ '^pg_toast' ORDER BY 1`,
      'SELECT proname FROM pg_proc ORDER BY 1',
      `SELECT rolname FROM pg_roles WHERE rolname LIKE current_database() || '_plugin%'`,
    ];
    return Promise.all(sql.map(async (text) => (await kernel.knex.raw(text)).rows));
  };

  it('is made by a login that may make roles, holds, and leaves nothing when the plugin is purged', () =>
    startAs('CREATEROLE', async (kernel, admin) => {
      const { isolation } = (await kernel.get('/api/admin/plugins/probe', { as: admin })).body.data;
      assert.match(isolation.role, /_plugin_probe$/);
      assert.equal((await send(kernel, admin, 'SELECT * FROM users')).status, 422);
      assert.equal((await send(kernel, admin, 'CREATE TEMP TABLE users (id TEXT)')).status, 422);
      assert.equal((await send(kernel, admin, `INSERT INTO notes (text) VALUES ('kept')`)).status, 200);
      const purge = (): Promise<TestAnswer> => kernel.post('/api/admin/plugins/probe/uninstall?purge=true', { as: admin, body: { confirm: 'probe' } });
      assert.equal((await purge()).status, 200);
      const before = await snapshot(kernel);
      await enable(kernel, admin, 'probe');
      assert.notDeepEqual(await snapshot(kernel), before);
      assert.equal((await purge()).status, 200);
      assert.deepEqual(await snapshot(kernel), before);
    }));

  it('cannot be made by one that may not: the plugin runs all the same, and the administrator is told why', () =>
    startAs('', async (kernel, admin) => {
      const { isolation } = (await kernel.get('/api/admin/plugins/probe', { as: admin })).body.data;
      assert.equal(isolation.role, null);
      assert.match(isolation.reason, /permission denied to create role/);
      assert.equal((await send(kernel, admin, `INSERT INTO notes (text) VALUES ('kept')`)).status, 200);
      assert.equal(await kernel.knex.schema.withSchema('plugin_probe').hasTable('notes'), true);
      assert.equal((await kernel.post('/api/admin/plugins/probe/uninstall?purge=true', { as: admin, body: { confirm: 'probe' } })).status, 200);
    }));
});
