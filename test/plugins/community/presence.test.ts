import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import type { TestKernel, TestUser } from '../../../kernel/testing.ts';
import { startCopy } from '../../support/setup.ts';
import { TestSocket, until } from '../../support/sockets.ts';

const redisUrl = process.env.REDIS_URL;
if (redisUrl === undefined) console.log('  REDIS_URL is not set: presence is tried in tables only');

for (const store of ['tables', 'Redis'] as const) {
  (store === 'Redis' && redisUrl === undefined ? describe.skip : describe)(`/community/presence in ${store}`, () => {
    let kernel: TestKernel;
    let members: TestUser[];
    let redis: Redis | undefined;
    let now = Date.UTC(2026, 0, 4, 14, 35, 10);

    before(async () => {
      const url = store === 'Redis' && redisUrl !== undefined ? withDatabase(redisUrl, 5) : undefined;
      if (url !== undefined) {
        redis = new Redis(url);
        await redis.flushdb();
      }
      kernel = await startCopy({ clock: { now: () => new Date(now) }, ...(url !== undefined && { config: { redisUrl: url } }) });
      await until(() => redis === undefined || kernel.kernel.redis?.status === 'ready');
      members = await Promise.all(Array.from({ length: 8 }, () => kernel.signUp()));
    });
    after(async () => {
      await kernel.stop();
      await redis?.flushdb();
      redis?.disconnect();
    });

    const beat = async (index: number, body: object): Promise<number> =>
      (await kernel.post('/api/community/presence', { as: members[index], body })).status;
    const presence = async (): Promise<{ total: number; buckets: { geoBucket: string; count: number }[] }> =>
      (await kernel.get('/api/community/presence')).body.data;

    it('counts who is where, and who is few or names no place as other', async () => {
      for (const index of [0, 1, 2, 3]) assert.equal(await beat(index, { geoBucket: 'berlin' }), 204);
      for (const index of [4, 5]) await beat(index, { geoBucket: 'bonn' });
      await beat(6, {});
      assert.deepEqual(await presence(), { total: 7, buckets: [{ geoBucket: 'berlin', count: 4 }, { geoBucket: 'other', count: 3 }] });
    });

    it('moves who moves, whatever the order and however often it is said', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, n) => beat(4, { geoBucket: n % 2 === 0 ? 'bonn' : 'berlin' })));
      await beat(4, { geoBucket: 'berlin' });
      await beat(5, { geoBucket: 'berlin' });
      assert.deepEqual((await presence()).buckets, [{ geoBucket: 'berlin', count: 6 }, { geoBucket: 'other', count: 1 }]);
    });

    it('forgets who has not been heard of for two minutes', async () => {
      now += 100_000;
      for (const index of [0, 1, 2]) await beat(index, { geoBucket: 'berlin' });
      now += 30_000;
      assert.deepEqual(await presence(), { total: 3, buckets: [{ geoBucket: 'berlin', count: 3 }] });
      await kernel.request('DELETE', '/api/community/presence', { as: members[0] });
      assert.deepEqual((await presence()).buckets, [{ geoBucket: 'other', count: 2 }]);
    });

    it('adds up what was picked in fifteen minutes', async () => {
      await beat(0, { exerciseId: 'back_squat', stageId: 'warm-up' });
      await beat(1, { exerciseId: 'back_squat' });
      now += 10 * 60_000;
      await beat(2, { exerciseId: 'plank' });
      const { exercises, stages } = (await kernel.get('/api/community/now')).body.data;
      assert.deepEqual(exercises, [{ id: 'back_squat', count: 2 }, { id: 'plank', count: 1 }]);
      assert.deepEqual(stages, [{ id: 'warm-up', count: 1 }]);
      now += 10 * 60_000;
      assert.deepEqual((await kernel.get('/api/community/now')).body.data, { exercises: [{ id: 'plank', count: 1 }], stages: [] });
    });

    it('counts nobody who does not want to be counted', async () => {
      await kernel.request('PATCH', '/api/community/settings', { as: members[7], body: { showPresence: false } });
      const { total } = await presence();
      assert.equal(await beat(7, { geoBucket: 'berlin' }), 204);
      assert.equal((await presence()).total, total);
    });

    it('hears heartbeats over the socket', async () => {
      const socket = new TestSocket(`${kernel.kernel.url}/api/realtime`, members[3]?.accessToken);
      await socket.opened;
      const { total } = await presence();
      socket.send({ type: 'heartbeat', geoBucket: 'hamburg' });
      await until(async () => (await presence()).total === total + 1);
      socket.send({ type: 'heartbeat', geoBucket: 'no spaces' });
      assert.equal((await socket.next('error')).code, 'VALIDATION_ERROR');
      socket.terminate();
    });

    if (store === 'Redis') {
      it('keeps exactly the keys of the data model', async () => {
        now += 3_600_000;
        await beat(0, { geoBucket: 'berlin', stageId: 'sets', exerciseId: 'plank' });
        const id = members[0]?.id ?? '';
        assert.equal(await redis?.zscore('presence:zset', id), String(now));
        assert.deepEqual(JSON.parse((await redis?.get(`presence:meta:${id}`)) ?? ''), { geoBucket: 'berlin', stageId: 'sets' });
        const left = (await redis?.ttl(`presence:meta:${id}`)) ?? 0;
        assert.ok(left > 115 && left <= 120, String(left));
        assert.equal(await redis?.get('presence:bucket:berlin'), '1');
        const minute = new Date(now).toISOString().slice(0, 16).replaceAll(/[-:T]/g, '');
        assert.match(minute, /^\d{12}$/);
        assert.deepEqual(await redis?.hgetall(`now:exercise:selected:${minute}`), { plank: '1' });
        assert.deepEqual(await redis?.hgetall(`now:stage:entered:${minute}`), { sets: '1' });
        const kept = (await redis?.ttl(`now:stage:entered:${minute}`)) ?? 0;
        assert.ok(kept > 1790 && kept <= 1800, String(kept));
      });

      it('puts counts right that were left wrong', async () => {
        await redis?.set('presence:bucket:berlin', '99');
        assert.equal((await presence()).total, 1);
        assert.equal(await redis?.get('presence:bucket:berlin'), '1');
      });

      it('answers as before when Redis is gone', async () => {
        kernel.kernel.redis?.disconnect();
        assert.equal(await beat(1, { geoBucket: 'berlin' }), 204);
        assert.equal((await kernel.get('/api/community/presence')).status, 200);
        assert.equal((await presence()).total, 1);
        await kernel.kernel.redis?.connect();
        assert.equal(await beat(1, { geoBucket: 'berlin' }), 204);
      });
    }
  });
}

function withDatabase(url: string, database: number): string {
  const address = new URL(url);
  address.pathname = `/${String(database)}`;
  return address.href;
}
