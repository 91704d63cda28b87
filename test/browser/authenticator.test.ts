import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Secret, TOTP } from 'otpauth';
import { readQrCode } from './support/qr-code.ts';
import { gym, visit, type Visit } from './support/visit.ts';

const STEP_MS = 30_000;

describe('an authenticator app in a browser', function () {
  this.timeout(240_000);

  const signIn = async ({ page }: Visit, name: string, password: string): Promise<void> => {
    await page.getByLabel('E-mail address or name').fill(name);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  };
  const signOut = async ({ page }: Visit): Promise<void> => {
    const menu = page.getByRole('button', { name: 'Open the menu' });
    if (await menu.isVisible()) await menu.click();
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByLabel('E-mail address or name').waitFor();
  };

  for (const site of ['/me', '/console']) {
    it(`is set up and removed at ${site}, and signs in with a code of it or with a recovery code`, async () => {
      const member = await gym().signUp();
      const name = site.slice(1);
      const useApp = async (one: Visit): Promise<void> => {
        const { page } = one;
        await one.open(`${site}/security`);
        await signIn(one, member.username, member.password);
        await page.getByRole('button', { name: 'Set up an app' }).click();
        // What is wrong is refused, and the browser writes it down; tokens are renewed when factors change.
        one.expect(/40[01]/);
        await page.getByLabel('Your password').fill('not this one');
        await page.getByRole('button', { name: 'Go on' }).click();
        await page.getByText('This is not right.').waitFor();
        await page.getByLabel('Your password').fill(member.password);
        await page.getByRole('button', { name: 'Go on' }).click();
        const link = await page.getByRole('link', { name: 'Open it in the app on this device' }).getAttribute('href');
        const secret = ((await page.locator('.secret code').textContent()) ?? '').replaceAll(' ', '');
        assert.match(link ?? '', new RegExp(`^otpauth://totp/.*secret=${secret}`));
        assert.equal(await readQrCode(page.getByRole('img', { name: 'The key below, as a picture for a camera' })), link);
        const app = new TOTP({ secret: Secret.fromBase32(secret) });
        await one.look(`${name}-app-key`);
        await page.getByLabel('Code').fill(app.generate());
        await page.getByRole('button', { name: 'Switch it on' }).click();
        await page.getByRole('heading', { name: 'Recovery codes' }).waitFor();
        const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Keep as a file' }).click()]);
        const codes = (await readFile(await download.path(), 'utf8')).trim().split('\n');
        assert.deepEqual(codes, await page.locator('.codes li').allTextContents());
        assert.equal(download.suggestedFilename(), 'recovery-codes.txt');
        await page.getByRole('button', { name: 'I have kept them' }).click();
        await page.getByText('It is set up.').waitFor();
        await one.look(`${name}-app`);

        await signOut(one);
        await signIn(one, member.username, member.password);
        // A code works once: the one that switched the app on is used up.
        await page.getByLabel('Code').fill(app.generate({ timestamp: Date.now() + STEP_MS }));
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByText('It is set up.').waitFor();

        await signOut(one);
        await signIn(one, member.username, member.password);
        await page.getByLabel('Code').fill(codes[0] ?? '');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByText('Recovery codes left').waitFor();
        assert.equal(await page.locator('.facts dd').first().textContent(), '9');

        await page.getByRole('button', { name: 'Remove the app' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Your password').fill(member.password);
        await dialog.getByLabel('Code of the app, or a recovery code').fill(codes[1] ?? '');
        await one.look(`${name}-app-remove`);
        await dialog.getByRole('button', { name: 'Remove the app' }).click();
        await page.getByRole('button', { name: 'Set up an app' }).waitFor();
      };
      // A camera sees the picture in the dark scheme as well.
      await visit(useApp, { scheme: site === '/me' ? 'dark' : 'light' });
      assert.equal((await gym().post('/api/auth/login', { body: { username: member.username, password: member.password } })).body.data.secondStep, undefined);
    });
  }
});
