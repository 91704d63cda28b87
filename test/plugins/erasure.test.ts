import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { verifyLedger } from '../../kernel/credits/verify.ts';
import type { TestAnswer, TestKernel, TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';
import { until } from '../support/sockets.ts';

/** The places of the database, as `table.column`, where one of the words stands in a text, JSON or array. */
async function findWords(kernel: TestKernel, words: readonly string[]): Promise<string[]> {
  const { rows: columns } = await kernel.knex.raw<{ rows: { table: string; column: string; type: string }[] }>(
    `SELECT format('%I.%I', c.table_schema, c.table_name) AS "table", c.column_name AS "column", c.data_type AS type
     FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
     WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
       AND c.data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea')`,
  );
  const found = await Promise.all(
    columns.map(async ({ table, column, type }) => {
      // The bytes of a text file read as the text that they are.
      const text = type === 'bytea' ? `encode("${column}", 'escape')` : `"${column}"::TEXT`;
      const { rows } = await kernel.knex.raw<{ rows: object[] }>(`SELECT FROM ${table} WHERE lower(${text}) LIKE ANY (?) LIMIT 1`, [
        words.map((word) => `%${word.toLowerCase()}%`),
      ]);
      return rows.length > 0 ? `${table}.${column}` : [];
    }),
  );
  return found.flat();
}

describe('the erasure of a member who has used everything', () => {
  let kernel: TestKernel;
  let admin: TestUser;
  before(async () => {
    kernel = await startCopy();
    admin = await kernel.signUp({ roles: ['user', 'admin'] });
  });
  after(() => kernel.stop());

  const ok = async (answer: Promise<TestAnswer>): Promise<TestAnswer['body']> => {
    const { status, body } = await answer;
    assert.ok(status < 300, JSON.stringify(body));
    return body;
  };
  /** Erases a member, and waits until every plugin has done its part but those that are off. */
  const erase = async (user: TestUser, off = 0): Promise<void> => {
    await ok(kernel.request('DELETE', '/api/users/me', { as: user, body: { password: user.password } }));
    await kernel.knex('account_erasures').where({ user_id: user.id }).update({ due_at: new Date(0) });
    await kernel.kernel.queue.enqueue('kernel', 'erase-accounts', {});
    await until(async () => {
      const { erased_at: erasedAt } = await kernel.knex('account_erasures').where({ user_id: user.id }).first();
      return erasedAt !== null && (await kernel.knex('plugin_erasures').where({ user_id: user.id })).length === off;
    });
  };
  const workout = (as: TestUser, exerciseId = 'bench_press'): Promise<TestAnswer> =>
    kernel.post('/api/workouts', { as, key: randomUUID(), body: { exercises: [{ exerciseId, sets: 3, reps: 5, weight: 60 }], notes: `${as.username} was here` } });

  /** Does a bit of everything that leaves traces. */
  const live = async (member: TestUser, friend: TestUser): Promise<{ conversation: string; competition: string }> => {
    await ok(kernel.request('PATCH', '/api/users/me', { as: member, body: { displayName: `Dame ${member.username}` } }));
    const own = await ok(kernel.post('/api/exercises/mine', { as: member, body: { name: `${member.username} special`, type: 'strength' } }));
    await ok(workout(member));
    await ok(workout(member, own.data.id as string));
    await ok(kernel.post('/api/archetypes/select', { as: member, body: { archetypeId: 'powerlifter' } }));
    const conversation = (await ok(kernel.post('/api/conversations', { as: member, body: { type: 'direct', participantIds: [friend.id] } }))).data.id as string;
    await ok(kernel.post(`/api/conversations/${conversation}/messages`, { as: member, key: 'a', body: { content: `call me ${member.username}` } }));
    await ok(kernel.post(`/api/conversations/${conversation}/messages`, { as: friend, key: 'b', body: { content: 'I shall' } }));
    await ok(kernel.post('/api/groups', { as: member, body: { name: `${member.username} and friends` } }));
    const dates = { startDate: '2099-01-01T00:00:00Z', endDate: '2099-01-08T00:00:00Z' };
    const competition = (await ok(kernel.post('/api/competitions', { as: friend, body: { name: 'Open', type: 'workouts', ...dates } }))).data.id as string;
    await ok(kernel.post(`/api/competitions/${competition}/join`, { as: member, key: 'join' }));
    await kernel.setCredits(member.id, 50);
    await ok(kernel.post('/api/credits/transfer', { as: member, key: 'gift', body: { recipientId: friend.id, amount: 5, note: 'thanks' } }));
    await kernel.knex('purchases').insert({ user_id: member.id, tier_id: 'small', credits: 100, amount_cents: 500, status: 'completed', stripe_session_id: randomUUID() });
    await ok(kernel.post('/api/reports', { as: member, body: { objectType: 'user', objectId: friend.id, reason: 'other', details: `says ${member.username}` } }));
    await until(async () => (await kernel.knex('activity_events').where({ user_id: member.id })).length >= 2);
    return { conversation, competition };
  };

  it('leaves neither name nor address in any text of the database, the ledger proven, and others as they were', async () => {
    const [member, friend] = [await kernel.signUp(), await kernel.signUp()];
    const { conversation } = await live(member, friend);
    const words = [member.username, `${member.username}@example.org`];
    assert.ok((await findWords(kernel, words)).length > 5, 'the search finds what is there');
    await erase(member);
    assert.deepEqual(await findWords(kernel, words), []);
    assert.deepEqual((await verifyLedger(kernel.knex)).mismatches, []);
    assert.ok(Number((await kernel.knex('credit_ledger').where({ user_id: member.id }).count({ n: '*' }))[0]?.n) > 0);
    const messages = (await ok(kernel.get(`/api/conversations/${conversation}/messages`, { as: friend }))).data as { content: string | null }[];
    assert.deepEqual(messages.map(({ content }) => content), ['I shall', null]);
    assert.equal((await kernel.post('/api/auth/login', { body: { username: member.username, password: member.password } })).status, 401);
  });

  it('reaches the data of a plugin that was off, when it comes back', async () => {
    const [member, friend] = [await kernel.signUp(), await kernel.signUp()];
    await live(member, friend);
    const steer = (what: string): Promise<TestAnswer> => kernel.post(`/api/admin/plugins/messaging/${what}`, { as: admin });
    await ok(steer('disable'));
    await erase(member, 1);
    assert.deepEqual(await findWords(kernel, [member.username]), ['public.messages.content']);
    await ok(steer('enable'));
    await until(async () => (await findWords(kernel, [member.username])).length === 0);
  });

  it('takes a member who hides off the leaderboard at once, and puts them back', async () => {
    const member = await kernel.signUp();
    await ok(workout(member));
    const isListed = async (): Promise<boolean> =>
      (await ok(kernel.get('/api/leaderboard?period=all&limit=100'))).data.some(({ userId }: { userId: string }) => userId === member.id);
    const set = (onLeaderboard: boolean): Promise<TestAnswer> => kernel.request('PATCH', '/api/users/me/privacy', { as: member, body: { onLeaderboard } });
    assert.equal(await isListed(), true);
    await ok(set(false));
    assert.equal(await isListed(), false);
    const { rows } = await kernel.knex.raw('SELECT FROM leaderboard WHERE user_id = ?', [member.id]);
    assert.equal(rows.length, 0);
    await ok(set(true));
    assert.equal(await isListed(), true);
  });
});
