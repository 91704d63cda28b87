import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestKernel, TestUser } from '../../kernel/testing.ts';
import { until } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { startCopy } from '../support/setup.ts';
import { Load } from './support/load.ts';
import { recordFault } from './support/report.ts';

const HOUR_MS = 3_600_000;
const SERVER = ['--import', './kernel/typescript/register.mjs', '--import', './test/faults/support/jumping-date.mjs', 'kernel/main.ts'];
const JUMPS = { 'an hour back': -HOUR_MS, 'a day forth': 24 * HOUR_MS, 'back from a day forth': 0 };

interface Answer {
  status: number;
  headers: Headers;
  data: Record<string, unknown>;
}

describe('the clock of one of two instances', function () {
  this.timeout(240_000);
  let kernel: TestKernel;
  let directory: string;
  let instances: ServerProcess[];
  let wrong: string;
  let right: string;
  before(async () => {
    kernel = await startCopy();
    directory = await mkdtemp(join(tmpdir(), 'musclemap-clock-'));
    await writeFile(join(directory, 'offset'), '0');
    const env = {
      ...{ DATABASE_URL: kernel.databaseUrl, JWT_SECRET: kernel.kernel.config.jwtSecret ?? '', MUSCLEMAP_HOME: directory },
      ...{ RATE_LIMIT_MAX: '1000000', AUTH_LIMIT_MAX: '0', CLOCK_OFFSET_FILE: join(directory, 'offset') },
    };
    instances = [new ServerProcess({ env, arguments: SERVER }), new ServerProcess({ env })];
    [wrong = '', right = ''] = await Promise.all(instances.map(({ url }) => url));
  });
  after(async () => {
    await Promise.all(instances.map((instance) => instance.end('SIGTERM')));
    await kernel.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const setClock = async (offset: number): Promise<void> => {
    await writeFile(join(directory, 'offset'), String(offset));
    const said = instances[0]?.said.length;
    instances[0]?.child.kill('SIGUSR2');
    await until(() => instances[0]?.said.slice(said).includes(`off by ${String(offset)}\n`), 'the instance to see another time');
  };
  const ask = async (url: string, method: string, path: string, token?: string, body?: object): Promise<Answer> => {
    const headers = { ...(body !== undefined && { 'Content-Type': 'application/json' }), ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
    const response = await fetch(`${url}/api${path}`, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) });
    const text = await response.text();
    return { status: response.status, headers: response.headers, data: text === '' ? {} : (JSON.parse(text) as { data?: Record<string, unknown> }).data ?? {} };
  };
  const signIn = async (url: string, { username, password }: TestUser): Promise<{ accessToken: string; refreshToken: string }> => {
    const { status, data } = await ask(url, 'POST', '/auth/login', undefined, { username, password });
    assert.equal(status, 200);
    return data as { accessToken: string; refreshToken: string };
  };

  for (const [what, offset] of Object.entries(JUMPS)) {
    it(`${what}: sessions, limits, jobs and repeated requests go on, and what was revoked stays so`, async () => {
      const members = await Promise.all(Array.from({ length: 4 }, () => kernel.signUp({ credits: 1_000_000 })));
      const [member] = members;
      assert.ok(member);
      const before = await signIn(wrong, member);
      const load = new Load(() => [wrong, right], members, what);
      load.start(4);
      await delay(500);
      load.inject();
      await setClock(offset);

      for (const url of [wrong, right]) assert.equal((await ask(url, 'GET', '/users/me', before.accessToken)).status, 200, 'a session goes on');
      const during = await signIn(wrong, member);
      for (const url of [wrong, right]) assert.equal((await ask(url, 'GET', '/users/me', during.accessToken)).status, 200, 'a new one counts everywhere');
      const refreshed = await ask(wrong, 'POST', '/auth/refresh', undefined, { refreshToken: before.refreshToken });
      assert.equal(refreshed.status, 200, JSON.stringify(refreshed.data));

      const signedOut = await ask(right, 'POST', '/auth/logout', during.accessToken, { refreshToken: during.refreshToken });
      assert.ok([200, 204].includes(signedOut.status), String(signedOut.status));
      await until(async () => (await ask(wrong, 'GET', '/users/me', during.accessToken)).status === 401, 'the sign-out to be heard of');
      await delay(1_500);
      assert.equal((await ask(wrong, 'GET', '/users/me', during.accessToken)).status, 401, 'it is not forgotten');

      const { headers } = await ask(wrong, 'GET', '/users/me', member.accessToken);
      assert.ok(Number(headers.get('ratelimit-reset')) <= 60, `the limit ends in ${headers.get('ratelimit-reset') ?? '?'} s`);
      const far = await kernel.knex('job_schedules').whereRaw(`cron = '*/10 * * * *' AND next_run_at > now() + INTERVAL '20 minutes'`);
      assert.deepEqual(far, [], 'no job waits for a time that is not to come for long');

      const backMs = await load.isBack();
      const row = await load.prove(kernel.knex);
      recordFault({ fault: `clock of an instance: ${what}`, ...row, backMs });
      assert.equal(load.report.refused + load.report.broken, 0);
      assert.ok(load.report.acknowledged > 5, 'there was a load');
    });
  }
});
