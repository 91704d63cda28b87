import assert from 'node:assert/strict';
import { until } from '../support/plugins.ts';
import { ServerProcess } from '../support/server-process.ts';
import { createDatabase } from '../support/setup.ts';

const SUPERVISOR = ['kernel/supervisor.mjs'];

async function isAnswering(url: string): Promise<boolean> {
  return fetch(`${url}/health`).then(({ ok }) => ok, () => false);
}

describe('npm start', function () {
  this.timeout(120_000);
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let env: Record<string, string>;
  before(async () => {
    database = await createDatabase();
    env = { DATABASE_URL: database.url, JWT_SECRET: 'x'.repeat(32) };
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
});
