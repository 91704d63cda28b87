import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestUser } from '../../kernel/testing.ts';
import { checkUsable, gym, visit, type Visit } from './support/visit.ts';

const DAY = 86_400_000;

describe("a member's page", function () {
  this.timeout(180_000);
  let member: TestUser;
  let friend: TestUser;
  before(async () => {
    [member, friend] = [await gym().signUp(), await gym().signUp({ credits: 40 })];
    await gym().request('PATCH', '/api/users/me', { as: member, body: { displayName: 'Ada Lovelace' } });
    await gym().request('PATCH', '/api/users/me', { as: friend, body: { displayName: 'Grace Hopper' } });
    const [archetype] = (await gym().get('/api/archetypes')).body.data;
    await gym().post('/api/archetypes/select', { as: member, body: { archetypeId: archetype.id } });
    for (const [daysAgo, exerciseId, sets] of [[0, 'bench_press', 6], [2, 'back_squat', 5], [4, 'barbell_row', 4], [20, 'deadlift', 5]] as const) {
      const date = new Date(Date.now() - daysAgo * DAY).toISOString().slice(0, 10);
      const answer = await gym().post('/api/workouts', { as: member, key: randomUUID(), body: { date, exercises: [{ exerciseId, sets, reps: 6, weight: 70 }] } });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
    }
  });

  const tierOf = async ({ page }: Visit, muscle: string): Promise<string> =>
    /tier-(\d)/.exec((await page.locator(`[data-muscle="${muscle}"]`).first().getAttribute('class')) ?? '')?.[1] ?? 'none';

  it('is joined from a phone: an account, and what one trains for', async () => {
    await visit(async (one) => {
      await one.open('/me');
      await one.look('me-sign-in');
      await one.page.getByRole('link', { name: 'Make an account' }).click();
      await one.look('me-join');
      await one.page.getByLabel('E-mail address').fill('grace@example.org');
      await one.page.getByLabel('Name').fill('grace');
      await one.page.getByLabel('Password').fill('correct horse battery');
      await one.page.getByRole('button', { name: 'Make the account' }).click();
      await one.page.getByRole('heading', { name: 'What do you train for?' }).waitFor();
      await one.look('me-choose');
      await one.page.locator('.archetypes button').first().click();
      await one.page.getByText('Level 1').or(one.page.locator('.ring-level')).first().waitFor();
    });
  });

  it('shows the journey, the muscles, the history, a workout and the credits', async () => {
    await visit(
      async (one) => {
        await one.open('/me');
        await one.page.locator('.ring-level').waitFor();
        await one.look('me-home');
        await one.open('/me/muscles');
        assert.notEqual(await tierOf(one, 'pectoralis_major'), '0');
        await one.page.getByRole('button', { name: /^Biceps/ }).click();
        assert.match(await one.page.locator('.picked').innerText(), /Biceps/);
        await one.look('me-muscles');
        await one.open('/me/history');
        await one.look('me-history');
        await one.page.getByRole('link', { name: /Bench Press/i }).first().click();
        await one.page.getByText('What worked').waitFor();
        await one.look('me-workout');
        await one.open('/me/credits');
        await one.look('me-credits');
      },
      { as: member },
    );
  });

  it('logs a workout, and the map changes', async () => {
    await visit(
      async (one) => {
        await one.open('/me/muscles');
        assert.equal(await tierOf(one, 'biceps'), '0');
        await one.open('/me/log');
        await one.page.getByLabel('Find an exercise').fill('barbell curl');
        await one.page.getByRole('button', { name: /^Add .*Curl/ }).first().click();
        await one.page.getByLabel(/set 1: kilograms/).fill('30');
        await one.page.getByLabel(/set 1: repetitions/).fill('10');
        for (let set = 2; set <= 8; set += 1) await one.page.getByRole('button', { name: 'Another set' }).click();
        await one.page.getByText(/[1-9]\d* Training Units/).waitFor();
        await one.look('me-log');
        await one.page.reload();
        assert.equal(await one.page.getByLabel(/set 8: kilograms/).inputValue(), '30', 'what was typed outlives the page');
        await one.page.getByRole('button', { name: 'Save the workout' }).click();
        await one.page.getByText(/Saved: \d/).waitFor();
        await one.settle();
        assert.notEqual(await tierOf(one, 'biceps'), '0');
        await one.look('me-muscles-after');
      },
      { as: friend },
    );
    const { balance } = (await gym().get('/api/credits/balance', { as: friend })).body.data;
    assert.equal(balance, 15, 'the workout was paid once');
  });

  it('makes a plan and starts it', async () => {
    await visit(
      async (one) => {
        await one.open('/me/plan');
        await one.page.getByRole('button', { name: 'Make a plan' }).click();
        await one.page.getByRole('heading', { name: 'Train', exact: true }).waitFor();
        await one.look('me-plan');
        await one.page.getByRole('button', { name: 'Start this workout' }).click();
        await one.page.getByRole('button', { name: 'Another set' }).first().waitFor();
      },
      { as: member },
    );
  });

  it('writes to somebody, who reads it the moment it is sent', async () => {
    const { data } = (await gym().post('/api/conversations', { as: member, body: { type: 'direct', participantIds: [friend.id] } })).body;
    await visit(
      async (one) => {
        await one.open(`/me/messages/${data.id}`);
        await visit(
          async (other) => {
            await other.open('/me/messages');
            await other.page.getByLabel('Find somebody by name').fill(member.username);
            await other.page.getByRole('button', { name: 'Write to Ada Lovelace' }).click();
            await other.page.getByLabel('Message', { exact: true }).fill('Leg day tomorrow?');
            await other.page.getByRole('button', { name: 'Send' }).click();
            await other.page.getByText('Leg day tomorrow?').waitFor();
          },
          { as: friend },
        );
        await one.page.getByText('Leg day tomorrow?').waitFor();
        await one.page.getByLabel('Message', { exact: true }).fill('Always.');
        await one.page.getByRole('button', { name: 'Send' }).click();
        await one.page.getByText('Always.').waitFor();
        await one.look('me-conversation');
        await one.open('/me/messages');
        await one.look('me-messages');
      },
      { as: member },
    );
  });

  it('is as readable in the dark', async () => {
    await visit(
      async (one) => {
        await one.open('/me');
        await one.look('me-home-dark');
        await one.open('/me/muscles');
        await one.look('me-muscles-dark');
      },
      { as: member, scheme: 'dark' },
    );
  });

  it('can be used within a second, on every page', async () => {
    await checkUsable(member, [
      ['/me', '.ring-level'],
      ['/me/muscles', '[data-muscle]'],
      ['/me/log', 'input[type=search]'],
      ['/me/history', '.workouts li'],
      ['/me/plan', 'select'],
      ['/me/credits', 'table'],
      ['/me/messages', 'input[type=search]'],
      ['/me/history/import', 'input[type=file]'],
      ['/me/account', '.devices li'],
    ]);
  });
});
