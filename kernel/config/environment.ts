import { loadConfig, type Config, type StartFlags } from './config.ts';

/** The configuration of this process; the only place that reads its environment. */
export function readConfig(flags: StartFlags = {}): Config {
  return loadConfig(process.env, flags);
}

/** The environment of a server that this process starts, with some variables of its own. */
export function serverEnvironment(more: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...more };
}
