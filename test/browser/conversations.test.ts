import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { TestUser } from '../../kernel/testing.ts';
import { gym, visit } from './support/visit.ts';

const MANY = 25;

describe('conversations in a browser', function () {
  this.timeout(240_000);
  let member: TestUser;
  let friend: TestUser;
  before(async () => {
    [member, friend] = [await gym().signUp(), await gym().signUp()];
    for (let n = 1; n <= MANY; n += 1) {
      const answer = await gym().post('/api/conversations', { as: member, body: { type: 'group', name: `Group ${String(n)}`, participantIds: [friend.id] } });
      assert.equal(answer.status, 201, JSON.stringify(answer.body));
    }
  });

  const say = async (as: TestUser, id: string, content: string): Promise<void> => {
    const { status, body } = await gym().post(`/api/conversations/${id}/messages`, { as, key: randomUUID(), body: { content } });
    assert.equal(status, 201, JSON.stringify(body));
  };

  it('are all reachable, and a late answer of the first page takes no other away', async () => {
    await visit(
      async (one) => {
        const { page } = one;
        await one.open('/me/messages');
        const rows = page.locator('.workouts li');
        assert.equal(await rows.count(), 20);
        await page.locator('.live').waitFor({ state: 'attached' });
        // The list is asked for again when a message comes; its answer is held back until the older ones have come.
        let release: (() => void) | undefined;
        const held = new Promise<void>((resolve) => {
          release = resolve;
        });
        let asked: (() => void) | undefined;
        const isAsked = new Promise<void>((resolve) => {
          asked = resolve;
        });
        await page.route(/\/api\/conversations$/, async (route) => {
          const response = await route.fetch();
          asked?.();
          await held;
          await route.fulfill({ response });
        });
        const { id } = (await gym().get('/api/conversations', { as: friend })).body.data[0];
        await say(friend, id as string, 'Are you there?');
        await isAsked;
        await page.getByRole('button', { name: 'Older conversations' }).click();
        await page.getByText('Group 1', { exact: true }).waitFor();
        assert.equal(await rows.count(), MANY);
        release?.();
        await page.getByText('Are you there?').waitFor();
        assert.equal(await rows.count(), MANY, 'the older ones stay');
        await page.unrouteAll({ behavior: 'wait' });
        await one.look('me-messages-many');
      },
      { as: member },
    );
  });

  it('lose a message that its sender deletes, for both', async () => {
    const { id } = (await gym().post('/api/conversations', { as: member, body: { type: 'direct', participantIds: [friend.id] } })).body.data;
    for (const [as, content] of [[friend, 'Gym at six?'], [member, 'Meant for somebody else']] as const) {
      await say(as, id as string, content);
    }
    await visit(
      async (one) => {
        await one.open(`/me/messages/${id as string}`);
        await one.page.getByText('Meant for somebody else').waitFor();
        const remove = one.page.getByRole('button', { name: 'Delete this message' });
        assert.equal(await remove.count(), 1, 'only what is one’s own');
        await one.look('me-conversation-own');
        await remove.click();
        await one.page.getByRole('dialog').getByRole('button', { name: 'Delete this message' }).click();
        await one.page.getByText('deleted', { exact: true }).waitFor();
        assert.equal(await one.page.getByText('Meant for somebody else').count(), 0);
      },
      { as: member },
    );
    const { data } = (await gym().get(`/api/conversations/${id as string}/messages`, { as: friend })).body;
    assert.deepEqual(data.map(({ content }: { content: string | null }) => content), [null, 'Gym at six?']);
  });
});
