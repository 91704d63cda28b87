import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { BackupError } from '../../backup/format.ts';
import { restoreBackup } from '../../backup/restore-backup.ts';
import { refuseUnwritable, writeBackup } from '../../backup/write-backup.ts';
import type { Config } from '../../config/config.ts';
import { readConfig } from '../../config/environment.ts';
import { readSigningKeyFile, replaceSigningKeyFile } from '../../config/signing-keys.ts';
import { openDatabaseForCommand } from '../../database/open.ts';
import { KERNEL_VERSION } from '../../kernel.ts';
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
      const counts = await withDatabase(async (databaseUrl, config) =>
        writeBackup({
          ...{ databaseUrl, file: path, version: KERNEL_VERSION, now: new Date(), progress: showProgress },
          keys: config.jwtSecret === undefined ? await readSigningKeyFile(config) : undefined,
          files: config.storage?.kind === 's3' ? undefined : localFiles(config),
        }),
      );
      const { size } = await stat(path);
      if (json === true) printJson({ file: path, bytes: size, ...counts });
      else printLine(`${path}: ${String(counts.rows)} rows of ${String(counts.tables)} tables and ${String(counts.files)} files in ${String(size)} bytes. Keep it safe: it holds every secret.`);
    });
  program
    .command('restore <file>')
    .description('make the database what it was when the backup was written; no server may be running on it')
    .option('--force', 'replace the people who are in the database')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, { force, json }: { force?: boolean; json?: boolean }) => {
      const { header, counts } = await withDatabase((databaseUrl, config) =>
        restoreBackup({
          ...{ databaseUrl, file: resolve(file), replaces: force === true, progress: showProgress },
          files: config.storage?.kind === 's3' ? undefined : localFiles(config),
          // A server with JWT_SECRET has its keys from there.
          keepKeys: async (keys) => {
            if (config.jwtSecret === undefined) await replaceSigningKeyFile(config, keys);
          },
        }),
      );
      if (json === true) printJson({ madeAt: header.madeAt, version: header.version, ...counts });
      else printLine(`${String(counts.rows)} rows of ${String(counts.tables)} tables and ${String(counts.files)} files, as they were on ${header.madeAt}.`);
    });
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Unlike other commands these migrate nothing: a backup is of what there is, and a restored database may be older. */
async function withDatabase<T>(work: (databaseUrl: string, config: Config) => Promise<T>): Promise<T> {
  const config = readConfig();
  const database = await openDatabaseForCommand(config, createLogger({ ...config, logLevel: 'error' }, process.stderr.isTTY, process.stderr.fd));
  try {
    return await work(database.url, config);
  } catch (error) {
    throw error instanceof BackupError ? new CommandFailure(error.message) : error;
  } finally {
    endProgress();
    await database.close();
  }
}
