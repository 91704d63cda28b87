import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultSources } from '../../kernel/installation.ts';
import { startKernel, type Kernel } from '../../kernel/kernel.ts';
import { testConfig, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { startCopy } from '../support/setup.ts';
import { TestSocket, until } from '../support/sockets.ts';

const ROOMS = `
import { definePlugin, Type } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    const banned = new Set();
    kernel.hooks.channels.tap('rooms', (channels) => {
      channels.add('board', { summary: 'For everybody', audience: 'public' });
      channels.add('room:{id}', {
        summary: 'For members of the room',
        authorize: ({ user, params }) => params.id !== 'closed' && !banned.has(user.id) && { mute: params.id === 'quiet' },
        filter: ({ event }, { mute }) => !mute || event !== 'noise',
      });
      channels.add('broken', { summary: 'Fails', authorize: () => { throw new Error('broken'); } });
      channels.on('shout', Type.Object({ text: Type.String({ minLength: 1, maxLength: 100 }) }), async ({ user, body }) => {
        await kernel.realtime.signal('board', 'shouted', { by: user.id, text: body.text });
      });
    });
    kernel.hooks.routes.tap('rooms', (routes) => {
      const Body = Type.Object({ channel: Type.String(), event: Type.String(), n: Type.Integer(), fail: Type.Optional(Type.Boolean()) });
      routes.post('/say', { summary: 'Publishes', body: Body, transaction: true, status: 204 }, async ({ body, trx }) => {
        await kernel.realtime.publish(body.channel, body.event, { n: body.n }, { trx });
        if (body.fail) throw new Error('after all');
      });
      routes.post('/ban', { summary: 'Bans the caller', status: 204 }, async ({ user }) => {
        banned.add(user.id);
        await kernel.realtime.recheck('room:a', user.id);
      });
    });
  },
});`;

describe('GET /api/realtime', () => {
  let directory: string;
  let kernel: TestKernel;
  let second: Kernel;
  let member: TestUser;
  const sockets: TestSocket[] = [];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rooms-'));
    await mkdir(join(directory, 'rooms'));
    const scopes = ['routes', 'database', 'realtime'];
    const manifest = { id: 'rooms', version: '1.0.0', displayName: 'Rooms', description: 'A plugin of this test', kernel: '^1.0.0', scopes };
    await writeFile(join(directory, 'rooms', 'plugin.json'), JSON.stringify(manifest));
    await writeFile(join(directory, 'rooms', 'index.ts'), ROOMS);
    const sources = { ...defaultSources({ pluginDirs: [] }), bundled: [directory] };
    kernel = await startCopy({ sources });
    const config = testConfig({ jwtSecret: kernel.kernel.config.jwtSecret });
    second = await startKernel({ config, databaseUrl: kernel.databaseUrl, sources, log: createLogger(config, false) });
    member = await kernel.signUp();
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.terminate();
  });
  after(async () => {
    await second.stop();
    await kernel.stop();
    await rm(directory, { recursive: true });
  });

  const open = async (options: { as?: TestUser; at?: string; path?: string } = {}): Promise<TestSocket> => {
    const socket = new TestSocket((options.at ?? kernel.kernel.url) + (options.path ?? '/api/realtime'), (options.as ?? member).accessToken);
    sockets.push(socket);
    await socket.opened;
    return socket;
  };
  const say = async (channel: string, n: number, more: object = {}): Promise<number> =>
    (await kernel.post('/api/say', { as: member, body: { channel, event: 'said', n, ...more } })).status;

  it('refuses who brings neither ticket nor token, with the envelope of every error', async () => {
    const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, 'nonsense');
    await assert.rejects(socket.opened, /401/);
    const plain = await kernel.get('/api/realtime');
    assert.equal(plain.status, 400);
    assert.equal(plain.body.error.code, 'VALIDATION_ERROR');
  });

  it('opens one socket for a ticket', async () => {
    const { ticket, expiresIn } = (await kernel.post('/api/realtime/ticket', { as: member })).body.data;
    assert.equal(expiresIn, 30);
    const path = `/api/realtime?ticket=${String(ticket)}`;
    const socket = new TestSocket(kernel.kernel.url + path);
    sockets.push(socket);
    await socket.opened;
    await assert.rejects(new TestSocket(kernel.kernel.url + path).opened, /401/);
  });

  it('takes a ticket on another instance than the one that made it', async () => {
    const { ticket } = (await kernel.post('/api/realtime/ticket', { as: member })).body.data;
    const socket = new TestSocket(`${second.url}/api/realtime?ticket=${String(ticket)}`);
    sockets.push(socket);
    await socket.opened;
  });

  it('tells the readers of a channel on every instance, once and in order', async () => {
    const readers = [await open(), await open({ at: second.url })];
    for (const reader of readers) await reader.subscribe('board');
    const numbers = Array.from({ length: 50 }, (_, n) => n);
    await Promise.all(numbers.map((n) => say('board', n)));
    await until(() => readers.every((reader) => reader.events('board').length === 50));
    const [first, other] = readers.map((reader) => reader.events('board').map(({ data }) => data.n));
    assert.deepEqual(first, other);
    assert.deepEqual([...(first ?? [])].sort((a, b) => a - b), numbers);
  });

  it('tells nothing of what was rolled back', async () => {
    const reader = await open();
    await reader.subscribe('board');
    assert.equal(await say('board', 1, { fail: true }), 500);
    assert.equal(await say('board', 2), 204);
    await until(() => reader.events('board').length === 1);
    assert.equal(reader.events('board')[0]?.data.n, 2);
  });

  it('catches up after the last event that a reader has seen', async () => {
    const reader = await open();
    await reader.subscribe('board');
    await say('board', 1);
    await until(() => reader.events('board').length === 1);
    reader.terminate();
    for (const n of [2, 3, 4]) await say('board', n);
    const back = await open({ at: second.url });
    await back.subscribe('board', reader.events('board')[0]?.id);
    await until(() => back.events('board').length === 3);
    assert.deepEqual(back.events('board').map(({ data }) => data.n), [2, 3, 4]);
  });

  it('tells who asks for more than is kept that something is missing', async () => {
    await say('board', 1);
    await kernel.knex.raw("UPDATE realtime_events SET created_at = now() - INTERVAL '2 hours'");
    await kernel.knex.raw('UPDATE realtime_head SET forgotten = position');
    const reader = await open();
    assert.equal((await reader.subscribe('board', '1')).hasGap, true);
    assert.equal((await reader.subscribe('board')).hasGap, false);
  });

  it('finds what an instance committed and did not live to tell', async () => {
    const reader = await open();
    await reader.subscribe('board');
    await kernel.knex.raw(`INSERT INTO realtime_events (channel, event, data) VALUES ('board', 'said', '{"n": 7}')`);
    await until(() => reader.events('board').some(({ data }) => data.n === 7));
  });

  it('goes on when somebody else notifies its channel of PostgreSQL', async () => {
    const reader = await open({ at: second.url });
    await reader.subscribe('board');
    for (const rubbish of ['no JSON', 'null', '{"from":"nobody","whisper":7}']) await kernel.knex.raw("SELECT pg_notify('musclemap_realtime', ?)", [rubbish]);
    await say('board', 8);
    await until(() => reader.events('board').some(({ data }) => data.n === 8));
  });

  it('asks the plugin who may read, filters by its answer, and asks again when it is told to', async () => {
    const reader = await open();
    assert.equal((await reader.subscribe('room:closed')).code, 'FORBIDDEN');
    assert.equal((await reader.subscribe('nowhere')).code, 'NOT_FOUND');
    assert.equal((await reader.subscribe('broken')).code, 'INTERNAL_ERROR');
    await reader.subscribe('room:quiet');
    await say('room:quiet', 1, { event: 'noise' });
    await say('room:quiet', 2);
    await until(() => reader.events('room:quiet').length > 0);
    assert.deepEqual(reader.events('room:quiet').map(({ data }) => data.n), [2]);

    const leaver = await kernel.signUp();
    const theirs = await open({ as: leaver });
    await theirs.subscribe('room:a');
    const dropped = theirs.next('error');
    await kernel.post('/api/ban', { as: leaver });
    assert.deepEqual([(await dropped).channel, (await dropped).code], ['room:a', 'FORBIDDEN']);
    await say('room:a', 3);
    await reader.subscribe('room:a');
    await say('room:a', 4);
    await until(() => reader.events('room:a').some(({ data }) => data.n === 4));
    assert.equal(theirs.events('room:a').length, 0);
  });

  it('lets nobody read what is for another person', async () => {
    const reader = await open();
    const other = await kernel.signUp();
    assert.equal((await reader.subscribe(`user:${other.id}`)).code, 'FORBIDDEN');
    assert.equal((await reader.subscribe(`user:${member.id}`)).type, 'subscribed');
    assert.equal((await reader.subscribe('monitor')).code, 'FORBIDDEN');
  });

  it('hands a message to the plugin that takes its type, and names what is wrong with one', async () => {
    const reader = await open({ at: second.url });
    await reader.subscribe('board');
    const speaker = await open();
    speaker.send({ type: 'shout', text: 'hello' });
    await until(() => reader.events('board').length === 1);
    assert.deepEqual(reader.events('board')[0]?.data, { by: member.id, text: 'hello' });
    assert.equal(reader.events('board')[0]?.id, undefined);
    speaker.send({ type: 'shout', text: '', extra: 1 });
    const refusal = await speaker.next('error');
    assert.equal(refusal.code, 'VALIDATION_ERROR');
    assert.deepEqual((refusal.details as { path: string }[]).map(({ path }) => path).sort(), ['/body/extra', '/body/text']);
  });

  it('answers rubbish with an error and goes on', async () => {
    const reader = await open();
    for (const rubbish of ['', '[]', 'null', '{"type":1}', '{"type":"subscribe"}', '{"type":"subscribe","channel":"board","after":"x"}', '{"type":"a\\u0000"}']) {
      reader.sendRaw(rubbish);
      assert.equal((await reader.next('error')).code, 'VALIDATION_ERROR');
    }
    reader.send({ type: 'ping' });
    await reader.next('pong');
  });

  it('closes a socket that sends too much', async () => {
    const reader = await open();
    for (let n = 0; n < 60; n++) reader.send({ type: 'ping' });
    assert.equal(await reader.closed, 1008);
  });

  it('closes the sockets of a session that ends', async () => {
    const leaver = await kernel.signUp();
    const socket = await open({ as: leaver, at: second.url });
    await kernel.post('/api/auth/logout-all', { as: leaver });
    assert.equal(await socket.closed, 4401);
  });

  it('limits the sockets of one account', async () => {
    const many = await kernel.signUp();
    for (let n = 0; n < 20; n++) await open({ as: many });
    await assert.rejects(new TestSocket(`${kernel.kernel.url}/api/realtime`, many.accessToken).opened, /429/);
  });

  it('streams a public channel to anybody as server-sent events, after Last-Event-ID', async () => {
    const abort = new AbortController();
    const answer = await fetch(`${kernel.kernel.url}/api/realtime/events?channel=board`, { signal: abort.signal });
    assert.match(answer.headers.get('content-type') ?? '', /^text\/event-stream/);
    let text = '';
    const reading = (async () => {
      for await (const chunk of answer.body ?? []) text += Buffer.from(chunk as Uint8Array).toString();
    })().catch(() => undefined);
    await until(() => text.includes('event: ready'));
    await say('board', 41);
    await until(() => text.includes('data: {"n":41}'));
    abort.abort();
    await reading;
    const id = /id: (\d+)\nevent: said\ndata: \{"n":41\}/.exec(text)?.[1] ?? '';
    await say('board', 42);
    const again = await fetch(`${kernel.kernel.url}/api/realtime/events?channel=board`, { headers: { 'Last-Event-ID': id } });
    const reader = again.body?.getReader();
    let later = '';
    while (!later.includes('"n":42')) later += Buffer.from((await reader?.read())?.value ?? []).toString();
    await reader?.cancel();
    assert.ok(!later.includes('"n":41'));
    assert.equal((await kernel.get('/api/realtime/events?channel=room:a')).status, 404);
  });

  it('lets go of a reader that is too slow', async () => {
    const slow = await open();
    await slow.subscribe('board');
    slow.pause();
    const data = 'x'.repeat(6_000);
    for (let n = 0; n < 40; n++) {
      await kernel.knex.raw(`INSERT INTO realtime_events (channel, event, data) SELECT 'board', 'said', jsonb_build_object('n', g, 'x', ?::TEXT) FROM generate_series(1, 50) g`, [data]);
    }
    await until(() => kernel.kernel.realtime.counts.sockets === 0);
  });
});
