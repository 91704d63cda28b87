import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ConfigError, loadConfig } from '../../kernel/config/config.ts';
import { defaultSources } from '../../kernel/installation.ts';
import { startKernel } from '../../kernel/kernel.ts';
import { testConfig, TestKernel, type TestAnswer, type TestUser } from '../../kernel/testing.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { Proxy } from '../support/proxy.ts';
import { writePlugins, type PluginFiles, type PluginFolder } from '../support/plugins.ts';
import { TestSocket } from '../support/sockets.ts';
import { startReplicatedServer, type ReplicatedServer } from '../support/replicated-server.ts';

/** Keeps notes in a schema of its own, and reads them where the kernel lets it. */
const NOTES: PluginFiles = {
  manifest: { scopes: ['routes', 'database', 'users', 'realtime'] },
  apply: `
    const Row = Type.Record(Type.String(), Type.Unknown());
    kernel.hooks.migrations.tap('notes', (m) => m.directory(import.meta.dirname, 'migrations'));
    kernel.hooks.channels.tap('notes', (channels) => {
      channels.on('note', Type.Object({ text: Type.String() }), async ({ body }) => { await kernel.database.knex('notes').insert({ text: body.text }); });
    });
    kernel.hooks.routes.tap('notes', (routes) => {
      routes.post('/notes', { summary: 'Writes', body: Type.Object({ text: Type.String() }), status: 204 }, async ({ body }) => {
        await kernel.database.knex('notes').insert({ text: body.text });
      });
      routes.get('/notes', { summary: 'Reads', auth: 'optional', replica: true }, async ({ reader, user }) => {
        const { rows: [where] } = await reader.raw('SELECT pg_is_in_recovery() AS "isReplica", current_schema() AS schema');
        const profiles = await kernel.users.profiles(user ? [user.id] : [], { reader });
        return { ...where, texts: await reader('notes').orderBy('id').pluck('text'), names: [...profiles.values()].map(({ username }) => username) };
      });
      routes.get('/notes/try', { summary: 'Tries', auth: 'none', replica: true, query: Type.Object({ sql: Type.String() }), errors: ['UNPROCESSABLE'] },
        async ({ reader, query }) => (await reader.raw(query.sql).catch((error) => { throw new ApiError('UNPROCESSABLE', error.message); })).rows);
      routes.get('/notes/transaction', { summary: 'Begins', auth: 'none', replica: true, errors: ['UNPROCESSABLE'] },
        ({ reader }) => reader.transaction((trx) => trx('notes').select()).catch((error) => { throw new ApiError('UNPROCESSABLE', error.message); }));
    });`,
  files: {
    'migrations/0001_notes.ts': `
      export const up = (knex) => knex.schema.createTable('notes', (table) => { table.increments('id'); table.text('text'); });
      export const down = (knex) => knex.schema.dropTable('notes');`,
  },
};

/** Long enough for a test to look at a copy that lags. */
const LAG_SECONDS = 4;
/** Of all instances. */
const SECRET = randomUUID();

