import assert from 'node:assert/strict';
import { testConfig, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { runMusclemap } from '../../support/command-line.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';

/** Emits what it is asked to, in a transaction that may fail. */
const SENDER = `
  kernel.hooks.routes.tap('sender', (routes) => {
    routes.post('/send', { summary: 'Emits', auth: 'none', transaction: true, body: Type.Object({ text: Type.String(), fail: Type.Optional(Type.Boolean()) }) },
      ({ trx, body }) => {
        kernel.events.emit(trx, 'note.sent', { text: body.text });
        if (body.fail) throw new ApiError('CONFLICT');
      });
  });
  kernel.hooks.commands.tap('sender', (commands) => {
    commands.add('send <text>', { summary: 'Emits' }, ({ arguments: { text } }) =>
      kernel.database.transaction(async (trx) => kernel.events.emit(trx, 'note.sent', { text })));
  });`;
/** Writes down every delivery before it does what the text says. */
const receiver = (id: string): string => `
  globalThis.${id} ??= { fails: true };
  kernel.hooks.migrations.tap('${id}', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
  kernel.hooks.events.tap('${id}', (events) => {
    events.on('note.sent', async ({ id, payload: { text }, emittedAt }) => {
      await kernel.database.knex('${id}').insert({ id, text, emitted_at: emittedAt });
      if (text.startsWith('fail') && globalThis.${id}.fails) throw new Error('It does not like ' + text);
      if (text === 'hang') await new Promise(() => {});
    }, { retries: 1, timeLimitSeconds: 1 });
  });`;
const table = (id: string): Record<string, string> => ({
  'migrations/0001_deliveries.ts': `
    export const up = (knex) => knex.raw('CREATE TABLE ${id} (id TEXT, text TEXT, emitted_at TIMESTAMPTZ)');
    export const down = (knex) => knex.raw('DROP TABLE ${id}');`,
});

describe('events.on', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  const send = (text: string, fail?: boolean): ReturnType<TestKernel['post']> => kernel.post('/api/send', { body: { text, ...(fail && { fail }) } });
  const deliveries = (to: string, text: string): Promise<{ id: string; emitted_at: Date }[]> => kernel.knex(to).where({ text });
  const delivered = (to: string, text: string, times = 1): Promise<unknown> =>
    until(async () => (await deliveries(to, text)).length >= times, `${text} at ${to}`);
  const letters = async (plugin: string): Promise<Record<string, unknown>[]> =>
    (await kernel.get(`/api/admin/dead-letters?plugin=${plugin}`, { as: admin })).body.data;
  const dead = (plugin: string, name: string): Promise<Record<string, unknown>> =>
    until(async () => (await letters(plugin)).find(({ data }) => (data as { text: string }).text === name), `the dead letter ${name}`);
  /** Switches a plugin as the next start would find it. */
  const setEnabled = async (id: string, enabled: boolean): Promise<void> => {
    await kernel.knex('installed_plugins').where({ id }).update({ enabled });
    await kernel.kernel.plugins.start();
  };

  before(async () => {
    folder = await writePlugins({
      sender: { apply: SENDER },
      alpha: { apply: receiver('alpha'), files: table('alpha') },
      beta: { apply: receiver('beta'), files: table('beta') },
    });
    const { containment } = testConfig();
    // Nobody is quarantined for what these tests let fail.
    kernel = await startCopy({
      sources: folder.sources,
      config: { containment: { ...containment, breaker: { ...containment.breaker, faults: 1_000 } } },
    });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  it('gives every subscriber the event under the same id', async () => {
    await send('both');
    await delivered('alpha', 'both');
    await delivered('beta', 'both');
    const [[alpha], [beta]] = [await deliveries('alpha', 'both'), await deliveries('beta', 'both')];
    assert.match(alpha?.id ?? '', /^[0-9a-f-]{36}$/);
    assert.deepEqual([alpha?.id, alpha?.emitted_at], [beta?.id, beta?.emitted_at]);
  });

  it('tells nobody of a change that was rolled back', async () => {
    assert.equal((await send('undone', true)).status, 409);
    await send('done');
    await delivered('alpha', 'done');
    await delivered('beta', 'done');
    const left = await kernel.knex('pgboss.job').whereRaw(`data->'payload'->>'text' = 'undone'`);
    assert.deepEqual([left, await deliveries('alpha', 'undone'), await deliveries('beta', 'undone')], [[], [], []]);
  });

  it('tries again under the same id, then keeps a dead letter, which a replay delivers', async () => {
    await send('fail once');
    const letter = await dead('alpha', 'fail once');
    const [first, ...again] = await deliveries('alpha', 'fail once');
    assert.deepEqual(again.map(({ id }) => id), [first?.id]);
    assert.deepEqual([letter.plugin, letter.kind, letter.name, letter.attempts, letter.error], ['alpha', 'event', 'note.sent', 2, 'It does not like fail once']);

    Object.assign(Reflect.get(globalThis, 'alpha') as object, { fails: false });
    const answer = await kernel.post(`/api/admin/dead-letters/${String(letter.id)}/replay`, { as: admin });
    assert.deepEqual([answer.status, answer.body.data], [202, { affected: 1 }]);
    await delivered('alpha', 'fail once', 3);
    assert.equal(new Set((await deliveries('alpha', 'fail once')).map(({ id }) => id)).size, 1);
    assert.equal((await letters('alpha')).length, 0);
    assert.equal((await kernel.post(`/api/admin/dead-letters/${String(letter.id)}/replay`, { as: admin })).status, 404);
    Object.assign(Reflect.get(globalThis, 'alpha') as object, { fails: true });
  });

  it('lists dead letters page by page, and replays or deletes one or all of a plugin', async () => {
    for (const text of ['fail 1', 'fail 2', 'fail 3']) await send(text);
    for (const text of ['fail 1', 'fail 2', 'fail 3']) await dead('beta', text);
    const all = (await letters('beta')).map(({ id }) => id);
    const seen: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await kernel.get(`/api/admin/dead-letters?plugin=beta&limit=1${cursor && `&cursor=${cursor}`}`, { as: admin });
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.meta.nextCursor as string | null;
    }
    assert.deepEqual(seen, all);

    const failed = async (): Promise<number> => {
      const states = (await kernel.get('/api/admin/jobs', { as: admin })).body.data as { plugin: string; failed: number }[];
      return states.find(({ plugin }) => plugin === 'beta')?.failed ?? 0;
    };
    assert.equal(await failed(), all.length);
    assert.equal((await kernel.request('DELETE', `/api/admin/dead-letters/${String(all[0])}`, { as: admin })).body.data.affected, 1);
    const variables = { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: 'x'.repeat(32) };
    const listed = await runMusclemap(['jobs', 'list', '--json'], variables);
    assert.equal((JSON.parse(listed.out) as { plugin: string; failed: number }[]).find(({ plugin }) => plugin === 'beta')?.failed, all.length - 1);
    const one = await runMusclemap(['jobs', 'replay', String(all[1])], variables);
    assert.deepEqual([one.code, one.out], [0, '1 dead letters.\n'], one.err);
    await until(async () => (await letters('beta')).length === all.length - 1, 'the replayed one to fail again');

    Object.assign(Reflect.get(globalThis, 'beta') as object, { fails: false });
    const answer = await kernel.post('/api/admin/dead-letters/replay', { as: admin, body: { plugin: 'beta' } });
    assert.equal(answer.body.data.affected, all.length - 1);
    await until(async () => (await failed()) === 0, 'no dead letters');
    assert.equal((await kernel.request('DELETE', '/api/admin/dead-letters?plugin=beta', { as: admin })).body.data.affected, 0);
    const user = await kernel.signUp();
    assert.equal((await kernel.get('/api/admin/dead-letters', { as: user })).status, 403);
  });

  it('gives up on a handler that hangs, tries again, and lets others go on meanwhile', async () => {
    const texts = Array.from({ length: 6 }, (_, i) => `meanwhile ${String(i)}`);
    for (let i = 0; i < 6; i++) await send('hang');
    for (const text of texts) await send(text);
    await Promise.all(texts.map((text) => delivered('beta', text)));
    const letter = await dead('alpha', 'hang');
    assert.match(String(letter.error), /took longer than 1000 ms/);
    await until(async () => (await deliveries('alpha', 'hang')).length === 12, 'two attempts for each');
  });

  it('is told by the command line too, though that works no queue', async () => {
    const variables = { DATABASE_URL: kernel.databaseUrl, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory };
    assert.equal((await runMusclemap(['sender', 'send', 'typed'], variables)).code, 0);
    await delivered('alpha', 'typed');
  });

  it('keeps what is undelivered while its plugin is off, and passes over what is emitted meanwhile', async () => {
    await kernel.kernel.queue.stop();
    await send('before');
    await setEnabled('alpha', false);
    await send('while off');
    kernel.kernel.queue.start();
    await delivered('beta', 'while off');
    assert.equal((await kernel.knex('pgboss.job').where({ singleton_key: 'alpha', state: 'created' })).length, 1);
    assert.deepEqual(await deliveries('alpha', 'before'), []);
    await setEnabled('alpha', true);
    await delivered('alpha', 'before');
    await send('after');
    await delivered('alpha', 'after');
    assert.deepEqual(await deliveries('alpha', 'while off'), []);
  });

  it('keeps events for a plugin that is enabled but cannot run', async () => {
    await folder.write('beta', { manifest: { kernel: '^9.0.0' }, apply: receiver('beta') });
    await kernel.kernel.plugins.start();
    assert.equal(kernel.kernel.plugins.statuses.find(({ id }) => id === 'beta')?.state, 'failed');
    await send('while broken');
    await delivered('alpha', 'while broken');
    assert.deepEqual(await deliveries('beta', 'while broken'), []);
    await folder.write('beta', { apply: receiver('beta') });
    await kernel.kernel.plugins.start();
    await delivered('beta', 'while broken');
  });
});
