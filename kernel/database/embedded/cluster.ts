import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { give, makePrivateFolder, type Account } from './account.ts';
import { EmbeddedDatabaseError } from './errors.ts';

const run = promisify(execFile);

/** The passwords of a cluster's two roles, made once. */
export interface Credentials {
  postgres: string;
  musclemap: string;
}

/** Makes the cluster at the first start: into a folder beside its place, so that an interrupted attempt leaves nothing. */
export async function ensureCluster(
  binaries: string,
  data: string,
  credentials: Credentials,
  account: Account,
): Promise<void> {
  const version = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    await refuseOtherVersion(binaries, data, version.trim());
    return;
  }
  const staging = `${data}.new`;
  await rm(staging, { recursive: true, force: true });
  await makePrivateFolder(staging, account);
  const passwordFile = `${staging}.password`;
  await writeFile(passwordFile, credentials.postgres, { mode: 0o600 });
  await give(passwordFile, account);
  try {
    await run(
      join(binaries, 'bin', 'initdb'),
      [
        ['-D', staging, '-U', 'postgres', '--pwfile', passwordFile],
        ['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C.UTF-8', '--data-checksums', '--no-instructions'],
      ].flat(),
      { ...account, env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' } },
    );
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new EmbeddedDatabaseError(`The database in ${data} could not be made: ${said.trim()}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(staging, data);
}

async function refuseOtherVersion(binaries: string, data: string, version: string): Promise<void> {
  const { stdout } = await run(join(binaries, 'bin', 'postgres'), ['--version']);
  const major = /\) (\d+)/.exec(stdout)?.[1];
  if (major === version) return;
  throw new EmbeddedDatabaseError(
    `The database in ${data} was made by PostgreSQL ${version}, this is ${major ?? stdout.trim()}. ` +
      'Dump it with the version that made it and restore it here, or set MUSCLEMAP_HOME to a new folder.',
  );
}

/** The passwords of the cluster, made at the first start and kept where only this process's account reads them. */
export async function loadCredentials(path: string): Promise<Credentials> {
  const fresh: Credentials = { postgres: secret(), musclemap: secret() };
  try {
    await writeFile(path, JSON.stringify(fresh), { flag: 'wx', mode: 0o600 });
    await chmod(path, 0o600);
    return fresh;
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return JSON.parse(await readFile(path, 'utf8')) as Credentials;
  }
}

function secret(): string {
  return randomBytes(24).toString('base64url');
}

/** Makes the application's role and database where they are missing. The role may make roles for plugins, no more. */
export async function ensureDatabase(adminUrl: string, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rowCount: hasRole } = await client.query("SELECT FROM pg_roles WHERE rolname = 'musclemap'");
    if (hasRole === 0) {
      await client.query(`CREATE ROLE musclemap LOGIN CREATEROLE CREATEDB PASSWORD ${pg.escapeLiteral(password)}`);
    }
    const { rowCount: hasDatabase } = await client.query("SELECT FROM pg_database WHERE datname = 'musclemap'");
    if (hasDatabase === 0) await client.query('CREATE DATABASE musclemap OWNER musclemap');
  } finally {
    await client.end();
  }
}
