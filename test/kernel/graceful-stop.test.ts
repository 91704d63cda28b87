import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ServerProcess } from '../support/server-process.ts';
import { createDatabase } from '../support/setup.ts';

interface Answer {
  status: number;
  connection: string | undefined;
}

describe('SIGTERM', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let home: string;
  let server: ServerProcess | undefined;
  before(async () => {
    database = await createDatabase();
    home = await mkdtemp(join(tmpdir(), 'musclemap-stop-'));
  });
  after(async () => {
    if (server?.hasEnded === false) await server.end('SIGKILL');
    await database.drop();
    await rm(home, { recursive: true, force: true });
  });

  const start = async (env: Record<string, string> = {}): Promise<string> => {
    server = new ServerProcess({ env: { DATABASE_URL: database.url, JWT_SECRET: randomUUID(), MUSCLEMAP_HOME: home, ...env } });
    return server.url;
  };
  const ask = (url: string, agent: Agent): Promise<Answer> =>
    new Promise((resolve, reject) => {
      request(url, { agent }, (response) => {
        response.resume().once('end', () => {
          resolve({ status: response.statusCode ?? 0, connection: response.headers.connection });
        });
      })
        .once('error', reject)
        .end();
    });

  it('answers every request of the connections that stand, the last one of each saying so, and ends with 0', async () => {
    const url = await start();
    const agents = Array.from({ length: 8 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    const broken: unknown[] = [];
    const farewells = new Set<number>();
    let answered = 0;
    const clients = agents.map(async (agent, index) => {
      for (;;) {
        try {
          const { status, connection } = await ask(`${url}/api/exercises?limit=50`, agent);
          assert.equal(status, 200);
          answered += 1;
          if (connection !== 'close') continue;
          farewells.add(index);
        } catch (error) {
          broken.push(error);
        }
        return;
      }
    });
    while (answered < agents.length) await delay(20);
    const before = answered;
    const started = performance.now();
    assert.equal(await server?.end('SIGTERM'), 0);
    assert.ok(performance.now() - started < 10_000);
    await Promise.all(clients);
    assert.deepEqual([broken, farewells.size], [[], agents.length]);
    assert.ok(answered > before);
    for (const agent of agents) agent.destroy();
  });

  it('serves on while it drains, not ready, for as long as it is told', async () => {
    const url = await start({ DRAIN_SECONDS: '2' });
    const agent = new Agent();
    assert.equal((await ask(`${url}/ready`, agent)).status, 200);
    const started = performance.now();
    const ended = server?.end('SIGTERM');
    for (let status = 200; status === 200; ) status = (await ask(`${url}/ready`, agent)).status;
    assert.deepEqual(await ask(`${url}/api/muscles`, agent), { status: 200, connection: 'close' });
    await delay(1_000);
    assert.equal((await ask(`${url}/api/muscles`, agent)).status, 200);
    assert.equal(await ended, 0);
    assert.ok(performance.now() - started >= 2_000);
    await assert.rejects(ask(`${url}/api/muscles`, agent), /ECONNREFUSED/);
  });
});
