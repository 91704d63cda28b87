import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const LIMIT = 8 * 1024 * 1024;

const manifest = (id: string): string =>
  JSON.stringify({ id, version: '1.0.0', displayName: id, description: 'A plugin of this test', kernel: '^1.0.0', scopes: ['routes'] });

/** Counts what arrives; what a client broke off is told by the next request. */
const READER = `
import { ApiError, definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    let broken = null;
    kernel.hooks.routes.tap('reader', (routes) => {
      routes.post('/reader', { summary: 'Counts', rawBody: 'stream', bodyLimit: ${String(LIMIT)} }, async ({ rawBody }) => {
        const counts = { chunks: 0, bytes: 0, largest: 0 };
        try {
          for await (const chunk of rawBody) {
            counts.chunks += 1;
            counts.bytes += chunk.length;
            counts.largest = Math.max(counts.largest, chunk.length);
          }
        } catch (error) {
          broken = error.code;
          throw error;
        }
        return counts;
      });
      routes.post('/reader/ignores', { summary: 'Reads nothing', rawBody: 'stream', bodyLimit: ${String(LIMIT)} }, () => ({ read: 0 }));
      routes.post('/reader/refuses', { summary: 'Reads a little', rawBody: 'stream', bodyLimit: ${String(LIMIT)} }, async ({ rawBody }) => {
        await rawBody[Symbol.asyncIterator]().next();
        throw new ApiError('UNPROCESSABLE');
      });
      let late;
      const hungUp = ({ signal }) => {
        late = null;
        return new Promise((resolve) => signal.addEventListener('abort', resolve));
      };
      routes.get('/reader/late', { summary: 'Looks when the client is gone', prepare: hungUp }, ({ signal }) => { late = signal.aborted; });
      routes.get('/reader/was-late', { summary: 'What it saw' }, () => ({ late: String(late) }));
      routes.get('/reader/broken', { summary: 'Why the last body could not be read' }, () => ({ broken }));
    });
  },
});`;

const GREEDY = `
import { definePlugin } from 'musclemap';
export default definePlugin({
  apply(kernel) {
    kernel.hooks.routes.tap('greedy', (routes) => {
      routes.post('/greedy', { summary: 'Cannot be', rawBody: 'stream', idempotent: true }, () => ({}));
    });
  },
});`;

describe("a route with rawBody: 'stream'", () => {
  let kernel: TestKernel;
  let user: TestUser;
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-streams-'));
    for (const [id, code] of Object.entries({ reader: READER, greedy: GREEDY })) {
      await mkdir(join(directory, id));
      await writeFile(join(directory, id, 'plugin.json'), manifest(id));
      await writeFile(join(directory, id, 'index.ts'), code);
    }
    kernel = await startCopy({ sources: { bundled: [directory], directories: [], nodeModules: [] } });
    user = await kernel.signUp();
  });
  after(async () => {
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Sends the headers and some bytes of a body that is said to be longer. */
  const begin = (path: string, length: number, bytes: Buffer): ReturnType<typeof connect> => {
    const { hostname, port } = new URL(kernel.kernel.url);
    const socket = connect(Number(port), hostname);
    socket.write(
      `POST ${path} HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${user.accessToken}\r\nContent-Length: ${String(length)}\r\n\r\n`,
    );
    socket.write(bytes);
    return socket;
  };

  it('gets the body in pieces while it arrives', async () => {
    const { status, body } = await kernel.post('/api/reader', { as: user, body: Buffer.alloc(LIMIT, 1) });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.data.bytes, LIMIT);
    assert.ok(body.data.chunks > 10 && body.data.largest < LIMIT / 10, JSON.stringify(body.data));
  });

  it('answers 413 for a length beyond the limit without reading, and for a body without a length once it is beyond', async () => {
    const said = begin('/api/reader', LIMIT + 1, Buffer.alloc(1));
    const [answer] = (await once(said, 'data')) as [Buffer];
    assert.match(answer.toString(), /^HTTP\/1\.1 413 /);
    said.destroy();

    const { hostname, port } = new URL(kernel.kernel.url);
    const unsaid = connect(Number(port), hostname);
    unsaid.write(`POST /api/reader HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer ${user.accessToken}\r\nTransfer-Encoding: chunked\r\n\r\n`);
    unsaid.write(`${(LIMIT + 1).toString(16)}\r\n`);
    unsaid.write(Buffer.alloc(LIMIT + 1));
    unsaid.on('error', () => undefined);
    const [late] = (await once(unsaid, 'data')) as [Buffer];
    assert.match(late.toString(), /^HTTP\/1\.1 413 /);
    unsaid.destroy();
  });

  it('tells its reader when the client hangs up', async () => {
    const socket = begin('/api/reader', 1000, Buffer.alloc(10));
    await once(socket, 'connect');
    socket.end();
    const deadline = Date.now() + 10_000;
    const broken = async (): Promise<unknown> => (await kernel.get('/api/reader/broken', { as: user })).body.data.broken;
    while ((await broken()) !== 'VALIDATION_ERROR' && Date.now() < deadline) await new Promise(setImmediate);
    assert.equal(await broken(), 'VALIDATION_ERROR');
  });

  it('finds the signal aborted when it asks for it after the client has hung up', async () => {
    const abort = new AbortController();
    const answer = fetch(`${kernel.kernel.url}/api/reader/late`, { signal: abort.signal, headers: { Authorization: `Bearer ${user.accessToken}` } });
    const saw = async (): Promise<string> => (await kernel.get('/api/reader/was-late', { as: user })).body.data.late as string;
    await kernel.until(async () => (await saw()) === 'null', 'the request to arrive');
    abort.abort();
    await assert.rejects(answer);
    await kernel.until(async () => (await saw()) !== 'null', 'the handler to run');
    assert.equal(await saw(), 'true');
  });

  it('may leave the body unread, from the start or in the middle, and its answer arrives', async () => {
    for (let round = 0; round < 3; round += 1) {
      assert.equal((await kernel.post('/api/reader/ignores', { as: user, body: Buffer.alloc(LIMIT) })).status, 200);
      assert.equal((await kernel.post('/api/reader/refuses', { as: user, body: Buffer.alloc(LIMIT) })).status, 422);
    }
  });

  it('can be neither idempotent nor priced: registering one is refused', () => {
    const greedy = kernel.kernel.plugins.statuses.find(({ id }) => id === 'greedy');
    assert.equal(greedy?.state, 'failed');
    assert.match(greedy.reason ?? '', /streams its body/);
  });

  it('is described as taking bytes', async () => {
    const { body } = await kernel.get('/api/openapi.json');
    assert.deepEqual(Object.keys(body.paths['/api/reader'].post.requestBody.content), ['application/octet-stream']);
    assert.ok(body.paths['/api/reader'].post.responses['413']);
  });
});
