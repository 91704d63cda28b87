import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { TestAnswer, TestKernel, TestUser } from '../../kernel/testing.ts';
import { until, writePlugins, type PluginFolder } from '../support/plugins.ts';
import { startCopy } from '../support/setup.ts';

const FILE_BYTES = 1_000_000;

/** Takes forms, and serves one file. */
const FORMS = `
  let runs = 0;
  const describe = ({ field, name, claimedType, size, sha256 }) => ({ field, name, claimedType, size, sha256 });
  const body = Type.Object({ title: Type.String({ minLength: 2 }), count: Type.Optional(Type.Integer()) });
  const multipart = { files: 2, fileBytes: ${String(FILE_BYTES)} };
  kernel.hooks.routes.tap('forms', (routes) => {
    routes.post('/forms', { summary: 'x', multipart, body }, async ({ body, files }) => ({ body, files: files.map(describe) }));
    routes.post('/forms/once', {
      summary: 'x', multipart, body, idempotent: true,
      prepare: async ({ files, body, user }) => {
        if (body.title === 'refused') throw new ApiError('UNPROCESSABLE');
        runs += 1;
        return { runs, sizes: files.map(({ size }) => size), by: user.id };
      },
    }, ({ prepared }) => prepared);
    routes.post('/forms/fails', { summary: 'x', multipart, body }, () => { throw new Error('no'); });
    const bytes = Buffer.from(Array.from({ length: 1000 }, (_, n) => n % 256));
    routes.get('/forms/file', { summary: 'x', produces: 'image/png', errors: ['RANGE_NOT_SATISFIABLE'] }, ({ headers }) =>
      fileReply(headers, { type: 'image/png', size: bytes.length, etag: 'v1', downloadAs: 'räum"e\\n.png', open: async (range) => Readable.from([range === undefined ? bytes : bytes.subarray(range.start, range.end + 1)]) }),
    );
  });`;
const SOURCE = `import { Readable } from 'node:stream';\nimport { ApiError, definePlugin, fileReply, Type } from 'musclemap';\nexport default definePlugin({ apply(kernel) { ${FORMS} } });`;

