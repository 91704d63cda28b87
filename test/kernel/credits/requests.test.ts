import assert from 'node:assert/strict';
import { verifyLedger } from '../../../kernel/credits/verify.ts';
import { defaultSources } from '../../../kernel/installation.ts';
import type { TestKernel } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const BAKER = `
import { ApiError, RawReply, definePlugin } from 'musclemap';
export default definePlugin({ apply(kernel) {
  kernel.hooks.creditActions.tap('baker', (actions) => actions.add({ id: 'baker.bake', name: 'Bread', defaultCost: 4 }));
  kernel.hooks.routes.tap('baker', (routes) => {
    routes.post('/bread', { summary: 'Bakes', priced: 'baker.bake' }, ({ charge }) => ({ paid: charge.amount, left: charge.balance }));
    routes.post('/burnt', { summary: 'Burns', priced: 'baker.bake' }, () => { throw new ApiError('UNPROCESSABLE', 'Burnt.'); });
    routes.post('/picture', { summary: 'Shows', priced: 'baker.bake', produces: 'text/plain' }, () => new RawReply('bread', 'text/plain'));
  });
} });`;

describe('requests that cost credits', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  before(async () => {
    folder = await writePlugins({ baker: { files: { 'index.ts': BAKER } } }, defaultSources({ pluginDirs: [] }).bundled);
    kernel = await startCopy({ sources: folder.sources });
  });
  after(async () => {
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
    await kernel.stop();
    await folder.remove();
  });

  it('make one entry and 50 equal answers of 50 identical ones at once', async () => {
    const user = await kernel.signUp({ credits: 100 });
    const send = (): ReturnType<TestKernel['post']> => kernel.post('/api/credits/charge', { as: user, key: 'same', body: { action: 'baker.bake' } });
    const answers = await Promise.all(Array.from({ length: 50 }, send));
    const told = new Set(answers.map(({ status, body: { data: { replayed: _replayed, ...data } } }) => JSON.stringify([status, data])));
    assert.equal(told.size, 1);
    assert.equal(answers.filter(({ body }) => body.data.replayed === false).length, 1);
    assert.equal((await kernel.knex('credit_ledger').where({ user_id: user.id, action: 'baker.bake' })).length, 1);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 96);
  });

  it('are told "already" by nobody when 32 with one key cannot be paid', async () => {
    const user = await kernel.signUp({ credits: 3 });
    const send = (): ReturnType<TestKernel['post']> => kernel.post('/api/credits/charge', { as: user, key: 'poor', body: { action: 'baker.bake' } });
    const answers = await Promise.all(Array.from({ length: 32 }, send));
    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([402]));
    assert.deepEqual(answers[0]?.body.error.details, { required: 4, available: 3 });
  });

  it('take their price in the transaction of their route, and give it back with it', async () => {
    const user = await kernel.signUp({ credits: 10 });
    assert.deepEqual((await kernel.post('/api/bread', { as: user, key: 'a' })).body.data, { paid: 4, left: 6 });
    assert.equal((await kernel.post('/api/burnt', { as: user, key: 'b' })).status, 422);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 6);
    const [entry] = (await kernel.get('/api/credits/history', { as: user })).body.data;
    assert.deepEqual([entry.action, entry.metadata.by], ['baker.bake', 'baker']);
  });

  it('cost nothing where the answer is one that cannot be kept for the same request sent again', async () => {
    const user = await kernel.signUp({ credits: 10 });
    assert.equal((await kernel.post('/api/picture', { as: user, key: 'a' })).status, 500);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 10);
    assert.match(kernel.kernel.metrics.figuresOf('baker').lastFault?.message ?? '', /POST \/api\/picture .* RawReply, which cannot be kept/);
  });

  it('may not say of an entry what only the kernel says', async () => {
    const user = await kernel.signUp({ credits: 10 });
    for (const name of ['by', 'refundOf', '_request']) {
      const body = { action: 'baker.bake', metadata: { [name]: 'x' } };
      assert.equal((await kernel.post('/api/credits/charge', { as: user, key: name, body })).status, 400, name);
    }
  });
});
