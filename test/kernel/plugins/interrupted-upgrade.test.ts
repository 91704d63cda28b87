import assert from 'node:assert/strict';
import pg from 'pg';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const STEPS = [1, 2, 3, 4, 5];
const steps = (version: string, count: number): PluginFiles => ({
  manifest: { version },
  files: {
    'index.ts': `import { definePlugin } from 'musclemap';
      export default definePlugin({ apply(kernel) {
        kernel.hooks.migrations.tap('steps', (m) => m.directory(import.meta.dirname, 'migrations'));
        kernel.hooks.routes.tap('steps', (r) => r.get('/steps', { summary: 'x', auth: 'none' }, async () => ({ version: '${version}', rows: (await kernel.database.knex('step1')).length })));
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

type Send = (...args: unknown[]) => unknown;

/** Cuts a connection off when it is about to send its n-th statement since it began to change a plugin, as the end of the process would. */
class Cutter {
  /** Of the change that is watched: each statement that its connection has sent. */
  readonly sent: string[] = [];
  #at = Infinity;
  #connection: pg.Client | undefined;
  readonly #original: Send;

  constructor() {
    const prototype = pg.Client.prototype as unknown as { query: Send };
    const original = prototype.query;
    this.#original = original;
    const see = (client: pg.Client, given: unknown): boolean => this.#see(client, given);
    prototype.query = function (this: pg.Client, ...args: unknown[]): unknown {
      if (see(this, args[0])) (this as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
      return original.apply(this, args);
    };
  }

  arm(at: number): void {
    this.#at = at;
    this.#connection = undefined;
    this.sent.length = 0;
  }

  restore(): void {
    (pg.Client.prototype as unknown as { query: Send }).query = this.#original;
  }

  #see(client: pg.Client, given: unknown): boolean {
    const { text = '', values = [] } = typeof given === 'string' ? { text: given } : (given as { text?: string; values?: unknown[] });
    if (values[0] === 'musclemap:plugin:steps') this.#connection ??= client;
    if (this.#connection !== client || this.sent.at(-1)?.startsWith('COMMIT') === true) return false;
    this.sent.push(text);
    return this.sent.length === this.#at;
  }
}

describe('an upgrade of five steps', function () {
  this.timeout(300_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  let cutter: Cutter;
  before(async () => {
    cutter = new Cutter();
    folder = await writePlugins({ steps: steps('1.0.0', 1) });
    kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
    // knex says it of every connection that is lost.
    kernel.knex.client.logger.warn = () => undefined;
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
    assert.equal(await act('enable'), 200);
    await folder.write('steps', steps('2.0.0', 5));
  });
  after(async () => {
    cutter.restore();
    await kernel.stop();
    await folder.remove();
  });

  const act = async (what: string): Promise<number> => (await kernel.post(`/api/admin/plugins/steps/${what}`, { as: admin })).status;
  const state = async (): Promise<unknown> => {
    const { rows } = await kernel.knex.raw(`SELECT relname FROM pg_class WHERE relnamespace = 'plugin_steps'::REGNAMESPACE AND relkind = 'r' ORDER BY 1`);
    const migrations = await kernel.knex('plugin_migrations').where({ plugin_id: 'steps' }).orderBy('name').pluck('name');
    const { version } = await kernel.knex('installed_plugins').where({ id: 'steps' }).first('version');
    return { tables: rows.length, migrations: migrations.length, version };
  };
  const OLD = { tables: 1, migrations: 1, version: '1.0.0' };
  const NEW = { tables: 5, migrations: 5, version: '2.0.0' };

  it('that is cut off at any of its statements is not begun, and one that is let finish is done', async () => {
    cutter.arm(Infinity);
    assert.equal(await act('upgrade'), 200);
    assert.deepEqual(await state(), NEW);
    const statements = [...cutter.sent];
    assert.ok(statements.at(-1)?.startsWith('COMMIT') && statements.filter((text) => text.includes('plugin_access')).length >= 5, statements.join('\n'));
    assert.equal(await act('rollback'), 200);
    for (let at = 2; at <= statements.length; at++) {
      cutter.arm(at);
      assert.ok((await act('upgrade')) >= 500, `cut off at ${String(at)}: ${String(statements[at - 1])}`);
      cutter.arm(Infinity);
      assert.deepEqual(await state(), OLD, `cut off at ${String(at)}: ${String(statements[at - 1])}`);
    }
    assert.deepEqual((await kernel.get('/api/steps')).body.data, { version: '1.0.0', rows: 1 });
    assert.equal(await act('upgrade'), 200);
    assert.deepEqual(await state(), NEW);
    await until(async () => (await kernel.get('/api/steps')).body.data?.version === '2.0.0', 'the new version');
  });
});
