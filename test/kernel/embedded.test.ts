import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedDatabase, type EmbeddedDatabase } from '../../kernel/database/embedded/embedded-database.ts';

describe('the embedded database', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'musclemap-embedded-'));
    await chmod(directory, 0o755);
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const start = (): Promise<EmbeddedDatabase> => startEmbeddedDatabase({ directory, log: () => undefined });

  it('repairs a first start that was interrupted, and keeps what was written until the next one', async () => {
    await mkdir(join(directory, 'data.new'));
    await writeFile(join(directory, 'data.new', 'half'), 'done');
    const first = await start();
    const ask = async (database: EmbeddedDatabase, sql: string): Promise<Record<string, unknown>[]> => {
      const client = new pg.Client({ connectionString: database.connectionString });
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(sql);
      await client.end();
      return rows;
    };
    await ask(first, 'CREATE EXTENSION pg_trgm; CREATE EXTENSION "uuid-ossp"; CREATE TABLE kept AS SELECT 1 AS n');
    const [settings] = await ask(first, `SELECT current_setting('data_checksums') AS checksums,
      current_setting('server_encoding') AS encoding, current_setting('TimeZone') AS zone,
      (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`);
    assert.deepEqual(settings, { checksums: 'on', encoding: 'UTF8', zone: 'UTC', super: false });
    await assert.rejects(start(), /already in use by process/);
    await first.stop();
    const second = await start();
    assert.deepEqual(await ask(second, 'SELECT n FROM kept'), [{ n: 1 }]);
    await second.stop();
  });

  it('refuses the data of another version and says what to do', async () => {
    await mkdir(join(directory, 'data'));
    await writeFile(join(directory, 'data', 'PG_VERSION'), '9\n');
    await assert.rejects(start(), /made by PostgreSQL 9, this is \d+\. Dump it/);
    await assert.rejects(start(), /made by PostgreSQL 9/, 'the lock was given back');
  });
});
