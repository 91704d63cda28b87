import assert from 'node:assert/strict';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { ServerProcess } from '../support/server-process.ts';

describe('a server without any services or settings', function () {
  this.timeout(60_000);
  let home: string;
  let server: ServerProcess | undefined;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'musclemap-home-'));
    await chmod(home, 0o755);
  });
  after(async () => {
    if (server?.hasEnded === false) await server.end('SIGTERM');
    await rm(home, { recursive: true, force: true });
  });

  /** What the embedded database holds, read as its superuser. */
  const read = async (sql: string): Promise<Record<string, unknown>[]> => {
    const { postgres } = JSON.parse(await readFile(join(home, 'postgres', 'credentials.json'), 'utf8')) as { postgres: string };
    const port = (await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[3] ?? '';
    const client = new pg.Client({ host: '127.0.0.1', port: Number(port), user: 'postgres', password: postgres, database: 'musclemap' });
    await client.connect();
    const { rows } = await client.query<Record<string, unknown>>(sql);
    await client.end();
    return rows;
  };

  it('loses no acknowledged charge to kill -9 in the middle of a storm, and counts none twice', async () => {
    server = new ServerProcess({ env: { MUSCLEMAP_HOME: home } });
    const url = await server.url;
    const send = async (path: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
      fetch(url + path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) });
    const person = { email: 'storm@example.org', username: 'storm', password: 'correct horse battery' };
    const { data } = (await (await send('/api/auth/register', person)).json()) as { data: { accessToken: string } };
    await read(`UPDATE users SET trial_ends_at = NOW();
      SELECT * FROM update_credit_balance((SELECT id FROM users), 1000000, 'test', NULL, 'test')`);

    const acknowledged: string[] = [];
    const charge = async (key: string): Promise<void> => {
      const headers = { Authorization: `Bearer ${data.accessToken}`, 'Idempotency-Key': key };
      const answer = await send('/api/credits/charge', { action: 'workout.log' }, headers);
      if (answer.status !== 200) return;
      const { data: entry } = (await answer.json()) as { data: { entryId: string } };
      acknowledged.push(entry.entryId);
      if (acknowledged.length === 60) server?.child.kill('SIGKILL');
    };
    await Promise.allSettled(
      Array.from({ length: 8 }, async (_, worker) => {
        for (let i = 0; i < 200; i++) await charge(`${String(worker)}-${String(i)}`);
      }),
    );
    assert.ok(acknowledged.length >= 60);
    assert.match(server.said, /credits\/charge/);
    for (const secret of [person.password, data.accessToken]) assert.ok(!server.said.includes(secret), 'a secret was logged');

    server = new ServerProcess({ env: { MUSCLEMAP_HOME: home } });
    await server.url;
    const rows = await read(`SELECT id FROM credit_ledger WHERE action = 'workout.log'`);
    const stored = new Set(rows.map(({ id }) => id));
    assert.deepEqual(acknowledged.filter((id) => !stored.has(id)), []);
    const [sums] = await read(`SELECT b.balance, sum(l.amount)::INTEGER AS ledger,
      (array_agg(l.balance_after ORDER BY l.created_at DESC, l.id DESC))[1] AS newest
      FROM credit_balances b JOIN credit_ledger l USING (user_id) GROUP BY b.balance`);
    assert.equal(sums?.balance, sums?.ledger);
    assert.equal(sums?.balance, sums?.newest);
  });

  it('refuses a second start on the same folder and says who has it', async () => {
    const second = new ServerProcess({ env: { MUSCLEMAP_HOME: home } });
    await assert.rejects(second.url, new RegExp(`already in use by process ${String(server?.child.pid)}`));
  });

  it('starts its database again when that is killed', async () => {
    const url = (await server?.url) ?? '';
    const postmaster = async (): Promise<number> => {
      const text = await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').catch(() => '');
      return Number(text.split('\n')[0]);
    };
    const killed = await postmaster();
    process.kill(killed, 'SIGKILL');
    const deadline = Date.now() + 20_000;
    let isBack = false;
    while (!isBack && Date.now() < deadline) {
      const { status } = await fetch(`${url}/api/muscles`);
      assert.ok([200, 503].includes(status), `answered ${String(status)}`);
      isBack = status === 200 && (await postmaster()) !== killed;
    }
    assert.ok(isBack);
  });

  it('stops with 0 on SIGTERM, and its database with it', async () => {
    const pid = Number((await readFile(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8')).split('\n')[0]);
    assert.equal(await server?.end('SIGTERM'), 0);
    assert.throws(() => process.kill(pid, 0), /ESRCH/);
  });
});
