import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Download } from 'playwright-core';
import type { TestUser } from '../../kernel/testing.ts';
import { DESK, gym, visit, type Visit } from './support/visit.ts';

describe("a member's account in a browser", function () {
  this.timeout(240_000);
  let member: TestUser;
  before(async () => {
    member = await gym().signUp();
    await gym().post('/api/workouts', { as: member, key: randomUUID(), body: { exercises: [{ exerciseId: 'deadlift', sets: 3, reps: 5, weight: 90 }] } });
  });

  const downloadOf = async ({ page }: Visit, button: string): Promise<Download> => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: button }).click()]);
    return download;
  };

  it('says in plain words what an account needs, and in whose gym it is made', async () => {
    await visit(async (one) => {
      const { page } = one;
      one.expect(/4(00|09)/);
      await one.open('/me/join');
      assert.equal(await page.locator('.brand').textContent(), await page.evaluate("fetch('/api/server').then((r) => r.json()).then(({ data }) => data.name ?? 'MuscleMap')"));
      await page.getByLabel('E-mail address').fill('ada@example');
      await page.getByLabel('Name').fill('Ada Lovelace!');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.getByText('At least 8 characters.', { exact: true }).nth(1).waitFor();
      await page.locator('.field-error', { hasText: '3 to 30 letters, digits or _' }).waitFor();
      assert.doesNotMatch(await page.locator('main').innerText(), /must|pattern/);
      await one.look('me-join-errors');
      await page.getByLabel('E-mail address').fill('ada.l@example.org');
      await page.getByLabel('Name').fill(member.username);
      await page.getByLabel('Password').fill('correct horse battery');
      await page.getByRole('button', { name: 'Make the account' }).click();
      await page.getByText('Somebody else has this one.').waitFor();
    });
  });

  it('changes names, address and password, and who sees what', async () => {
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/me/account');
        await page.getByLabel('Name that others read').fill('Ada Lovelace');
        await page.getByRole('button', { name: 'Save', exact: true }).click();
        await page.getByText('Saved.').first().waitFor();
        await page.getByRole('button', { name: 'Change the address' }).click();
        await page.getByLabel('New address').fill('ada@example.org');
        await page.getByLabel('Your password').fill(member.password);
        await one.look('me-account-email');
        await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
        await page.getByText('Your address is ada@example.org now.').waitFor();
        await page.getByRole('button', { name: 'Change the password' }).click();
        await page.getByLabel('Your password').fill(member.password);
        await page.getByLabel('New password').fill('a staple of batteries');
        await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
        await page.getByText('The password is changed.').waitFor();
        await page.getByLabel('Who sees your profile').selectOption({ label: 'Members of this gym' });
        await page.getByLabel('I appear in rankings').click();
        await page.getByRole('checkbox', { name: 'I appear in rankings', checked: false }).waitFor();
        await one.settle();
        await one.look('me-account');
      },
      { as: member },
    );
    const relogin = await gym().post('/api/auth/login', { body: { email: 'ada@example.org', password: 'a staple of batteries' } });
    assert.equal(relogin.status, 200);
    member = { ...member, password: 'a staple of batteries', accessToken: relogin.body.data.accessToken };
    const { profile, onLeaderboard, searchable } = (await gym().get('/api/users/me/privacy', { as: member })).body.data;
    assert.deepEqual([profile, onLeaderboard, searchable], ['members', false, true]);
    assert.equal((await gym().get('/api/users/me', { as: member })).body.data.displayName, 'Ada Lovelace');
  });

  it('lists the devices, and signs one of them out', async () => {
    await visit(
      async (one) => {
        await visit(
          async (other) => {
            await other.open('/me/account');
            await one.open('/me/account');
            const rows = one.page.locator('.devices li');
            const before = await rows.count();
            assert.ok(before >= 2);
            await one.page.getByText('this device').waitFor();
            await one.page.getByRole('button', { name: 'Sign out everywhere else' }).click();
            await one.page.getByRole('dialog').getByRole('button', { name: 'Sign out everywhere else' }).click();
            await one.page.getByText('Every other device is signed out.').waitFor();
            await one.settle();
            assert.equal(await rows.count(), 1);
            other.expect(/401/);
            await other.page.reload();
            await other.page.getByLabel('E-mail address or name').waitFor();
          },
          { as: member },
        );
      },
      { as: member, width: DESK },
    );
  });

  it('hands out what is kept, and ends the account with a word and the password', async () => {
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/me/account');
        const all = await downloadOf(one, 'Get everything');
        assert.match(all.suggestedFilename(), /^my-data-\d{4}-\d\d-\d\d\.json$/);
        assert.equal(JSON.parse(await readFile(await all.path(), 'utf8')).kernel.account[0].email, 'ada@example.org');
        const table = await downloadOf(one, 'Get the workouts as a table');
        assert.match(await readFile(await table.path(), 'utf8'), /Deadlift/);
        await one.look('me-account-dark');
        await page.getByRole('button', { name: 'Leave for good' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Type “leave”').fill('stay');
        await dialog.getByLabel('Your password').fill(member.password);
        await dialog.getByRole('button', { name: 'Leave for good' }).click();
        await dialog.getByText('Type “leave” exactly so.').waitFor();
        await one.look('me-account-leave');
        await dialog.getByLabel('Type “leave”').fill('leave');
        await dialog.getByRole('button', { name: 'Leave for good' }).click();
        await page.getByLabel('E-mail address or name').waitFor();
        await page.getByText('Your account will be erased.').waitFor();
      },
      { as: member, scheme: 'dark' },
    );
    const reader = await gym().signUp();
    assert.equal((await gym().get(`/api/users/${member.id}`, { as: reader })).status, 404);
  });
});
