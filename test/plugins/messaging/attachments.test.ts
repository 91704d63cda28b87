import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { runCommand } from '../../../kernel/plugins/lifecycle/commands.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../../kernel/testing.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { startCopy } from '../../support/setup.ts';
import { TestSocket } from '../../support/sockets.ts';
import { countFiles, download, moving, plain, sendFiles, type SentFile } from './forms.ts';

/** Another plugin's opinion: what the last request said, or none, so that the bundled moderator is asked. It looks at nothing. */
const JUDGE = `
  let opinion;
  kernel.hooks.moderate.tapPromise('judge', async ({ type }) => (type === 'image/webp' || opinion?.scores.all ? opinion : undefined));
  kernel.hooks.routes.tap('judge', (routes) => {
    routes.post('/judge', { summary: 'x', status: 204, body: Type.Object({ risk: Type.Number(), all: Type.Optional(Type.Number()) }) }, ({ body }) => {
      opinion = { risk: body.risk, reason: 'judged', scores: { porn: body.risk, ...(body.all && { all: body.all }) } };
    });
  });`;
const PDF = Buffer.from('%PDF-1.4\n1 0 obj<</Type/Catalog/OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF');
const SCRIPT = '<script>alert(document.domain)</script>';

interface Attachment {
  id: string;
  fileName: string;
  fileType: string;
  fileSize: number;
  status: string;
  width: number | null;
  height: number | null;
  frames: number | null;
}

/** A PNG that says to be larger than anybody can hold. */
function bomb(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const framed = Buffer.alloc(body.length + 8);
    framed.writeUInt32BE(data.length, 0);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc(body), body.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 0, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', deflateSync(Buffer.alloc(1_000_000))), chunk('IEND', Buffer.alloc(0))]);
}

function crc(bytes: Buffer): number {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  }
  return ~value >>> 0;
}

