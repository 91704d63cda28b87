import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret, TOTP } from 'otpauth';
import { findRunningDatabase } from '../../kernel/database/embedded/embedded-database.ts';
import { runMusclemap } from '../support/command-line.ts';
import { readRows } from '../support/enabled.ts';
import { RestClient, type Person } from '../support/release/client.ts';
import type { Expectations } from '../support/release/expectations.ts';
import { askAll } from '../support/release/questions.ts';
import { ServerProcess } from '../support/server-process.ts';

const ROOT = join(import.meta.dirname, '../..');
const RELEASE = join(ROOT, 'test/fixtures/release-1.0.0');
const BUNDLED = ['archetypes', 'community', 'fitness', 'messaging', 'tips'];

interface Applied {
  owner: string;
  name: string;
  batch: number;
  at: Date;
}

/** What was answered before is answered now. More may be: a version adds fields. */
function assertKept(is: unknown, was: unknown, where: string): void {
  if (typeof was !== 'object' || was === null) {
    assert.deepEqual(is, was, where);
    return;
  }
  assert.ok(typeof is === 'object' && is !== null && Array.isArray(is) === Array.isArray(was), `${where} is ${JSON.stringify(is)}`);
  if (Array.isArray(was)) assert.equal(Object.keys(is).length, was.length, `${where} has as many`);
  for (const [key, value] of Object.entries(was)) assertKept(Reflect.get(is, key), value, `${where}.${key}`);
}

describe('a server that the release before has filled', function () {
  this.timeout(240_000);
  let home: string;
  let expected: Expectations;
  let variables: Record<string, string>;
  let server: ServerProcess;
  let client: RestClient;
  const people = new Map<string, Person>();
  const person = (name: keyof Expectations['people']): Person => people.get(name) ?? assert.fail(`${name} is not signed in`);

  const start = async (): Promise<void> => {
    server = new ServerProcess({ env: variables });
    client = new RestClient(await server.url);
  };
  const applied = async (): Promise<Applied[]> => {
    const url = (await findRunningDatabase(join(home, 'postgres'))) ?? assert.fail('the database does not run');
    return readRows<Applied>(url, `
      SELECT 'kernel' AS owner, name, batch, migration_time AS at FROM knex_migrations
      UNION ALL SELECT plugin_id, name, batch, migration_time FROM plugin_migrations ORDER BY owner, name`);
  };

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'musclemap-upgrade-'));
    variables = { MUSCLEMAP_HOME: home, PLUGIN_DIRS: join(ROOT, 'examples'), AUTH_LIMIT_MAX: '0' };
    expected = JSON.parse(await readFile(join(RELEASE, 'expectations.json'), 'utf8')) as Expectations;
    const { code, err } = await runMusclemap(['restore', join(RELEASE, 'everything.backup')], variables);
    assert.equal(code, 0, err);
    await start();
  });
  after(async () => {
    await server.end('SIGTERM');
    await rm(home, { recursive: true, force: true });
  });

  it('starts with this version, which applies every migration that has come since', async () => {
    const all = await applied();
    for (const owner of ['kernel', ...BUNDLED]) {
      const directory = owner === 'kernel' ? 'migrations' : `plugins/${owner}/migrations`;
      const names = (await readdir(join(ROOT, directory))).map((file) => file.replace(/\.ts$/, ''));
      assert.deepEqual(all.filter((migration) => migration.owner === owner).map(({ name }) => name), names.sort(), owner);
    }
    const since = all.filter(({ owner, at }) => BUNDLED.concat('kernel').includes(owner) && at > new Date(expected.madeAt));
    assert.ok(since.length >= 4, 'there was something to do');
  });

  it('lets everybody in with the password they had: with the second factor who had one, and not who was banned', async () => {
    for (const [name, { id, username, password }] of Object.entries(expected.people)) {
      const { status, body } = await client.request('POST', '/api/auth/login', { body: { username, password } });
      if (name === 'banned') {
        assert.deepEqual([status, body.error?.code], [403, 'ACCOUNT_BANNED']);
        continue;
      }
      assert.equal(status, 200, `${name}: ${JSON.stringify(body)}`);
      const { token } = body.data.secondStep ?? {};
      assert.equal(token !== undefined, name === 'guarded');
      const code = new TOTP({ secret: Secret.fromBase32(expected.factorSecret) }).generate();
      const { user, accessToken } = token === undefined ? body.data : await client.ask('POST', '/api/auth/second-step', undefined, { token, code });
      assert.equal(user.id, id);
      people.set(name, { id, username, password, token: accessToken });
    }
  });

  it('answers as it did: profiles, balances and histories, workouts and records, messages and pictures, groups, milestones, the ledger', async () => {
    const { owner, moderator, lifter, runner, guarded } = Object.fromEntries(people);
    assert.ok(owner && moderator && lifter && runner && guarded);
    const asked = await askAll(client, { people: { owner, moderator, lifter, runner, guarded, banned: guarded }, ids: expected.ids });
    assert.deepEqual(asked.map(({ as, path }) => `${as} ${path}`), expected.answers.map(({ as, path }) => `${as} ${path}`));
    for (const [i, { as, path, data }] of expected.answers.entries()) assertKept(asked[i]?.data, data, `${as} ${path}`);
  });

  it('has proven books', async () => {
    const { code, out, err } = await runMusclemap(['credits', 'verify', '--json'], variables);
    assert.equal(code, 0, err);
    const { entries, mismatches } = JSON.parse(out) as { entries: number; mismatches: object[] };
    assert.deepEqual([entries >= 18, mismatches], [true, []]);
  });

  it('has the plugins enabled that were, strangers\' with their rows, and none of them failed', async () => {
    const enabled = ((await client.ask('GET', '/api/plugins')) as { id: string }[]).map(({ id }) => id);
    assert.deepEqual(expected.plugins.filter((id) => !enabled.includes(id)), []);
    const all: { id: string; state: string; reason?: string }[] = await client.ask('GET', '/api/admin/plugins', person('owner'));
    assert.deepEqual(all.filter(({ id, state }) => expected.plugins.includes(id) && state !== 'enabled'), []);
  });

  it('goes on: workouts are logged and paid, messages sent, and plugins of strangers write into what was theirs', async () => {
    const { balance } = await client.ask('GET', '/api/credits/balance', person('lifter'));
    const { creditsUsed } = await client.ask('POST', '/api/workouts', person('lifter'), { exercises: [{ exerciseId: 'bench_press', sets: 1, reps: 5, weight: 60 }] });
    assert.ok(creditsUsed > 0);
    assert.equal((await client.ask('GET', '/api/credits/balance', person('lifter'))).balance, balance - creditsUsed);
    await client.ask('POST', `/api/conversations/${expected.ids.conversation}/messages`, person('runner'), { content: 'Are you still there?' });
    assert.equal((await client.ask('POST', '/api/hydration/glasses', person('lifter'))).glasses, 3);
  });

  it('has nothing left to migrate at the next start', async () => {
    const before = await applied();
    assert.equal(await server.end('SIGTERM'), 0);
    await start();
    assert.deepEqual(await applied(), before);
    assert.equal((await client.request('GET', '/ready')).status, 200);
  });
});
