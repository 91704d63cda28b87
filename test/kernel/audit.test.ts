import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { recordAudit } from '../../kernel/audit/audit.ts';
import { defaultSources } from '../../kernel/installation.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

/** A plugin whose author did nothing for the audit. */
const GYM = `
import { ApiError, Type, definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    kernel.hooks.permissions.tap('gym', (permissions) => {
      permissions.add({ id: 'gym.manage', description: 'Changes the hours', roles: ['coach'] });
    });
    kernel.hooks.routes.tap('gym', (routes) => {
      const hours = { body: Type.Object({ hours: Type.String(), apiKey: Type.Optional(Type.String()), note: Type.Optional(Type.String()) }) };
      const manage = { summary: 'Hours', auth: { permission: 'gym.manage' }, audit: { hide: ['note'] }, ...hours };
      routes.put('/gyms/:gymId/hours', manage, ({ body }) => ({ hours: body.hours }));
      routes.post('/gyms/:gymId/close', { summary: 'Closes', auth: 'moderator', transaction: true }, async ({ trx, params }) => {
        await trx.raw('SELECT 1');
        if (params.gymId === 'gone') throw new ApiError('NOT_FOUND');
        return { closed: true };
      });
    });
  },
});`;
/** Asks for a right that nobody adds. */
const WISHFUL = `
import { definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    kernel.hooks.routes.tap('wishful', (routes) => {
      routes.get('/wishes', { summary: 'Wishes', auth: { permission: 'wishful.thinking' } }, () => ({}));
    });
  },
});`;

