import assert from 'node:assert/strict';
import { connect } from '../../kernel/database/connect.ts';
import { Handles } from '../../kernel/plugins/health/handles.ts';
import { runAs } from '../../kernel/telemetry/execution.ts';
import { until } from '../support/plugins.ts';
import { readRows } from '../support/enabled.ts';
import { testServer } from '../support/setup.ts';

describe('a pool of connections', () => {
  it('keeps the timer that closes idle ones, whichever plugin asked first and is stopped', async () => {
    const handles = new Handles();
    const letGo = handles.watch();
    const knex = connect(testServer().adminUrl, { poolMax: 2, applicationName: 'musclemap-test' });
    try {
      await runAs({ owner: 'fitness' }, async () => {
        await knex.raw('SELECT 1');
      });
      assert.deepEqual(handles.closeAll('fitness'), []);
      runAs({ owner: 'fitness' }, () => setInterval(() => undefined, 60_000));
      assert.deepEqual(handles.closeAll('fitness'), ['interval'], 'its own is found');
    } finally {
      letGo();
      await knex.destroy();
    }
  });

  it('tells the log of a connection that broke, and the console nothing', async () => {
    const said: string[] = [];
    const { log } = console;
    const printed: unknown[] = [];
    console.log = (...texts: unknown[]) => void printed.push(...texts);
    const hear = (text: unknown): void => void said.push(String(text));
    const url = testServer().adminUrl;
    const knex = connect(url, { poolMax: 1, applicationName: 'musclemap-test', log: { debug: hear, warn: hear, error: hear } });
    try {
      const { rows } = await knex.raw<{ rows: { pid: number }[] }>('SELECT pg_backend_pid() AS pid');
      await readRows(url, `SELECT pg_terminate_backend(${String(rows[0]?.pid)})`);
      await until(async () => {
        await knex.raw('SELECT 1').then(() => undefined, () => undefined);
        return said.length > 0;
      }, 'the log to be told');
      assert.match(said[0] ?? '', /^database: Connection Error/);
      assert.deepEqual(printed, []);
    } finally {
      console.log = log;
      await knex.destroy();
    }
  });
});
