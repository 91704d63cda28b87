import assert from 'node:assert/strict';
import type { TestUser } from '../../kernel/testing.ts';
import { until } from '../support/plugins.ts';
import { DESK, gym, strangers, stripe, visit } from './support/visit.ts';

const NEW_YORK = 'America/New_York';

describe('the console, when something has to be done', function () {
  this.timeout(120_000);
  let owner: TestUser;
  before(async () => {
    owner = await gym().signUp({ roles: ['user', 'admin'] });
  });

  const enable = async (id: string): Promise<void> => {
    assert.equal((await gym().post(`/api/admin/plugins/${id}/enable`, { as: owner })).status, 200);
  };

  it('makes a competition with moments of the reader\u2019s own clock, changes it, and calls it off', async () => {
    const find = async () => (await gym().get('/api/competitions', { as: owner })).body.data[0];
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/plugins/community');
        await page.getByRole('button', { name: 'New competition' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('Winter Rows');
        await dialog.getByLabel('Who wins').selectOption({ index: 1 });
        await dialog.getByLabel('Begins').fill('2031-01-10T18:00');
        await dialog.getByLabel('Ends').fill('2031-02-10T18:00');
        await dialog.getByText(`As the clock is in ${NEW_YORK}`).first().waitFor();
        await one.look('console-competition-form');
        await dialog.getByRole('button', { name: 'New competition' }).click();
        await dialog.waitFor({ state: 'detached' });
        await page.getByRole('cell', { name: 'Winter Rows' }).waitFor();
        assert.match(await page.getByRole('row', { name: /Winter Rows/ }).innerText(), /10 Jan 2031, 18:00/);
        const made = await find();
        assert.deepEqual([made.startDate, made.endDate], ['2031-01-10T23:00:00.000Z', '2031-02-10T23:00:00.000Z']);
        await page.getByRole('button', { name: 'Edit' }).click();
        assert.equal(await dialog.getByLabel('Begins').inputValue(), '2031-01-10T18:00');
        await dialog.getByLabel('Name').fill('Winter Rowing');
        await dialog.getByRole('button', { name: 'Edit' }).click();
        await page.getByRole('cell', { name: 'Winter Rowing' }).waitFor();
        await page.getByRole('button', { name: 'Cancel' }).click();
        await dialog.getByRole('button', { name: 'Cancel' }).last().click();
        await page.locator('.badge', { hasText: 'Called off' }).waitFor();
      },
      { as: owner, width: DESK, zone: NEW_YORK },
    );
    assert.deepEqual([(await find()).name, (await find()).status], ['Winter Rowing', 'canceled']);
  });

  it('gives a part of a payment back through Stripe, with a reason', async () => {
    const buyer = await gym().signUp({ credits: 0 });
    const { data } = (await gym().post('/api/billing/checkout', { as: buyer, key: 'buy', body: { tierId: 'starter' } })).body;
    stripe().pay(stripe().sessionOf(data.url));
    for (const event of stripe().takeEvents()) await stripe().deliver(event, gym().kernel.url);
    await visit(
      async (one) => {
        await one.open('/console/credits?tab=purchases');
        await one.page.getByRole('row', { name: new RegExp(buyer.username) }).getByRole('button', { name: 'Give the money back' }).click();
        const dialog = one.page.getByRole('dialog');
        await dialog.getByLabel('How much').fill('1.00');
        await dialog.getByLabel('Reason').fill('Came too late');
        await one.look('console-refund');
        await dialog.getByRole('button', { name: 'Give the money back' }).click();
        await one.page.getByText('Stripe gives the money back.').waitFor();
        await one.page.getByText('Came too late').waitFor();
        await one.look('console-purchases');
        await one.open('/console/credits?tab=tiers');
        await one.page.getByRole('spinbutton', { name: /^Credits/ }).first().fill('550');
        await one.look('console-tiers');
        await one.page.getByRole('button', { name: 'Save' }).first().click();
        await one.page.getByText('Saved; it holds from the next purchase on.').waitFor();
      },
      { as: owner, width: DESK },
    );
    const [purchase] = (await gym().get(`/api/admin/billing/purchases?userId=${buyer.id}`, { as: owner })).body.data;
    assert.deepEqual([purchase.refundedCents, purchase.refunds[0].reason], [100, 'Came too late']);
    assert.equal((await gym().get('/api/credits/pricing')).body.data.tiers[0].credits, 550);
  });

  it('shows a plugin that was taken out of service, why, and puts it back', async () => {
    await enable('flaky');
    await gym().request('PUT', '/api/admin/plugins/flaky/breaker', { as: owner, body: { isOn: true, faults: 3, windowSeconds: 60, share: 0.5 } });
    for (let n = 0; n < 4; n += 1) await gym().get('/api/flaky');
    const stateOf = async (): Promise<string> => (await gym().get('/api/admin/plugins/flaky', { as: owner })).body.data.state;
    await until(async () => (await stateOf()) === 'quarantined', 'the quarantine');
    await visit(
      async (one) => {
        await one.open('/console/plugins/flaky');
        await one.page.getByText('The rack fell over').first().waitFor();
        await one.look('console-quarantine');
        await one.page.getByRole('button', { name: 'Put it back into service' }).click();
        await one.page.getByText('The plugin is back in service.').waitFor();
        await one.page.getByRole('button', { name: 'Health' }).click();
        await one.page.getByLabel('So many failures').fill('500');
        await one.page.getByRole('button', { name: 'Save' }).click();
        await one.page.getByText('Saved').first().waitFor();
        await one.look('console-health');
      },
      { as: owner, width: DESK },
    );
    assert.equal(await stateOf(), 'enabled');
    assert.equal((await gym().get('/api/admin/plugins/flaky/breaker', { as: owner })).body.data.faults, 500);
  });

  it('tries again what kept failing in the background', async () => {
    await gym().post('/api/flaky/work', { as: owner });
    const failed = async (): Promise<number> => (await gym().get('/api/admin/dead-letters', { as: owner })).body.data.length;
    await until(async () => (await failed()) === 1, 'the dead letter', 30_000);
    await visit(
      async (one) => {
        await one.open('/console/jobs');
        await one.page.getByText('No weights left').waitFor();
        await one.look('console-jobs-failed');
        await one.page.getByRole('button', { name: 'Try again', exact: true }).click();
        await one.page.getByText('Queued again.').waitFor();
        await one.page.getByText('Nothing has failed for good.').waitFor();
      },
      { as: owner, width: DESK },
    );
  });

  it('installs a new version, goes back to the one before, and deletes a plugin with its data', async () => {
    await strangers().write('flaky', { manifest: { version: '2.0.0', displayName: 'Flaky' } });
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/plugins/flaky');
        await page.getByRole('button', { name: 'Install version 2.0.0' }).click();
        await page.getByRole('dialog').getByText('1.0.0 → 2.0.0').waitFor();
        await one.look('console-upgrade-plan');
        await page.getByRole('dialog').getByRole('button', { name: 'Install the new version' }).click();
        await page.getByText('The new version runs.').waitFor();
        await page.getByRole('button', { name: 'Go back to the version before' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Go back to the version before' }).click();
        await page.getByText('The version before runs again.').waitFor();
        await page.getByRole('switch', { name: 'Switch off: Flaky' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Switch off' }).click();
        await page.getByRole('button', { name: 'Uninstall and delete its data' }).click();
        await page.getByRole('dialog').getByLabel('Type flaky to go on').fill('flaky');
        await page.getByRole('dialog').getByRole('button', { name: 'Uninstall and delete its data' }).click();
        await page.getByText('Uninstalled, and its data are gone.').waitFor();
      },
      { as: owner, width: DESK },
    );
    const { data } = (await gym().get('/api/admin/plugins/flaky', { as: owner })).body;
    assert.deepEqual([data.state, data.installedVersion], ['available', null]);
  });

  it('shows what an uninstalled plugin has left, and deletes it', async () => {
    for (const verb of ['enable', 'disable', 'uninstall']) {
      assert.equal((await gym().post(`/api/admin/plugins/flaky/${verb}`, { as: owner, body: {} })).status, 200, verb);
    }
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/plugins');
        await page.getByText('Its data are still here').waitFor();
        await page.getByRole('link', { name: 'Flaky' }).click();
        await page.getByText('It is not installed, and its data are still here: 0 tables and 0 files').waitFor();
        await one.look('console-plugin-remains');
        await page.getByRole('button', { name: 'Delete its data' }).click();
        await page.getByRole('dialog').getByLabel('Type flaky to go on').fill('flaky');
        await page.getByRole('dialog').getByRole('button', { name: 'Delete its data' }).click();
        await page.getByText('its data are gone.').waitFor();
        assert.equal(await page.getByText('Its data are still here').count(), 0);
      },
      { as: owner, width: DESK },
    );
    assert.equal((await gym().get('/api/admin/plugins/flaky', { as: owner })).body.data.remains, null);
  });

  it('warns that nothing was backed up, and shows a moderator no money', async () => {
    const moderator = await gym().signUp({ roles: ['user', 'moderator'] });
    await visit(
      async (one) => {
        await one.open('/console');
        await one.page.getByText('npx musclemap backup FILE').waitFor();
        await one.page.getByText('Seen in 7 days').waitFor();
        assert.equal(await one.page.getByText('Taken, less refunds').count(), 0);
        await one.look('console-home-moderator');
      },
      { as: moderator },
    );
  });
});
