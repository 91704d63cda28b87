import assert from 'node:assert/strict';
import { enablePlugins, readRows } from '../../support/enabled.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { createDatabase } from '../../support/setup.ts';

const KILL = `process.kill(process.pid, 'SIGKILL');`;
const PLUGINS = {
  healthy: { apply: `kernel.hooks.routes.tap('healthy', (routes) => routes.get('/healthy', { summary: 'Is there', auth: 'none' }, () => 1));` },
  'kills-at-load': { files: { 'index.ts': `${KILL} await new Promise((resolve) => setTimeout(resolve, 5000)); export default {};` } },
  'kills-at-start': { apply: `kernel.hooks.start.tapPromise('kills-at-start', async () => { ${KILL} await new Promise((resolve) => setTimeout(resolve, 5000)); });` },
};

describe('a plugin that kills the process while it is brought up', function () {
  this.timeout(120_000);
  let folder: PluginFolder;
  before(async () => {
    folder = await writePlugins(PLUGINS);
  });
  after(() => folder.remove());

  for (const culprit of ['kills-at-load', 'kills-at-start']) {
    it(`is left out of the third start: ${culprit}`, async () => {
      const database = await createDatabase();
      try {
        await enablePlugins(database.url, ['healthy', culprit]);
        const env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory };
        for (let start = 1; start <= 2; start++) {
          const server = new ServerProcess({ env });
          assert.equal(await server.ended(), null, server.said);
        }
        const third = new ServerProcess({ env });
        const url = await third.url;
        assert.equal((await fetch(`${url}/api/healthy`)).status, 200);
        const [row] = await readRows<{ plugin_id: string; reason: string }>(database.url, 'SELECT * FROM plugin_quarantines');
        assert.equal(row?.plugin_id, culprit);
        assert.match(row.reason, /the server died 2 times in a row in its step "(load|start)"/);
        assert.equal(await third.end('SIGTERM'), 0);
      } finally {
        await database.drop();
      }
    });
  }

  it('does not keep the server from starting when its folder is gone', async () => {
    const database = await createDatabase();
    try {
      await enablePlugins(database.url, ['vanished']);
      const server = new ServerProcess({ env: { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32) } });
      assert.equal((await fetch(`${await server.url}/health`)).status, 200);
      assert.match(server.said, /vanished is not running: its folder or package is gone/);
      await server.end('SIGTERM');
    } finally {
      await database.drop();
    }
  });

  it('cannot keep --safe from serving the kernel alone', async () => {
    const database = await createDatabase();
    try {
      await enablePlugins(database.url, ['kills-at-load']);
      const env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory };
      const server = new ServerProcess({ env, arguments: ['--import', './kernel/typescript/register.mjs', 'kernel/main.ts', '--safe'] });
      const url = await server.url;
      assert.deepEqual((await (await fetch(`${url}/api/plugins`)).json() as { data: unknown[] }).data, []);
      await server.end('SIGTERM');
    } finally {
      await database.drop();
    }
  });
});