describe('a replica of the database', function () {
  this.timeout(60_000);
  let server: ReplicatedServer;
  let network: Proxy;
  let replicaUrl: string;
  let plugins: PluginFolder;
  let kernel: TestKernel;
  let other: TestKernel;
  let ada: TestUser;
  let bob: TestUser;

  const start = async (replicaLagSeconds = LAG_SECONDS): Promise<TestKernel> => {
    const databaseUrl = server.primary.connectionString;
    const config = testConfig({ home: plugins.directory, jwtSecret: SECRET, databaseReplicaUrl: replicaUrl, pluginDirs: [plugins.directory], replicaLagSeconds });
    const sources = { bundled: defaultSources(config).bundled, directories: [plugins.directory], nodeModules: [] };
    return new TestKernel(await startKernel({ config, databaseUrl, sources, log: createLogger(config, false) }), databaseUrl, () => Promise.resolve());
  };

  before(async function () {
    this.timeout(180_000);
    [server, plugins] = await Promise.all([startReplicatedServer(), writePlugins({ notes: NOTES })]);
    network = new Proxy(new URL(server.replicaUrl(server.primary.connectionString)));
    replicaUrl = await network.start(server.primary.connectionString);
    kernel = await start();
    other = await start();
    const { statuses } = kernel.kernel.plugins;
    assert.ok(statuses.some(({ id }) => id === 'notes'));
    const admin = await kernel.signUp({ roles: ['admin'] });
    assert.equal((await kernel.post('/api/admin/plugins/notes/enable', { as: admin })).status, 200);
    await kernel.until(async () => (await other.get('/api/notes')).status === 200, 'the plugin to be enabled on both');
    ada = await kernel.signUp({ credits: 1000 });
    bob = await kernel.signUp({ credits: 1000 });
  });
  after(async () => {
    await Promise.all([kernel.stop(), other.stop()]);
    await network.stop();
    await server.stop();
    await plugins.remove();
  });

  const isRead = async (on: TestKernel, as?: TestUser): Promise<boolean> => {
    const { status, body } = await on.get('/api/notes', { as });
    assert.equal(status, 200, JSON.stringify(body));
    return body.data.isReplica as boolean;
  };
  /** Waits until the copy is read from again, by those who have written nothing lately. */
  const settled = (...readers: (TestUser | undefined)[]): Promise<unknown> =>
    kernel.until(async () => {
      const all = await Promise.all([kernel, other].flatMap((on) => [undefined, ...readers].map((reader) => isRead(on, reader))));
      return all.every(Boolean);
    }, 'the replica to be read from');
  const logWorkout = async (on: TestKernel, as: TestUser): Promise<void> => {
    const body = { exercises: [{ exerciseId: 'bench_press', sets: 3, reps: 5, weight: 60 }] };
    const answer = await on.post('/api/workouts', { as, body, key: randomUUID() });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
  };
  const onBoard = async (on: TestKernel, as: TestUser | undefined, member: TestUser): Promise<boolean> => {
    const { status, body } = await on.get('/api/leaderboard?limit=100', { as });
    assert.equal(status, 200);
    return (body.data as { userId: string }[]).some(({ userId }) => userId === member.id);
  };
  const paused = async (work: () => Promise<void>): Promise<void> => {
    await server.pause(true);
    try {
      await work();
    } finally {
      await server.pause(false);
    }
  };

  it('answers routes that say so, in the schema of the plugin and with the rights of its role', async () => {
    await settled(ada, bob);
    const { body } = await kernel.get('/api/notes', { as: ada });
    assert.deepEqual(body.data, { isReplica: true, schema: 'plugin_notes', texts: [], names: [ada.username] });
    const refused = await kernel.get(`/api/notes/try?sql=${encodeURIComponent('SELECT email FROM users')}`);
    assert.deepEqual([refused.status, /permission denied/.test(refused.body.error.message)], [422, true]);
  });

  it('shows members at once what they did, on every instance, while others wait for the copy', async () => {
    await settled(ada, bob);
    await paused(async () => {
      await logWorkout(kernel, ada);
      assert.deepEqual([await onBoard(kernel, ada, ada), await onBoard(other, ada, ada)], [true, true]);
      assert.deepEqual([await onBoard(kernel, bob, ada), await onBoard(other, undefined, ada)], [false, false]);
      assert.deepEqual([await isRead(other, ada), await isRead(other, bob)], [false, true]);
    });
    await settled(ada, bob);
    assert.deepEqual([await onBoard(kernel, bob, ada), await onBoard(other, undefined, ada)], [true, true]);
  });

  it('never answers a member before their write, however fast they ask the other instance', async () => {
    await settled(ada, bob);
    for (let round = 0; round < 25; round++) {
      const text = `round ${String(round)}`;
      assert.equal((await kernel.post('/api/notes', { as: ada, body: { text } })).status, 204);
      const { texts } = (await other.get('/api/notes', { as: ada })).body.data as { texts: string[] };
      assert.ok(texts.includes(text), text);
    }
  });

  it('knows a member who has just signed up', async () => {
    await settled();
    await paused(async () => {
      const eve = await kernel.signUp();
      const { body } = await other.get('/api/notes', { as: eve });
      assert.deepEqual([body.data.isReplica, body.data.names], [false, [eve.username]]);
    });
  });

  it('is asked for the catalogues, the feed, the competitions and the members too', async () => {
    await settled(ada, bob);
    const before = await figures(kernel);
    const paths = ['/exercises', '/exercises/bench_press', '/muscles', '/archetypes', '/community/feed', '/competitions', '/groups', '/credits/actions', '/credits/pricing', '/users?search=ux'];
    for (const path of paths) assert.equal((await kernel.get(`/api${path}`, { as: bob })).status, 200, path);
    const after = await figures(kernel);
    assert.deepEqual([after.replica - before.replica, after.primary - before.primary], [paths.length, 0]);
  });

  it('takes nothing but statements that read, as the primary does in its place', async () => {
    const attempts = [
      `INSERT INTO notes (text) VALUES ('x')`,
      `WITH gone AS (DELETE FROM notes RETURNING *) SELECT * FROM gone`,
      `SELECT * FROM notes FOR UPDATE`,
      `UPDATE notes SET text = 'x'`,
      'CREATE TABLE more (id INT)',
      'BEGIN',
      `SELECT 1; DROP TABLE notes`,
    ];
    const refuseAll = async (on: TestKernel): Promise<void> => {
      for (const sql of attempts) {
        const { status, body } = await on.get(`/api/notes/try?sql=${encodeURIComponent(sql)}`);
        assert.deepEqual([sql, status, /only reads/.test(body.error.message)], [sql, 422, true]);
      }
      const { status, body } = await on.get('/api/notes/transaction');
      assert.deepEqual([status, /only reads/.test(body.error.message)], [422, true]);
    };
    await settled();
    await refuseAll(kernel);
    const hidden = await kernel.get(`/api/notes/try?sql=${encodeURIComponent(`SELECT setval('notes_id_seq', 1)`)}`);
    assert.deepEqual([hidden.status, /read-only transaction/.test(hidden.body.error.message)], [422, true]);
    await paused(async () => {
      await kernel.until(async () => !(await isRead(kernel)), 'the copy to lag', 20_000);
      await refuseAll(kernel);
    });
  });

  it('is left alone while it lags too far, and tells so in the figures', async () => {
    await settled();
    await paused(async () => {
      await logWorkout(kernel, bob);
      await kernel.until(async () => (await figures(kernel)).usable === 0, 'the copy to be left alone', 20_000);
      assert.ok((await figures(kernel)).lag > LAG_SECONDS);
      assert.equal(await onBoard(kernel, undefined, bob), true);
    });
    await settled();
    assert.deepEqual([(await figures(kernel)).usable, (await figures(kernel)).lag < 2], [1, true]);
  });

  /** Reads without a pause while `work` runs, and answers every status other than 200. */
  const readThroughout = async (work: () => Promise<void>): Promise<TestAnswer[]> => {
    const failures: TestAnswer[] = [];
    let isOver = false;
    const readers = [undefined, ada, bob, undefined].map(async (as, index) => {
      while (!isOver) {
        const answer = await (index % 2 === 0 ? kernel : other).get('/api/leaderboard', { as });
        if (answer.status !== 200) failures.push(answer);
      }
    });
    await work();
    isOver = true;
    await Promise.all(readers);
    return failures;
  };

  it('is not missed when it is killed, and is read from again when it is back', async () => {
    await settled(ada, bob);
    const failures = await readThroughout(async () => {
      await delay(200);
      await server.killStandby();
      await delay(500);
      assert.equal(await isRead(kernel), false);
      await server.startStandby();
      await settled(ada, bob);
    });
    assert.deepEqual(failures, []);
  });

  it('is not waited for when it is killed or falls silent in the middle of a statement', async () => {
    const slowly = async (fault: () => Promise<void> | void): Promise<void> => {
      await settled(ada, bob);
      const slow = kernel.get(`/api/notes/try?sql=${encodeURIComponent('SELECT pg_sleep(CASE WHEN pg_is_in_recovery() THEN 20 ELSE 0 END)')}`);
      const sleeping = `SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND application_name = 'musclemap-replica'`;
      await kernel.until(async () => (await server.onStandby(sleeping)).length > 0, 'the statement to run there');
      const started = performance.now();
      await fault();
      assert.equal((await slow).status, 200);
      assert.ok(performance.now() - started < 10_000);
    };
    const failures = await readThroughout(async () => {
      await slowly(() => server.killStandby());
      await server.startStandby();
      await slowly(() => {
        network.isSilent = true;
      });
      network.isSilent = false;
      await settled(ada, bob);
    });
    assert.deepEqual(failures, []);
  });

  it('is not read from when it comes back older than it was, by whoever saw more of it before', async () => {
    await settled(ada, bob);
    const older = await server.keepOlderStandby();
    assert.equal((await kernel.post('/api/notes', { as: ada, body: { text: 'seen' } })).status, 204);
    const patient = await start(120);
    const read = async (as?: TestUser): Promise<{ isReplica: boolean; texts: string[] }> =>
      (await patient.get('/api/notes', { as })).body.data as { isReplica: boolean; texts: string[] };
    try {
      await settled(ada, bob);
      for (const reader of [ada, bob, undefined]) {
        await kernel.until(async () => (await read(reader)).isReplica, 'the replica to be read from');
        assert.ok((await read(reader)).texts.includes('seen'));
      }
      await older.bringBack();
      const asked = `SELECT FROM pg_stat_activity WHERE application_name = 'musclemap-replica-watch' AND query_start > backend_start + INTERVAL '1500 ms'`;
      await kernel.until(async () => (await server.onStandby(asked)).length === 3, 'every instance to ask the older copy', 20_000);
      for (const reader of [ada, bob, undefined]) assert.deepEqual([(await read(reader)).isReplica, (await read(reader)).texts.includes('seen')], [false, true]);
      await older.undo();
      for (const reader of [ada, undefined]) await kernel.until(async () => (await read(reader)).isReplica, 'the replica to be read from again', 20_000);
    } finally {
      await patient.stop();
    }
  });

  it('shows members what they did by a message of their socket', async () => {
    await settled(ada, bob);
    await paused(async () => {
      const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, ada.accessToken);
      await socket.opened;
      try {
        socket.send({ type: 'note', text: 'by socket' });
        await kernel.until(async () => (await kernel.kernel.knex('plugin_notes.notes').where({ text: 'by socket' })).length === 1, 'the note to be written');
        await kernel.until(async () => !(await isRead(kernel, ada)) && !(await isRead(other, ada)), 'their reads to go to the primary');
        const { texts } = (await other.get('/api/notes', { as: ada })).body.data as { texts: string[] };
        assert.ok(texts.includes('by socket'));
        assert.equal(await isRead(other, bob), true);
      } finally {
        socket.terminate();
      }
    });
  });

  it('is no longer read from once it is a server of its own', async () => {
    await settled();
    await server.onStandby('SELECT pg_promote(false)');
    const isPromoted = async (): Promise<boolean> => (await server.onStandby('SELECT pg_is_in_recovery() AS follows'))[0]?.follows === false;
    await kernel.until(isPromoted, 'the copy to be a server of its own', 45_000);
    await kernel.until(async () => (await figures(kernel)).usable === 0, 'the copy to be left alone');
    assert.equal(await isRead(kernel), false);
    await logWorkout(kernel, await kernel.signUp({ credits: 100 }));
  });

  async function figures(on: TestKernel): Promise<{ replica: number; primary: number; usable: number; lag: number }> {
    const text = (await on.get('/metrics')).body as string;
    const read = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    return {
      replica: read('musclemap_replica_reads_total\\{target="replica"\\}'),
      primary: read('musclemap_replica_reads_total\\{target="primary"\\}'),
      usable: read('musclemap_replica_usable'),
      lag: read('musclemap_replica_lag_seconds'),
    };
  }
});

describe('a server without a replica', () => {
  it('refuses the variable where there is nothing to copy', () => {
    assert.throws(() => loadConfig({ DATABASE_REPLICA_URL: 'postgres://127.0.0.1/x' }), (error) => error instanceof ConfigError && /DATABASE_URL/.test(error.message));
  });
});
