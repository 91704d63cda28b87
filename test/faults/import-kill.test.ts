import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { recordFault } from './support/report.ts';

const DAYS = Number(process.env.IMPORT_DAYS ?? 2500);
const SETS = 20;
const HEADER = 'Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n';

function history(): string {
  const rows = Array.from({ length: DAYS }, (_day, day) => {
    const date = new Date(Date.UTC(2008, 0, 1 + day)).toISOString().slice(0, 10);
    return Array.from({ length: SETS }, (_set, set) => `${date} 18:00:00,"Legs",1h,"Squat (Barbell)",${String(set + 1)},100,5,0,0,"","",\n`).join('');
  });
  return HEADER + rows.join('');
}

/** The server as a gym runs it, on a folder of its own. */
async function startServer(home: string): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, ['--import', './kernel/typescript/register.mjs', 'kernel/main.ts'], {
    env: { PATH: process.env.PATH, MUSCLEMAP_HOME: home, PORT: '0', RATE_LIMIT_MAX: '0' },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /listens on (http:\S+);/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stdout.resume();
    return { child, url };
  }
  throw new Error('The server did not start.');
}

describe('an import of a long history', function () {
  this.timeout(300_000);

  it(`survives the server's being killed in the middle: ${String(DAYS * SETS)} rows are there once`, async () => {
    const home = await mkdtemp(join(tmpdir(), 'musclemap-import-'));
    await chmod(home, 0o755);
    let server = await startServer(home);
    try {
      const account = { email: 'ada@example.org', username: 'ada', password: 'correct horse battery staple' };
      const call = async (method: string, path: string, token?: string, body?: string): Promise<{ status: number; data: Record<string, unknown> }> => {
        const headers = { 'Content-Type': 'application/json', ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
        const response = await fetch(server.url + path, { method, headers, ...(body !== undefined && { body }) });
        const { data } = (await response.json()) as { data: Record<string, unknown> };
        return { status: response.status, data };
      };
      const { data: signedUp } = await call('POST', '/api/auth/register', undefined, JSON.stringify(account));
      const token = String(signedUp.accessToken);
      const { status, data } = await call('POST', '/api/workouts/import', token, history());
      assert.equal(status, 202);
      const id = String(data.id);
      const until = async (reached: (state: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> => {
        const deadline = Date.now() + 200_000;
        for (;;) {
          const { data: state } = await call('GET', `/api/workouts/imports/${id}`, token);
          if (reached(state) || Date.now() > deadline) return state;
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      const before = await until(({ state, workouts }) => state === 'done' || Number(workouts) > 0);
      const exit = once(server.child, 'exit');
      server.child.kill('SIGKILL');
      await exit;
      server = await startServer(home);
      const after = await until(({ state }) => state === 'done' || state === 'failed');
      assert.deepEqual([after.state, after.workouts, after.sets], ['done', DAYS, DAYS * SETS], JSON.stringify([before, after]));
      const { data: stats } = await call('GET', '/api/workouts/stats', token);
      assert.match(JSON.stringify(stats), new RegExp(`"workouts":${String(DAYS)}\\b`));
      recordFault({ fault: `kill -9 in the middle of an import of ${String(DAYS * SETS)} rows`, lostAcknowledged: 0 });
    } finally {
      const exit = once(server.child, 'exit');
      server.child.kill('SIGTERM');
      await exit;
      await rm(home, { recursive: true, force: true });
    }
  });
});
