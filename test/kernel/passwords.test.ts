import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BreachedPasswords } from '../../kernel/accounts/breached-passwords.ts';
import { Passwords } from '../../kernel/accounts/passwords.ts';
import { SignInDelay } from '../../kernel/accounts/sign-in-delay.ts';
import { ConfigError } from '../../kernel/config/config.ts';
import { testConfig, type TestAnswer, type TestKernel } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

describe('passwords', () => {
  let kernel: TestKernel;
  before(async () => {
    const { accounts } = testConfig();
    const signInDelay = { free: 3, firstMs: 50, longestMs: 200 };
    kernel = await startCopy({ config: { authLimit: { max: 6, windowMs: 900_000 }, trustProxy: 1, accounts: { ...accounts, signInDelay } } });
  });
  after(() => kernel.stop());

  let people = 0;
  const register = (password: string): Promise<TestAnswer> => {
    people += 1;
    const username = `person_${String(people)}`;
    return kernel.post('/api/auth/register', { body: { username, email: `${username}@example.org`, password } });
  };
  const login = (username: string, password: string, address: string): Promise<TestAnswer> =>
    kernel.post('/api/auth/login', { body: { username, password }, headers: { 'X-Forwarded-For': address } });

  it('are refused when they are among the most common, in any case (ASVS 6.2.4)', async () => {
    for (const password of ['password', '12345678', 'qwertyuiop', 'PassWord1', 'iloveyou', 'basketball']) {
      const { status, body } = await register(password);
      assert.deepEqual([status, body.error?.details[0].path], [400, '/body/password'], password);
    }
    assert.equal((await register('a quiet new horse')).status, 201);
  });

  it('are refused when they are made of names that are tried here: the person, the gym, the server (ASVS 6.2.11)', async () => {
    const admin = await kernel.signUp({ roles: ['user', 'admin'] });
    assert.equal((await kernel.request('PATCH', '/api/admin/settings', { as: admin, body: { gymName: 'Iron Harbour' } })).status, 200);
    const choose = (username: string, password: string): Promise<TestAnswer> =>
      kernel.post('/api/auth/register', { body: { username, email: `${username}@harbourmail.example`, displayName: 'Ada Lovelace', password } });
    for (const password of ['Deadlifter1990', 'deadlifter!!', 'HarbourMail-2024', 'Lovelace1815', 'iron.harbour', 'IRONHARBOUR24', 'MuscleMap2024!', 'Ａda.Lovelace.1']) {
      const { status, body } = await choose('deadlifter', password);
      assert.deepEqual([status, body.error?.details[0].path], [400, '/body/password'], password);
    }
    const made = await choose('deadlifter', 'deadlifter hums quietly');
    assert.equal(made.status, 201);
    const changed = await kernel.post('/api/auth/password', {
      headers: { Authorization: `Bearer ${String(made.body.data.accessToken)}` },
      body: { currentPassword: 'deadlifter hums quietly', newPassword: 'Deadlifter-2025' },
    });
    assert.deepEqual([changed.status, changed.body.error?.details[0].path], [400, '/body/newPassword']);
  });

  it('are refused when the file that the operator brings knows them from a breach (ASVS 6.2.12)', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'musclemap-breached-'));
    const known = Array.from({ length: 400 }, (_, n) => `found in a leak ${String(n)}`);
    const sum = (password: string): string => createHash('sha1').update(password).digest('hex').toUpperCase();
    const lines = known.map((password, n) => `${sum(password)}:${String(n ** 3 + 1)}`).sort();
    const file = join(directory, 'breached.txt');
    try {
      for (const [newline, last] of [['\r\n', ''], ['\n', '\n']] as const) {
        await writeFile(file, lines.join(newline) + last);
        const breached = new BreachedPasswords(file);
        for (const password of known) assert.equal(await breached.has(password), true, password);
        for (let n = 0; n < 100; n++) assert.equal(await breached.has(`found nowhere ${String(n)}`), false);
      }
      const { accounts } = testConfig();
      const strict = await startCopy({ config: { accounts: { ...accounts, breachedPasswords: file } } });
      const choose = async (password: string): Promise<number> =>
        (await strict.post('/api/auth/register', { body: { username: `n${String(password.length)}`, email: `n${String(password.length)}@example.org`, password } })).status;
      assert.deepEqual([await choose('found in a leak 7'), await choose('found nowhere at all')], [400, 201]);
      await strict.stop();
      await writeFile(file, 'password\n');
      await assert.rejects(startCopy({ config: { accounts: { ...accounts, breachedPasswords: file } } }), (error) => error instanceof ConfigError && /BREACHED_PASSWORDS_FILE .* byte 0 is no SHA-1/.test(error.message));
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  it('may be long, of any characters, and count to the last (ASVS 6.2.5, 6.2.8, 6.2.9)', async () => {
    const long = `${'ä€𝄞 '.repeat(24)}end`;
    const { body } = await register(long);
    const { username } = body.data.user;
    assert.equal((await login(username, long, '10.1.0.1')).status, 200);
    assert.equal((await login(username, long.slice(0, -1), '10.1.0.1')).status, 401);
    assert.equal((await login(username, long.toUpperCase(), '10.1.0.1')).status, 401);
  });

  it('cannot be guessed on from one address, which locks nobody out at another (ASVS 6.3.1)', async () => {
    const { username } = (await register('a quiet new horse')).body.data.user;
    const guesses: number[] = [];
    for (let n = 0; n < 8; n++) guesses.push((await login(username, `wrong ${String(n)}`, '10.2.0.1')).status);
    assert.deepEqual(guesses, [401, 401, 401, 401, 401, 401, 429, 429]);
    assert.equal((await login(username, 'a quiet new horse', '10.2.0.1')).status, 429);
    assert.equal((await login(username, 'a quiet new horse', '10.2.0.2')).status, 200);
  });

  it('guessed from many addresses are answered later and later, and their owner still gets in', async () => {
    const { username } = (await register('a quiet new horse')).body.data.user;
    for (let n = 0; n < 7; n++) await login(username, 'wrong', `10.3.0.${String(n)}`);
    const started = performance.now();
    assert.equal((await login(username, 'a quiet new horse', '10.3.1.1')).status, 200);
    assert.ok(performance.now() - started >= 195, 'the longest delay');
    const next = performance.now();
    assert.equal((await login(username, 'a quiet new horse', '10.3.1.2')).status, 200);
    assert.ok(performance.now() - next < performance.now() - started - 190, 'a right one ends the delay');
  });

  it('are hashed a bounded number at a time: whoever comes when the queue is full is told to come back', async () => {
    const passwords = new Passwords(20_000);
    const outcomes = await Promise.allSettled(Array.from({ length: 120 }, () => passwords.hash('a quiet new horse')));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    assert.ok(refused.length >= 60 && refused.length < 75, String(refused.length));
    for (const { reason } of refused) assert.equal((reason as { code: string }).code, 'UNAVAILABLE');
    assert.match(await passwords.hash('x'), /^\$pbkdf2-sha512\$i=20000\$/);
  });

  it('delays double up to the longest and are forgotten after a success', () => {
    const delay = new SignInDelay({ free: 2, firstMs: 100, longestMs: 1000 });
    const delays = Array.from({ length: 8 }, () => {
      delay.failed('account');
      return delay.delayOf('account');
    });
    assert.deepEqual(delays, [0, 0, 100, 200, 400, 800, 1000, 1000]);
    delay.succeeded('account');
    assert.deepEqual([delay.delayOf('account'), delay.delayOf('another')], [0, 0]);
  });
});

