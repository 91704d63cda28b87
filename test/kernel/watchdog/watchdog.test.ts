import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import { enablePlugins, readRows } from '../../support/enabled.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { createDatabase } from '../../support/setup.ts';

const route = (id: string, body: string): { apply: string } => ({
  apply: `kernel.hooks.routes.tap('${id}', (routes) => {
    routes.get('/${id}', { summary: 'Does it', auth: 'none' }, async () => { ${body} });
  });`,
});

/** What takes the whole process with it, each in its own way. */
const DEADLY = {
  loop: route('loop', 'for (;;) Math.sqrt(2);'),
  'late-loop': route('late-loop', 'await new Promise((resolve) => setTimeout(resolve, 10)); for (;;) Math.sqrt(2);'),
  'microtask-loop': route('microtask-loop', 'for (;;) await null;'),
  sleeper: route('sleeper', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);'),
  bomb: route('bomb', 'const kept = []; for (;;) kept.push(new Array(1000).fill(kept.length));'),
  'slow-bomb': route('slow-bomb', 'const kept = []; setInterval(() => { for (let i = 0; i < 100; i++) kept.push(new Array(10_000).fill(i)); }, 10); return {};'),
  'loop-at-load': { files: { 'index.ts': 'for (;;) Math.sqrt(2);' } },
};
/** Each takes two starts of a server: WATCHDOG_ALL=true tries them all. */
const CULPRITS = process.env.WATCHDOG_ALL === 'true' ? Object.keys(DEADLY) : ['late-loop', 'bomb'];
const HEALTHY = route('healthy', `return { pid: process.pid };`);

describe('a plugin that blocks the event loop or fills the memory', function () {
  this.timeout(120_000);
  let folder: PluginFolder;
  let bootSeconds = 2;
  before(async () => {
    folder = await writePlugins({ ...DEADLY, healthy: HEALTHY });
  });
  after(() => folder.remove());

  for (const culprit of CULPRITS) {
    it(`is named, and the server is back without it within 10 s: ${culprit}`, async () => {
      const database = await createDatabase();
      const env = {
        ...{ DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory },
        NODE_OPTIONS: '--max-old-space-size=320',
      };
      await enablePlugins(database.url, ['healthy', culprit]);
      const spawned = performance.now();
      const server = new ServerProcess({ env, arguments: ['kernel/supervisor.mjs'] });
      try {
        if (culprit !== 'loop-at-load') await server.url.then(() => (bootSeconds = (performance.now() - spawned) / 1000));
        const started = performance.now();
        if (culprit !== 'loop-at-load') await fetch(`${await server.url}/api/${culprit}`).catch(() => undefined);
        await until(() => server.urls.length > (culprit === 'loop-at-load' ? 0 : 1), `the second start: ${server.said}`, 30_000);
        const seconds = (performance.now() - started) / 1000;
        const url = server.urls.at(-1) ?? '';
        assert.equal((await fetch(`${url}/api/healthy`)).status, 200);
        if (culprit !== 'loop-at-load') assert.equal((await fetch(`${url}/api/${culprit}`)).status, 503);
        const rows = await readRows<{ plugin_id: string; reason: string }>(database.url, 'SELECT * FROM plugin_quarantines');
        assert.deepEqual(rows.map(({ plugin_id }) => plugin_id), [culprit]);
        assert.match(rows[0]?.reason ?? '', /event loop for|MB of memory/);
        // Eight seconds to find out and one start, which takes less than two on a machine that does nothing else.
        assert.ok(seconds < 8 + bootSeconds * (culprit === 'loop-at-load' ? 2 : 1), `it took ${seconds.toFixed(1)} s, a start takes ${bootSeconds.toFixed(1)} s`);
        assert.equal(await server.end('SIGTERM'), 0);
      } finally {
        if (!server.hasEnded) await server.end('SIGTERM');
        await database.drop();
      }
    });
  }
});
