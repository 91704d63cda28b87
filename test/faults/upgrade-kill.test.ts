import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readRows } from '../support/enabled.ts';
import { until, writePlugins, type PluginFiles, type PluginFolder } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { createDatabase } from '../support/setup.ts';

const STEPS = [1, 2, 3, 4, 5];
const steps = (version: string, count: number): PluginFiles => ({
  manifest: { version },
  files: {
    'index.ts': `import { definePlugin } from 'musclemap';
      export default definePlugin({ apply(kernel) {
        kernel.hooks.migrations.tap('steps', (m) => m.directory(import.meta.dirname, 'migrations'));
        kernel.hooks.routes.tap('steps', (r) => r.get('/steps', { summary: 'Which version this is', auth: 'none' }, async () => ({
          version: '${version}', rows: (await kernel.database.knex('step1')).length,
        })));
      } });`,
    ...Object.fromEntries(
      STEPS.slice(0, count).map((n) => [
        `migrations/000${String(n)}_step.ts`,
        `export const up = async (knex) => { await knex.raw('CREATE TABLE step${String(n)} (id INTEGER)'); await knex('step1').insert({ id: ${String(n)} }); };
         export const down = async (knex) => { await knex('step1').where({ id: ${String(n)} }).delete(); await knex.raw('DROP TABLE step${String(n)}'); };`,
      ]),
    ),
  },
});

const OLD = { tables: 1, migrations: 1, version: '1.0.0', answer: { version: '1.0.0', rows: 1 } };
const NEW = { tables: 5, migrations: 5, version: '2.0.0', answer: { version: '2.0.0', rows: 5 } };
const KILLER = ['--import', './kernel/typescript/register.mjs', '--import', './test/faults/kill-at-statement.ts', 'kernel/main.ts'];

describe('a server that is killed while it upgrades a plugin in five steps', function () {
  this.timeout(1_800_000);
  let folder: PluginFolder;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let server: ServerProcess;
  let url: string;
  const account = { username: 'admin', password: randomBytes(12).toString('hex') };

  const start = async (killAt?: number): Promise<void> => {
    const env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory, KILL_PLUGIN: 'steps' };
    server = new ServerProcess({ env: { ...env, ...(killAt !== undefined && { KILL_AT: String(killAt) }) }, arguments: KILLER });
    url = await server.url;
  };
  const post = (path: string, body?: object, token?: string): Promise<Response> =>
    fetch(url + path, {
      method: 'POST',
      headers: { ...(body && { 'Content-Type': 'application/json' }), ...(token !== undefined && { Authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
  const signIn = async (): Promise<string> => {
    const answer = await post('/api/auth/login', account);
    return ((await answer.json()) as { data: { accessToken: string } }).data.accessToken;
  };
  const act = async (what: string): Promise<number | undefined> => {
    const answer = await post(`/api/admin/plugins/steps/${what}`, undefined, await signIn()).catch(() => undefined);
    // The head of an answer may have been sent before the end came.
    await answer?.text().catch(() => undefined);
    return answer?.status;
  };
  /** Sends an upgrade whose statements are counted; undefined when the server did not live to answer. */
  const upgrade = async (): Promise<number | undefined> => {
    server.child.kill('SIGUSR2');
    await until(() => server.said.includes('armed'), 'the server to count statements');
    return act('upgrade');
  };
  const state = async (): Promise<typeof OLD> => {
    const [row] = await readRows<Omit<typeof OLD, 'answer'>>(
      database.url,
      `SELECT (SELECT count(*)::INTEGER FROM pg_class WHERE relnamespace = 'plugin_steps'::REGNAMESPACE AND relkind = 'r') AS tables,
              (SELECT count(*)::INTEGER FROM plugin_migrations WHERE plugin_id = 'steps') AS migrations,
              (SELECT version FROM installed_plugins WHERE id = 'steps') AS version`,
    );
    if (row === undefined) throw new Error('no row');
    const { data } = (await (await fetch(`${url}/api/steps`)).json()) as { data: typeof OLD.answer };
    return { ...row, answer: data };
  };

  before(async () => {
    folder = await writePlugins({ steps: steps('1.0.0', 1) });
    database = await createDatabase();
    await start();
    assert.equal((await post('/api/auth/register', { ...account, email: 'admin@example.org' })).status, 201);
    await readRows(database.url, `UPDATE users SET roles = '["user", "admin"]'`);
    assert.equal(await act('enable'), 200);
    await folder.write('steps', steps('2.0.0', 5));
  });
  after(async () => {
    if (!server.hasEnded) await server.end('SIGKILL');
    await database.drop();
    await folder.remove();
  });

  it('has the old version or the new one when it starts again, whole, whichever statement was the last', async () => {
    assert.equal(await upgrade(), 200);
    assert.deepEqual(await state(), NEW);
    const statements = [...server.said.matchAll(/^statement \d+: (.*)$/gm)].map(([, text = '']) => text);
    assert.ok(statements.length > 10 && statements.at(-1)?.startsWith('COMMIT'), statements.join('\n'));
    assert.equal(await act('rollback'), 200);
    assert.equal(await server.end('SIGTERM'), 0);
    for (const [index, statement] of statements.entries()) {
      const isLast = index === statements.length - 1;
      await start(index + 1);
      assert.deepEqual(await state(), OLD, `before statement ${String(index + 1)}: ${statement}`);
      assert.equal(await upgrade(), undefined, statement);
      assert.equal(await server.ended(), null, server.said);
      // Somebody who was killed has done nothing wrong: this is not what counts the deaths that a plugin causes.
      await readRows(database.url, 'DELETE FROM plugin_deaths');
      if (!isLast) continue;
      // The commit had been sent: PostgreSQL may have had it or not.
      await start();
      const found = await state();
      assert.deepEqual(found, found.version === OLD.version ? OLD : NEW, statement);
    }
    if ((await state()).version === OLD.version) assert.equal(await act('upgrade'), 200);
    assert.deepEqual(await state(), NEW);
  });
});
