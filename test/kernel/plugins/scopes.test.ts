import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { SCOPES } from '../../../kernel/plugins/manifest.ts';
import { SCOPE_OF_HOOK, SCOPE_OF_MEMBER } from '../../../kernel/plugins/scopes.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

/** Every use of the kernel that a scope guards: what is said of it, the code, and the scope. */
const USES = [
  ...Object.entries(SCOPE_OF_MEMBER).map(([name, scope]) => ({ name: `kernel.${name}`, code: `void kernel.${name};`, scope })),
  ...Object.entries(SCOPE_OF_HOOK).flatMap(([name, scope]) =>
    scope === null ? [] : [{ name: `kernel.hooks.${name}`, code: `kernel.hooks.${name}.tap(kernel.id, () => undefined);`, scope }],
  ),
  ...(['priced: "fitness.none"', 'transaction: true'] as const).map((option) => ({
    name: option.startsWith('priced') ? 'which is priced,' : 'which is a transaction,',
    code: `kernel.hooks.routes.tap(kernel.id, (routes) => routes.post('/' + kernel.id, { summary: 'x', ${option} }, () => null));`,
    scope: option.startsWith('priced') ? ('credits' as const) : ('database' as const),
  })),
];

describe('the scopes of a manifest', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  before(async () => {
    const plugins: Record<string, PluginFiles> = {};
    for (const [index, { code, scope }] of USES.entries()) {
      plugins[`without-${String(index)}`] = { apply: code, manifest: { scopes: SCOPES.filter((other) => other !== scope) } };
      plugins[`with-${String(index)}`] = { apply: code, manifest: { scopes: [...new Set(['routes', scope])] } };
    }
    plugins.bare = {
      manifest: { scopes: [] },
      apply: `
        for (const name of ${JSON.stringify(Object.keys(SCOPE_OF_MEMBER))}) if (name in kernel) throw new Error(name + ' is there');
        if (Object.keys(kernel.hooks).sort().join() !== ${JSON.stringify(Object.entries(SCOPE_OF_HOOK).filter(([, scope]) => scope === null).map(([name]) => name).sort().join())}) {
          throw new Error('there are ' + Object.keys(kernel.hooks));
        }
        try { kernel.hooks = {}; throw new TypeError('replaced'); } catch (error) { if (error.message === 'replaced') throw error; }`,
    };
    folder = await writePlugins(plugins);
    kernel = await startCopy({ sources: folder.sources });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const status = (id: string): { state: string; reason: string } => {
    const found = kernel.kernel.plugins.statuses.find((candidate) => candidate.id === id);
    return { state: found?.state ?? 'none', reason: found?.reason ?? '' };
  };

  it('guard every part of the kernel', () => {
    assert.deepEqual([...new Set(USES.map(({ scope }) => scope))].sort(), [...SCOPES].sort());
  });

  for (const [index, { name, scope }] of USES.entries()) {
    it(`refuse ${name} without "${scope}", naming plugin and scope, and allow it with it`, () => {
      const denied = status(`without-${String(index)}`);
      assert.equal(denied.state, 'failed');
      assert.ok(denied.reason.includes(`without-${String(index)}: `) && denied.reason.includes(name), denied.reason);
      assert.ok(denied.reason.includes(`needs the scope "${scope}"`), denied.reason);
      assert.deepEqual(status(`with-${String(index)}`), { state: 'enabled', reason: '' });
    });
  }

  it('leave nothing on the kernel that they do not name', () => {
    assert.deepEqual(status('bare'), { state: 'enabled', reason: '' });
  });
});
