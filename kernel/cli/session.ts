import type { Knex } from 'knex';
import type { Config } from '../config/config.ts';
import { readConfig } from '../config/environment.ts';
import { connect } from '../database/connect.ts';
import { migrateKernel } from '../database/kernel-schema.ts';
import { openDatabaseForCommand } from '../database/open.ts';
import type { Kernel } from '../kernel.ts';
import { createLogger } from '../telemetry/logger.ts';
import type { Logger } from '../telemetry/logger.ts';

/** What a command works with: the configuration and the database of the server. */
export interface CommandSession {
  config: Config;
  knex: Knex;
  databaseUrl: string;
  log: Logger;
}

/** Opens the database, of a running server too, with the kernel's tables in it, runs `work` and closes what it opened. */
export async function withSession<T>(work: (session: CommandSession) => Promise<T>): Promise<T> {
  const config = readConfig();
  const log = createLogger({ ...config, logLevel: 'error' });
  const database = await openDatabaseForCommand(config, log);
  const knex = connect(database.url, { poolMax: 4, applicationName: 'musclemap-cli' });
  try {
    await migrateKernel(knex);
    return await work({ config, knex, databaseUrl: database.url, log });
  } finally {
    await knex.destroy();
    await database.close();
  }
}

/** Starts a kernel with its plugins that neither listens nor works the queue, runs `work` and stops it. */
export async function withKernel<T>(work: (kernel: Kernel) => Promise<T>): Promise<T> {
  const config = readConfig();
  const log = createLogger({ ...config, logLevel: 'error' }, process.stderr.isTTY, process.stderr.fd);
  // Most commands do without it, and are done by the time that it is read.
  const { startKernel } = await import('../kernel.ts');
  const database = await openDatabaseForCommand(config, log);
  try {
    const kernel = await startKernel({ config, databaseUrl: database.url, log, isServing: false });
    try {
      return await work(kernel);
    } finally {
      await kernel.stop();
    }
  } finally {
    await database.close();
  }
}