describe('GET /account/…', () => {
  let kernel: TestKernel;
  before(async () => {
    kernel = await startCopy();
  });
  after(() => kernel.stop());

  it('serves the pages that mails and the first start link to, under a policy that lets nothing else run', async () => {
    for (const page of ['confirm-email', 'undo-email', 'reset-password', 'setup']) {
      const { status, headers, body } = await kernel.get(`/account/${page}`);
      assert.equal(status, 200, page);
      assert.match(headers.get('content-type') ?? '', /^text\/html/);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*script-src 'self'/);
      assert.deepEqual([headers.get('referrer-policy'), headers.get('cache-control')], ['no-referrer', 'no-store']);
      const route = /data-route="\/api([^"]+)"/.exec(body as string)?.[1] ?? '';
      const names = [...(body as string).matchAll(/input name="(\w+)"/g)].map(([, name]) => name);
      // What is typed is hidden, and password managers know the field (ASVS 6.2.6, 6.2.7).
      const secret = [...(body as string).matchAll(/<input name="\w*[pP]assword"[^>]*>/g)].map(([field]) => field);
      assert.equal(secret.length, ['reset-password', 'setup'].includes(page) ? 1 : 0, page);
      for (const field of secret) assert.match(field, /type="password" autocomplete="new-password"/);
      const sent = Object.fromEntries([['token', 'x'], ...names.map((name) => [name, 'nonsense'])]);
      const answer = await kernel.post(`/api${route}`, { body: sent });
      assert.equal(answer.status, 400, `${route} takes the fields of its page`);
      assert.ok(!answer.body.error.details.some(({ message }: { message: string }) => /unknown|required|additional/i.test(message)), JSON.stringify(answer.body));
    }
    assert.equal((await kernel.get('/account/page.js')).status, 200);
    assert.equal((await kernel.get('/account/elsewhere')).status, 404);
  });
});
