import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import sharp from 'sharp';
import type { TestUser } from '../../kernel/testing.ts';
import { packedPlugin, packFiles } from '../support/archives.ts';
import { DESK, checkUsable, gym, visit } from './support/visit.ts';

describe('the console', function () {
  this.timeout(180_000);
  let owner: TestUser;
  let member: TestUser;
  before(async () => {
    [owner, member] = [await gym().signUp({ roles: ['user', 'admin'] }), await gym().signUp({ credits: 10 })];
    await gym().request('PATCH', '/api/users/me', { as: owner, body: { displayName: 'The Owner' } });
    await gym().request('PATCH', '/api/users/me', { as: member, body: { displayName: 'Mary Member' } });
    const trainee = await gym().signUp();
    await gym().request('PATCH', '/api/users/me', { as: trainee, body: { displayName: 'Tom Trainee' } });
    await gym().post('/api/workouts', { as: trainee, key: randomUUID(), body: { exercises: [{ exerciseId: 'deadlift', sets: 3, reps: 5, weight: 90 }] } });
    await gym().post('/api/reports', { as: trainee, body: { objectType: 'user', objectId: member.id, reason: 'spam', details: 'Sells powders' } });
  });

  it('shows every page to its owner, at both widths, by day and by night', async () => {
    await visit(
      async (one) => {
        for (const name of ['', 'plugins', 'plugins/community', 'plugins/tips', 'members', 'credits', 'moderation', 'jobs', 'audit']) {
          await one.open(`/console/${name}`);
          await one.page.locator('h1').waitFor();
          await one.look(`console-${name === '' ? 'home' : name.replace('/', '-')}`);
        }
      },
      { as: owner },
    );
    await visit(
      async (one) => {
        await one.open('/console');
        await one.look('console-home-dark');
      },
      { as: owner, scheme: 'dark' },
    );
  });

  it('enables a plugin of a stranger after showing what will change, and changes its settings', async () => {
    await visit(
      async (one) => {
        await one.open('/console/plugins');
        await one.page.getByRole('switch', { name: 'Switch on: Hydration' }).click();
        const dialog = one.page.getByRole('dialog');
        await dialog.getByText('Addresses for apps').click();
        await dialog.getByText('POST /api/hydration/glasses').waitFor();
        await one.look('console-plan');
        await dialog.getByRole('button', { name: 'Switch on' }).click();
        await one.page.getByText('Switched on: Hydration.').waitFor();
        await one.open('/console/plugins/hydration');
        await one.page.getByText('Who drinks the most').waitFor();
        await one.page.getByLabel('Goal').fill('12');
        await one.page.getByRole('button', { name: 'Save', exact: true }).click();
        await one.page.getByText('Saved, and in effect').waitFor();
        await one.look('console-plugins-hydration');
      },
      { as: owner, width: DESK },
    );
    assert.equal((await gym().get('/api/hydration/glasses', { as: member })).body.data.goal, 12);
    await visit(
      async (one) => {
        await one.open('/me');
        await one.page.getByRole('button', { name: 'I drank a glass' }).click();
        await one.page.locator('.figure', { hasText: 'Glasses so far' }).getByText('1', { exact: true }).waitFor();
        await one.look('me-with-panels');
      },
      { as: member },
    );
    assert.equal((await gym().get('/api/hydration/glasses', { as: member })).body.data.glasses, 1);
  });

  it("shows the panels of a stranger's plugin while it is on, and their form does what its route does", async () => {
    const turn = async (verb: string): Promise<void> => {
      assert.equal((await gym().post(`/api/admin/plugins/hydration/${verb}`, { as: owner })).status, 200);
    };
    const glasses = async (): Promise<number> => (await gym().get('/api/hydration/glasses', { as: member })).body.data.glasses;
    await turn('enable');
    const before = await glasses();
    await visit(
      async (one) => {
        await one.open('/me');
        await one.page.getByRole('button', { name: 'I drank a glass' }).click();
        await one.page.locator('.figure', { hasText: 'Glasses so far' }).getByText(String(before + 1), { exact: true }).waitFor();
        await turn('disable');
        const answered = one.page.waitForResponse(/\/users\/me\/panels/);
        await one.open('/me');
        assert.doesNotMatch(await (await answered).text(), /hydration/);
        await one.page.getByText('Glasses so far').waitFor({ state: 'detached' });
      },
      { as: member, width: DESK },
    );
    await visit(
      async (one) => {
        await one.open('/console/plugins/hydration');
        await one.page.getByRole('switch', { name: 'Switch on: Hydration' }).waitFor();
        assert.equal(await one.page.getByText('Who drinks the most').count(), 0);
        await turn('enable');
        await one.open('/console/plugins/hydration');
        await one.page.getByText('Who drinks the most').waitFor();
        await one.page.getByRole('cell', { name: 'Mary Member' }).or(one.page.getByRole('cell', { name: member.username })).first().waitFor();
      },
      { as: owner, width: DESK },
    );
    assert.equal(await glasses(), before + 1);
  });

  it('takes a plugin as a file from its owner, who removes it again', async () => {
    const archive = packFiles(packedPlugin('towels', '1.0.0', '', { manifest: { displayName: 'Towels' } }));
    await visit(
      async (one) => {
        one.expect(/400/);
        await one.open('/console/plugins');
        await one.page.getByRole('button', { name: 'Bring a plugin' }).click();
        await gym().knex('sessions').where({ user_id: owner.id }).update({ created_at: new Date(Date.now() - 3_600_000) });
        const dialog = one.page.getByRole('dialog');
        await dialog.locator('input[type=file]').setInputFiles({ name: 'towels-1.0.0.tgz', mimeType: 'application/gzip', buffer: archive });
        await dialog.getByRole('button', { name: 'Bring it' }).click();
        await dialog.getByLabel('Your password').fill(owner.password);
        await one.look('console-plugin-upload');
        await dialog.getByRole('button', { name: 'Bring it' }).click();
        await one.page.getByText('towels 1.0.0 is here.').waitFor();
        await one.page.getByRole('heading', { name: 'Towels' }).waitFor();
        await one.page.getByRole('button', { name: 'Remove its file' }).click();
        await one.page.getByRole('dialog').getByRole('button', { name: 'Remove its file' }).click();
        await one.page.getByText('The file is gone.').waitFor();
        await one.page.getByRole('heading', { name: 'Hydration' }).waitFor();
      },
      { as: owner, width: DESK },
    );
    assert.equal((await gym().get('/api/admin/plugins/towels', { as: owner })).status, 404);
  });

  it('grants a member credits with a reason, once', async () => {
    await visit(
      async (one) => {
        await one.open(`/console/members/${member.id}`);
        await one.page.getByRole('button', { name: 'Give credits' }).click();
        const dialog = one.page.getByRole('dialog');
        await dialog.getByLabel('Amount').fill('250');
        await dialog.getByLabel('Reason').fill('Won the raffle');
        await dialog.getByRole('button', { name: 'Give credits' }).click();
        await dialog.waitFor({ state: 'detached' });
        await one.page.getByText('Won the raffle').first().waitFor();
        await one.look('console-member');
      },
      { as: owner },
    );
    assert.equal((await gym().get('/api/credits/balance', { as: member })).body.data.balance, 260);
  });

  it('offers the values that go with the trigger of a tip, and takes another one', async () => {
    await visit(
      async (one) => {
        await one.open('/console/plugins/tips');
        await one.page.getByRole('button', { name: 'New tip' }).click();
        const dialog = one.page.getByRole('dialog');
        await dialog.getByLabel('Title').fill('Breathe');
        await dialog.getByLabel('Text', { exact: false }).fill('Through the nose.');
        await dialog.getByLabel('Category').selectOption({ index: 1 });
        const value = dialog.getByRole('combobox', { name: 'Value' });
        assert.equal(await value.count(), 0, 'nothing is offered before a trigger is chosen');
        await dialog.getByLabel('Fits when').selectOption({ label: 'When it is: morning, afternoon, evening, night' });
        const offered = await dialog.locator('datalist option').all();
        assert.deepEqual(await Promise.all(offered.map((option) => option.textContent())), ['morning', 'afternoon', 'evening', 'night']);
        await dialog.getByLabel('Fits when').selectOption({ label: 'Days in a row with a workout' });
        await dialog.getByLabel('Value').fill('47');
        await one.look('console-tip-form');
        await dialog.getByRole('button', { name: 'New tip' }).click();
        await dialog.waitFor({ state: 'detached' });
        await one.page.getByRole('cell', { name: 'Breathe' }).waitFor();
      },
      { as: owner, width: DESK },
    );
  });

  it('makes a milestone with a form that the plugin has declared', async () => {
    await visit(
      async (one) => {
        await one.open('/console/plugins/tips');
        await one.page.getByRole('button', { name: 'New milestone' }).click();
        const dialog = one.page.getByRole('dialog');
        await dialog.getByLabel('Name').fill('Never Idle');
        await dialog.getByLabel('Category').selectOption({ index: 1 });
        await dialog.getByLabel('Measured by').selectOption({ label: 'Workouts logged' });
        await dialog.getByLabel('Target').fill('12');
        await dialog.getByLabel('Reward in credits').fill('5');
        await one.look('console-milestone-form');
        await dialog.getByRole('button', { name: 'New milestone' }).click();
        await one.page.getByRole('cell', { name: 'Never Idle' }).waitFor();
      },
      { as: owner, width: DESK },
    );
    const [milestone] = (await gym().get('/api/admin/milestones', { as: owner })).body.data;
    assert.deepEqual([milestone.name, milestone.conditionType, milestone.conditionValue, milestone.rewardCredits], ['Never Idle', 'workouts', { target: 12 }, 5]);
  });

  it('deals with a report, and bans who was reported: their sessions end at once', async () => {
    await visit(
      async (one) => {
        await one.open('/console/moderation');
        await one.page.getByRole('button', { name: 'Dealt with' }).click();
        await one.page.getByRole('dialog').getByLabel('What was done').fill('Banned');
        await one.page.getByRole('dialog').getByRole('button', { name: 'Dealt with' }).click();
        await one.page.locator('.badge', { hasText: 'Dealt with' }).waitFor();
        await one.open(`/console/members/${member.id}`);
        await one.page.getByRole('button', { name: 'Ban', exact: true }).click();
        await one.page.getByRole('dialog').getByLabel('Reason').fill('Sells powders');
        await one.page.getByRole('dialog').getByRole('button', { name: 'Ban', exact: true }).click();
        await one.page.getByText('Locked out since').waitFor();
        await one.page.getByText('Trial ended').waitFor();
        await one.look('console-member-banned');
        await one.open('/console/moderation');
        await one.page.getByRole('table', { name: 'Reports' }).getByRole('link', { name: 'Mary Member' }).waitFor();
        await one.look('console-moderation-banned');
      },
      { as: owner, width: DESK },
    );
    const refused = await gym().get('/api/users/me', { as: member });
    assert.deepEqual([refused.status, refused.body.error.code], [403, 'ACCOUNT_BANNED']);
  });

  it('lets a moderator look at a picture that nothing could judge, and then the other sees it', async () => {
    const [sender, reader] = [await gym().signUp(), await gym().signUp()];
    const { id } = (await gym().post('/api/conversations', { as: sender, body: { type: 'direct', participantIds: [reader.id] } })).body.data;
    const picture = await sharp({ create: { width: 320, height: 200, channels: 3, background: '#2f7d62' } }).png().toBuffer();
    await visit(
      async (one) => {
        await one.open(`/me/messages/${id as string}`);
        await one.page.locator('input[type=file]').setInputFiles({ name: 'gym.png', mimeType: 'image/png', buffer: picture });
        await one.page.getByText('With: gym.png').waitFor();
        await one.page.getByRole('button', { name: 'Send' }).click();
        await one.page.getByText('waits until somebody has looked at it').waitFor();
        await visit(
          async (other) => {
            await other.open('/console/moderation');
            const picture = other.page.locator('.picture img');
            await picture.waitFor();
            const isVeiled = async (): Promise<boolean> => (await other.page.evaluate<string>("getComputedStyle(document.querySelector('.picture img')).filter")).includes('blur');
            assert.ok(await isVeiled(), 'a picture that nobody has judged is shown without being asked for');
            await other.look('console-moderation-veiled');
            await other.page.getByRole('button', { name: 'Show the picture' }).press('Enter');
            assert.equal(await isVeiled(), false);
            assert.equal(await picture.getAttribute('alt'), 'Picture');
            await other.look('console-moderation-picture');
            await other.page.getByRole('button', { name: 'Veil it again' }).press('Enter');
            assert.ok(await isVeiled());
            await other.page.getByRole('button', { name: 'Let through' }).click();
            await other.page.locator('.picture img').waitFor({ state: 'detached' });
          },
          { as: owner, width: DESK },
        );
        await one.page.getByAltText(/^Picture: gym/).waitFor();
        await one.look('me-conversation-picture');
      },
      { as: sender },
    );
    await visit(
      async (one) => {
        await one.open(`/me/messages/${id as string}`);
        await one.page.getByAltText(/^Picture: gym/).waitFor();
      },
      { as: reader },
    );
  });

  it('shows moderators what is theirs, and members nothing', async () => {
    const moderator = await gym().signUp({ roles: ['user', 'moderator'] });
    await visit(
      async (one) => {
        await one.open('/console/moderation');
        await one.page.getByRole('heading', { name: 'Reports' }).waitFor();
        assert.equal(await one.page.getByRole('link', { name: 'Members' }).count(), 0);
      },
      { as: moderator, width: DESK },
    );
    await visit(
      async (one) => {
        await one.open('/console');
        await one.page.getByText('Your account may not see this page').waitFor();
      },
      { as: await gym().signUp() },
    );
  });

  it('can be used within a second, on every page', async () => {
    const pages = ['', '/plugins', '/plugins/tips', '/members', '/credits', '/moderation', '/jobs', '/audit'];
    await checkUsable(owner, pages.map((path) => [`/console${path}`, 'main :is(table, .figures, .tiles, .card)'] as const));
  });
});
