import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestUser } from '../../kernel/testing.ts';
import { DESK, gym, visit } from './support/visit.ts';

const DAY = 86_400_000;

describe('the console, for the work of a week', function () {
  this.timeout(180_000);
  let owner: TestUser;
  before(async () => {
    owner = await gym().signUp({ roles: ['user', 'admin'] });
  });

  it('brings members along from a file, after saying what would happen to each line', async () => {
    const known = (await gym().get(`/api/admin/users/${owner.id}`, { as: owner })).body.data.email as string;
    const csv = `email,name\nnew.nora@example.org,Nora New\nno address at all,Nemo\n${known},The Owner\n`;
    const found = async (): Promise<number> => (await gym().get('/api/admin/users?search=new.nora@example.org', { as: owner })).body.data.length;
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/members');
        await page.getByRole('link', { name: 'Bring members along' }).click();
        await page.getByLabel('List of members (CSV)').setInputFiles({ name: 'members.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
        await page.getByRole('heading', { name: 'This is what would happen' }).waitFor();
        const wrong = page.getByRole('table', { name: 'Lines left out' }).getByRole('row').nth(1);
        assert.match(await wrong.innerText(), /3\s/, 'the line is named');
        for (const [figure, value] of [['New accounts', '1'], ['Known already', '1'], ['Lines left out', '1']] as const) {
          await page.locator('.figure', { hasText: figure }).getByText(value, { exact: true }).waitFor();
        }
        await one.look('console-members-import');
        assert.equal(await found(), 0, 'it was only looked through');
        await page.getByRole('button', { name: 'Make 1 account and send the mails' }).click();
        await page.getByRole('heading', { name: 'This is what happened' }).waitFor();
      },
      { as: owner, width: DESK },
    );
    assert.equal(await found(), 1);
  });

  it('changes a milestone and takes it away', async () => {
    const body = { name: 'Rowed a Lot', category: 'volume', conditionType: 'workouts', conditionValue: { target: 40 }, rewardCredits: 3 };
    const { data } = (await gym().post('/api/admin/milestones', { as: owner, body })).body;
    const find = () => gym().get(`/api/admin/milestones/${data.id as string}`, { as: owner });
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/plugins/tips');
        await page.getByLabel('Category').first().selectOption({ label: 'Volume' });
        await page.getByRole('row', { name: /Rowed a Lot/ }).getByRole('button', { name: 'Edit' }).click();
        const dialog = page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('Rowed Far');
        await dialog.getByLabel('Reward in credits').fill('9');
        await dialog.getByRole('button', { name: 'Edit' }).click();
        const row = page.getByRole('row', { name: /Rowed Far/ });
        await row.getByText('9 credits').waitFor();
        assert.equal((await find()).body.data.conditionValue.target, 40, 'what was not touched stays');
        await row.getByRole('button', { name: 'Remove' }).click();
        await dialog.getByRole('button', { name: 'Remove' }).click();
        await row.waitFor({ state: 'detached' });
      },
      { as: owner, width: DESK },
    );
    assert.equal((await find()).status, 404);
  });

  it('begins a competition before its date, and shows its end and who won', async () => {
    const rower = await gym().signUp({ credits: 40 });
    const [startDate, endDate] = [1, 8].map((days) => new Date(Date.now() + days * DAY).toISOString());
    const { data } = (await gym().post('/api/competitions', { as: owner, body: { name: 'Spring Rows', type: 'workouts', startDate, endDate, entryFee: 10 } })).body;
    assert.equal((await gym().post(`/api/competitions/${data.id as string}/join`, { as: rower, key: randomUUID() })).status, 200);
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/console/plugins/community');
        const row = page.getByRole('row', { name: /Spring Rows/ });
        await row.getByText('10 credits').first().waitFor();
        await row.getByRole('button', { name: 'Start now' }).click();
        await page.getByRole('dialog').getByRole('button', { name: 'Start now' }).click();
        await row.locator('.badge', { hasText: 'Running' }).waitFor();
        await one.look('console-competition-running');
        await gym().post('/api/workouts', { as: rower, key: randomUUID(), body: { exercises: [{ exerciseId: 'barbell_row', sets: 3, reps: 5, weight: 50 }] } });
        await gym().knex('competitions').where({ id: data.id }).update({ start_date: new Date(Date.now() - 2 * DAY), end_date: new Date(Date.now() - 1000) });
        await gym().kernel.plugins.composition.jobs.get('community/advance-competitions')?.handler({}, { id: 'now' });
        await one.open('/console/plugins/community');
        await row.locator('.badge', { hasText: 'Over' }).waitFor();
        assert.equal(await row.getByRole('button').count(), 0, 'nothing is to be done about what is over');
      },
      { as: owner, width: DESK },
    );
    const { balance } = (await gym().get('/api/credits/balance', { as: rower })).body.data;
    assert.ok(balance > 0, 'the pool goes back to who was alone in it');
  });
});
