import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { startKernel } from '../../kernel/kernel.ts';
import { startFakeStripe, testConfig, TestKernel, type FakeStripe, type TestAnswer, type TestUser } from '../../kernel/testing.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { Mailbox, tokenOf } from '../support/mailbox.ts';
import { writePlugins, type PluginFolder } from '../support/plugins.ts';
import { createDatabase } from '../support/setup.ts';

/** Wants a secret, and is as careless with what it gets as a plugin may be: logs requests, and throws them about. */
const CARELESS_PLUGIN = `kernel.hooks.routes.tap(kernel.id, (routes) => {
    routes.post('/careless', { summary: 'Logs', body: Type.Object({ password: Type.String(), token: Type.String() }), response: Type.Null() }, ({ headers, body }) => {
      kernel.log.info({ headers, body }, 'asked');
      kernel.log.warn({ request: { headers, body } }, 'asked');
      throw Object.assign(new Error('careless'), { headers, body, request: { headers } });
    });
  });`;
const CONFIG = { type: 'object', properties: { apiKey: { type: 'string', secret: true, minLength: 8 }, mode: { enum: ['a', 'b'] } }, required: ['apiKey'] };

describe('secrets', function () {
  this.timeout(60_000);
  const secrets = new Map<string, string>();
  const refusals: string[] = [];
  const jwtSecret = keep('the signing key', randomBytes(32).toString('hex'));
  let kernel: TestKernel;
  let stripe: FakeStripe;
  let mailbox: Mailbox;
  let plugins: PluginFolder;
  let directory: string;
  let log: FileHandle;

  function keep(name: string, secret: string): string {
    secrets.set(`${name} (${String(secrets.size)})`, secret);
    return secret;
  }
  const password = (): string => keep('a password', `canary ${randomBytes(12).toString('hex')} horse`);

  before(async () => {
    stripe = await startFakeStripe();
    mailbox = new Mailbox();
    plugins = await writePlugins({ careless: { apply: CARELESS_PLUGIN, manifest: { config: CONFIG } } });
    directory = await mkdtemp(join(tmpdir(), 'musclemap-secrets-'));
    log = await open(join(directory, 'log'), 'a+');
    const database = await createDatabase();
    const settings = { ...stripe.settings, secretKey: keep('the key of Stripe', `sk_test_${randomBytes(16).toString('hex')}`) };
    keep('the secret of the webhook', settings.webhookSecret);
    const config = testConfig({ home: directory, logLevel: 'trace', jwtSecret, stripe: settings, mail: { smtpUrl: await mailbox.start(), from: 'MuscleMap <a@example.org>' } });
    const sources = { bundled: ['plugins'], directories: [plugins.directory], nodeModules: [] };
    kernel = new TestKernel(await startKernel({ config, databaseUrl: database.url, log: createLogger(config, false, log.fd), sources }), database.url, () => database.drop());
  });
  after(async () => {
    await kernel.stop();
    await stripe.stop();
    await mailbox.stop();
    await log.close();
    await Promise.all([plugins.remove(), rm(directory, { recursive: true })]);
  });

  /** Sends, and keeps what is said when it is refused. */
  const ask = async (method: string, path: string, options: Parameters<TestKernel['request']>[2] = {}): Promise<TestAnswer> => {
    const answer = await kernel.request(method, `/api${path}`, options);
    if (answer.status >= 400) refusals.push(JSON.stringify(answer.body));
    return answer;
  };
  const keepTokens = ({ body }: TestAnswer): { accessToken: string; refreshToken: string } => {
    const { accessToken, refreshToken } = body.data as { accessToken: string; refreshToken: string };
    return { accessToken: keep('an access token', accessToken), refreshToken: keep('a refresh token', refreshToken) };
  };
  const signUp = async (): Promise<TestUser> => {
    const user = { username: `u${randomBytes(6).toString('hex')}`, password: password() };
    const answer = await ask('POST', '/auth/register', { body: { ...user, email: `${user.username}@example.org` } });
    return { ...user, id: answer.body.data.user.id as string, ...keepTokens(answer) };
  };

  const useAccounts = async (): Promise<TestUser> => {
    const user = await signUp();
    const { username } = user;
    keep('a confirmation token', tokenOf(await mailbox.next(`${username}@example.org`, 'Please confirm')));
    await ask('POST', '/auth/login', { body: { username, password: password() } });
    await ask('POST', '/auth/login', { body: { username, password: password(), unknown: keep('a password in the wrong field', randomUUID()) } });
    await ask('POST', '/auth/register', { body: { username, password: user.password, email: `other${username}@example.org` } });
    const renewed = keepTokens(await ask('POST', '/auth/refresh', { body: { refreshToken: user.refreshToken } }));
    await ask('POST', '/auth/refresh', { body: { refreshToken: keep('a made-up token', randomBytes(30).toString('base64url')) } });
    const newPassword = password();
    await ask('POST', '/auth/password', { as: { ...user, ...renewed }, body: { currentPassword: password(), newPassword } });
    await ask('POST', '/auth/password', { as: { ...user, ...renewed }, body: { currentPassword: user.password, newPassword: 'password' } });
    await ask('POST', '/auth/password-reset', { body: { email: `${username}@example.org` } });
    const token = keep('a reset token', tokenOf(await mailbox.next(`${username}@example.org`, 'A new password')));
    await ask('POST', '/auth/password-reset/confirm', { body: { token: keep('a made-up token', randomUUID().repeat(2)), newPassword } });
    await ask('POST', '/auth/password-reset/confirm', { body: { token, newPassword } });
    await ask('GET', '/users/me', { headers: { Authorization: `Bearer ${keep('a cut token', renewed.accessToken.slice(0, -5))}` } });
    await ask('GET', `/realtime?ticket=${keep('a ticket', randomBytes(24).toString('base64url'))}`);
    return { ...user, password: newPassword, ...keepTokens(await ask('POST', '/auth/login', { body: { username, password: newPassword } })) };
  };

  const useSecondFactor = async (user: TestUser): Promise<void> => {
    const { secret } = (await ask('POST', '/users/me/second-factor', { as: user, body: { password: user.password } })).body.data as { secret: string };
    keep('the secret of the second factor', secret);
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await ask('POST', '/users/me/second-factor/confirm', { as: user, body: { code: 'WRONGCODE' } });
    const confirmed = await ask('POST', '/users/me/second-factor/confirm', { as: user, body: { code } });
    for (const recovery of confirmed.body.data.recoveryCodes as string[]) keep('a recovery code', recovery);
    const { secondStep } = (await ask('POST', '/auth/login', { body: { username: user.username, password: user.password } })).body.data as { secondStep: { token: string } };
    await ask('POST', '/auth/second-step', { body: { token: keep('a second-step token', secondStep.token), code: '000000' } });
  };

  const administer = async (): Promise<void> => {
    const user = await signUp();
    await kernel.knex('users').where({ id: user.id }).update({ roles: JSON.stringify(['user', 'admin']) });
    const admin = { ...user, ...keepTokens(await ask('POST', '/auth/login', { body: { username: user.username, password: user.password } })) };
    const configure = (config: object): Promise<TestAnswer> => ask('PUT', '/admin/plugins/careless/config', { as: admin, body: config });
    await ask('POST', '/admin/plugins/careless/enable', { as: admin });
    await configure({ apiKey: keep('the secret of a plugin', randomBytes(16).toString('hex')), mode: 'wrong' });
    assert.equal((await configure({ apiKey: keep('the secret of a plugin', randomBytes(16).toString('hex')), mode: 'a' })).status, 200);
    await configure({ apiKey: keep('the secret of a plugin', randomBytes(16).toString('hex')), unknownKey: randomUUID() });
    await ask('POST', '/admin/plugins/careless/enable', { as: admin });
    assert.equal((await ask('GET', '/admin/plugins/careless', { as: admin })).body.data.state, 'enabled');
    const body = { password: password(), token: keep('a token', randomUUID()) };
    const { status } = await ask('POST', '/careless', { as: admin, body, headers: { Cookie: `session=${keep('a cookie', randomUUID())}` } });
    assert.equal(status, 500);
  };

  const pay = async (user: TestUser): Promise<void> => {
    stripe.isDown = true;
    await ask('POST', '/billing/checkout', { as: user, key: randomUUID(), body: { tierId: 'starter' } });
    stripe.isDown = false;
    await ask('POST', '/billing/checkout', { as: user, key: randomUUID(), body: { tierId: 'starter' } });
    await ask('POST', '/billing/webhook', { body: '{}', headers: { 'Stripe-Signature': `t=1,v1=${keep('a signature', randomBytes(32).toString('hex'))}` } });
  };

  /** Every statement about an account fails, so that whatever an error carries is logged. */
  const breakDatabase = async (user: TestUser): Promise<void> => {
    for (const table of ['refresh_tokens', 'account_tokens', 'second_factors', 'users']) {
      await kernel.knex.raw('ALTER TABLE ?? RENAME TO ??', [table, `${table}_away`]);
      const body = { username: user.username, password: user.password };
      await ask('POST', '/auth/login', { body });
      await ask('POST', '/auth/register', { body: { username: `n${randomBytes(6).toString('hex')}`, password: password(), email: `${randomUUID()}@example.org` } });
      await ask('POST', '/auth/refresh', { body: { refreshToken: user.refreshToken } });
      await ask('POST', '/auth/email/confirm', { body: { token: keep('a made-up token', randomUUID().repeat(2)) } });
      await ask('POST', '/users/me/second-factor', { as: user, body: { password: user.password } });
      await kernel.knex.raw('ALTER TABLE ?? RENAME TO ??', [`${table}_away`, table]);
    }
  };

  const dumpDatabase = async (): Promise<string> => {
    const tables = await kernel.knex('pg_tables').whereNotIn('schemaname', ['pg_catalog', 'information_schema']).select('schemaname', 'tablename');
    const texts = await Promise.all(
      tables.map(async ({ schemaname, tablename }: Record<string, string>) => {
        const { rows } = await kernel.knex.raw<{ rows: { text: string | null }[] }>(`SELECT string_agg(t::TEXT, E'\\n') AS text FROM ??.?? t`, [schemaname ?? '', tablename ?? '']);
        return rows[0]?.text ?? '';
      }),
    );
    return texts.join('\n');
  };
  const found = (text: string): string[] => [...secrets].filter(([, secret]) => text.includes(secret) || text.includes(JSON.stringify(secret).slice(1, -1))).map(([name]) => name);

  it('are in no line of the log, in no refusal, in no figure, and nowhere in the database as they are', async () => {
    const user = await useAccounts();
    await useSecondFactor(user);
    await pay(user);
    await administer();
    await breakDatabase(user);
    assert.ok(secrets.size > 50 && ![...secrets.values()].some((secret) => secret.length < 8), [...secrets].join('\n'));
    assert.ok(refusals.length > 20);
    const lines = await readFile(join(directory, 'log'), 'utf8');
    assert.ok(lines.includes('"level":"error"') && lines.includes('careless') && lines.split('\n').length > 40);
    assert.deepEqual(found(lines), [], lines.split('\n').filter((line) => found(line).length > 0).join('\n'));
    assert.deepEqual(found(refusals.join('\n')), [], refusals.filter((line) => found(line).length > 0).join('\n'));
    assert.deepEqual(found((await kernel.get('/metrics')).body as string), []);
    const dump = await dumpDatabase();
    assert.ok(dump.includes(user.username) && dump.includes('PUT /api/admin/plugins/:id/config'));
    assert.deepEqual(found(dump), []);
  });
});
