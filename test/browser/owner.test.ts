import assert from 'node:assert/strict';
import type { TestUser } from '../../kernel/testing.ts';
import { DESK, gym, visit } from './support/visit.ts';

describe('the console, for what is thought better of', function () {
  this.timeout(180_000);
  let owner: TestUser;
  let member: TestUser;
  before(async () => {
    [owner, member] = [await gym().signUp({ roles: ['user', 'admin'] }), await gym().signUp()];
    await gym().request('PATCH', '/api/users/me', { as: member, body: { displayName: 'Una Undone' } });
  });

  const stateOf = async (id: string): Promise<string> => (await gym().get(`/api/admin/plugins/${id}`, { as: owner })).body.data.state;
  const accountOf = async ({ id }: TestUser) => (await gym().get(`/api/admin/users/${id}`, { as: owner })).body.data;

  it('switches a plugin off, and on again with all that went along, by the key', async () => {
    // Hydration requires Tips.
    assert.equal((await gym().post('/api/admin/plugins/hydration/enable', { as: owner })).status, 200);
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/plugins');
        await page.getByRole('switch', { name: 'Switch off: Tips' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Do it for all of them' }).click();
        await page.getByText(/^Switched off: .*Tips/).waitFor();
        assert.deepEqual([await stateOf('tips'), await stateOf('hydration')], ['disabled', 'disabled']);
        await one.look('console-undo');
        await page.keyboard.press('Control+z');
        await page.getByText('Taken back.').waitFor();
        assert.deepEqual([await stateOf('tips'), await stateOf('hydration')], ['enabled', 'enabled']);
      },
      { as: owner, width: DESK },
    );
  });

  it('lifts a ban and gives roles back, at a button that the keyboard reaches', async () => {
    await visit(
      async (one) => {
        const { page } = one;
        await one.open(`/console/members/${member.id}`);
        await page.getByRole('button', { name: 'Ban', exact: true }).click();
        await page.getByRole('dialog').getByLabel('Reason').fill('Somebody else');
        await page.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
        await page.getByText('Banned, and signed out everywhere.').waitFor();
        assert.equal((await accountOf(member)).flags.banned, true);
        const undo = page.getByRole('region', { name: 'Notifications' }).getByRole('button', { name: 'Undo' });
        await undo.focus();
        await page.keyboard.press('Enter');
        await page.getByText('Taken back.').waitFor();
        assert.equal((await accountOf(member)).flags.banned, false);
        await page.getByLabel('Coach').check();
        await page.getByRole('button', { name: 'Save the roles' }).click();
        await page.getByText('The roles are saved').waitFor();
        assert.deepEqual((await accountOf(member)).roles.sort(), ['coach', 'user']);
        await undo.click();
        await page.locator('label.check:has(input:not(:checked))', { hasText: 'Coach' }).waitFor();
        assert.deepEqual((await accountOf(member)).roles, ['user']);
      },
      { as: owner, width: DESK },
    );
  });

  it('sets a price back', async () => {
    const priceOf = async (): Promise<number> => {
      const { data } = (await gym().get('/api/admin/credits/actions', { as: owner })).body;
      return data.find(({ id }: { id: string }) => id === 'workout.log').defaultCost;
    };
    const before = await priceOf();
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/credits?tab=prices');
        await page.getByRole('row', { name: /Log a workout/i }).getByRole('button', { name: 'Change' }).click();
        await page.getByRole('dialog').getByLabel('Price in credits').fill(String(before + 7));
        await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
        await page.getByText('Saved.').waitFor();
        assert.equal(await priceOf(), before + 7);
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByText('Taken back.').waitFor();
      },
      { as: owner, width: DESK },
    );
    assert.equal(await priceOf(), before);
  });

  it('asks before the subscription is sold no more, and sells it again', async () => {
    const planOf = async () => (await gym().get('/api/admin/billing/pricing', { as: owner })).body.data.plan;
    const before = await planOf();
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/credits?tab=tiers');
        await page.getByRole('button', { name: 'Sell no subscription' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('Nobody can subscribe any more.').waitFor();
        await dialog.getByRole('button', { name: 'Cancel' }).click();
        assert.deepEqual(await planOf(), before, 'it was not meant');
        await page.getByRole('button', { name: 'Sell no subscription' }).click();
        await dialog.getByRole('button', { name: 'Sell no subscription' }).click();
        await page.getByText('Saved; it holds from the next purchase on.').waitFor();
        assert.equal(await planOf(), null);
        await page.getByRole('button', { name: 'Undo' }).click();
        await page.getByText('Taken back.').waitFor();
      },
      { as: owner, width: DESK },
    );
    assert.deepEqual(await planOf(), before);
  });

  it('takes money as people write it, in the unit of its currency', async () => {
    const pricingOf = async () => (await gym().get('/api/admin/billing/pricing', { as: owner })).body.data;
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/credits?tab=tiers');
        const price = page.getByLabel('Price', { exact: false }).first();
        const save = page.getByRole('button', { name: 'Save' }).first();
        await page.getByLabel('Currency').fill('eur');
        await price.fill('5,49');
        await save.click();
        await page.getByText('Saved; it holds').waitFor();
        assert.deepEqual([(await pricingOf()).currency, (await pricingOf()).tiers[0].amountCents], ['eur', 549]);
        await page.getByLabel('Currency').fill('jpy');
        await price.fill('5.49');
        await page.locator('.money input:invalid').first().waitFor();
        await save.click();
        assert.equal((await pricingOf()).currency, 'eur', 'there are no cents of a yen');
        await price.fill('600');
        await one.look('console-tiers-yen');
        await save.click();
        await page.getByText('Saved; it holds').waitFor();
        assert.deepEqual([(await pricingOf()).currency, (await pricingOf()).tiers[0].amountCents], ['jpy', 600]);
        assert.equal(await price.inputValue(), '600');
        await page.getByRole('button', { name: 'Undo' }).last().click();
        await page.getByText('Taken back.').waitFor();
      },
      { as: owner, width: DESK },
    );
    const { version, ...now } = await pricingOf();
    assert.equal(now.currency, 'eur');
    await gym().request('PUT', '/api/admin/billing/pricing', { as: owner, body: { ...now, currency: 'usd', expectedVersion: version } });
  });

  it('warns who gives up being an administrator, and shows them no more', async () => {
    const leaver = await gym().signUp({ roles: ['user', 'admin'] });
    await visit(
      async (one) => {
        const { page } = one;
        // What the new rights refuse is written down by the browser.
        one.expect(/40[13]/);
        await one.open(`/console/members/${leaver.id}`);
        await page.getByRole('checkbox', { name: /^Administrator/ }).uncheck();
        await page.getByRole('button', { name: 'Save the roles' }).click();
        await page.getByRole('dialog').getByText('This cannot be undone.').waitFor();
        await page.getByRole('dialog').getByRole('button', { name: 'Give up being an administrator' }).click();
        await page.getByText('Your account may not see this page').waitFor();
      },
      { as: leaver, width: DESK },
    );
    assert.deepEqual((await accountOf(leaver)).roles, ['user']);
  });
});
