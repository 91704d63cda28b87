import assert from 'node:assert/strict';
import type { TestAnswer, TestKernel } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const TEMPLATED = /:([^/]+)/g;

describe('operations', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy({ config: { corsOrigins: ['https://app.example.org'] } });
  });
  after(() => kernel.stop());

  it('tells its health and its readiness, which no cache keeps', async () => {
    for (const [path, status] of [['/health', 'ok'], ['/ready', 'ready']] as const) {
      const answer = await kernel.get(path);
      assert.deepEqual([answer.status, answer.body.status, answer.headers.get('Cache-Control')], [200, status, 'no-store']);
    }
  });

  it('gives its figures as Prometheus reads them', async () => {
    await kernel.get('/api/muscles');
    const { headers, body } = await kernel.get('/metrics');
    assert.match(headers.get('Content-Type') ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(body, /^# TYPE http_request_duration_seconds histogram$/m);
    assert.match(body, /http_request_duration_seconds_count\{route="GET \/api\/muscles",status="200"\} 1/);
  });

  it('shows the documentation from its own files only, under a policy that allows them', async () => {
    const page = await kernel.get('/docs');
    assert.match(page.headers.get('Content-Type') ?? '', /^text\/html/);
    assert.match(page.headers.get('Content-Security-Policy') ?? '', /default-src 'self'/);
    const assets = [...String(page.body).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path);
    assert.equal(assets.length, 4);
    for (const path of assets.filter((asset) => asset !== '/favicon.svg')) {
      assert.match(path, /^\/docs\//);
      const { status, headers, body } = await kernel.get(path);
      assert.deepEqual([path, status], [path, 200]);
      assert.match(headers.get('Content-Type') ?? '', path.endsWith('.css') ? /^text\/css/ : /^text\/javascript/);
      assert.ok(String(body).length > 0, path);
    }
  });

  it('has an icon for the pages that bring none, which their policies let the browser load', async () => {
    const icon = await kernel.get('/favicon.svg');
    assert.deepEqual([icon.status, icon.headers.get('Content-Type'), icon.headers.get('X-Content-Type-Options')], [200, 'image/svg+xml', 'nosniff']);
    assert.match(String(icon.body), /^<svg /);
    for (const path of ['/docs', '/account/setup', '/account/reset-password']) {
      const { headers, body } = await kernel.get(path);
      assert.match(String(body), /<link rel="icon" type="image\/svg\+xml" href="\/favicon\.svg">/, path);
      assert.match(headers.get('Content-Security-Policy') ?? '', /img-src 'self'/, path);
    }
    const asked = await kernel.get('/favicon.ico');
    assert.deepEqual([asked.status, asked.headers.get('Location')], [301, '/favicon.svg']);
  });

  it('answers a page that it has not as any other unknown address', async () => {
    for (const path of ['/docs/nothing.js', '/docs/package.json', '/docs/..%2Fpackage.json']) {
      const { status, headers, body } = await kernel.get(path);
      assert.deepEqual([path, status, body.error?.code], [path, 404, 'NOT_FOUND']);
      assert.equal(body.error.requestId, headers.get('X-Request-Id'));
    }
  });

  it('lets configured origins in, and no other', async () => {
    const preflight = (Origin: string): Promise<TestAnswer> =>
      kernel.request('OPTIONS', '/api/workouts', { headers: { Origin, 'Access-Control-Request-Method': 'POST' } });
    assert.equal((await preflight('https://app.example.org')).headers.get('Access-Control-Allow-Origin'), 'https://app.example.org');
    assert.ok(!(await preflight('https://evil.example.org')).headers.get('Access-Control-Allow-Origin'));
  });

  it('answers a catalogue with an ETag and 304', async () => {
    const { headers } = await kernel.get('/api/muscles');
    assert.match(headers.get('Cache-Control') ?? '', /public/);
    assert.equal((await kernel.get('/api/muscles', { headers: { 'If-None-Match': headers.get('ETag') ?? '' } })).status, 304);
  });
});

describe('GET /api/openapi.json', () => {
  let kernel: TestKernel;
  let document: TestAnswer;
  before(async () => {
    kernel = await startCopy();
    document = await kernel.get('/api/openapi.json');
  });
  after(() => kernel.stop());

  it('is OpenAPI 3.1 and lists every route, and no other', () => {
    const { body } = document;
    assert.equal(body.openapi, '3.1.0');
    const listed = Object.entries<object>(body.paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`));
    const served = kernel.kernel.plugins.composition.routes.routes.map(
      ({ method, path }) => `${method.toLowerCase()} ${path.replace(TEMPLATED, '{$1}')}`,
    );
    assert.deepEqual(listed.sort(), served.sort());
  });

  it('says of every route that asks for an Idempotency-Key that it does', async () => {
    const asked: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, { parameters?: { name: string; required: boolean }[] }>>(document.body.paths)) {
      for (const [method, { parameters = [] }] of Object.entries(methods)) {
        if (parameters.some(({ name, required }) => name === 'Idempotency-Key' && required)) asked.push(`${method} ${path}`);
      }
    }
    for (const route of ['post /api/credits/charge', 'post /api/billing/checkout', 'post /api/admin/billing/purchases/{id}/refund', 'post /api/credits/transfer', 'post /api/workouts']) {
      assert.ok(asked.includes(route), route);
    }
    const without = await kernel.post('/api/credits/charge', { as: await kernel.signUp(), body: { action: 'workout.log' } });
    assert.deepEqual([without.status, without.body.error.code], [400, 'VALIDATION_ERROR']);
  });

  it('describes of each route the success and every refusal, in the one shape of errors', () => {
    const ids = new Set<string>();
    for (const { method, path, name, options } of kernel.kernel.plugins.composition.routes.routes) {
      const { summary, operationId, responses, security } = document.body.paths[path.replace(TEMPLATED, '{$1}')][method.toLowerCase()];
      assert.ok(summary, name);
      ids.add(operationId);
      const statuses = Object.keys(responses);
      assert.ok(statuses.some((status) => status.startsWith('2')), name);
      const expected = ['400', '500', '503', ...((options.auth ?? 'user') === 'none' ? [] : ['401', '403']), ...(options.body ? ['413', '415'] : [])];
      for (const status of expected) assert.ok(statuses.includes(status), `${name} ${status}`);
      for (const status of statuses.filter((code) => code >= '400')) {
        assert.equal(responses[status].content['application/json'].schema.$ref, '#/components/schemas/Error', `${name} ${status}`);
      }
      assert.equal(security.length > 0, (options.auth ?? 'user') !== 'none', name);
    }
    assert.equal(ids.size, kernel.kernel.plugins.composition.routes.routes.length);
  });

  it('answers 304 to who has it, and the whole to who has another', async () => {
    const etag = document.headers.get('ETag') ?? '';
    assert.match(etag, /^"[^"]+"$/);
    const known = await kernel.get('/api/openapi.json', { headers: { 'If-None-Match': etag } });
    assert.deepEqual([known.status, known.body], [304, '']);
    assert.equal((await kernel.get('/api/openapi.json', { headers: { 'If-None-Match': '"another"' } })).status, 200);
  });
});