describe('audit', () => {
  let kernel: TestKernel;
  let directory: string;
  let admin: TestUser;
  let coach: TestUser;
  let member: TestUser;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-audit-'));
    for (const [id, source] of Object.entries({ gym: GYM, wishful: WISHFUL })) {
      const common = { id, version: '1.0.0', displayName: id, description: 'A plugin of this test', kernel: '^1.0.0' };
      await mkdir(join(directory, id));
      await writeFile(join(directory, id, 'plugin.json'), JSON.stringify({ ...common, scopes: ['routes', 'permissions', 'database'] }));
      await writeFile(join(directory, id, 'index.ts'), source);
    }
    const sources = defaultSources(testConfig());
    kernel = await startCopy({ sources: { ...sources, bundled: [...sources.bundled, directory] } });
    [admin, coach, member] = await Promise.all([
      kernel.signUp({ roles: ['user', 'admin'] }),
      kernel.signUp({ roles: ['user', 'coach'] }),
      kernel.signUp(),
    ]);
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const audit = async (query: string): Promise<TestAnswer['body']['data']> =>
    (await kernel.get(`/api/admin/audit?${query}`, { as: admin })).body.data;
  const setHours = (as: TestUser, gym: string, body: object = { hours: '6-22' }): Promise<TestAnswer> =>
    kernel.request('PUT', `/api/gyms/${gym}/hours`, { as, body });

  it('writes down the use of an administrative route without its author doing anything', async () => {
    const requestId = 'the-request-of-this-test';
    const body = { hours: '6-22', apiKey: 'sk_live_1', note: 'call ada@example.org' };
    const answer = await kernel.request('PUT', '/api/gyms/berlin/hours', { as: coach, body, headers: { 'X-Request-Id': requestId } });
    assert.equal(answer.status, 200);
    const [entry, ...more] = await audit('object=berlin');
    assert.equal(more.length, 0);
    const { id, at, ip, ...rest } = entry;
    assert.equal(typeof id, 'number');
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 60_000);
    assert.match(ip, /127\.0\.0\.1/);
    assert.deepEqual(rest, {
      ...{ actorKind: 'user', actorId: coach.id, action: 'PUT /api/gyms/:gymId/hours', objectType: 'gyms', objectId: 'berlin' },
      ...{ result: 'done', requestId, details: { body: { hours: '6-22', apiKey: '[hidden]', note: '[hidden]' } } },
    });
  });

  it('writes down refusals with their code: of strangers, of wrong input, of the handler', async () => {
    assert.equal((await setHours(member, 'paris')).status, 403);
    assert.equal((await setHours(coach, 'paris', { hours: 5 })).status, 400);
    assert.equal((await kernel.post('/api/gyms/gone/close', { as: admin })).status, 404);
    const results = [...(await audit('object=paris')), ...(await audit('object=gone'))];
    assert.deepEqual(
      results.map(({ actorId, result }: { actorId: string; result: string }) => [actorId, result]),
      [[coach.id, 'VALIDATION_ERROR'], [member.id, 'FORBIDDEN'], [admin.id, 'NOT_FOUND']],
    );
  });

  it('writes down one entry for a route with a transaction, and none for a route that everybody may use', async () => {
    await kernel.post('/api/gyms/oslo/close', { as: admin });
    assert.equal((await audit('object=oslo')).length, 1);
    await kernel.get('/api/users/me', { as: coach });
    assert.equal((await audit(`actor=${coach.id}&action=${encodeURIComponent('GET /api/users/me')}`)).length, 0);
  });

  it('lets nobody change, delete or truncate what is written', async () => {
    await assert.rejects(async () => kernel.knex('audit_log').update({ result: 'x' }), /append-only/);
    await assert.rejects(async () => kernel.knex('audit_log').delete(), /append-only/);
    await assert.rejects(async () => kernel.knex('audit_log').whereRaw('FALSE').delete(), /append-only/);
    await assert.rejects(async () => kernel.knex.raw('TRUNCATE audit_log'), /append-only/);
  });

  it('is found by actor, action, object, result and time, page by page', async () => {
    for (let n = 0; n < 5; n++) {
      await setHours(coach, 'rome', { hours: String(n) });
      // Written once the answer is on its way: the next one must not overtake it.
      await kernel.until(async () => (await audit('object=rome')).length === n + 1, 'the entry');
    }
    const hours: string[] = [];
    let cursor = '';
    do {
      const { body } = await kernel.get(`/api/admin/audit?object=rome&actor=${coach.id}&result=done&limit=2${cursor}`, { as: admin });
      hours.push(...body.data.map(({ details }: TestAnswer['body']) => details.body.hours));
      cursor = body.meta.nextCursor === null ? '' : `&cursor=${body.meta.nextCursor}`;
    } while (cursor !== '');
    assert.deepEqual(hours, ['4', '3', '2', '1', '0']);
    const [newest] = await audit('object=rome&limit=1');
    const at = encodeURIComponent(newest.at);
    // More than one may be of the same millisecond.
    const [since, before] = [await audit(`object=rome&from=${at}`), await audit(`object=rome&to=${at}`)];
    assert.equal(since[0].id, newest.id);
    assert.ok(since.every((entry: TestAnswer['body']) => entry.at === newest.at) && before.every((entry: TestAnswer['body']) => entry.at < newest.at));
    assert.equal([...since, ...before].length, 5);
    assert.equal((await kernel.get('/api/admin/audit', { as: coach })).status, 403);
  });

  it('tells what was changed from what was only looked at', async () => {
    await kernel.get('/api/admin/audit?limit=1', { as: admin });
    const actions = async (query: string): Promise<string[]> => (await audit(`${query}&limit=100`)).map(({ action }: { action: string }) => action);
    const [changes, looks] = [await actions('isChange=true'), await actions('isChange=false')];
    assert.ok(changes.includes('PUT /api/gyms/:gymId/hours') && changes.every((action) => !action.startsWith('GET ')), changes.join());
    assert.ok(looks.includes('GET /api/admin/audit') && looks.every((action) => action.startsWith('GET ')), looks.join());
  });

  it('keeps no secret and no e-mail address of what others record', async () => {
    const details = { newPassword: 'x', nested: [{ token: 'y', of: 'Ada <ada@example.org>' }], count: 3 };
    await recordAudit(kernel.knex, { actor: { kind: 'cli' }, action: 'test.secrets', result: 'done', details });
    const [entry] = await audit('action=test.secrets');
    assert.deepEqual([entry.actorKind, entry.actorId], ['cli', null]);
    assert.deepEqual(entry.details, { newPassword: '[hidden]', nested: [{ token: '[hidden]', of: 'Ada <[hidden]>' }], count: 3 });
  });

  it('takes a permission that nobody adds for a mistake of the plugin', async () => {
    const { body } = await kernel.get('/api/admin/plugins/wishful', { as: admin });
    assert.equal(body.data.state, 'failed');
    assert.match(body.data.reason, /GET \/api\/wishes asks for the permission wishful\.thinking, which nobody adds/);
  });
});
