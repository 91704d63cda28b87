import { performance } from 'node:perf_hooks';
import { ConfigError } from './config/config.ts';
import { readConfig } from './config/environment.ts';
import { EmbeddedDatabaseError } from './database/embedded/errors.ts';
import { openDatabase } from './database/open.ts';
import type { Kernel } from './kernel.ts';
import { installPluginResolver } from './plugins/resolver.ts';
import { createLogger, type Logger } from './telemetry/logger.ts';

const STOP_LIMIT_MS = 10_000;
/** A request that a client sends on an old connection while the server stops is on its way no longer than this. */
const LINGER_MS = 500;

/** npm start: serves until it is told to stop. */
async function main(): Promise<void> {
  const config = readConfig({ safeMode: process.argv.includes('--safe'), onlyPlugins: readOnly(process.argv) });
  const log = createLogger(config);
  installPluginResolver();
  // The database is started while the rest of the server is read.
  const [database, { startKernel }] = await Promise.all([openDatabase(config, log), import('./kernel.ts')]);
  const starting = startKernel({
    ...{ config, databaseUrl: database.url, log, ownsProcess: true },
    reloadsPlugins: process.argv.includes('--reload'),
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  let isStopping = false;
  const stop = (reason: string): void => {
    if (isStopping) return;
    isStopping = true;
    log.info(`${reason}: finishing what runs`);
    const drainMs = config.drainSeconds * 1000;
    setTimeout(() => process.exit(1), drainMs + STOP_LIMIT_MS).unref();
    starting
      .then((kernel) => kernel.stop({ drainMs, lingerMs: LINGER_MS }))
      .then(() => database.close())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: error }, 'the server did not stop cleanly');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.once('disconnect', () => {
    stop('the supervisor has ended');
  });
  const kernel = await starting;
  await announce(kernel, log).catch((error: unknown) => {
    // A server that is stopped in its first moments loses its database while it is asked for the link.
    if (!isStopping) throw error;
  });
}

async function announce(kernel: Kernel, log: Logger): Promise<void> {
  const { url } = kernel;
  log.info({ ms: Math.round(performance.now()) }, `MuscleMap listens on ${url}; its API is described at ${url}/docs`);
  const link = await kernel.firstAdministratorLink();
  if (link !== undefined) log.info(`There is no administrator yet. Make the account at ${link}`);
}

/** The plugins that `--only=one,two` names. */
function readOnly(argv: readonly string[]): string[] | undefined {
  const flag = argv.find((argument) => argument.startsWith('--only='));
  return flag?.slice('--only='.length).split(',').filter((id) => id !== '');
}

main().catch((error: unknown) => {
  const isExpected = error instanceof ConfigError || error instanceof EmbeddedDatabaseError;
  process.stderr.write(`${isExpected ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
