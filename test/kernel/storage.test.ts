import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { loadConfig } from '../../kernel/config/config.ts';
import { parseStorageUrl, type StorageLocation } from '../../kernel/config/storage-location.ts';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { runCommand } from '../../kernel/plugins/lifecycle/commands.ts';
import { writePlugins, until, type PluginFolder } from '../support/plugins.ts';
import { S3Server } from '../support/s3-server.ts';
import { startCopy } from '../support/setup.ts';

const LIMIT = 8 * 1024 * 1024;

/** Keeps files as a plugin would, with a route for each thing that can happen to one. */
const KEEPER = `
  const { storage, database } = kernel;
  const put = (rawBody) => storage.put(rawBody, { maxBytes: ${String(LIMIT)} });
  const stream = { summary: 'x', rawBody: 'stream', bodyLimit: ${String(2 * LIMIT)} };
  kernel.hooks.routes.tap(kernel.id, (routes) => {
    routes.post('/' + kernel.id, stream, async ({ rawBody }) => {
      const file = await put(rawBody);
      await database.transaction((trx) => storage.keep(trx, [file.id]));
      return file;
    });
    routes.post('/' + kernel.id + '/waiting', stream, async ({ rawBody }) => put(rawBody));
    routes.post('/' + kernel.id + '/undone', stream, async ({ rawBody }) => {
      const file = await put(rawBody);
      await database.transaction(async (trx) => {
        await storage.keep(trx, [file.id]);
        throw new ApiError('CONFLICT', file.id);
      });
    });
    routes.post('/' + kernel.id + '/:id/keep', { summary: 'x', transaction: true }, ({ params, trx }) => storage.keep(trx, [params.id]));
    routes.get('/' + kernel.id + '/:id', { summary: 'x' }, async ({ params, query }) => {
      const file = await storage.open(params.id);
      if (file === undefined) throw new ApiError('NOT_FOUND');
      file.bytes.destroy();
      return { size: file.size };
    });
    routes.get('/' + kernel.id + '/:id/:start/:end', { summary: 'x' }, async ({ params }) => {
      const file = await storage.open(params.id, { start: Number(params.start), end: Number(params.end) });
      const chunks = [];
      for await (const chunk of file.bytes) chunks.push(chunk);
      return { hex: Buffer.concat(chunks).toString('hex') };
    });
    routes.delete('/' + kernel.id + '/:id', { summary: 'x', transaction: true }, ({ params, trx }) => storage.remove(trx, [params.id]));
  });`;

