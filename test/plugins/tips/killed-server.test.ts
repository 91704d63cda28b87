import assert from 'node:assert/strict';
import type { TestKernel } from '../../../kernel/testing.ts';
import { enablePlugins, readRows } from '../../support/enabled.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { startCopy } from '../../support/setup.ts';

const KILLS = Number(process.env.KILLS ?? 1);

/** Writes down every milestone that it is told of. */
const WITNESS = `
  kernel.hooks.migrations.tap('witness', (migrations) => migrations.directory(import.meta.dirname, 'migrations'));
  kernel.hooks.events.tap('witness', (events) => {
    events.on('milestone.completed', async ({ id, payload: { userId, milestoneId } }) => {
      await kernel.database.knex.raw('INSERT INTO told VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING', [id, userId, milestoneId]);
    });
  });`;
const TOLD = `export const up = (knex) => knex.raw('CREATE TABLE told (id TEXT PRIMARY KEY, user_id TEXT, milestone_id TEXT)');
  export const down = (knex) => knex.raw('DROP TABLE told');`;

interface Person {
  username: string;
  token: string;
}

describe('milestones of a server that is killed', function () {
  this.timeout(120_000 + KILLS * 30_000);
  let folder: PluginFolder;
  let copy: TestKernel;
  let server: ServerProcess | undefined;
  before(async () => {
    folder = await writePlugins({ witness: { apply: WITNESS, files: { 'migrations/0001_told.ts': TOLD } } });
    copy = await startCopy();
    await copy.kernel.stop();
    await enablePlugins(copy.databaseUrl, ['witness']);
  });
  after(async () => {
    if (server?.hasEnded === false) await server.end('SIGTERM');
    await copy.drop();
    await folder.remove();
  });

  const start = async (): Promise<string> => {
    server = new ServerProcess({ env: { DATABASE_URL: copy.databaseUrl, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory } });
    return server.url;
  };
  const send = (url: string, path: string, options: { token?: string; body?: object; key?: string } = {}): Promise<Response> =>
    fetch(`${url}/api${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(options.token !== undefined && { Authorization: `Bearer ${options.token}` }),
        ...(options.key !== undefined && { 'Idempotency-Key': options.key }),
      },
      ...(options.body && { body: JSON.stringify(options.body) }),
    });
  const password = 'correct horse battery';
  const tokenOf = async (answer: Response): Promise<string> => {
    assert.ok(answer.ok, `answered ${String(answer.status)}`);
    return ((await answer.json()) as { data: { accessToken: string } }).data.accessToken;
  };
  /** Waits until a member's first milestone is completed, and answers its id. */
  const firstMilestone = (url: string, { token }: Person): Promise<string> =>
    until(async () => {
      const answer = await fetch(`${url}/api/milestones`, { headers: { Authorization: `Bearer ${token}` } });
      const { data } = (await answer.json()) as { data: { id: string; name: string; completedAt: string | null }[] };
      return data.find(({ name, completedAt }) => name === 'Day One' && completedAt !== null)?.id;
    }, 'the first milestone', 60_000);
  const claim = async (url: string, person: Person, key: string): Promise<number> => {
    const id = await firstMilestone(url, person);
    return (await send(url, `/milestones/${id}/claim`, { token: person.token, key })).status;
  };

  it(`arrive once, and their rewards once, through ${String(KILLS)} kills between a workout and its event`, async () => {
    const people: Person[] = [];
    for (let kill = 0; kill < KILLS; kill++) {
      const url = await start();
      const before = people.at(-1);
      const username = `killed_${String(kill)}`;
      const token = await tokenOf(await send(url, '/auth/register', { body: { email: `${username}@example.org`, username, password } }));
      people.push({ username, token });
      if (before !== undefined) await firstMilestone(url, before);
      const workout = send(url, '/workouts', { token, key: 'first', body: { exercises: [{ exerciseId: 'push_up', sets: 3, reps: 10 }] } });
      const claims = Promise.allSettled(before === undefined ? [] : ['a', 'b'].map((key) => claim(url, before, key)));
      assert.equal((await workout).status, 201);
      await server?.end('SIGKILL');
      await claims;
    }
    const url = await start();
    for (const person of people) {
      person.token = await tokenOf(await send(url, '/auth/login', { body: { username: person.username, password } }));
      const statuses = await Promise.all(['a', 'b', 'c'].map((key) => claim(url, person, key)));
      assert.ok(statuses.every((status) => status === 200 || status === 409), statuses.join());
    }
    const completed = `SELECT user_id, milestone_id FROM user_milestone_progress WHERE completed_at IS NOT NULL`;
    await until(async () => (await readRows(copy.databaseUrl, `${completed} EXCEPT SELECT user_id, milestone_id FROM plugin_witness.told`)).length === 0, 'the last event');
    await server?.end('SIGTERM');
    const rewards = await readRows<{ entries: number }>(copy.databaseUrl, `
      SELECT count(l.id)::INTEGER AS entries FROM users u
      LEFT JOIN credit_ledger l ON l.user_id = u.id AND l.action = 'milestone_reward' GROUP BY u.id`);
    assert.deepEqual(rewards.map(({ entries }) => entries), people.map(() => 1));
    const twice = await readRows(copy.databaseUrl, 'SELECT user_id FROM plugin_witness.told GROUP BY user_id, milestone_id HAVING count(*) > 1');
    assert.deepEqual(twice, []);
    const invented = await readRows(copy.databaseUrl, `SELECT user_id, milestone_id FROM plugin_witness.told EXCEPT ${completed}`);
    assert.deepEqual(invented, []);
  });
});
