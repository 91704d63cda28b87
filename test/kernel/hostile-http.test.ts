import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };

describe('hostile requests', () => {
  let kernel: TestKernel;
  let user: TestUser;
  before(async () => {
    kernel = await startCopy();
    user = await kernel.signUp();
  });
  after(() => kernel.stop());

  /** Checks the envelope that every error has, and that it gives nothing away. */
  const refused = (answer: TestAnswer, status: number, code: string): TestAnswer['body'] => {
    assert.deepEqual([answer.status, answer.body.error?.code], [status, code], JSON.stringify(answer.body));
    const { error } = answer.body;
    assert.deepEqual([error.statusCode, error.requestId], [status, answer.headers.get('X-Request-Id')]);
    assert.equal(typeof error.message, 'string');
    assert.doesNotMatch(JSON.stringify(answer.body), /node_modules|\.ts:|SELECT|INSERT|constraint|at Object/);
    return error;
  };
  const register = (body: unknown, headers: Record<string, string> = JSON_TYPE): Promise<TestAnswer> =>
    kernel.post('/api/auth/register', { body, headers });

  it('answers 400 to malformed JSON and to JSON that is no object', async () => {
    refused(await register('{ "email": '), 400, 'VALIDATION_ERROR');
    for (const body of ['[]', '5', 'null', '"text"']) refused(await register(body), 400, 'VALIDATION_ERROR');
  });

  it('answers 400 to JSON that is nested too deep', async () => {
    const charge = (levels: number, key: string): Promise<TestAnswer> => {
      const metadata = `{ "a": ${'['.repeat(levels)}${']'.repeat(levels)} }`;
      return kernel.post('/api/credits/charge', { as: user, key, headers: JSON_TYPE, body: `{ "action": "workout.log", "metadata": ${metadata} }` });
    };
    for (const levels of [200, 20_000, 200_000]) {
      const { details } = refused(await charge(levels, `deep-${String(levels)}`), 400, 'VALIDATION_ERROR');
      assert.deepEqual(details, [{ path: '/body', message: 'is nested deeper than 100 levels' }]);
    }
    assert.equal((await charge(50, 'shallow')).status, 200);
  });

  it('names unknown fields and wrong types', async () => {
    const error = refused(await register({ email: 5, username: [], password: {}, roles: ['admin'] }), 400, 'VALIDATION_ERROR');
    const paths = new Set(error.details.map(({ path }: { path: string }) => path));
    for (const field of ['email', 'username', 'password', 'roles']) assert.ok(paths.has(`/body/${field}`), field);
  });

  it('answers 413 to 2 MiB, whether the length is told or not', async () => {
    const large = JSON.stringify({ email: 'x'.repeat(2 * 1024 * 1024) });
    refused(await register(large), 413, 'PAYLOAD_TOO_LARGE');
    const stream = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(large));
        controller.close();
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: stream, duplex: 'half', headers: JSON_TYPE };
    assert.equal((await fetch(`${kernel.kernel.url}/api/auth/register`, init)).status, 413);
  });

  it('answers 415 to a body that is not JSON, or does not say what it is', async () => {
    refused(await register('email=x', { 'Content-Type': 'application/x-www-form-urlencoded' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    refused(await kernel.post('/api/auth/register', { body: Buffer.from('{}') }), 415, 'UNSUPPORTED_MEDIA_TYPE');
    refused(await register('{}', { ...JSON_TYPE, 'Content-Encoding': 'gzip' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  });

  it('answers 404 to unknown routes and 405 with Allow to known ones', async () => {
    for (const path of ['/api', '/api/nothing', '/api/workouts/x/y', '/nothing', '/api/%00', '/api/users/%E0%A4%A', `/api/users/${'x'.repeat(10_000)}`]) {
      refused(await kernel.get(path, { as: user }), 404, 'NOT_FOUND');
    }
    const wrong = await kernel.request('DELETE', '/api/auth/login');
    refused(wrong, 405, 'METHOD_NOT_ALLOWED');
    assert.equal(wrong.headers.get('Allow'), 'POST');
  });

  it('answers 401 without a token and with anything that is none', async () => {
    refused(await kernel.get('/api/users/me'), 401, 'UNAUTHORIZED');
    for (const Authorization of ['Bearer', 'Bearer x', 'Basic abc', 'Bearer a.b.c', `Bearer ${'a'.repeat(9000)}`]) {
      refused(await kernel.get('/api/users/me', { headers: { Authorization } }), 401, 'UNAUTHORIZED');
    }
  });

  it('answers 403 to a member on a route for administrators', async () => {
    refused(await kernel.get('/api/admin/plugins', { as: user }), 403, 'FORBIDDEN');
  });

  it('refuses text that no database stores', async () => {
    const body = '{ "email": "a@example.org", "username": "abc", "password": "long enough", "displayName": "a\\u0000b" }';
    refused(await register(body), 400, 'VALIDATION_ERROR');
    refused(await register(body.replace('\\u0000', '\\ud800')), 400, 'VALIDATION_ERROR');
    refused(await kernel.get('/api/users?search=a%00b', { as: user }), 400, 'VALIDATION_ERROR');
  });

  it('is not polluted by keys of prototypes', async () => {
    refused(await register('{ "__proto__": { "admin": true }, "email": "a@b.cc" }'), 400, 'VALIDATION_ERROR');
    const charge = (metadata: string): Promise<TestAnswer> =>
      kernel.post('/api/credits/charge', { as: user, key: metadata, body: { action: 'workout.log', metadata: JSON.parse(metadata) as object } });
    assert.equal((await charge('{"constructor":1,"prototype":{"polluted":true}}')).status, 200);
    refused(await charge('{"__proto__":{"polluted":true}}'), 400, 'VALIDATION_ERROR');
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
    for (const key of ['__proto__', 'constructor']) {
      const { details } = refused(await kernel.get(`/api/credits/history?${key}=1`, { as: user }), 400, 'VALIDATION_ERROR');
      assert.deepEqual(details, [{ path: `/query/${key}`, message: 'is not known' }]);
    }
  });

  it('refuses a cursor that it did not give out, and limits out of range', async () => {
    for (const cursor of ['x', Buffer.from('[1,2]').toString('base64url'), Buffer.from('["x","y"]').toString('base64url')]) {
      refused(await kernel.get(`/api/credits/history?cursor=${cursor}`, { as: user }), 400, 'VALIDATION_ERROR');
    }
    for (const limit of ['0', '101', 'x', '1.5', '1&limit=2', 'Infinity', '-Infinity', '1e999', 'NaN']) {
      refused(await kernel.get(`/api/workouts?limit=${limit}`, { as: user }), 400, 'VALIDATION_ERROR');
      refused(await kernel.get(`/api/users?search=ada&limit=${limit}`, { as: user }), 400, 'VALIDATION_ERROR');
    }
  });

  it('refuses a key that is no key, and to do without one', async () => {
    refused(await kernel.post('/api/credits/charge', { as: user, body: { action: 'workout.log' } }), 400, 'VALIDATION_ERROR');
    for (const key of ['a b', 'x'.repeat(129)]) {
      refused(await kernel.post('/api/credits/charge', { as: user, key, body: { action: 'workout.log' } }), 400, 'VALIDATION_ERROR');
    }
  });

  it('outlives a huge header and a request that breaks off', async () => {
    const { port, hostname } = new URL(kernel.kernel.url);
    const heads = [`GET /health HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`, 'POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{', 'nonsense\r\n\r\n'];
    const received: string[] = [];
    for (const head of heads) {
      received.push(await new Promise<string>((resolve) => {
        let text = '';
        const socket = connect(Number(port), hostname, () => socket.end(head));
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('error', () => undefined).on('close', () => {
          resolve(text);
        });
      }));
    }
    assert.deepEqual(received.map((text) => /^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), ['431', '400', '400']);
    assert.equal((await kernel.get('/health')).status, 200);
  });

  it('echoes a sensible request id, replaces another, and sends security headers', async () => {
    const { headers } = await kernel.get('/api/plugins', { headers: { 'X-Request-Id': 'abc-1' } });
    assert.equal(headers.get('X-Request-Id'), 'abc-1');
    const refusal = await kernel.get('/api/nothing', { headers: { 'X-Request-Id': 'abc-2' } });
    assert.equal(refused(refusal, 404, 'NOT_FOUND').requestId, 'abc-2');
    assert.equal(refusal.headers.get('X-Content-Type-Options'), 'nosniff');
    const strange = await kernel.get('/api/plugins', { headers: { 'X-Request-Id': 'a b{}' } });
    assert.match(strange.headers.get('X-Request-Id') ?? '', /^[0-9a-f-]{36}$/);
    assert.equal(headers.get('X-Content-Type-Options'), 'nosniff');
    assert.equal(headers.get('X-Frame-Options'), 'DENY');
    assert.match(headers.get('Content-Security-Policy') ?? '', /default-src 'none'/);
    assert.match(headers.get('Strict-Transport-Security') ?? '', /max-age=/);
  });
});

describe('limits', () => {
  it('answers 429 with Retry-After past the limit of requests', async () => {
    const kernel = await startCopy({ config: { rateLimit: { max: 3, windowMs: 60_000 } } });
    try {
      const statuses: number[] = [];
      for (let i = 0; i < 4; i++) statuses.push((await kernel.get('/api/plugins')).status);
      assert.deepEqual(statuses, [200, 200, 200, 429]);
      const { headers, body } = await kernel.get('/api/plugins');
      assert.equal(body.error.code, 'RATE_LIMITED');
      assert.ok(Number(headers.get('Retry-After')) > 0);
      assert.deepEqual([headers.get('RateLimit-Limit'), headers.get('RateLimit-Remaining')], ['3', '0']);
    } finally {
      await kernel.stop();
    }
  });

  it('stops guessing a password after so many failures, also with the right one', async () => {
    const kernel = await startCopy({ config: { authLimit: { max: 3, windowMs: 60_000 } } });
    try {
      const { username, password } = await kernel.signUp();
      const login = (guess: string): Promise<TestAnswer> => kernel.post('/api/auth/login', { body: { username, password: guess } });
      for (let i = 0; i < 3; i++) assert.equal((await login('wrong')).status, 401);
      const { status, headers, body } = await login(password);
      assert.deepEqual([status, body.error.code, headers.get('RateLimit-Remaining')], [429, 'RATE_LIMITED', '0']);
      assert.ok(Number(headers.get('Retry-After')) > 0);
      const other = await kernel.signUp();
      assert.equal((await kernel.post('/api/auth/login', { body: { username: other.username, password: other.password } })).status, 200);
    } finally {
      await kernel.stop();
    }
  });

  it('stops guesses that are sent at once as well, the right one behind them included', async () => {
    const accounts = { ...testConfig().accounts, passwordIterations: 100_000 };
    const kernel = await startCopy({ config: { authLimit: { max: 3, windowMs: 60_000 }, accounts } });
    try {
      const { username, password } = await kernel.signUp();
      const guesses = [...Array.from({ length: 12 }, () => 'wrong'), password];
      const answers = await Promise.all(guesses.map((guess) => kernel.post('/api/auth/login', { body: { username, password: guess } })));
      assert.deepEqual(answers.map(({ status }) => status).sort(), [...Array.from({ length: 3 }, () => 401), ...Array.from({ length: 10 }, () => 429)]);
    } finally {
      await kernel.stop();
    }
  });
});
