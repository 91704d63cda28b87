import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ManifestError, readManifest, type PluginManifest } from './manifest.ts';

/** A plugin on disk, its code not loaded. */
export interface FoundPlugin {
  manifest: PluginManifest;
  directory: string;
  /** Ships with the kernel: enabled on the first start. */
  isBundled: boolean;
  /** Has a schema and a role of its own, as opposed to tables of the public schema. */
  isConfined: boolean;
  /** Of one that was uploaded. */
  upload?: Upload;
}

/** What is known of an archive that was uploaded. */
export interface Upload {
  /** SHA-256 in hex. */
  sha256: string;
  /** In bytes. */
  size: number;
  at: Date;
}

/** A folder that should hold a plugin and does not. `id` is the best name there is for it. */
export interface BrokenPlugin {
  id: string;
  directory: string;
  reason: string;
}

export interface Discovery {
  found: Map<string, FoundPlugin>;
  broken: BrokenPlugin[];
  /** Versions from before that are at hand for those that still run them. */
  earlier: FoundPlugin[];
}

export interface PluginSources {
  /** Folders of bundled plugins. */
  bundled: readonly string[];
  /** Folders with more plugins. */
  directories: readonly string[];
  /** Folders of packages, searched for the keyword `musclemap-plugin`. */
  nodeModules: readonly string[];
}

const PACKAGE_KEYWORD = 'musclemap-plugin';

/** Finds every plugin in folders and packages. A folder that cannot be read as one is reported and never stops the others. */
export async function discoverPlugins(sources: PluginSources): Promise<Discovery> {
  const discovery: Discovery = { found: new Map(), broken: [], earlier: [] };
  const groups = await Promise.all([
    ...sources.bundled.map((parent) => subdirectories(parent).then((list) => ({ list, isBundled: true }))),
    ...sources.directories.map((parent) => pluginDirectories(parent).then((list) => ({ list, isBundled: false }))),
    ...sources.nodeModules.map((parent) => pluginPackages(parent).then((list) => ({ list, isBundled: false }))),
  ]);
  for (const { list, isBundled } of groups) {
    for (const directory of list) await addPlugin(discovery, directory, isBundled);
  }
  return discovery;
}

const OWN_PLUGINS = fileURLToPath(new URL('../../plugins', import.meta.url));

/** A plugin of the kernel's own folder keeps its tables where they are, wherever that folder is named. */
export function isConfined(directory: string, isBundled: boolean): boolean {
  return !isBundled && dirname(directory) !== OWN_PLUGINS;
}

async function addPlugin(discovery: Discovery, directory: string, isBundled: boolean): Promise<void> {
  try {
    const manifest = await readManifest(directory);
    const twin = discovery.found.get(manifest.id);
    if (twin !== undefined) {
      throw new ManifestError(`${directory}: the id "${manifest.id}" is taken by ${twin.directory}.`);
    }
    discovery.found.set(manifest.id, { manifest, directory, isBundled, isConfined: isConfined(directory, isBundled) });
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    discovery.broken.push({ id: basename(directory), directory, reason: error.message });
  }
}

/** A folder of plugin folders, or a plugin's own folder. */
async function pluginDirectories(parent: string): Promise<string[]> {
  const names = await entries(parent);
  return names.includes('plugin.json') ? [resolve(parent)] : subdirectories(parent);
}

async function subdirectories(parent: string): Promise<string[]> {
  const found = await readdir(parent, { withFileTypes: true }).catch(() => []);
  return found
    .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !/^[._]/.test(entry.name))
    .map((entry) => resolve(parent, entry.name))
    .sort();
}

async function pluginPackages(nodeModules: string): Promise<string[]> {
  const names = await entries(nodeModules);
  const scoped = await Promise.all(
    names
      .filter((name) => name.startsWith('@'))
      .map(async (scope) => (await entries(join(nodeModules, scope))).map((name) => join(scope, name))),
  );
  const packages = [...names.filter((name) => !/^[@.]/.test(name)), ...scoped.flat()];
  const isPlugin = await Promise.all(packages.map((name) => hasKeyword(join(nodeModules, name))));
  return packages.filter((_, index) => isPlugin[index]).map((name) => resolve(nodeModules, name));
}

async function hasKeyword(directory: string): Promise<boolean> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '');
  if (!text.includes(PACKAGE_KEYWORD)) return false;
  try {
    const { keywords } = JSON.parse(text) as { keywords?: unknown };
    return Array.isArray(keywords) && keywords.includes(PACKAGE_KEYWORD);
  } catch {
    return false;
  }
}

async function entries(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}
