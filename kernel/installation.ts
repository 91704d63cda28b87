import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config/config.ts';
import type { PluginSources } from './plugins/discovery.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The kernel's version, which plugins' manifests give a range for. */
export const KERNEL_VERSION = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;

/** Where plugins are found unless a test says otherwise. */
export function defaultSources(config: Pick<Config, 'pluginDirs'>): PluginSources {
  return { bundled: [join(root, 'plugins')], directories: config.pluginDirs, nodeModules: [join(root, 'node_modules')] };
}
