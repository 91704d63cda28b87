import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Knex } from 'knex';
import { connect } from '../../kernel/database/connect.ts';
import { findFreePort } from '../../kernel/database/embedded/postmaster.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { TestKernel, type TestUser } from '../../kernel/testing.ts';
import { Load } from './support/load.ts';

const TOOLS = ['/usr/sbin/nginx', '/usr/bin/redis-server', '/usr/lib/postgresql'];
const AT_ONCE = 6;

interface Cluster {
  ports: { nginx: number; primary: number };
  secrets: { musclemap: string };
}

describe('examples/cluster', function () {
  this.timeout(900_000);
  let home: string;
  let url: string;
  let knex: Knex | undefined;
  let members: TestUser[];

  const cluster = async (...args: string[]): Promise<string> => {
    const run = promisify(execFile);
    const { stdout } = await run(process.execPath, ['examples/cluster/cluster.mjs', ...args, `--home=${home}`], { env: { ...process.env, RATE_LIMIT_MAX: '0' } });
    return stdout;
  };

  before(async function () {
    const missing = TOOLS.filter((path) => !existsSync(path));
    if (missing.length > 0) {
      console.log(`      left out: ${missing.join(', ')} is not here (apt-get install nginx-light redis-server postgresql)`);
      this.skip();
    }
    home = await mkdtemp(join(tmpdir(), 'musclemap-cluster-'));
    // Seven ports in a row.
    const said = await cluster('up', `--port=${String(await findFreePort())}`);
    url = said.trim().split('\n').at(-1) ?? '';
    const { ports, secrets } = JSON.parse(await readFile(join(home, 'cluster.json'), 'utf8')) as Cluster;
    knex = connect(`postgres://musclemap:${secrets.musclemap}@127.0.0.1:${String(ports.primary)}/musclemap`, { poolMax: 4, applicationName: 'test' });
    const client = new TestKernel({ url, knex } as unknown as Kernel, '', () => Promise.resolve());
    members = await Promise.all(Array.from({ length: 4 }, () => client.signUp({ credits: 1_000_000 })));
  });
  after(async () => {
    if (knex === undefined) return;
    await knex.destroy();
    await cluster('down', '--purge');
  });

  it('restarts one kernel after the other under load, and no request is lost', async () => {
    const load = new Load(() => [url], members);
    const failed: string[] = [];
    let reads = 0;
    let isOver = false;
    const readers = members.map(async (member, index) => {
      while (!isOver) {
        const path = ['/api/leaderboard', '/api/exercises', '/api/workouts', '/api/credits/balance'][index % 4] ?? '';
        try {
          const answer = await fetch(url + path, { headers: { Authorization: `Bearer ${member.accessToken}` } });
          if (answer.status === 200) reads += 1;
          else failed.push(`${path} ${String(answer.status)}`);
          await answer.arrayBuffer();
        } catch (error) {
          failed.push(`${path} ${String(error)}`);
        }
      }
    });
    load.start(AT_ONCE);
    const said = await cluster('rolling-restart');
    isOver = true;
    await Promise.all(readers);
    await load.stop();
    const { acknowledged, refused, broken } = load.report;
    console.log(`      ${String(acknowledged)} workouts and ${String(reads)} reads, ${String(refused + broken + failed.length)} failed`);
    assert.equal(said.match(/has stopped/g)?.length, 3);
    assert.deepEqual([refused, broken, failed], [0, 0, []]);
    assert.ok(acknowledged > 20 && reads > 20);
    assert.ok(knex);
    await load.prove(knex);
  });

  it('says what runs, and how far the replica is behind', async () => {
    const { processes, replicaLagSeconds } = JSON.parse(await cluster('status', '--json')) as { processes: { ready: boolean }[]; replicaLagSeconds: number };
    assert.deepEqual([processes.length, processes.every(({ ready }) => ready)], [7, true]);
    assert.ok(replicaLagSeconds < 5);
  });
});
