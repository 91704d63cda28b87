import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

const APPLY = `kernel.hooks.routes.tap('census', (routes) => {
  const query = Type.Object({ after: Type.Optional(Type.String()) });
  routes.get('/census', { summary: 'Everybody, two at a time', auth: 'none', query, response: Type.Array(Type.String()) },
    ({ query }) => kernel.users.idsAfter(query.after, 2));
  routes.get('/profiles/:id', { summary: 'Whose', auth: 'none', response: Type.Unknown() }, ({ params }) =>
    kernel.database.transaction(async (trx) => {
      const [some, all] = [await kernel.users.profiles([params.id], { trx }), await kernel.users.profiles([params.id], { trx, mayBeBanned: true })];
      return [some.get(params.id)?.username, all.get(params.id)?.username].map((name) => name ?? null);
    }));
  routes.get('/joined/:id', { summary: 'When', auth: 'none', response: Type.Unknown() }, ({ params }) =>
    kernel.database.transaction(async (trx) =>
      Object.fromEntries(await kernel.users.joined([params.id, 'user_nobody'], { trx }))));
});`;

describe('kernel.users', () => {
  let kernel: TestKernel;
  let folder: PluginFolder;
  before(async () => {
    folder = await writePlugins({ census: { apply: APPLY } });
    kernel = await startCopy({ sources: folder.sources });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  it('goes through all accounts in pages, and says when they signed up', async () => {
    const ids = [];
    for (let i = 0; i < 5; i++) ids.push((await kernel.signUp()).id);
    const found: string[] = [];
    for (;;) {
      const after = found.at(-1);
      const { data } = (await kernel.get(`/api/census${after === undefined ? '' : `?after=${after}`}`)).body;
      found.push(...data);
      if (data.length < 2) break;
    }
    assert.deepEqual(found, ids.sort());
    const [first = ''] = ids;
    const me = await kernel.knex('users').where({ id: first }).first('created_at');
    assert.deepEqual((await kernel.get(`/api/joined/${first}`)).body.data, { [first]: me.created_at.toISOString() });
  });

  it('has no profile of who is banned, unless a moderator is to see it', async () => {
    const { id, username } = await kernel.signUp();
    const profiles = async (): Promise<unknown> => (await kernel.get(`/api/profiles/${id}`)).body.data;
    assert.deepEqual(await profiles(), [username, username]);
    await kernel.knex('users').where({ id }).update({ flags: kernel.knex.raw(`flags || '{"banned": true}'`) });
    assert.deepEqual(await profiles(), [null, username]);
  });
});