/** The files below a folder, by path. */
async function filesIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** The same behaviour, wherever the bytes lie. `stored` answers how many objects are there. */
function behavesAsStorage(open: () => Promise<{ location: StorageLocation | undefined; stored(home: string): Promise<number>; close(): Promise<void> }>): void {
  let kernel: TestKernel;
  let folder: PluginFolder;
  let user: TestUser;
  let place: Awaited<ReturnType<typeof open>>;
  before(async () => {
    place = await open();
    folder = await writePlugins({ keeper: { apply: KEEPER }, other: { apply: KEEPER } });
    kernel = await startCopy({ sources: folder.sources, config: { storage: place.location } });
    user = await kernel.signUp();
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
    await place.close();
  });

  const home = (): string => kernel.kernel.config.home;
  const put = (path: string, body: Buffer): Promise<TestAnswer> => kernel.post(`/api/${path}`, { as: user, body });
  const get = (path: string): Promise<TestAnswer> => kernel.get(`/api/${path}`, { as: user });
  const kept = async (body: Buffer): Promise<string> => (await put('keeper', body)).body.data.id as string;
  const age = (id: string): Promise<number> =>
    kernel.knex('stored_objects').where({ id }).update({ created_at: kernel.knex.raw(`now() - INTERVAL '2 hours'`) });

  it('gives back what it was given, whole and in parts', async () => {
    const bytes = randomBytes(3_000_000);
    const id = await kept(bytes);
    assert.equal((await get(`keeper/${id}`)).body.data.size, bytes.length);
    for (const [start, end] of [[0, 0], [10, 20], [bytes.length - 5, bytes.length - 1], [0, bytes.length - 1]] as const) {
      assert.equal((await get(`keeper/${id}/${String(start)}/${String(end)}`)).body.data.hex, bytes.subarray(start, end + 1).toString('hex'));
    }
    const empty = await kept(Buffer.alloc(0));
    assert.equal((await get(`keeper/${empty}`)).body.data.size, 0);
  });

  it('shows a file to nobody but the plugin that it belongs to', async () => {
    const id = await kept(Buffer.from('mine'));
    assert.equal((await get(`other/${id}`)).status, 404);
    assert.equal((await kernel.post(`/api/other/${id}/keep`, { as: user })).status, 500);
    await kernel.request('DELETE', `/api/other/${id}`, { as: user });
    assert.equal((await get(`keeper/${id}`)).status, 200);
    assert.equal((await get('keeper/..%2F..%2Fpasswd')).status, 404);
  });

  it('takes a file away after the commit, and its bytes with it', async () => {
    await kernel.settle();
    const before = await place.stored(home());
    const id = await kept(Buffer.from('short-lived'));
    assert.equal(await place.stored(home()), before + 1);
    await kernel.request('DELETE', `/api/keeper/${id}`, { as: user });
    assert.equal((await get(`keeper/${id}`)).status, 404);
    await kernel.settle();
    assert.equal(await place.stored(home()), before);
  });

  it('sweeps what nobody has kept within an hour, and no sooner', async () => {
    const before = await place.stored(home());
    const waiting = (await put('keeper/waiting', Buffer.from('waiting'))).body.data.id as string;
    const undone = (await put('keeper/undone', Buffer.from('undone'))).body.error.message as string;
    await kernel.kernel.storage.sweep();
    assert.equal(await place.stored(home()), before + 2);
    await age(undone);
    await age(waiting);
    await kernel.post(`/api/keeper/${waiting}/keep`, { as: user });
    await kernel.kernel.storage.sweep();
    assert.equal(await place.stored(home()), before + 1);
    assert.equal((await get(`keeper/${waiting}`)).status, 200);
    assert.equal((await kernel.post(`/api/keeper/${undone}/keep`, { as: user })).status, 500);
  });

  it('leaves nothing of a file that is too large or breaks off', async () => {
    await kernel.settle();
    const before = await place.stored(home());
    const rows = async (): Promise<number> => (await kernel.knex('stored_objects').where({ plugin_id: 'keeper' })).length;
    const known = await rows();
    assert.equal((await put('keeper', randomBytes(LIMIT + 1))).status, 413);
    assert.equal((await put('keeper', randomBytes(LIMIT))).status, 200);
    const { port, hostname } = new URL(kernel.kernel.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST /api/keeper HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.accessToken}\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`);
    await until(async () => (await rows()) === known + 2, 'the upload to begin');
    socket.destroy();
    await until(async () => (await rows()) === known + 1, 'the upload to be forgotten');
    assert.equal(await place.stored(home()), before + 1);
    assert.deepEqual(await filesIn(join(home(), 'incoming')), []);
  });

  it('leaves nothing of a plugin that is purged, and everything of one that is disabled', async () => {
    await kernel.settle();
    const before = await place.stored(home());
    await put('other', Buffer.from('a'));
    await put('other/waiting', Buffer.from('b'));
    const steer = (command: Parameters<typeof runCommand>[2]): Promise<unknown> => runCommand(kernel.kernel.plugins, 'other', command, { kind: 'cli' });
    await steer({ verb: 'disable' });
    await kernel.settle();
    assert.equal(await place.stored(home()), before + 2);
    await steer({ verb: 'uninstall', purge: true, confirm: 'other' });
    await kernel.settle();
    assert.equal(await place.stored(home()), before);
    assert.equal((await kernel.knex('stored_objects').where({ plugin_id: 'other' })).length, 0);
  });
}

describe('kernel.storage', () => {
  describe('on the disk', () => {
    behavesAsStorage(() =>
      Promise.resolve({
        location: undefined,
        stored: async (home) => (await filesIn(join(home, 'files'))).length,
        close: () => Promise.resolve(),
      }),
    );
  });

  describe('in a bucket, on a server that checks every signature', () => {
    behavesAsStorage(async () => {
      const server = new S3Server('gym-files');
      await server.start();
      return {
        location: parseStorageUrl(server.url('/one/gym')),
        stored: () => Promise.resolve([...server.objects.keys()].filter((path) => path.startsWith('/gym-files/one/gym/keeper/') || path.startsWith('/gym-files/one/gym/other/')).length),
        close: () => server.stop(),
      };
    });
  });

  describe('in a bucket that cannot be used', () => {
    let folder: PluginFolder;
    const server = new S3Server('gym-files');
    before(async () => {
      folder = await writePlugins({ keeper: { apply: KEEPER } });
      await server.start();
    });
    after(async () => {
      await folder.remove();
      await server.stop();
    });

    const answerWith = async (url: string): Promise<{ status: number; fault: string; left: string[] }> => {
      const kernel = await startCopy({ sources: folder.sources, config: { storage: parseStorageUrl(url) } });
      try {
        const { status } = await kernel.post('/api/keeper', { as: await kernel.signUp(), body: Buffer.from('x') });
        const fault = kernel.kernel.metrics.figuresOf('keeper').lastFault?.message ?? '';
        return { status, fault, left: await filesIn(join(kernel.kernel.config.home, 'incoming')) };
      } finally {
        await kernel.stop();
      }
    };

    it('names what S3 said of a wrong secret, without the secret', async () => {
      const { status, fault, left } = await answerWith(server.url('', 'not-the-secret'));
      assert.equal(status, 500);
      assert.match(fault, /S3 answered 403 to PUT .*SignatureDoesNotMatch/s);
      assert.ok(!fault.includes('not-the-secret'));
      assert.deepEqual(left, []);
    });

    it('asks again when S3 is out of order for a moment', async () => {
      Object.assign(server, { outages: 2, asked: 0 });
      assert.equal((await answerWith(server.url())).status, 200);
      assert.equal(server.asked, 3);
    });
  });

  it('takes away what a process that died had begun to receive', async () => {
    const kernel = await startCopy();
    const { spool } = kernel.kernel.storage;
    const file = await spool.receive((async function* () { yield await Promise.resolve(Buffer.from('old')); })(), 10);
    const fresh = await spool.receive((async function* () { yield await Promise.resolve(Buffer.from('new')); })(), 10);
    await writeFile(`${file.path}.other`, 'x');
    const longAgo = new Date(Date.now() - 7_200_000);
    for (const path of [file.path, `${file.path}.other`]) await utimes(path, longAgo, longAgo);
    await kernel.kernel.storage.sweep();
    assert.deepEqual(await filesIn(join(kernel.kernel.config.home, 'incoming')), [fresh.path]);
    assert.equal((await stat(fresh.path)).mode & 0o077, 0);
    await kernel.stop();
  });

  it('names STORAGE_URL and what is wrong with it', () => {
    const load = (url: string): unknown => loadConfig({ STORAGE_URL: url }).storage;
    assert.deepEqual(load('file:///var/lib/gym'), { kind: 'file', directory: '/var/lib/gym' });
    assert.deepEqual(load('s3://AK:se%2Fcret@gym/a/b?region=eu-central-1'), {
      ...{ kind: 's3', bucket: 'gym', prefix: 'a/b/', region: 'eu-central-1', isPathStyle: false },
      ...{ endpoint: 'https://s3.eu-central-1.amazonaws.com', accessKeyId: 'AK', secretAccessKey: 'se/cret' },
    });
    const wrong: [string, RegExp][] = [
      ['s3://bucket', /no key and secret/],
      ['s3://k:geheim@B', /names no bucket/],
      ['s3://k:geheim@bucket?regio=x', /unknown option "regio"/],
      ['s3://k:geheim@bucket/a%20b', /other characters/],
      ['s3://k:geheim@bucket?endpoint=https://h/path', /an endpoint that is not like/],
    ];
    for (const [url, reason] of wrong) {
      assert.throws(() => load(url), (error: Error) => error.message.startsWith('STORAGE_URL ') && reason.test(error.message) && !error.message.includes('geheim'), url);
    }
    assert.equal(testConfig().storage, undefined);
  });
});
