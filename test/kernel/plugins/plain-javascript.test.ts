import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

/** Has no package.json of its own, uses a file in CommonJS beside it, and a table. */
const plain = (version: string): PluginFiles => ({
  manifest: { version, main: 'main.js' },
  files: {
    'main.js': `import { definePlugin } from 'musclemap';
      import { version } from './version.js';
      import old from './old.cjs';
      export default definePlugin({ apply(kernel) {
        kernel.hooks.migrations.tap('plain', (m) => m.directory(import.meta.dirname, 'migrations'));
        kernel.hooks.routes.tap('plain', (r) => r.get('/plain', { summary: 'The version', auth: 'none' }, () => ({ version, answer: old.answer })));
      } });`,
    'version.js': `export const version = '${version}';`,
    'old.cjs': 'exports.answer = 42;',
    'migrations/0001_plain.js': `export const up = (knex) => knex.raw('CREATE TABLE plain (id INTEGER)');\nexport const down = (knex) => knex.raw('DROP TABLE plain');`,
  },
});

for (const [where, packageFile] of [['nowhere', undefined], ['in the folder above', '{ "type": "module" }']] as const) {
  describe(`a plugin in JavaScript whose package.json is ${where}`, function () {
    this.timeout(60_000);
    let folder: PluginFolder;
    let kernel: TestKernel;
    let admin: TestUser;
    before(async () => {
      folder = await writePlugins({ plain: plain('1.0.0') });
      if (packageFile !== undefined) await writeFile(join(folder.directory, 'package.json'), packageFile);
      kernel = await startCopy({ sources: { bundled: [], directories: [folder.directory], nodeModules: [] } });
      admin = await kernel.signUp({ roles: ['user', 'admin'] });
    });
    after(async () => {
      await kernel.stop();
      await folder.remove();
    });

    it('runs from its folder, and from the copies that are kept of it elsewhere', async () => {
      const steps = [['enable', '1.0.0'], ['upgrade', '1.1.0'], ['rollback', '1.0.0'], ['upgrade', '1.1.0']] as const;
      for (const [verb, version] of steps) {
        if (version === '1.1.0') await folder.write('plain', plain(version));
        const { status, body } = await kernel.post(`/api/admin/plugins/plain/${verb}`, { as: admin });
        assert.equal(status, 200, JSON.stringify(body));
        assert.deepEqual((await kernel.get('/api/plain')).body.data, { version, answer: 42 });
      }
    });
  });
}
