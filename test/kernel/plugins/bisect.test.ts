import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { bisect, type Suspect } from '../../../kernel/plugins/health/bisect.ts';
import { enablePlugins } from '../../support/enabled.ts';
import { writePlugins } from '../../support/plugins.ts';
import { createDatabase } from '../../support/setup.ts';

const suspects = (count: number, requires: (n: number) => number[] = () => []): Suspect[] =>
  Array.from({ length: count }, (_, n) => ({ id: `p${String(n)}`, requires: requires(n).map((other) => `p${String(other)}`) }));

describe('bisecting plugins', () => {
  it('finds each one bad of 32 in at most 6 starts', async () => {
    for (let bad = 0; bad < 32; bad++) {
      const { culprit, boots } = await bisect(suspects(32), (ids) => Promise.resolve(!ids.includes(`p${String(bad)}`)));
      assert.equal(culprit, `p${String(bad)}`);
      assert.ok(boots <= 6, String(boots));
    }
  });

  it('starts nobody without what they require, and still finds the one', async () => {
    const chain = suspects(20, (n) => (n % 4 === 0 ? [] : [n - 1]));
    for (let bad = 0; bad < 20; bad++) {
      const { culprit } = await bisect(chain, (ids) => {
        for (const { id, requires } of chain) if (ids.includes(id)) assert.ok(requires.every((other) => ids.includes(other)), id);
        return Promise.resolve(!ids.includes(`p${String(bad)}`));
      });
      assert.equal(culprit, `p${String(bad)}`);
    }
  });

  it('blames nobody when each alone is good', async () => {
    assert.equal((await bisect(suspects(8), () => Promise.resolve(true))).culprit, undefined);
  });
});

describe('npx musclemap plugin bisect', function () {
  this.timeout(180_000);

  it('finds the plugin that spoils an answer, by the command it is given', async () => {
    const route = (id: string, path: string): { apply: string } => ({
      apply: `kernel.hooks.routes.tap('${id}', (routes) => routes.get('${path}', { summary: 'x', auth: 'none' }, () => ({ by: '${id}' })));`,
    });
    const ids = ['one', 'two', 'three', 'four'];
    const folder = await writePlugins(Object.fromEntries(ids.map((id) => [id, route(id, id === 'three' ? '/spoilt' : `/${id}`)])));
    const database = await createDatabase();
    try {
      await enablePlugins(database.url, ids);
      const env = { PATH: process.env.PATH, DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory };
      const check = `node -e 'fetch(process.env.MUSCLEMAP_URL + "/api/spoilt").then(({ status }) => process.exit(status === 200 ? 1 : 0))'`;
      const { stdout } = await promisify(execFile)('node', ['kernel/cli/musclemap.mjs', 'plugin', 'bisect', '--json', '--run', check], { env });
      const { culprit, boots } = JSON.parse(stdout) as { culprit: string; boots: number };
      assert.equal(culprit, 'three');
      assert.ok(boots <= 5, String(boots));
    } finally {
      await database.drop();
      await folder.remove();
    }
  });
});
