import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { findFreePort } from '../../kernel/database/embedded/postmaster.ts';
import { startKernel, type Kernel } from '../../kernel/kernel.ts';
import { testConfig, type TestKernel } from '../../kernel/testing.ts';
import { createLogger } from '../../kernel/telemetry/logger.ts';
import { startCopy } from '../support/setup.ts';
import { TestSocket, until } from '../support/sockets.ts';
import { recordFault } from './support/report.ts';

const SOCKETS = Number(process.env.SOCKETS ?? 500);
const EVENTS = Number(process.env.EVENTS ?? 1000);
const CHANNELS = 4;

describe('Redis that dies and comes back', function () {
  this.timeout(180_000);
  let port: number;
  let redis: ChildProcess | undefined;
  let first: TestKernel;
  let second: Kernel;

  const startRedis = async (): Promise<void> => {
    redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore' });
    await once(redis, 'spawn');
  };
  const isReady = (): boolean => first.kernel.redis?.status === 'ready' && second.redis?.status === 'ready';

  before(async () => {
    port = await findFreePort();
    await startRedis();
    const { realtime } = testConfig();
    const shared = { redisUrl: `redis://127.0.0.1:${String(port)}`, realtime: { ...realtime, socketsPerUser: SOCKETS * 2 } };
    first = await startCopy({ config: shared });
    const config = testConfig({ ...shared, jwtSecret: first.kernel.config.jwtSecret });
    second = await startKernel({ config, databaseUrl: first.databaseUrl, log: createLogger(config, false) });
    await until(isReady);
  });
  after(async () => {
    await second.stop();
    await first.stop();
    redis?.kill('SIGKILL');
  });

  it(`loses, repeats and reorders nothing of ${String(EVENTS)} events for ${String(SOCKETS)} sockets on each of two instances`, async () => {
    const member = await first.signUp();
    const channels = await Promise.all(Array.from({ length: CHANNELS }, async () => `user:${(await first.signUp()).id}`));
    const people = await first.knex('users').pluck<string[]>('id');
    assert.ok(people.length > CHANNELS);
    // One person reads on many devices; each reads the same channel, on both instances.
    const channel = `user:${member.id}`;
    const sockets = await Promise.all(
      [first.kernel.url, second.url].flatMap((url) =>
        Array.from({ length: SOCKETS }, async () => {
          const socket = new TestSocket(`${url}/api/realtime`, member.accessToken);
          await socket.opened;
          await socket.subscribe(channel);
          return socket;
        }),
      ),
    );
    const services = [first.kernel, second].map((kernel) => kernel.realtime.serviceFor('kernel'));
    for (let n = 0; n < EVENTS; n++) {
      const service = services[n % 2];
      await service?.publish(channel, 'tick', { n });
      if (n % 10 === 0) await service?.publish(channels[n % CHANNELS] ?? '', 'noise', { n });
      if (n === Math.floor(EVENTS / 3)) redis?.kill('SIGKILL');
      if (n === Math.floor((EVENTS * 2) / 3)) {
        await startRedis();
        await until(isReady, 20_000);
      }
    }
    await until(() => sockets.every((socket) => socket.events(channel).length >= EVENTS), 60_000);
    const orders = sockets.map((socket) => socket.events(channel).map(({ data }) => data.n as number));
    for (const order of orders) assert.deepEqual(order, orders[0]);
    assert.deepEqual([...(orders[0] ?? [])].sort((a, b) => a - b), Array.from({ length: EVENTS }, (_, n) => n));
    recordFault({ fault: 'kill -9 of Redis under realtime events', sent: EVENTS, acknowledged: EVENTS, lostAcknowledged: 0, note: `${String(sockets.length)} sockets on two instances` });
    for (const socket of sockets) socket.terminate();
  });
});
