import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startKernel, type Kernel } from '../../../kernel/kernel.ts';
import { createLogger } from '../../../kernel/telemetry/logger.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { TestSocket, until } from '../../support/sockets.ts';

const SENT = Number(process.env.MESSAGES ?? 200);

interface Conversation {
  id: string;
  unread: number;
  lastMessage: { content: string | null } | null;
  participants: { userId: string; role: string }[];
}

describe('messaging', () => {
  let kernel: TestKernel;
  let second: Kernel;
  let now = Date.now();
  before(async () => {
    const clock = { now: () => new Date(now) };
    kernel = await startCopy({ clock });
    const config = testConfig({ jwtSecret: kernel.kernel.config.jwtSecret });
    second = await startKernel({ config, databaseUrl: kernel.databaseUrl, clock, log: createLogger(config, false) });
  });
  after(async () => {
    await second.stop();
    await kernel.stop();
  });

  const people = (count: number): Promise<TestUser[]> => Promise.all(Array.from({ length: count }, () => kernel.signUp()));
  const pair = async (): Promise<[TestUser, TestUser]> => (await people(2)) as [TestUser, TestUser];
  const start = (as: TestUser, type: 'direct' | 'group', others: readonly TestUser[], more: object = {}): Promise<TestAnswer> =>
    kernel.post('/api/conversations', { as, body: { type, participantIds: others.map(({ id }) => id), ...more } });
  const direct = async (one: TestUser, other: TestUser): Promise<string> => (await start(one, 'direct', [other])).body.data.id as string;
  const send = (as: TestUser, id: string, content: string, more: object = {}, key: string = randomUUID()): Promise<TestAnswer> =>
    kernel.post(`/api/conversations/${id}/messages`, { as, key, body: { content, ...more } });
  const list = async (as: TestUser): Promise<Conversation[]> => (await kernel.get('/api/conversations', { as })).body.data;
  const messages = (as: TestUser, id: string, query = ''): Promise<TestAnswer> => kernel.get(`/api/conversations/${id}/messages${query}`, { as });
  const contents = async (as: TestUser, id: string): Promise<(string | null)[]> =>
    (await messages(as, id)).body.data.map(({ content }: { content: string | null }) => content);

  describe('POST /conversations', () => {
    it('has one conversation for two people, also when both start it at once', async () => {
      const [one, other] = await pair();
      const answers = await Promise.all([start(one, 'direct', [other]), start(other, 'direct', [one]), start(one, 'direct', [other])]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 201]);
      assert.equal(new Set(answers.map(({ body }) => body.data.id)).size, 1);
      assert.match(answers[0].body.data.id, /^conv_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/);
    });

    it('refuses strangers to the server, too many, and a direct one of three', async () => {
      const [one, other, third] = await people(3);
      assert.ok(one && other && third);
      assert.equal((await kernel.post('/api/conversations', { as: one, body: { type: 'direct', participantIds: ['user_nobody'] } })).status, 404);
      assert.equal((await start(one, 'direct', [other, third])).status, 400);
      assert.equal((await start(one, 'direct', [one])).status, 400);
      assert.equal((await kernel.post('/api/conversations', { as: one, body: { type: 'group', participantIds: Array.from({ length: 120 }, (_, n) => `user_${String(n)}`) } })).status, 422);
    });

    it('honours blocks in both directions, for what is there already too', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      await kernel.post(`/api/users/${one.id}/block`, { as: other });
      for (const as of [one, other]) assert.equal((await send(as, id, 'hello')).body.error.code, 'BLOCKED');
      const [, third] = await pair();
      assert.equal((await start(one, 'group', [other, third])).body.error.code, 'BLOCKED');
      await kernel.request('DELETE', `/api/users/${one.id}/block`, { as: other });
      assert.equal((await send(one, id, 'hello')).status, 201);
    });
  });

  describe('GET /conversations', () => {
    it('shows the last message, what is unread and who takes part, the latest first', async () => {
      const [one, other, third] = await people(3);
      assert.ok(one && other && third);
      const [first, later] = [await direct(one, other), await direct(one, third)];
      await send(one, first, 'a');
      await send(third, later, 'b');
      await send(third, later, 'c');
      assert.deepEqual((await list(one)).map(({ id, unread, lastMessage }) => [id, unread, lastMessage?.content]), [[later, 2, 'c'], [first, 0, 'a']]);
      assert.deepEqual((await list(other)).map(({ unread }) => unread), [1]);
      const [newest] = (await messages(one, later)).body.data as { id: string }[];
      await kernel.post(`/api/conversations/${later}/read`, { as: one, body: {} });
      assert.deepEqual((await list(one)).map(({ unread }) => unread), [0, 0]);
      await send(third, later, 'd');
      await kernel.post(`/api/conversations/${later}/read`, { as: one, body: { messageId: newest?.id } });
      assert.equal((await list(one))[0]?.unread, 1);
    });

    it('clears the history of a direct one for who deletes it, until there is something new', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      await send(other, id, 'old');
      assert.equal((await kernel.request('DELETE', `/api/conversations/${id}`, { as: one })).status, 204);
      assert.equal((await list(one)).length, 0);
      assert.deepEqual(await contents(other, id), ['old']);
      await send(other, id, 'new');
      assert.deepEqual(await contents(one, id), ['new']);
      assert.equal((await list(one))[0]?.unread, 1);
    });

    it('mutes for the caller only', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      const muted = await kernel.request('PATCH', `/api/conversations/${id}`, { as: one, body: { muted: true } });
      assert.equal(muted.body.data.muted, true);
      assert.equal((await kernel.get(`/api/conversations/${id}`, { as: other })).body.data.muted, false);
      assert.equal((await kernel.request('PATCH', `/api/conversations/${id}`, { as: one, body: { name: 'us' } })).status, 409);
    });
  });

  describe('groups', () => {
    it('are kept by their owner, and go on with the oldest participant when the owner leaves', async () => {
      const [owner, member, guest, stranger] = await people(4);
      assert.ok(owner && member && guest && stranger);
      const id = (await start(owner, 'group', [member], { name: 'Early birds' })).body.data.id as string;
      const add = (as: TestUser, who: TestUser): Promise<TestAnswer> =>
        kernel.post(`/api/conversations/${id}/participants`, { as, body: { userIds: [who.id] } });
      assert.deepEqual([(await add(member, guest)).status, (await add(stranger, guest)).status, (await add(owner, guest)).status], [403, 404, 200]);
      assert.equal((await kernel.request('PATCH', `/api/conversations/${id}`, { as: member, body: { name: 'Mine' } })).status, 403);
      assert.equal((await kernel.request('DELETE', `/api/conversations/${id}/participants/${guest.id}`, { as: member })).status, 403);
      assert.equal((await kernel.request('DELETE', `/api/conversations/${id}/participants/${guest.id}`, { as: owner })).status, 204);
      assert.equal((await messages(guest, id)).status, 404);
      assert.equal((await kernel.post(`/api/conversations/${id}/leave`, { as: owner })).status, 204);
      const { participants } = (await kernel.get(`/api/conversations/${id}`, { as: member })).body.data as Conversation;
      assert.deepEqual(participants.map(({ userId, role }) => [userId, role]), [[member.id, 'owner']]);
      await kernel.post(`/api/conversations/${id}/leave`, { as: member });
      assert.equal(await kernel.knex('conversations').where({ id }).first(), undefined);
    });
  });

  describe('messages', () => {
    it('are there for who takes part and for nobody else', async () => {
      const [one, other, stranger] = await people(3);
      assert.ok(one && other && stranger);
      const moderator = await kernel.signUp({ roles: ['user', 'moderator'] });
      const id = await direct(one, other);
      const message = (await send(one, id, 'between us')).body.data.id as string;
      for (const as of [stranger, moderator]) {
        assert.equal((await messages(as, id)).status, 404);
        assert.equal((await send(as, id, 'hello')).status, 404);
        assert.equal((await kernel.request('PATCH', `/api/messages/${message}`, { as, body: { content: 'x' } })).status, 404);
        assert.equal((await kernel.request('DELETE', `/api/messages/${message}`, { as })).status, 404);
        assert.equal((await kernel.get('/api/messages/search?q=between', { as })).body.data.length, 0);
      }
      assert.equal((await kernel.request('PATCH', `/api/messages/${message}`, { as: other, body: { content: 'x' } })).status, 403);
      assert.equal((await kernel.request('DELETE', `/api/messages/${message}`, { as: other })).status, 403);
      assert.equal((await messages(one, id)).status, 200);
    });

    it('are sent once for a request that is repeated, and refused when they are empty, too long or an answer to nothing', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      const answers = await Promise.all(Array.from({ length: 5 }, () => send(one, id, 'once', {}, 'same')));
      assert.equal(new Set(answers.map(({ body }) => body.data.id)).size, 1);
      assert.deepEqual(await contents(other, id), ['once']);
      for (const content of ['', '  ', 'x'.repeat(4001)]) assert.equal((await send(one, id, content)).status, 400);
      const elsewhere = (await send(one, await direct(one, await kernel.signUp()), 'there')).body.data.id as string;
      assert.equal((await send(one, id, 'hm', { replyToId: elsewhere })).status, 400);
      const first = (await messages(one, id)).body.data[0].id as string;
      assert.equal((await send(other, id, 'yes', { replyToId: first })).body.data.replyToId, first);
    });

    it('are edited for fifteen minutes and deleted for ever', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      const message = (await send(one, id, 'teh')).body.data.id as string;
      const edit = (content: string): Promise<TestAnswer> => kernel.request('PATCH', `/api/messages/${message}`, { as: one, body: { content } });
      const edited = await edit('the');
      assert.deepEqual([edited.body.data.content, edited.body.data.editedAt === null], ['the', false]);
      // From the moment of the database, which dated the message.
      now = Date.now() + 16 * 60_000;
      assert.equal((await edit('late')).status, 403);
      assert.equal((await kernel.request('DELETE', `/api/messages/${message}`, { as: one })).status, 204);
      const [shown] = (await messages(other, id)).body.data as { content: string | null; deletedAt: string | null }[];
      assert.deepEqual([shown?.content, shown?.deletedAt === null], [null, false]);
      assert.equal((await list(other))[0]?.lastMessage?.content, null);
      assert.equal((await kernel.get('/api/messages/search?q=the', { as: other })).body.data.length, 0);
      assert.equal((await edit('again')).status, 409);
    });

    it('are read in both directions without losing or repeating one', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      for (let n = 0; n < 7; n++) await send(one, id, String(n));
      const walk = async (direction: string): Promise<string[]> => {
        const seen: string[] = [];
        let cursor = '';
        do {
          const answer = await messages(other, id, `?limit=3&direction=${direction}${cursor}`);
          seen.push(...answer.body.data.map(({ content }: { content: string }) => content));
          cursor = answer.body.meta.nextCursor === null ? '' : `&cursor=${String(answer.body.meta.nextCursor)}`;
        } while (cursor !== '');
        return seen;
      };
      assert.deepEqual(await walk('older'), ['6', '5', '4', '3', '2', '1', '0']);
      assert.deepEqual(await walk('newer'), ['0', '1', '2', '3', '4', '5', '6']);
    });

    it('reach the others live, on every instance, with who types', async () => {
      const [one, other] = await pair();
      const id = await direct(one, other);
      const socket = new TestSocket(`${second.url}/api/realtime`, other.accessToken);
      await socket.opened;
      await socket.subscribe(`conversation:${id}`);
      await socket.subscribe(`user:${other.id}`);
      const typist = new TestSocket(`${kernel.kernel.url}/api/realtime`, one.accessToken);
      await typist.opened;
      typist.send({ type: 'typing', conversationId: id });
      await until(() => socket.events(`conversation:${id}`).some(({ event }) => event === 'typing'));
      await send(one, id, 'live');
      await until(() => socket.events(`conversation:${id}`).some(({ event, data }) => event === 'message.sent' && data.content === 'live'));
      await until(() => socket.events(`user:${other.id}`).some(({ event }) => event === 'message.received'));
      socket.terminate();
      typist.terminate();
    });

    it('are nothing that a former participant goes on hearing', async () => {
      const [owner, leaver] = await pair();
      const id = (await start(owner, 'group', [leaver])).body.data.id as string;
      const socket = new TestSocket(`${second.url}/api/realtime`, leaver.accessToken);
      await socket.opened;
      await socket.subscribe(`conversation:${id}`);
      const dropped = socket.next('error');
      await kernel.request('DELETE', `/api/conversations/${id}/participants/${leaver.id}`, { as: owner });
      assert.equal((await dropped).code, 'FORBIDDEN');
      socket.terminate();
    });

    it(`are complete and in one order for everybody: ${String(SENT)} from 20 senders over two instances`, async function () {
      this.timeout(120_000);
      const senders = await people(20);
      const [owner, ...others] = senders;
      assert.ok(owner);
      const id = (await start(owner, 'group', others)).body.data.id as string;
      const urls = [kernel.kernel.url, second.url];
      const sendOver = async (n: number): Promise<void> => {
        const sender = senders[n % senders.length];
        const answer = await fetch(`${urls[n % 2] ?? ''}/api/conversations/${id}/messages`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${sender?.accessToken ?? ''}`, 'Content-Type': 'application/json', 'Idempotency-Key': `m${String(n)}` },
          body: JSON.stringify({ content: String(n) }),
        });
        assert.equal(answer.status, 201, await answer.text());
      };
      await Promise.all(senders.map(async (_, first) => {
        for (let n = first; n < SENT; n += senders.length) await sendOver(n);
      }));
      const history = async (as: TestUser): Promise<number[]> => {
        const seen: number[] = [];
        let cursor = '';
        do {
          const answer = await messages(as, id, `?limit=100${cursor}`);
          seen.push(...answer.body.data.map(({ content }: { content: string }) => Number(content)));
          cursor = answer.body.meta.nextCursor === null ? '' : `&cursor=${String(answer.body.meta.nextCursor)}`;
        } while (cursor !== '');
        return seen;
      };
      const reference = await history(owner);
      assert.deepEqual([...reference].sort((a, b) => a - b), Array.from({ length: SENT }, (_, n) => n));
      for (const [index, sender] of senders.entries()) {
        assert.deepEqual(await history(sender), reference);
        const own = reference.filter((n) => n % senders.length === index).length;
        assert.equal((await list(sender)).find((conversation) => conversation.id === id)?.unread, SENT - own);
      }
    });
  });

  it('exports what a member has said, and erases it without taking the conversation from the others', async () => {
    const [one, other] = await pair();
    const id = await direct(one, other);
    await send(one, id, 'a secret of mine');
    await send(other, id, 'noted');
    const { exporters } = kernel.kernel.plugins.composition;
    const own = exporters.find(({ owner }) => owner === 'messaging');
    assert.match(JSON.stringify(await own?.export(one.id)), /a secret of mine/);
    await kernel.knex.transaction(async (trx) => own?.erase(trx, one.id));
    assert.deepEqual(await contents(other, id), ['noted', null]);
    const rows = await kernel.knex('messages').where({ conversation_id: id }).select('content');
    assert.ok(!JSON.stringify(rows).includes('secret'));
  });
});
