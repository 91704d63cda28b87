import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../backup/format.ts';
import { recordBackup, type BackupDeed } from '../../backup/records.ts';
import { restoreBackup } from '../../backup/restore-backup.ts';
import { testRestore } from '../../backup/test-restore.ts';
import { refuseUnwritable, writeBackup } from '../../backup/write-backup.ts';
import type { Config } from '../../config/config.ts';
import { readConfig } from '../../config/environment.ts';
import { readSigningKeyFile, replaceSigningKeyFile } from '../../config/signing-keys.ts';
import { openDatabaseForCommand } from '../../database/open.ts';
import { KERNEL_VERSION } from '../../installation.ts';
import { localFiles } from '../../storage/storage.ts';
import { createLogger } from '../../telemetry/logger.ts';
import { CommandFailure } from '../plugin-command.ts';
import { endProgress, printJson, printLine, showProgress } from '../terminal.ts';

/** npx musclemap backup FILE, restore FILE */
export function registerBackupCommands(program: Command): void {
  program
    .command('backup <file>')
    .description('write everything into one file: the database as it is at one moment, files, and the keys that the server made; it goes on serving')
    .option('--force', 'replace a file that is there')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, { force, json }: { force?: boolean; json?: boolean }) => {
      const path = resolve(file);
      if (force !== true && (await exists(path))) throw new CommandFailure(`${file} is there already. To replace it, say --force.`);
      await refuseUnwritable(path).catch((error: unknown) => {
        throw new CommandFailure(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      });
      const { counts, size } = await withDatabase(async (databaseUrl, config) => {
        const written = await writeBackup({
          ...{ databaseUrl, file: path, version: KERNEL_VERSION, now: new Date(), progress: showProgress },
          keys: config.jwtSecret === undefined ? await readSigningKeyFile(config) : undefined,
          files: config.storage?.kind === 's3' ? undefined : localFiles(config),
        });
        const bytes = (await stat(path)).size;
        await keepRecord(databaseUrl, 'backup.write', path, { ...written, bytes, version: KERNEL_VERSION });
        return { counts: written, size: bytes };
      });
      if (counts.missing > 0) warn(`${String(counts.missing)} files that the database names are not where MUSCLEMAP_HOME or STORAGE_URL says, and not in the backup.`);
      if (json === true) printJson({ file: path, bytes: size, ...counts });
      else printLine(`${path}: ${String(counts.rows)} rows of ${String(counts.tables)} tables and ${String(counts.files)} files in ${String(size)} bytes. Keep it safe: it holds every secret.`);
    });
  program
    .command('restore <file>')
    .description('make the database what it was when the backup was written; no server may be running on it')
    .option('--force', 'replace the people who are in the database')
    .option('--test', 'restore into a database made for it, prove its books and take it away again: nothing changes, and the server goes on serving')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, { force, test, json }: { force?: boolean; test?: boolean; json?: boolean }) => {
      const { header, counts } = await withDatabase((databaseUrl, config) =>
        test === true ? tryOut(databaseUrl, config, resolve(file)) : putBack(databaseUrl, config, resolve(file), force === true),
      );
      if (json === true) printJson({ isTest: test === true, madeAt: header.madeAt, version: header.version, ...counts });
      else {
        const gives = test === true ? 'The backup is good. It gives back ' : '';
        printLine(`${gives}${String(counts.rows)} rows of ${String(counts.tables)} tables and ${String(counts.files)} files, as they were on ${header.madeAt}.`);
      }
    });
}

type Restored = Awaited<ReturnType<typeof restoreBackup>>;

async function putBack(databaseUrl: string, config: Config, file: string, replaces: boolean): Promise<Restored> {
  const restored = await restoreBackup({
    ...{ databaseUrl, file, replaces, progress: showProgress },
    files: config.storage?.kind === 's3' ? undefined : localFiles(config),
    // A server with JWT_SECRET has its keys from there.
    keepKeys: async (keys) => {
      if (config.jwtSecret === undefined) await replaceSigningKeyFile(config, keys);
    },
  });
  await keepRecord(databaseUrl, 'backup.restore', file, { ...restored.counts, madeAt: restored.header.madeAt });
  return restored;
}

async function tryOut(databaseUrl: string, config: Config, file: string): Promise<Restored> {
  const tested = await testRestore({ databaseUrl, file, directory: config.home, progress: showProgress });
  await keepRecord(databaseUrl, 'backup.test', file, { ...tested.counts, entries: tested.entries, madeAt: tested.header.madeAt });
  return tested;
}

/** The console shows it. What was done with the backup stands whether or not it can be written down, as on a standby. */
async function keepRecord(databaseUrl: string, deed: BackupDeed, file: string, details: object): Promise<void> {
  await recordBackup(databaseUrl, deed, file, details).catch((error: unknown) => {
    warn(`It is done, but could not be written into the audit: ${error instanceof Error ? error.message : String(error)}`);
  });
}

function warn(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What the disk or the database refuses is said in its own words, without where in the code that was. */
function asFailure(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error instanceof BackupError) return new CommandFailure(error.message);
  if (!('code' in error) || typeof error.code !== 'string') return error;
  if (error.code === 'ENOSPC' || error.code === 'EDQUOT') return new CommandFailure(`There is no room left on the disk; nothing of it was kept. (${error.message})`);
  return new CommandFailure(error.message === '' ? error.code : error.message);
}

/** Unlike other commands these migrate nothing: a backup is of what there is, and a restored database may be older. */
async function withDatabase<T>(work: (databaseUrl: string, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig();
  const database = await openDatabaseForCommand(config, createLogger({ ...config, logLevel: 'error' }, process.stderr.isTTY, process.stderr.fd));
  try {
    return await work(database.url, config);
  } catch (error) {
    throw asFailure(error);
  } finally {
    endProgress();
    await database.close();
  }
}
