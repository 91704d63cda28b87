import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFakeStripe, type FakeStripe, type TestKernel } from '../../../kernel/testing.ts';
import { runMusclemap, type CommandResult } from '../../support/command-line.ts';
import { startCopy } from '../../support/setup.ts';

describe('npx musclemap credits and billing', function () {
  this.timeout(240_000);
  let kernel: TestKernel;
  let stripe: FakeStripe;
  let directory: string;
  before(async () => {
    stripe = await startFakeStripe();
    kernel = await startCopy({ config: { stripe: stripe.settings } });
    directory = await mkdtemp(join(tmpdir(), 'musclemap-money-'));
  });
  after(async () => {
    await kernel.stop();
    await stripe.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const run = (...args: string[]): Promise<CommandResult> =>
    runMusclemap(args, {
      DATABASE_URL: kernel.databaseUrl,
      JWT_SECRET: 'x'.repeat(32),
      STRIPE_SECRET_KEY: stripe.settings.secretKey,
      STRIPE_API_BASE: stripe.settings.apiBase,
    });

  it('grant once per key, reverse, and show the history', async () => {
    const user = await kernel.signUp({ credits: 10 });
    const grant = (): Promise<CommandResult> => run('credits', 'grant', user.username, '25', '--reason', 'a prize', '--key', 'k', '--json');
    const { entryId } = JSON.parse((await grant()).out) as { entryId: string };
    assert.equal((await grant()).code, 0);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 35);
    assert.match((await run('credits', 'reverse', entryId, '--reason', 'a mistake')).out, /25 credits reversed, the balance is 10/);
    const history = JSON.parse((await run('credits', 'history', user.username, '--limit', '2', '--json')).out) as { action: string; metadata: unknown }[];
    assert.deepEqual(history.map(({ action }) => action), ['reversal', 'admin_grant']);
    assert.deepEqual(history[1]?.metadata, { by: 'cli', reason: 'a prize' });
    const audited = await kernel.knex('audit_log').where({ actor_kind: 'cli', object_id: user.id });
    assert.ok(audited.length >= 1);
    assert.match((await run('credits', 'grant', 'nobody', '1', '--reason', 'x')).err, /Nobody is called nobody/);
  });

  it('prove the ledger, and fail with the rows when it is wrong', async () => {
    const user = await kernel.signUp({ credits: 10 });
    assert.equal((await run('credits', 'verify')).code, 0);
    await kernel.knex('credit_balances').where({ user_id: user.id }).update({ balance: 11 });
    const wrong = await run('credits', 'verify', '--json');
    assert.equal(wrong.code, 1);
    assert.deepEqual((JSON.parse(wrong.out) as { mismatches: { userId: string }[] }).mismatches.map(({ userId }) => userId), [user.id]);
    await kernel.kernel.creditsUpkeep.verify();
    const metrics = await (await fetch(`${kernel.kernel.url}/metrics`)).text();
    assert.match(metrics, /musclemap_ledger_mismatches 1/);
    await kernel.knex('credit_balances').where({ user_id: user.id }).update({ balance: 10 });
  });

  it('reconcile with Stripe', async () => {
    const user = await kernel.signUp({ credits: 0 });
    const { url } = (await kernel.post('/api/billing/checkout', { as: user, key: 'a', body: { tierId: 'starter' } })).body.data;
    stripe.pay(stripe.sessionOf(url));
    assert.match((await run('billing', 'reconcile')).out, /1 events had been lost; 1 were worked on now/);
    assert.equal((await kernel.get('/api/credits/balance', { as: user })).body.data.balance, 500);
  });

  it('show and replace what is sold', async () => {
    const pricing = JSON.parse((await run('billing', 'pricing', '--json')).out) as { tiers: object[] };
    const file = join(directory, 'pricing.json');
    await writeFile(file, JSON.stringify({ ...pricing, tiers: [{ id: 'drop-in', credits: 25, amountCents: 100 }] }));
    assert.match((await run('billing', 'pricing', '--set', file)).out, /drop-in +25 +1\.00 usd/);
    assert.equal((await kernel.get('/api/credits/pricing')).body.data.tiers[0].id, 'drop-in');
    await writeFile(file, '{ "currency": "dollars" }');
    assert.equal((await run('billing', 'pricing', '--set', file)).code, 1);
  });
});