describe('attachments', function () {
  this.timeout(60_000);
  let folder: PluginFolder;
  let kernel: TestKernel;
  let one: TestUser;
  let other: TestUser;
  let moderator: TestUser;
  let conversation: string;
  let photograph: Buffer;
  before(async () => {
    photograph = await readFile(join(import.meta.dirname, 'files/astronaut.jpg'));
    folder = await writePlugins({ judge: { apply: JUDGE } }, [resolve('plugins')]);
    kernel = await startCopy({ sources: folder.sources });
    [one, other, moderator] = await Promise.all([kernel.signUp(), kernel.signUp(), kernel.signUp({ roles: ['user', 'moderator'] })]);
    conversation = await direct(one, other);
    await judge(0);
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const judge = (risk: number, all?: number): Promise<TestAnswer> => kernel.post('/api/judge', { as: one, body: { risk, ...(all !== undefined && { all }) } });
  const direct = async (a: TestUser, b: TestUser): Promise<string> =>
    (await kernel.post('/api/conversations', { as: a, body: { type: 'direct', participantIds: [b.id] } })).body.data.id as string;
  const group = async (owner: TestUser, ...others: TestUser[]): Promise<string> =>
    (await kernel.post('/api/conversations', { as: owner, body: { type: 'group', name: 'Us', participantIds: others.map(({ id }) => id) } })).body.data.id as string;
  const send = (files: SentFile[], options: { content?: string; key?: string; as?: TestUser; to?: string } = {}): Promise<TestAnswer> =>
    sendFiles(kernel, options.as ?? one, options.to ?? conversation, files, options);
  /** Sends one file, waits until it is judged, and answers it. */
  const sent = async (file: SentFile, options: Parameters<typeof send>[1] = {}): Promise<Attachment & { messageId: string }> => {
    const answer = await send([file], options);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    await kernel.settle();
    const messageId = answer.body.data.id as string;
    const { data } = (await kernel.get(`/api/conversations/${options.to ?? conversation}/messages`, { as: options.as ?? one })).body as { data: { id: string; attachments: Attachment[] }[] };
    const [attachment] = data.filter(({ id }) => id === messageId).flatMap(({ attachments }) => attachments);
    assert.ok(attachment, 'there is no attachment');
    return { ...attachment, messageId };
  };
  const get = (as: TestUser | undefined, { id }: { id: string }, headers = {}): ReturnType<typeof download> => download(kernel, as, `/attachments/${id}`, headers);
  const decide = (id: string, decision: string, as = moderator): Promise<TestAnswer> => kernel.post(`/api/admin/moderation/${id}`, { as, body: { decision } });
  /** Lets an hour pass for what nobody kept, and counts what is left. */
  const filesAfterSweep = async (): Promise<number> => {
    await kernel.settle();
    await kernel.knex('stored_objects').where({ state: 'waiting' }).update({ created_at: new Date(0) });
    await kernel.kernel.storage.sweep();
    return countFiles(kernel);
  };

  describe('what is sent', () => {
    it('is a message with files, a word or both, once for an Idempotency-Key', async () => {
      const key = randomUUID();
      const files = [{ name: 'a.png', bytes: await plain('red') }, { name: 'b.pdf', bytes: PDF }];
      const answers = await Promise.all([send(files, { key, content: 'look' }), send(files, { key, content: 'look' })]);
      assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 201]);
      const [{ body }] = answers;
      assert.deepEqual([body.data.content, body.data.contentType, body.data.attachments.length], ['look', 'file', 2]);
      assert.deepEqual(body.data.attachments.map(({ fileName, fileType, status }: Attachment) => [fileName, fileType, status]), [['a.webp', 'image/webp', 'pending'], ['b.pdf', 'application/pdf', 'pending']]);
      assert.equal(answers[1].body.data.id, body.data.id);
      assert.equal((await kernel.knex('message_attachments').where({ message_id: body.data.id })).length, 2);
      const wordless = await send([{ name: 'c.png', bytes: await plain('blue') }]);
      assert.deepEqual([wordless.body.data.content, wordless.body.data.contentType], [null, 'image']);
      assert.equal((await send([], { content: 'a form without files' })).body.data.contentType, 'text');
      assert.equal((await send([])).status, 400);
      assert.equal((await send(Array.from({ length: 6 }, () => ({ name: 'x', bytes: PDF })))).status, 400);
      assert.equal((await send([{ name: 'large.pdf', bytes: Buffer.concat([PDF, randomBytes(10 * 1024 * 1024)]) }])).status, 413);
    });

    it('is shown upright, small enough, and without the place where it was taken', async () => {
      const bytes = await sharp(await plain('green', 3000, 1000))
        .withMetadata({ orientation: 6 })
        .withExifMerge({ IFD0: { Copyright: 'home address' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '52/1 31/1 0/1' } })
        .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/">home address</x:xmpmeta>')
        .jpeg()
        .toBuffer();
      assert.ok(bytes.includes('home address') && (await sharp(bytes).metadata()).orientation === 6, 'the original tells');
      const attachment = await sent({ name: 'holiday.jpg', bytes });
      assert.deepEqual([attachment.status, attachment.width, attachment.height, attachment.frames], ['approved', 853, 2560, 1]);
      for (const path of ['', '/thumbnail']) {
        const copy = await download(kernel, other, `/attachments/${attachment.id}${path}`);
        const found = await sharp(copy.bytes).metadata();
        assert.deepEqual([copy.status, found.format, found.exif, found.xmp, found.icc, found.orientation], [200, 'webp', undefined, undefined, undefined, undefined]);
        assert.ok(!copy.bytes.includes('home address'));
        assert.ok(Math.max(found.width, found.height) <= (path === '' ? 2560 : 320));
      }
    });

    it('has the name of a file and the ending of what it is, whatever the sender says', async () => {
      const png = await plain('white', 8, 8);
      const names: [string, Buffer, string][] = [
        ['../../etc/passwd.png', png, 'passwd.webp'],
        ['..\\..\\boot.ini', png, 'boot.webp'],
        ['training.pdf', png, 'training.webp'],
        ['cat.jpg', PDF, 'cat.pdf'],
        ['invoice\u202Egpj.exe', png, 'invoicegpj.webp'],
        ['nul.png', png, 'file.webp'],
        ['....', png, 'file.webp'],
        [`${'ä'.repeat(300)}.png`, png, `${'ä'.repeat(100)}.webp`],
      ];
      for (const [name, bytes, expected] of names) {
        const { body } = await send([{ name, bytes, type: 'text/html' }]);
        assert.equal(body.data.attachments[0].fileName, expected, name);
      }
    });

    it('keeps moving when it moves, up to a hundred pictures', async () => {
      const attachment = await sent({ name: 'dance.gif', bytes: await moving(12) });
      assert.deepEqual([attachment.frames, attachment.width, attachment.height], [12, 16, 16]);
      assert.equal((await sharp((await get(other, attachment)).bytes).metadata()).pages, 12);
      assert.equal((await sharp((await download(kernel, other, `/attachments/${attachment.id}/thumbnail`)).bytes).metadata()).pages ?? 1, 1);
      const { status, body } = await send([{ name: 'long.gif', bytes: await moving(101, 4) }]);
      assert.deepEqual([status, body.error.details[0].path], [422, '/files/0']);
    });

    it('is copied as far as it goes when it moves and is cut off', async () => {
      const whole = await moving(5, 64);
      const { frames, status, id } = await sent({ name: 'cut.gif', bytes: whole.subarray(0, whole.length / 2) });
      assert.ok(status === 'approved' && frames !== null && frames < 5, String(frames));
      const { pages = 1 } = await sharp((await get(other, { id })).bytes).metadata();
      assert.ok(pages <= frames, String(pages));
    });

    it('is refused when it is not what it seems, and then leaves no file behind', async () => {
      const before = await filesAfterSweep();
      const png = await plain('red', 200, 200);
      const cases: [string, Buffer, number][] = [
        ['an SVG with a script', Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">${SCRIPT}</svg>`), 415],
        ['a page', Buffer.from(`<!doctype html>${SCRIPT}`), 415],
        ['a program', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(600)]), 415],
        ['nothing', Buffer.alloc(0), 415],
        ['a script that begins like a JPEG', Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(SCRIPT)]), 422],
        ['a photograph that is cut off', photograph.subarray(0, photograph.length / 2), 422],
        ['a PNG that is cut off', png.subarray(0, png.length - 60), 422],
        ['a decompression bomb', bomb(30_000, 30_000), 422],
      ];
      for (const [what, bytes, expected] of cases) {
        const { status, body } = await send([{ name: 'first.png', bytes: png }, { name: 'picture.jpg', bytes, type: 'image/jpeg' }]);
        assert.deepEqual([status, body.error?.details?.[0].path], [expected, '/files/1'], `${what}: ${JSON.stringify(body)}`);
      }
      assert.equal(await filesAfterSweep(), before);
    });

    it('is a copy of the pixels: what else was in the file is not there', async () => {
      const jpeg = await sharp(photograph).withExif({ IFD0: { ImageDescription: SCRIPT } }).toBuffer();
      const archive = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.from(SCRIPT)]);
      for (const [name, bytes] of [['both.jpg', Buffer.concat([jpeg, archive])], ['both.gif', Buffer.concat([await moving(2), Buffer.from(`/*${SCRIPT}*/`)])]] as const) {
        const attachment = await sent({ name, bytes });
        const copy = await get(other, attachment);
        assert.equal(copy.headers.get('content-type'), 'image/webp');
        assert.ok(!copy.bytes.includes('script') && !copy.bytes.includes('PK\x03\x04'), name);
      }
    });

    it('leaves nothing when the sender hangs up', async () => {
      const before = await filesAfterSweep();
      const { port, hostname } = new URL(kernel.kernel.url);
      const socket = connect(Number(port), hostname);
      const head = '--b\r\nContent-Disposition: form-data; name="files"; filename="x.jpg"\r\n\r\n';
      socket.write(`POST /api/conversations/${conversation}/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${one.accessToken}\r\nIdempotency-Key: k\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n${head}`);
      socket.write(photograph);
      await until(async () => (await countFiles(kernel)) === before + 1, 'the file to arrive');
      socket.destroy();
      await until(async () => (await countFiles(kernel)) === before, 'the file to be gone');
    });
  });

  describe('GET /attachments/:id', () => {
    it('answers those who take part, once it is approved, and nobody else', async () => {
      const [owner, member, former, stranger, blocked] = await Promise.all(Array.from({ length: 5 }, () => kernel.signUp())) as [TestUser, TestUser, TestUser, TestUser, TestUser];
      const shared = await group(owner, member, former);
      const withBlocked = await direct(owner, blocked);
      const file = { name: 'us.png', bytes: await plain('yellow') };
      await judge(0.5);
      const waiting = await sent(file, { as: owner, to: shared });
      await judge(0);
      const approved = await sent(file, { as: owner, to: shared });
      const forBlocked = await sent(file, { as: owner, to: withBlocked });
      await kernel.post(`/api/conversations/${shared}/leave`, { as: former });
      await kernel.post(`/api/users/${blocked.id}/block`, { as: owner });
      const statuses = (attachment: Attachment, path = ''): Promise<number[]> =>
        Promise.all([undefined, owner, member, former, stranger, moderator].map(async (who) => (await download(kernel, who, `/attachments/${attachment.id}${path}`)).status));
      for (const path of ['', '/thumbnail']) {
        assert.deepEqual(await statuses(waiting, path), [401, 404, 404, 404, 404, 404]);
        assert.deepEqual(await statuses(approved, path), [401, 200, 200, 404, 404, 404]);
      }
      // Who is blocked hears nothing new, and keeps what was said to them: the messages, and what came with them.
      assert.equal((await send([file], { as: blocked, to: withBlocked })).body.error.code, 'BLOCKED');
      assert.deepEqual([(await get(blocked, forBlocked)).status, (await get(blocked, approved)).status], [200, 404]);
      assert.equal((await send([file], { as: stranger, to: shared })).status, 404);
      assert.equal((await send([file], { as: former, to: shared })).status, 404);
      await kernel.request('DELETE', `/api/conversations/${withBlocked}`, { as: blocked });
      assert.deepEqual([(await get(blocked, forBlocked)).status, (await get(owner, forBlocked)).status], [404, 200]);
    });

    it('sends it so that no browser runs it, and in parts', async () => {
      await judge(0, 1);
      const picture = await sent({ name: 'a "b".png', bytes: photograph });
      const document = await sent({ name: 'plan.pdf', bytes: PDF });
      await judge(0);
      const whole = await get(other, picture);
      assert.deepEqual([whole.headers.get('content-disposition'), whole.headers.get('x-content-type-options')], ['inline', 'nosniff']);
      assert.match(whole.headers.get('content-security-policy') ?? '', /sandbox/);
      assert.match(whole.headers.get('cache-control') ?? '', /^private/);
      assert.equal(whole.bytes.length, picture.fileSize);
      const part = await get(other, picture, { Range: 'bytes=100-199' });
      assert.deepEqual([part.status, part.headers.get('content-range'), part.bytes], [206, `bytes 100-199/${String(picture.fileSize)}`, whole.bytes.subarray(100, 200)]);
      assert.equal((await get(other, picture, { 'If-None-Match': whole.headers.get('etag') ?? '' })).status, 304);
      assert.equal((await get(other, picture, { Range: 'bytes=99999999-' })).status, 416);
      assert.match((await download(kernel, other, `/attachments/${picture.id}?download=true`)).headers.get('content-disposition') ?? '', /^attachment; filename="a b.webp"/);
      const saved = await get(other, document);
      assert.deepEqual([saved.status, saved.headers.get('content-type'), saved.bytes], [200, 'application/pdf', PDF]);
      assert.match(saved.headers.get('content-disposition') ?? '', /^attachment; filename="plan.pdf"/);
    });
  });

  describe('moderation', () => {
    it('lets through, keeps waiting or rejects, by thresholds that can be set, and tells who waits for it', async () => {
      const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, other.accessToken);
      await socket.opened;
      await socket.subscribe(`conversation:${conversation}`);
      const guard = new TestSocket(`${kernel.kernel.url}/api/realtime`, moderator.accessToken);
      await guard.opened;
      await guard.subscribe('moderation');
      const bytes = await plain('orange');
      const statusAt = async (risk: number): Promise<string> => {
        await judge(risk);
        return (await sent({ name: 'x.png', bytes })).status;
      };
      assert.deepEqual([await statusAt(0.39), await statusAt(0.4), await statusAt(0.69), await statusAt(0.7), await statusAt(1)], ['approved', 'pending', 'pending', 'rejected', 'rejected']);
      await until(() => socket.events(`conversation:${conversation}`).filter(({ event }) => event === 'attachment.moderated').length === 3, 'the verdicts');
      await until(() => guard.events('moderation').filter(({ event }) => event === 'attachment.waiting').length === 2, 'what waits');
      socket.terminate();
      guard.terminate();
      await kernel.configure('messaging', { rejectAt: 0.9, reviewAt: 0.8 });
      assert.deepEqual([await statusAt(0.79), await statusAt(0.85), await statusAt(0.9)], ['approved', 'pending', 'rejected']);
      await kernel.configure('messaging', {});
      const row = await kernel.knex('message_attachments').where({ moderation_status: 'rejected' }).first();
      assert.deepEqual([row.moderation_scores, row.moderation_result], [{ porn: 0.7 }, 'judged (0.70)']);
      await judge(0);
    });

    it('leaves what nothing can tell to a person, who sees it and decides, and it is written down', async () => {
      const { id } = await sent({ name: 'terms.pdf', bytes: PDF });
      const list = async (as: TestUser, query = ''): Promise<TestAnswer> => kernel.get(`/api/admin/moderation${query}`, { as });
      const summary = async (as: TestUser): Promise<TestAnswer> => kernel.get('/api/admin/moderation/summary', { as });
      const { waiting, oldestAt } = (await summary(moderator)).body.data as { waiting: number; oldestAt: string };
      const [oldest] = (await list(moderator)).body.data as { createdAt: string }[];
      assert.deepEqual([waiting, oldestAt], [(await list(moderator, '?limit=100')).body.data.length, oldest?.createdAt]);
      assert.equal((await summary(one)).status, 403);
      assert.deepEqual([(await list(one)).status, (await decide(id, 'approved', one)).status, (await download(kernel, one, `/admin/moderation/${id}/file`)).status], [403, 403, 403]);
      const seen: string[] = [];
      for (let cursor = ''; ; ) {
        const { data, meta } = (await list(moderator, `?limit=2${cursor}`)).body;
        seen.push(...data.map((file: { id: string }) => file.id));
        if (meta.nextCursor === null) break;
        cursor = `&cursor=${String(meta.nextCursor)}`;
      }
      assert.ok(seen.includes(id) && new Set(seen).size === seen.length);
      const shown = (await kernel.get(`/api/admin/moderation/${id}`, { as: moderator })).body.data;
      assert.deepEqual([shown.senderId, shown.fileName, shown.status, shown.scores], [one.id, 'terms.pdf', 'pending', null]);
      assert.deepEqual([shown.sender.username, shown.picture], [one.username, null]);
      assert.ok(!JSON.stringify(shown).includes('file_'));
      const panels = (await kernel.get('/api/admin/panels', { as: moderator })).body.data as { id: string; plugin: { id: string }; rowActions: { id: string }[] }[];
      const panel = panels.find(({ plugin }) => plugin.id === 'messaging');
      assert.deepEqual([panel?.id, panel?.rowActions.map((action) => action.id)], ['messaging/attachments', ['approve', 'reject']]);
      const file = await download(kernel, moderator, `/admin/moderation/${id}/file`);
      assert.deepEqual([file.status, file.bytes], [200, PDF]);
      assert.equal((await decide(id, 'approved')).status, 204);
      assert.equal((await summary(moderator)).body.data.waiting, waiting - 1);
      assert.equal((await get(other, { id })).status, 200);
      // What was approved is between those who talk.
      assert.equal((await download(kernel, moderator, `/admin/moderation/${id}/file`)).status, 404);
      const entry = await kernel.knex('audit_log').where({ object_id: id, action: 'POST /api/admin/moderation/:id', result: 'done' }).first();
      assert.deepEqual([entry.actor_id, entry.details.body.decision], [moderator.id, 'approved']);
    });

    it('lets a person overrule a rejection while the file is kept, and takes the file away when a person rejects', async () => {
      await judge(0.99);
      const bytes = await plain('purple');
      const wrongly = await sent({ name: 'sumo.png', bytes });
      assert.ok((await kernel.get('/api/admin/moderation?status=rejected&limit=100', { as: moderator })).body.data.some(({ id }: Attachment) => id === wrongly.id));
      assert.equal((await decide(wrongly.id, 'approved')).status, 204);
      assert.equal((await get(other, wrongly)).status, 200);
      const rightly = await sent({ name: 'no.png', bytes });
      const before = await filesAfterSweep();
      assert.equal((await decide(rightly.id, 'rejected')).status, 204);
      assert.equal(await filesAfterSweep(), before - 2);
      assert.equal((await decide(rightly.id, 'approved')).status, 404);
      assert.equal((await download(kernel, moderator, `/admin/moderation/${rightly.id}/file`)).status, 404);
      const forgotten = await sent({ name: 'old.png', bytes });
      await kernel.knex('message_attachments').where({ id: forgotten.id }).update({ moderated_at: new Date(Date.now() - 15 * 86_400_000) });
      await kernel.kernel.queue.enqueue('messaging', 'discard-files', {});
      await kernel.settle();
      assert.equal(await filesAfterSweep(), before - 2);
      assert.equal((await kernel.get(`/api/admin/moderation/${forgotten.id}`, { as: moderator })).body.data.isGone, true);
      await judge(0);
    });
  });

  describe('files that nobody may need any more', () => {
    it('go with their message, their group, and the last one who leaves', async () => {
      const file = { name: 'x.png', bytes: await plain('black') };
      const third = await kernel.signUp();
      const before = await filesAfterSweep();
      const { messageId, id } = await sent(file);
      assert.equal(await countFiles(kernel), before + 2);
      await kernel.request('DELETE', `/api/messages/${messageId}`, { as: one });
      assert.equal((await get(other, { id })).status, 404);
      assert.equal(await filesAfterSweep(), before);
      const ended = await group(third, one);
      await sent(file, { as: third, to: ended });
      await kernel.request('DELETE', `/api/conversations/${ended}`, { as: third });
      assert.equal(await filesAfterSweep(), before);
      const alone = await group(third, one);
      await sent(file, { as: third, to: alone });
      for (const as of [one, third]) await kernel.post(`/api/conversations/${alone}/leave`, { as });
      assert.equal(await filesAfterSweep(), before);
    });

    it('are exported with what is in them, and go with who is erased', async () => {
      const member = await kernel.signUp();
      const to = await direct(member, other);
      const before = await filesAfterSweep();
      const { id } = await sent({ name: 'mine.png', bytes: await plain('teal') }, { as: member, to });
      const copy = await get(member, { id });
      const exported = (await kernel.get('/api/users/me/export', { as: member })).body.plugins.messaging;
      assert.deepEqual(exported.files.map(({ fileName, base64 }: { fileName: string; base64: string }) => [fileName, base64]), [['mine.webp', copy.bytes.toString('base64')]]);
      assert.equal(exported.conversations.messages.length, 1);
      await kernel.request('DELETE', '/api/users/me', { as: member, body: { password: member.password } });
      await kernel.knex('account_erasures').where({ user_id: member.id }).update({ due_at: new Date(0) });
      await kernel.kernel.queue.enqueue('kernel', 'erase-accounts', {});
      await kernel.settle();
      assert.equal((await get(other, { id })).status, 404);
      assert.equal(await filesAfterSweep(), before);
    });

    it('stay while the plugin is disabled, shown to nobody, and go when it is purged', async () => {
      const attachment = await sent({ name: 'x.png', bytes: await plain('gray') });
      const before = await filesAfterSweep();
      const steer = (command: Parameters<typeof runCommand>[2]): Promise<unknown> => runCommand(kernel.kernel.plugins, 'messaging', command, { kind: 'cli' });
      await steer({ verb: 'disable' });
      assert.equal(JSON.parse((await get(one, attachment)).bytes.toString()).error.code, 'PLUGIN_DISABLED');
      assert.equal(await filesAfterSweep(), before);
      await steer({ verb: 'uninstall', purge: true, confirm: 'messaging' });
      assert.equal(await filesAfterSweep(), 0);
    });
  });
});
