import assert from 'node:assert/strict';
import type { CDPSession, Locator } from 'playwright-core';
import { gym, visit, type Visit } from './support/visit.ts';

describe('passkeys in a browser', function () {
  this.timeout(180_000);

  /** A device that sees its owner, as a telephone with a finger on it does. */
  const giveDevice = async ({ page }: Visit): Promise<{ cdp: CDPSession; authenticatorId: string }> => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
    });
    return { cdp, authenticatorId };
  };
  const signOut = async ({ page }: Visit): Promise<void> => {
    const menu = page.getByRole('button', { name: 'Open the menu' });
    if (await menu.isVisible()) await menu.click();
    await page.getByRole('button', { name: 'Sign out' }).click();
  };

  const nameOf = ({ page }: Visit): Locator => page.getByRole('dialog').getByRole('textbox', { name: /^Name/ });

  it('are added, sign in without a name, stand in for a code, are renamed and removed', async () => {
    const member = await gym().signUp();
    await visit(async (one) => {
      const { page } = one;
      const { cdp, authenticatorId } = await giveDevice(one);
      // A passkey belongs to a name; a number has none.
      await one.openNamed('/me');
      await page.getByLabel('E-mail address or name').fill(member.username);
      await page.getByLabel('Password').fill(member.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.locator('.account').waitFor({ state: 'attached' });
      await one.openNamed('/me/security');
      await page.getByText('There is no passkey yet.').waitFor();
      await one.look('me-security-empty');

      // The first passkey renews the access token, and the browser writes the refusal down.
      one.expect(/401/);
      await page.getByRole('button', { name: 'Add a passkey' }).click();
      await nameOf(one).fill('My telephone');
      await page.getByLabel('Your password').fill(member.password);
      await one.look('me-security-add');
      await page.getByRole('button', { name: 'Go on' }).click();
      await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
      assert.equal(await page.locator('.codes li').count(), 10);
      await one.look('me-security-codes');
      await page.getByRole('button', { name: 'I have kept them' }).click();
      await page.getByText('My telephone').first().waitFor();
      await one.look('me-security');
      const { credentials } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
      assert.deepEqual(credentials.map(({ rpId, isResidentCredential }) => [rpId, isResidentCredential]), [['localhost', true]]);

      await page.evaluate(`localStorage.setItem('musclemap.draft.${member.id}', '{}')`);
      await signOut(one);
      await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
      assert.deepEqual(await page.evaluate('Object.keys(localStorage)'), [], 'nothing is left on the device');
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await page.getByText(/Used /).waitFor();

      await signOut(one);
      await page.getByLabel('E-mail address or name').fill(member.username);
      await page.getByLabel('Password').fill(member.password);
      await page.getByRole('button', { name: 'Sign in', exact: true }).click();
      await page.getByLabel('Code').waitFor();
      await one.look('me-second-step');
      await page.getByRole('button', { name: 'Use a passkey' }).click();
      await page.getByText('My telephone').first().waitFor();

      await page.getByRole('button', { name: 'Rename My telephone' }).click();
      await nameOf(one).fill('The old one');
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('The old one').first().waitFor();
      await page.getByRole('button', { name: 'Remove The old one' }).click();
      await page.getByLabel('Your password').fill(member.password);
      await one.look('me-security-remove');
      await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
      await page.getByText('There is no passkey yet.').waitFor();
    });
  });

  it('tell what went wrong when the device has none for the site', async () => {
    await visit(async (one) => {
      const { cdp, authenticatorId } = await giveDevice(one);
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
      await one.openNamed('/console');
      await one.page.getByRole('button', { name: 'Use a passkey' }).click();
      await one.page.getByText('It was cancelled, or it took too long. Try again.').waitFor({ timeout: 30_000 });
    });
  });

  it('are not offered where a browser has none: at an address of numbers', async () => {
    await visit(async (one) => {
      await one.open('/me');
      await one.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
      assert.equal(await one.page.getByRole('button', { name: 'Use a passkey' }).count(), 0);
    });
  });
});
