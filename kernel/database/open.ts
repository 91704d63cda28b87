import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import { findRunningDatabase, startEmbeddedDatabase } from './embedded/embedded-database.ts';
import { DatabaseInUseError } from './embedded/errors.ts';

/** The database that the configuration names, else the embedded one, started for this process. */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'home'>,
  log: Logger,
): Promise<{ url: string; close(): Promise<void> }> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, close: () => Promise.resolve() };
  const database = await startEmbeddedDatabase({
    directory: join(config.home, 'postgres'),
    log: (level, message) => {
      log[level](message);
    },
  });
  return { url: database.connectionString, close: () => database.stop() };
}

/** The same for a command, which also works while the server runs: then it uses the server's database. */
export async function openDatabaseForCommand(
  config: Pick<Config, 'databaseUrl' | 'home'>,
  log: Logger,
): Promise<{ url: string; close(): Promise<void> }> {
  try {
    return await openDatabase(config, log);
  } catch (error) {
    const url = error instanceof DatabaseInUseError ? await findRunningDatabase(join(config.home, 'postgres')) : undefined;
    if (url === undefined) throw error;
    return { url, close: () => Promise.resolve() };
  }
}
