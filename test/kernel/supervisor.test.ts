import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { until } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { createDatabase } from '../support/setup.ts';

const exec = promisify(execFile);
const NPM_START = ['npm', 'start'];
const SUPERVISOR = ['kernel/supervisor.mjs'];

async function isAnswering(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(({ ok }) => ok, () => false);
}

/** The process that another has started. */
async function childOf(parent: number | undefined): Promise<number> {
  const { stdout } = await exec('ps', ['-A', '-o', 'pid=,ppid=']);
  const line = stdout.split('\n').map((row) => row.trim().split(/\s+/).map(Number)).find(([, ppid]) => ppid === parent);
  assert.ok(line?.[0] !== undefined, `a process of ${String(parent)}`);
  return line[0];
}

describe('npm start', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let env: Record<string, string>;
  before(async () => {
    database = await createDatabase();
    env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32), npm_config_update_notifier: 'false' };
  });
  after(() => database.drop());

  it('stops the server in peace on SIGTERM, and ends with its exit code', async () => {
    const server = new ServerProcess({ env, arguments: SUPERVISOR });
    const url = await server.url;
    assert.equal(await server.end('SIGTERM'), 0);
    assert.match(server.said, /SIGTERM: finishing what runs/);
    assert.equal(await isAnswering(url), false);
  });

  it('does not start a server again that has refused to start', async () => {
    const server = new ServerProcess({ env: { ...env, JWT_SECRET: 'short' }, arguments: SUPERVISOR });
    assert.equal(await server.ended(), 1);
    assert.match(server.said, /JWT_SECRET/);
    assert.doesNotMatch(server.said, /started again/);
  });

  it('takes the server along when it is killed itself', async () => {
    const server = new ServerProcess({ env, arguments: SUPERVISOR });
    const url = await server.url;
    await server.end('SIGKILL');
    await until(async () => !(await isAnswering(url)), 'the end of the server');
  });

  it('leaves no server behind when npm is killed, or the shell that npm runs it in', async () => {
    const victims = { npm: (server: ServerProcess) => Promise.resolve(server.child.pid), shell: (server: ServerProcess) => childOf(server.child.pid) };
    for (const [what, find] of Object.entries(victims)) {
      const server = new ServerProcess({ env, program: NPM_START });
      const url = await server.url;
      process.kill((await find(server)) ?? 0, 'SIGKILL');
      await until(async () => !(await isAnswering(url)), `the end of the server without its ${what}`);
      await until(() => server.said.includes('finishing what runs'), 'the server to stop in peace');
    }
  });

  it('leaves no server behind when a shell that waits for it is killed', async () => {
    const server = new ServerProcess({ env: { ...env, npm_lifecycle_event: 'start' }, program: ['sh', '-c', 'node kernel/supervisor.mjs; true'] });
    const url = await server.url;
    await server.end('SIGKILL');
    await until(async () => !(await isAnswering(url)), 'the end of the server');
  });

  it('stops in peace when a terminal interrupts the whole group of processes', async () => {
    const server = new ServerProcess({ env, program: NPM_START, leadsGroup: true });
    const url = await server.url;
    process.kill(-(server.child.pid ?? 0), 'SIGINT');
    await server.ended();
    await until(async () => !(await isAnswering(url)), 'the end of the server');
    assert.match(server.said, /SIGINT: finishing what runs/);
    assert.doesNotMatch(server.said, /started again/);
  });

  it('outlives the shell that it was put in the background by, without npm', async () => {
    const server = new ServerProcess({ env, program: ['sh', '-c', 'node kernel/supervisor.mjs & echo "runs as $!"'] });
    assert.equal(await server.ended(), 0);
    await until(() => server.urls.length > 0, 'the server to listen', 30_000);
    assert.equal(await isAnswering(server.urls[0] ?? ''), true);
    process.kill(Number(/runs as (\d+)/.exec(server.said)?.[1]), 'SIGTERM');
    await until(() => server.said.includes('SIGTERM: finishing what runs'), 'the server to stop in peace');
    await until(async () => !(await isAnswering(server.urls[0] ?? '')), 'the end of the server');
  });
});
