import assert from 'node:assert/strict';
import knex, { type Knex } from 'knex';
import type { TestKernel } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { startCopy } from '../../support/setup.ts';

const KILLS = Number(process.env.KILLS ?? 1);
const NOTES = `
  kernel.hooks.migrations.tap('notes', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
  kernel.hooks.routes.tap('notes', (routes) => {
    routes.post('/notes', { summary: 'Keeps a note and tells of it', auth: 'none', transaction: true, body: Type.Object({ text: Type.String() }) },
      async ({ trx, body: { text } }) => {
        await trx('notes').insert({ text });
        kernel.events.emit(trx, 'note.kept', { text });
        if (text.startsWith('undone')) throw new ApiError('CONFLICT');
      });
  });
  kernel.hooks.events.tap('notes', (events) => {
    events.on('note.kept', async ({ id, payload: { text } }) => {
      await new Promise((resolve) => setTimeout(resolve, 30));
      await kernel.database.knex('told').insert({ id, text }).onConflict('id').ignore();
    });
  });`;
const TABLES = `
  export const up = (knex) => knex.raw('CREATE TABLE notes (text TEXT); CREATE TABLE told (id TEXT PRIMARY KEY, text TEXT)');
  export const down = (knex) => knex.raw('DROP TABLE notes, told');`;

describe('events of a server that is killed', function () {
  this.timeout(60_000 + KILLS * 30_000);
  let folder: PluginFolder;
  let copy: TestKernel;
  let rows: Knex;
  before(async () => {
    folder = await writePlugins({ notes: { apply: NOTES, files: { 'migrations/0001_notes.ts': TABLES } } });
    copy = await startCopy({ sources: { bundled: [], directories: [], nodeModules: [] } });
    await copy.kernel.stop();
    rows = knex({ client: 'pg', connection: copy.databaseUrl, searchPath: ['public', 'plugin_notes'] });
    await rows('installed_plugins').insert({ id: 'notes', name: 'notes', version: '1.0.0', enabled: true });
  });
  after(async () => {
    await rows.destroy();
    await copy.drop();
    await folder.remove();
  });

  const start = (): ServerProcess =>
    new ServerProcess({ env: { DATABASE_URL: copy.databaseUrl, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory } });
  const keepNotes = async (url: string, name: string): Promise<void> => {
    const send = (text: string): Promise<Response> =>
      fetch(`${url}/api/notes`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ text }) });
    const worker = async (index: number): Promise<void> => {
      for (let i = 0; ; i++) await send(`${i % 3 === 0 ? 'undone' : 'kept'} ${name} ${String(index)} ${String(i)}`);
    };
    await Promise.allSettled([0, 1, 2, 3].map(worker));
  };

  it(`loses none in ${String(KILLS)} kills, and tells of nothing that was rolled back`, async () => {
    for (let kill = 0; kill < KILLS; kill++) {
      const server = start();
      const storm = keepNotes(await server.url, String(kill));
      const told = `SELECT count(*)::INTEGER AS told FROM told WHERE text LIKE 'kept ${String(kill)} %'`;
      try {
        await until(async () => (await rows.raw<{ rows: [{ told: number }] }>(told)).rows[0].told >= 5, 'some events');
      } finally {
        await server.end('SIGKILL');
        await storm;
      }
    }
    const unfinished = await rows('pgboss.job').whereRaw(`name = 'work' AND state < 'completed'`);
    assert.ok(unfinished.length > 0, 'the kills interrupted nothing');
    const server = start();
    await server.url;
    const untold = `SELECT text FROM notes EXCEPT SELECT text FROM told LIMIT 1`;
    await until(async () => (await rows.raw<{ rows: unknown[] }>(untold)).rows.length === 0, 'the rest of the events', 40_000);
    await server.end('SIGTERM');
    const { rows: invented } = await rows.raw<{ rows: unknown[] }>('SELECT text FROM told EXCEPT SELECT text FROM notes');
    assert.deepEqual(invented, []);
  });
});
