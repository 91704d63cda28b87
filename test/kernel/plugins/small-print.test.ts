import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

/** The name of each says where it would stand without an order of its own: plugins are composed by their ids. */
const PLUGINS = {
  'a-doubles': {
    apply: `kernel.hooks.creditActions.tap('a-doubles', (actions) => actions.add({ id: 'a.b', name: 'Priced', defaultCost: 3 }));
      kernel.hooks.price.tap('a-doubles', (price) => price * 2);`,
  },
  'b-adds': { apply: `kernel.hooks.price.tap({ name: 'b-adds', stage: -1 }, (price) => price + 10);` },
  'c-takes': { apply: `kernel.hooks.price.tap({ name: 'c-takes', stage: -1, before: 'b-adds' }, (price) => price - 1);` },
  'd-needs': {
    manifest: { requires: { 'e-needed': '*' } },
    apply: `kernel.hooks.start.tap('d-needs', () => { (globalThis.smallPrintStarts ??= []).push('d-needs'); });`,
  },
  'e-needed': { apply: `kernel.hooks.start.tap('e-needed', () => { (globalThis.smallPrintStarts ??= []).push('e-needed'); });` },
  defers: {
    files: {
      'index.ts': `import { definePlugin, Reply, Type } from 'musclemap';
        const Answer = Type.Object({ state: Type.String() });
        export default definePlugin({ apply(kernel) {
          kernel.hooks.routes.tap('defers', (routes) => {
            routes.post('/defers', { summary: 'Does it now or later', auth: 'none', mayDefer: true, status: 201, response: Answer, body: Type.Object({ large: Type.Boolean() }) },
              ({ body }) => body.large ? new Reply({ state: 'waits' }, { status: 202, headers: { Location: '/api/defers/1' } }) : { state: 'done' });
          });
        } });`,
    },
  },
};

describe('the contract', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let member: TestUser;
  before(async () => {
    folder = await writePlugins(PLUGINS);
    kernel = await startCopy({ sources: folder.sources });
    member = await kernel.signUp({ credits: 100 });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  it('runs taps in the order of their stages, and before whom they say', async () => {
    const { status, body } = await kernel.post('/api/credits/charge', { as: member, key: 'once', body: { action: 'a.b' } });
    assert.equal(status, 200, JSON.stringify(body));
    const { body: balance } = await kernel.get('/api/credits/balance', { as: member });
    assert.equal(balance.data.balance, 100 - (3 - 1 + 10) * 2);
  });

  it('starts what is required before who requires it', () => {
    assert.deepEqual(Reflect.get(globalThis, 'smallPrintStarts'), ['e-needed', 'd-needs']);
  });

  it('describes an answer that may come later, and lets it come at once', async () => {
    const { responses } = (await kernel.get('/api/openapi.json')).body.paths['/api/defers'].post;
    assert.deepEqual(responses['202'].content, responses['201'].content);
    assert.notEqual(responses['202'].description, responses['201'].description);
    assert.equal('202' in (await kernel.get('/api/openapi.json')).body.paths['/api/credits/charge'].post.responses, false);
    const now = await kernel.post('/api/defers', { body: { large: false } });
    assert.deepEqual([now.status, now.body], [201, { data: { state: 'done' } }]);
    const later = await kernel.post('/api/defers', { body: { large: true } });
    assert.deepEqual([later.status, later.body, later.headers.get('location')], [202, { data: { state: 'waits' } }, '/api/defers/1']);
  });
});
