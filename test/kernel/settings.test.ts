import assert from 'node:assert/strict';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { startKernel, type Kernel } from '../../kernel/kernel.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { startCopy } from '../support/setup.ts';

const KEYS = { secretKey: 'sk_test_abcdefgh', webhookSecret: 'whsec_abcdefgh' };

describe('what an owner sets', () => {
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    kernel = await startCopy();
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(() => kernel.stop());

  const change = (body: object): ReturnType<TestKernel['request']> => kernel.request('PATCH', '/api/admin/settings', { as: admin, body });
  const sells = async (): Promise<boolean> => (await kernel.get('/api/credits/pricing')).body.data.enabled;

  it('the name of the gym is told to everybody', async () => {
    assert.deepEqual((await kernel.get('/api/server')).body.data, { name: null });
    const answer = await change({ gymName: ' Iron House ' });
    assert.deepEqual([answer.status, answer.body.data.gymName], [200, 'Iron House']);
    assert.deepEqual((await kernel.get('/api/server')).body.data, { name: 'Iron House' });
    for (const gymName of ['', '   ', 'x'.repeat(81), 5]) assert.equal((await change({ gymName })).status, 400);
  });

  it('keys of Stripe hold at once, are never answered and never stored to be read', async () => {
    assert.equal(await sells(), false);
    const answer = await change({ stripe: KEYS });
    assert.deepEqual(answer.body.data.stripe, { source: 'settings', secretKey: '********', webhookSecret: '********' });
    assert.match(answer.body.data.webhookUrl, /\/api\/billing\/webhook$/);
    assert.equal(await sells(), true);
    const rows = JSON.stringify([await kernel.knex('server_settings').select(), await kernel.knex('audit_log').select()]);
    for (const key of Object.values(KEYS)) assert.ok(!rows.includes(key));
  });

  it('a mask that is sent back keeps its key, null takes them away', async () => {
    assert.equal((await change({ stripe: { secretKey: '********', webhookSecret: null } })).body.data.stripe.webhookSecret, null);
    assert.equal(kernel.kernel.billing.stripe !== undefined, true);
    assert.equal((await change({ stripe: null })).body.data.stripe.source, null);
    assert.equal(await sells(), false);
    const masked = await change({ stripe: { secretKey: '********' } });
    assert.deepEqual([masked.status, masked.body.error.details], [400, [{ path: '/body/stripe/secretKey', message: 'begins with sk_ or rk_' }]]);
  });

  it('another instance follows, and one that starts later knows them', async () => {
    const { config } = kernel.kernel;
    const other: Kernel = await startKernel({ config: { ...config, port: 0 }, databaseUrl: kernel.databaseUrl, log: createLogger(config, false) });
    try {
      assert.equal(other.settings.current.gymName, 'Iron House');
      await change({ gymName: 'Steel House', stripe: KEYS });
      await kernel.until(() => other.settings.current.gymName === 'Steel House' && other.billing.stripe !== undefined, 'the other instance to follow');
    } finally {
      await other.stop();
    }
  });

  it('the keys of the environment win and cannot be changed here', async () => {
    const { config } = kernel.kernel;
    const stripe = { secretKey: 'sk_test_environment', webhookSecret: undefined, apiBase: undefined };
    const other = await startKernel({ config: { ...config, port: 0, stripe }, databaseUrl: kernel.databaseUrl, log: createLogger(config, false) });
    try {
      const headers = { Authorization: `Bearer ${admin.accessToken}`, 'Content-Type': 'application/json' };
      const seen = (await (await fetch(`${other.url}/api/admin/settings`, { headers })).json()) as { data: { stripe: object } };
      assert.deepEqual(seen.data.stripe, { source: 'environment', secretKey: '********', webhookSecret: null });
      const refused = await fetch(`${other.url}/api/admin/settings`, { method: 'PATCH', headers, body: JSON.stringify({ stripe: KEYS }) });
      assert.equal(refused.status, 409);
      assert.equal(other.billing.webhookSecret, undefined);
    } finally {
      await other.stop();
    }
  });

  it('is for administrators', async () => {
    const member = await kernel.signUp();
    assert.equal((await kernel.get('/api/admin/settings', { as: member })).status, 403);
    assert.equal((await kernel.request('PATCH', '/api/admin/settings', { as: member, body: { gymName: 'Mine' } })).status, 403);
  });

  it('the link of the first start leads to the page of a plugin that makes the account', async () => {
    const fresh = await startCopy();
    try {
      const link = await fresh.kernel.firstAdministratorLink();
      assert.match(link ?? '', /\/console\/setup#.+/);
      assert.equal((await fetch(link ?? '')).status, 200);
    } finally {
      await fresh.stop();
    }
  });
});
