import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { enablePlugins, readRows } from '../../support/enabled.ts';
import { until, writePlugins, type PluginFolder } from '../../support/plugins.ts';
import { ServerProcess } from '../../support/server-process.ts';
import { createDatabase } from '../../support/setup.ts';
import { ANSWERS_TWICE, FAULTY, NEIGHBOUR, type FaultyPlugin } from './kit.ts';

const IDS = Object.keys(FAULTY);

describe('a server with every faulty plugin loaded at once', function () {
  this.timeout(120_000);
  let folder: PluginFolder;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let server: ServerProcess;
  let url: string;
  let adminToken: string;
  const neighbourAnswers: number[] = [];

  const post = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const signUp = async (username: string): Promise<string> => {
    const password = randomBytes(12).toString('hex');
    const answer = await post('/api/auth/register', { email: `${username}@example.org`, username, password });
    assert.equal(answer.status, 201, await answer.clone().text());
    await readRows(database.url, `UPDATE users SET roles = '["user", "admin"]', trial_ends_at = NOW() WHERE username = '${username}'`);
    const { data } = (await (await post('/api/auth/login', { username, password })).json()) as { data: { accessToken: string } };
    return data.accessToken;
  };
  const triggers: Record<NonNullable<FaultyPlugin['trigger']>, (id: string) => Promise<unknown>> = {
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    route: (id) => fetch(`${url}/api/${id}`).then((answer) => answer.text()).catch(() => undefined),
    registration: () => Promise.resolve(),
    charge: async () => {
      const answer = await post('/api/credits/charge', { action: 'workout.log' }, { Authorization: `Bearer ${adminToken}`, 'Idempotency-Key': 'once' });
      assert.equal(answer.status, 200, await answer.clone().text());
    },
    neighbour: () => post('/api/neighbours', {}),
    event: () => post('/api/neighbours', {}),
    job: () => Promise.resolve(),
  };
  /** What an administrator can find out about a plugin. */
  const saidOf = async (id: string): Promise<string> => {
    const answer = await fetch(`${url}/api/admin/plugins/${id}`, { headers: { Authorization: `Bearer ${adminToken}` } }).catch(() => undefined);
    const { data } = ((await answer?.json()) ?? {}) as { data?: { state: string; reason: string } };
    const logged = server.said.split('\n').filter((line) => line.includes(`"plugin":"${id}"`) && /"level":"(error|fatal)"/.test(line));
    return [data?.state, data?.reason, ...logged].join('\n');
  };

  before(async () => {
    folder = await writePlugins({ ...FAULTY, 'a-neighbour': NEIGHBOUR, 'answers-twice': ANSWERS_TWICE });
    database = await createDatabase();
    await enablePlugins(database.url, [...IDS, 'a-neighbour', 'answers-twice']);
    server = new ServerProcess({ env: { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), PLUGIN_DIRS: folder.directory } });
    url = await server.url;
    adminToken = await signUp('admin');
    const kinds = new Set<string>();
    const visits = setInterval(() => {
      fetch(`${url}/api/neighbours/1`).then(({ status }) => neighbourAnswers.push(status)).catch(() => neighbourAnswers.push(0));
    }, 50);
    await Promise.all(
      IDS.map(async (id) => {
        const kind = FAULTY[id]?.trigger ?? 'route';
        if (kind !== 'route' && kinds.has(kind)) return;
        kinds.add(kind);
        await triggers[kind](id);
      }),
    );
    clearInterval(visits);
  });
  after(async () => {
    if (!server.hasEnded) await server.end('SIGKILL');
    await database.drop();
    await folder.remove();
  });

  it('has at least 24 of them', () => {
    assert.ok(IDS.length >= 24, String(IDS.length));
  });

  for (const [id, { trigger, named }] of Object.entries(FAULTY)) {
    if (trigger === 'stop') continue;
    it(`names ${id}`, async () => {
      await until(async () => named.test(await saidOf(id)), `${id} to be named`, 25_000);
    });
  }

  it('answers with the envelope of every error where a refusal cannot be sent', async () => {
    for (const id of ['bad-header-of-a-refusal', 'cyclic-refusal']) {
      const answer = await fetch(`${url}/api/${id}`);
      assert.equal(answer.status, 500);
      const { error } = (await answer.json()) as { error: { code: string; requestId: string } };
      assert.deepEqual([error.code, error.requestId], ['INTERNAL_ERROR', answer.headers.get('x-request-id')]);
    }
  });

  it('takes the first of two answers', async () => {
    assert.deepEqual(await (await fetch(`${url}/api/answers-twice`)).json(), { data: { first: true } });
    assert.match(await saidOf('answers-twice'), /^enabled\n$/);
  });

  it('answers all the while, and blames no neighbour', async () => {
    assert.ok(neighbourAnswers.length > 20, String(neighbourAnswers.length));
    assert.deepEqual(new Set(neighbourAnswers), new Set([200]));
    assert.match(await saidOf('a-neighbour'), /^enabled\n$/);
    assert.equal((await fetch(`${url}/health`)).status, 200);
  });

  it('ends in time with 0, and names those that hold on', async () => {
    assert.equal(await server.end('SIGTERM'), 0);
    for (const [id, { trigger, named }] of Object.entries(FAULTY)) {
      if (trigger === 'stop') assert.match(server.said.split('\n').filter((line) => line.includes(`"plugin":"${id}"`)).join('\n'), named);
    }
  });
});
