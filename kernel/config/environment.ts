import { loadConfig, type Config } from './config.ts';

/** The configuration of this process; the only place that reads its environment. */
export function readConfig(flags: { safeMode?: boolean } = {}): Config {
  return loadConfig(process.env, flags);
}
