import assert from 'node:assert/strict';
import { gym, visit } from './support/visit.ts';

describe('the pages that mails and the first start lead to', function () {
  this.timeout(30_000);

  it('the setup page makes the first administrator, once', async () => {
    const link = await gym().kernel.firstAdministratorLink();
    assert.ok(link, 'there is an administrator already');
    await visit(async (one) => {
      await one.open(`/account/setup${new URL(link).hash}`);
      await one.look('account-setup');
      await one.page.getByLabel('E-mail').fill('owner@example.org');
      await one.page.getByLabel('Name').fill('owner');
      await one.page.getByLabel('Password').fill('correct horse battery');
      await one.page.getByRole('button').click();
      await one.page.getByText('Welcome').waitFor();
    });
    assert.equal(await gym().kernel.firstAdministratorLink(), undefined);
  });

  for (const name of ['confirm-email', 'undo-email', 'reset-password']) {
    it(`${name} can be read and used by everybody`, async () => {
      await visit(async (one) => {
        await one.open(`/account/${name}#${'x'.repeat(40)}`);
        await one.look(`account-${name}`);
      });
    });
  }
});