describe('files over HTTP', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let user: TestUser;
  before(async () => {
    folder = await writePlugins({ forms: { files: { 'index.ts': SOURCE } }, greedy: { apply: `kernel.hooks.routes.tap('greedy', (routes) => routes.get('/greedy', { summary: 'x', multipart: { files: 1, fileBytes: 1 } }, () => null));` } });
    kernel = await startCopy({ sources: folder.sources });
    user = await kernel.signUp();
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  const left = async (): Promise<string[]> => readdir(join(kernel.kernel.config.home, 'incoming')).catch(() => []);
  const nothingLeft = (): Promise<unknown> => until(async () => (await left()).length === 0, 'the files to be gone');
  const form = (fields: Record<string, string>, ...files: [string, Buffer][]): FormData => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    for (const [name, bytes] of files) data.append('files', new Blob([new Uint8Array(bytes)], { type: 'image/gif' }), name);
    return data;
  };
  const post = async (path: string, body: FormData, key = randomUUID()): Promise<Pick<TestAnswer, 'status' | 'headers' | 'body'>> => {
    const answer = await fetch(`${kernel.kernel.url}/api${path}`, { method: 'POST', body, headers: { Authorization: `Bearer ${user.accessToken}`, 'Idempotency-Key': key } });
    return { status: answer.status, headers: answer.headers, body: await answer.json() };
  };
  const raw = (text: string, boundary = 'b'): Promise<TestAnswer> =>
    kernel.post('/api/forms', { as: user, body: text.replaceAll('\n', '\r\n'), headers: { 'Content-Type': `multipart/form-data; boundary=${boundary}` } });

  describe('a route with multipart', () => {
    it('gets fields by its schema and files on the disk, which are gone after the answer', async () => {
      const bytes = randomBytes(FILE_BYTES);
      const { status, body } = await post('/forms', form({ title: 'ab', count: '7' }, ['../../etc/pass wd', bytes], ['empty.txt', Buffer.alloc(0)]));
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(body.data.body, { title: 'ab', count: 7 });
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      assert.deepEqual(body.data.files[0], { field: 'files', name: 'pass wd', claimedType: 'image/gif', size: FILE_BYTES, sha256 });
      assert.equal(body.data.files[1].size, 0);
      await nothingLeft();
    });

    it('takes JSON as well, without files', async () => {
      const { body } = await kernel.post('/api/forms', { as: user, body: { title: 'ab', count: 7 } });
      assert.deepEqual(body.data, { body: { title: 'ab', count: 7 }, files: [] });
      assert.equal((await kernel.post('/api/forms', { as: user, body: { title: 'ab', count: '7' } })).status, 400);
    });

    it('refuses what is too much, unknown, doubled or no form, and keeps nothing', async () => {
      const small: [string, Buffer] = ['a', Buffer.from('a')];
      assert.equal((await post('/forms', form({ title: 'ab' }, ['a', randomBytes(FILE_BYTES + 1)]))).status, 413);
      assert.deepEqual((await post('/forms', form({ title: 'ab' }, small, small, small))).body.error.details, [{ path: '/files', message: 'are more than 2' }]);
      assert.deepEqual((await post('/forms', form({ title: 'a', other: 'x' }, small))).body.error.details.map(({ path }: { path: string }) => path).sort(), ['/body/other', '/body/title']);
      assert.equal((await post('/forms', form({ title: 'a\0b' }, small))).status, 400);
      const twice = form({ title: 'ab' }, small);
      twice.append('title', 'cd');
      assert.equal((await post('/forms', twice)).status, 400);
      assert.equal((await raw('nothing of a form')).status, 400);
      assert.equal((await raw('--b\nContent-Disposition: form-data; name="f"; filename="x"\n\nabc')).status, 400);
      assert.equal((await kernel.post('/api/forms', { as: user, body: 'x', headers: { 'Content-Type': 'multipart/form-data; charset=x' } })).status, 400);
      assert.equal((await post('/forms/fails', form({ title: 'ab' }, small))).status, 500);
      await nothingLeft();
    });

    it('keeps nothing of an upload that breaks off, whenever it does', async () => {
      const head = '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nab\r\n--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n';
      const { port, hostname } = new URL(kernel.kernel.url);
      for (const sent of [head.slice(0, 20), head, head + 'x'.repeat(300_000)]) {
        const socket = connect(Number(port), hostname);
        socket.write(`POST /api/forms HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${user.accessToken}\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 900000\r\n\r\n${sent}`);
        if (sent.length > 1000) await until(async () => (await left()).length === 1, 'the file to arrive');
        socket.destroy();
      }
      await nothingLeft();
    });

    it('prepares once for an Idempotency-Key, and knows another file by its content', async () => {
      const key = randomUUID();
      const send = (bytes: string, title = 'ab'): ReturnType<typeof post> => post('/forms/once', form({ title }, ['a', Buffer.from(bytes)]), key);
      const first = await send('one');
      assert.deepEqual([first.status, first.body.data.by, first.body.data.sizes], [200, user.id, [3]]);
      const again = await send('one');
      assert.deepEqual([again.body, again.headers.get('idempotency-replayed')], [first.body, 'true']);
      assert.equal((await send('two')).body.error.code, 'IDEMPOTENCY_CONFLICT');
      assert.equal((await post('/forms/once', form({ title: 'refused' }))).status, 422);
      assert.equal((await post('/forms/once', form({ title: 'ab' }, ['a', Buffer.from('x')]))).body.data.runs, Number(first.body.data.runs) + 1);
      await nothingLeft();
    });

    it('is described as both, and is refused where a request has no body', async () => {
      const { paths } = (await kernel.get('/api/openapi.json')).body;
      const content = paths['/api/forms'].post.requestBody.content;
      assert.deepEqual(Object.keys(content), ['application/json', 'multipart/form-data']);
      assert.deepEqual(content['multipart/form-data'].schema.properties.files.maxItems, 2);
      assert.deepEqual(Object.keys(paths['/api/forms/file'].get.responses).slice(0, 3), ['200', '206', '304']);
      assert.match(kernel.kernel.plugins.statuses.find(({ id }) => id === 'greedy')?.reason ?? '', /GET \/api\/greedy cannot take forms/);
    });
  });

  describe('fileReply', () => {
    const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
      fetch(`${kernel.kernel.url}/api/forms/file`, { method, headers: { Authorization: `Bearer ${user.accessToken}`, ...headers } });
    const part = async (range: string, more: Record<string, string> = {}): Promise<[number, string | null, number]> => {
      const answer = await get({ Range: range, ...more });
      return [answer.status, answer.headers.get('content-range'), (await answer.arrayBuffer()).byteLength];
    };

    it('says what the file is, and that no browser is to believe anything else', async () => {
      const answer = await get();
      assert.equal((await answer.arrayBuffer()).byteLength, 1000);
      const headers = Object.fromEntries(answer.headers);
      assert.deepEqual([headers['content-type'], headers['content-length'], headers['x-content-type-options']], ['image/png', '1000', 'nosniff']);
      assert.deepEqual([headers['cache-control'], headers.etag, headers['accept-ranges']], ['private, no-cache', '"v1"', 'bytes']);
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'; .*sandbox$/);
      assert.equal(headers['content-disposition'], `attachment; filename="r_um_e_.png"; filename*=UTF-8''r%C3%A4um%22e%0A.png`);
      const head = await get({}, 'HEAD');
      assert.deepEqual([head.status, head.headers.get('content-length')], [200, '1000']);
    });

    it('answers parts, and the whole to what is no part', async () => {
      assert.deepEqual(await part('bytes=0-0'), [206, 'bytes 0-0/1000', 1]);
      assert.deepEqual(await part('bytes=990-'), [206, 'bytes 990-999/1000', 10]);
      assert.deepEqual(await part('bytes=-5'), [206, 'bytes 995-999/1000', 5]);
      assert.deepEqual(await part('bytes=-5000'), [206, 'bytes 0-999/1000', 1000]);
      assert.deepEqual(await part('bytes=500-99999'), [206, 'bytes 500-999/1000', 500]);
      for (const range of ['bytes=5-1', 'bytes=0-1,5-9', 'bytes=-', 'lines=0-1', 'bytes=a-b']) assert.deepEqual(await part(range), [200, null, 1000], range);
      const answer = await get({ Range: 'bytes=1000-' });
      assert.deepEqual([answer.status, answer.headers.get('content-range'), ((await answer.json()) as TestAnswer['body']).error.code], [416, 'bytes */1000', 'RANGE_NOT_SATISFIABLE']);
      assert.equal((await get({ Range: 'bytes=-0' })).status, 416);
    });

    it('answers 304 to who has it, and the whole when the part is of another version', async () => {
      const answer = await get({ 'If-None-Match': '"v0", W/"v1"' });
      assert.deepEqual([answer.status, await answer.text()], [304, '']);
      assert.equal((await get({ 'If-None-Match': '"v0"' })).status, 200);
      assert.deepEqual(await part('bytes=0-0', { 'If-Range': '"v1"' }), [206, 'bytes 0-0/1000', 1]);
      assert.deepEqual(await part('bytes=0-0', { 'If-Range': '"v0"' }), [200, null, 1000]);
    });
  });
});
