import assert from 'node:assert/strict';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { writePlugins, type PluginFolder } from '../support/plugins.ts';
import { startCopy } from '../support/setup.ts';

const SCRIPT = `console.log(${JSON.stringify('a line that is long enough to be compressed '.repeat(40))});`;
const page = (path: string, files: Record<string, object>): string =>
  `kernel.hooks.pages.tap(kernel.id, (pages) => pages.add({ path: ${JSON.stringify(path)}, title: 'A page', files: ${JSON.stringify(files)} }));`;
const index = { 'index.html': { content: '<!doctype html><title>Hours</title>' } };

describe('pages of plugins', () => {
  let folder: PluginFolder;
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    const files = { ...index, 'assets/app-0123ABCD.js': { content: SCRIPT, isImmutable: true }, 'icon.svg': { content: '<svg/>' } };
    folder = await writePlugins({
      hours: { apply: page('/hours', files) },
      twin: { apply: page('/hours', index) },
      lone: { apply: page('/lone', { ...index, 'icon.svg': { content: '<svg/>' } }) },
      docs: { apply: page('/docs', index) },
      deep: { apply: page('/a/b', index) },
      empty: { apply: page('/empty', { 'app.js': { content: '' } }) },
      escape: { apply: page('/escape', { ...index, '../secret.txt': { content: '' } }) },
    });
    kernel = await startCopy({ sources: folder.sources });
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(async () => {
    await kernel.stop();
    await folder.remove();
  });

  /** fetch() would decompress. */
  const raw = (path: string, encoding: string): Promise<{ encoding: string | undefined; etag: string | undefined; body: Buffer }> =>
    new Promise((resolve, reject) => {
      const ask = request(kernel.kernel.url + path, { headers: { 'Accept-Encoding': encoding } }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          resolve({ encoding: answer.headers['content-encoding'], etag: answer.headers.etag, body: Buffer.concat(chunks) });
        });
      });
      ask.on('error', reject).end();
    });

  it('answer their index at their path and at every address below that names no file', async () => {
    for (const path of ['/hours', '/hours/', '/hours/monday/early']) {
      const answer = await kernel.get(path);
      assert.equal(answer.status, 200, path);
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/);
      assert.match(answer.body, /<title>Hours/);
      assert.equal(answer.headers.get('cache-control'), 'no-cache');
    }
    const missing = await kernel.get('/hours/assets/gone-0123ABCD.js');
    assert.deepEqual([missing.status, missing.body.error.code], [404, 'NOT_FOUND']);
  });

  it('may load nothing but from this server, and nothing inline', async () => {
    const { headers } = await kernel.get('/hours');
    const policy = headers.get('content-security-policy') ?? '';
    const { host } = new URL(kernel.kernel.url);
    for (const directive of [`script-src 'self'`, `style-src 'self'`, `connect-src 'self' ws://${host} wss://${host}`, `frame-ancestors 'none'`, `default-src 'none'`]) {
      assert.ok(policy.split(';').includes(directive), `${directive} is not in ${policy}`);
    }
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
  });

  it('are compressed as the browser likes it, each encoding with an ETag of its own', async () => {
    const path = '/hours/assets/app-0123ABCD.js';
    const [br, gzip, plain] = await Promise.all([raw(path, 'gzip, br'), raw(path, 'gzip'), raw(path, 'identity')]);
    assert.deepEqual([br.encoding, gzip.encoding, plain.encoding], ['br', 'gzip', undefined]);
    assert.equal(brotliDecompressSync(br.body).toString(), SCRIPT);
    assert.equal(gunzipSync(gzip.body).toString(), SCRIPT);
    assert.equal(plain.body.toString(), SCRIPT);
    assert.equal(new Set([br.etag, gzip.etag, plain.etag]).size, 3);
  });

  it('are kept for good when their name changes with their content, and else asked for with their ETag', async () => {
    const script = await kernel.get('/hours/assets/app-0123ABCD.js');
    assert.equal(script.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    const icon = await kernel.get('/hours/icon.svg');
    assert.match(icon.headers.get('content-type') ?? '', /^image\/svg\+xml/);
    const again = await kernel.get('/hours/icon.svg', { headers: { 'If-None-Match': icon.headers.get('etag') ?? '' } });
    assert.deepEqual([again.status, again.body], [304, '']);
  });

  it('are only read', async () => {
    const head = await kernel.request('HEAD', '/hours');
    assert.deepEqual([head.status, head.body], [200, '']);
    const post = await kernel.post('/hours', { body: {} });
    assert.deepEqual([post.status, post.headers.get('allow')], [405, 'GET, HEAD']);
  });

  it('are refused where the path is taken, is the kernel\'s own or is none, and without an index', async () => {
    const { body } = await kernel.get('/api/admin/plugins', { as: admin });
    const reasons = Object.fromEntries(body.data.map((plugin: { id: string; reason: string | null }) => [plugin.id, plugin.reason]));
    assert.equal(reasons.hours, null);
    assert.match(reasons.twin, /the page \/hours is taken by hours/);
    assert.match(reasons.docs, /collides with the kernel's own/);
    assert.match(reasons.deep, /is not one word at the root/);
    assert.match(reasons.empty, /has no index\.html/);
    assert.match(reasons.escape, /a file with the name "\.\.\/secret\.txt"/);
  });

  it('are told of in the plan and in the description of their plugin', async () => {
    const { body } = await kernel.get('/api/admin/plugins/hours', { as: admin });
    assert.deepEqual(body.data.pages, [{ path: '/hours', title: 'A page' }]);
    const plan = await kernel.get('/api/admin/plugins/hours/plan?for=disable', { as: admin });
    assert.deepEqual(plan.body.data.removed.pages, ['/hours']);
  });

  it('are gone with their plugin, and say so', async () => {
    assert.equal((await kernel.post('/api/admin/plugins/lone/disable', { as: admin })).status, 200);
    for (const path of ['/lone', '/lone/monday', '/lone/icon.svg']) {
      const answer = await kernel.get(path);
      assert.deepEqual([answer.status, answer.body.error.code], [404, 'PLUGIN_DISABLED'], path);
    }
    assert.equal((await kernel.post('/api/admin/plugins/lone/enable', { as: admin })).status, 200);
    assert.equal((await kernel.get('/lone/monday')).status, 200);
  });
});
