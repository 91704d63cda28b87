import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { ConfigError, loadConfig, type Config } from '../../kernel/config/config.ts';
import { TestClock, testConfig, type TestAnswer, type TestKernel, type TestUser } from '../../kernel/testing.ts';
import { startCopy } from '../support/setup.ts';

const BODY = { exercises: [{ exerciseId: 'bench_press', sets: 3 }] };

describe('what is kept for a while', function () {
  this.timeout(180_000);
  let kernel: TestKernel;
  const clock = new TestClock();
  // What an operator has set; the one test about time going by has a server of its own.
  before(async () => {
    kernel = await startCopy({ config: { retention: { ...testConfig().retention, idempotencyDays: 3, auditDays: 400 } } });
  });
  after(() => kernel.stop());

  const forget = async (on = kernel): Promise<void> => {
    await on.kernel.queue.enqueue('kernel', 'forget-old-rows', {});
    await on.settle();
  };
  const count = async (table: string, userId: string): Promise<number> =>
    (await kernel.knex(table).where({ user_id: userId })).length;

  it('answers a request that is sent again with its first answer for as long as its key is kept, and forgets it then', async () => {
    const on = await startCopy({ clock });
    try {
      const member = await on.signUp({ credits: 1000 });
      const log = (): Promise<TestAnswer> => on.post('/api/workouts', { as: member, key: 'monday', body: BODY });
      const first = await log();
      await on.knex('audit_log').insert({ at: new Date(0), actor_kind: 'cli', action: 'old', result: 'done' });
      clock.advance({ days: 89 });
      await forget(on);
      const again = await log();
      assert.deepEqual([first.status, again.status, again.headers.get('idempotency-replayed')], [201, 200, 'true']);
      assert.deepEqual(again.body.data, first.body.data);
      clock.advance({ days: 2 });
      await forget(on);
      assert.equal((await on.knex('idempotency_keys')).length, 0);
      assert.equal((await on.get(`/api/workouts/${String(first.body.data.id)}`, { as: member })).status, 200);
      assert.equal((await on.knex('audit_log').where({ action: 'old' })).length, 1, 'the audit is kept for ever unless somebody says otherwise');
    } finally {
      await on.stop();
    }
  });

  it('keeps keys for as long as the operator says', async () => {
    const members: TestUser[] = [];
    for (const hours of [71, 73]) {
      const member = await kernel.signUp();
      assert.equal((await kernel.post('/api/workouts', { as: member, key: 'monday', body: BODY })).status, 201);
      for (const table of ['idempotency_keys', 'free_charges']) {
        await kernel.knex.raw(`UPDATE ?? SET created_at = NOW() - ? * INTERVAL '1 hour' WHERE user_id = ?`, [table, hours, member.id]);
      }
      members.push(member);
    }
    await forget();
    const left = await Promise.all(members.map(({ id }) => Promise.all([count('idempotency_keys', id), count('free_charges', id)])));
    assert.deepEqual(left, [[1, 1], [0, 0]]);
  });

  it('forgets a great many a few at a time, and counts them', async () => {
    const { id } = await kernel.signUp();
    await kernel.knex.raw(
      `INSERT INTO idempotency_keys (user_id, route, key, request_hash, answer, created_at)
       SELECT ?, 'POST /api/workouts', n::TEXT, 'x', '{}', NOW() - (n - 0.5) * INTERVAL '1 hour' FROM generate_series(1, 5000) n`,
      [id],
    );
    const figure = async (): Promise<number> => {
      const metrics = await kernel.kernel.metrics.registry.metrics();
      assert.match(metrics, /musclemap_forgotten_timestamp_seconds \d/);
      return Number(/musclemap_forgotten_rows_total\{table="idempotency_keys"\} (\d+)/.exec(metrics)?.[1] ?? 0);
    };
    const earlier = await figure();
    await forget();
    assert.deepEqual([await count('idempotency_keys', id), (await figure()) - earlier], [72, 4928]);
  });

  it('forgets tokens that have expired and devices not seen for a year, and leaves what is alive', async () => {
    const [member, idle] = [await kernel.signUp(), await kernel.signUp()];
    await forget();
    assert.equal(await count('account_tokens', member.id), 1);
    await kernel.knex.raw(`UPDATE sessions SET last_used_at = NOW() - INTERVAL '366 days' WHERE user_id = ?`, [idle.id]);
    await kernel.knex.raw(`UPDATE refresh_tokens SET expires_at = NOW() - INTERVAL '2 days' WHERE user_id = ?`, [idle.id]);
    await kernel.knex.raw(`UPDATE account_tokens SET expires_at = NOW() - INTERVAL '2 days' WHERE user_id = ?`, [member.id]);
    await forget();
    for (const [table, left] of Object.entries({ account_tokens: [0, 1], sessions: [1, 0], refresh_tokens: [1, 0] })) {
      assert.deepEqual([await count(table, member.id), await count(table, idle.id)], left, table);
    }
    assert.equal((await kernel.post('/api/auth/refresh', { body: { refreshToken: member.refreshToken } })).status, 200);
  });

  it('forgets events of Stripe that are done, and never one that waits', async () => {
    await kernel.knex.raw(
      `INSERT INTO stripe_events (id, type, created, payload, received_at, processed_at)
       SELECT 'evt_' || n, 'x', NOW(), '{}', NOW() - n * INTERVAL '150 days', CASE WHEN n % 2 = 0 THEN NOW() END FROM generate_series(1, 4) n`,
    );
    await forget();
    assert.deepEqual(await kernel.knex('stripe_events').orderBy('id').pluck('id'), ['evt_1', 'evt_2', 'evt_3']);
  });

  it('forgets how often plugins failed a week ago', async () => {
    await kernel.knex.raw(`INSERT INTO plugin_faults SELECT 'tips', NOW() - n * INTERVAL '1 day', n FROM generate_series(6, 8) n`);
    await forget();
    assert.deepEqual(await kernel.knex('plugin_faults').orderBy('faults').pluck('faults'), [6]);
  });

  describe('the audit', () => {
    const write = (daysAgo: number): PromiseLike<unknown> =>
      kernel.knex.raw(
        `INSERT INTO audit_log (at, actor_kind, action, result) VALUES (NOW() - ? * INTERVAL '1 day', 'cli', ?, 'done')`,
        [daysAgo, `old.${String(daysAgo)}`],
      );
    const actions = (): PromiseLike<string[]> => kernel.knex('audit_log').whereRaw(`action ~ '^(old|audit)'`).orderBy('id').pluck('action');

    it('forgets what is older than the operator keeps it, and says so in itself', async () => {
      for (const days of [5000, 401, 399, 1]) await write(days);
      await forget();
      assert.deepEqual((await actions()).slice(-3), ['old.399', 'old.1', 'audit.forget']);
      const { details, actor_kind: kind } = await kernel.knex('audit_log').where({ action: 'audit.forget' }).orderBy('id', 'desc').first();
      assert.deepEqual([details.entries, kind], [2, 'kernel']);
    });

    it('stays append-only for everybody else, also within the transaction that forgot', async () => {
      await write(100);
      await write(10);
      await assert.rejects(kernel.knex('audit_log').delete(), /append-only/);
      await kernel.knex.transaction(async (trx) => {
        await trx.raw('SELECT forget_audit_entries(NOW(), 10)');
        await trx.raw('SAVEPOINT before');
        await assert.rejects(trx('audit_log').delete(), /append-only/);
        await trx.raw('ROLLBACK TO SAVEPOINT before');
      });
      await assert.rejects(kernel.knex('audit_log').update({ result: 'x' }), /append-only/);
      assert.deepEqual((await actions()).filter((action) => action === 'old.100' || action === 'old.10'), ['old.10']);
    });

    it('is not kept for less than 30 days by a slip of the pen', () => {
      const read = (days: string): Config => loadConfig({ AUDIT_KEEP_DAYS: days, JWT_SECRET: randomBytes(32).toString('hex') });
      assert.throws(() => read('7'), (error) => error instanceof ConfigError && error.message.includes('AUDIT_KEEP_DAYS'));
      assert.deepEqual([read('0').retention.auditDays, read('30').retention.auditDays], [0, 30]);
    });
  });

  it('is looked after by one job for all instances, once a night', async () => {
    const schedules = await kernel.knex('job_schedules').where({ plugin_id: 'kernel', job: 'forget-old-rows' });
    assert.deepEqual(schedules.map(({ cron }) => cron), ['27 3 * * *']);
  });
});
