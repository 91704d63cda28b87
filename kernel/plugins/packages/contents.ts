import { mkdir, readFile, readdir, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { satisfies, validRange } from 'semver';
import { ManifestError, readManifest, type PluginManifest } from '../manifest.ts';
import { unusable } from './archive.ts';

/** What a package is held against. */
export interface PackageSurroundings {
  kernelVersion: string;
  /** The folders of the server's own packages, which a plugin may use as well. */
  nodeModules: readonly string[];
}

/** package.json, in which anything can stand. */
interface PackageFile {
  name: string;
  version?: unknown;
  dependencies?: unknown;
  peerDependencies?: unknown;
  peerDependenciesMeta?: unknown;
}

const PACKAGE_NAME = /^(@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*$/i;
/** What every plugin finds without installing it. */
const CONTRACT = 'musclemap';

/** Looks through an unpacked package without running any of it. @throws ApiError UNPROCESSABLE naming all that is wrong. */
export async function examinePackage(directory: string, { kernelVersion, nodeModules }: PackageSurroundings): Promise<PluginManifest> {
  const manifest = await readManifestOf(directory);
  const description = await readPackageFile(directory);
  const { id, version, main = 'index.ts', kernel } = manifest;
  const problems: string[] = [];
  if (description.version !== version) problems.push(`plugin.json says version ${version} and package.json ${String(description.version)}`);
  if (!satisfies(kernelVersion, kernel, { includePrerelease: true })) problems.push(`${id} needs kernel ${kernel}, this is ${kernelVersion}`);
  if (!(await isFile(join(directory, main)))) problems.push(`${main} is missing, which plugin.json names as its code: see "files" in package.json`);
  for (const [name, range] of needsOf(description)) problems.push(...(await missing(directory, name, range, nodeModules)));
  if (problems.length > 0) throw unusable(`${problems.join('; ')}.`);
  return manifest;
}

/** Lets an unpacked package find what it needs of the server's packages, beside what it brings. */
export async function linkPackages(directory: string, nodeModules: readonly string[]): Promise<void> {
  for (const [name] of needsOf(await readPackageFile(directory))) {
    const link = join(directory, 'node_modules', name);
    const installed = (await versionOf(link)) === undefined ? await findInstalled(name, nodeModules) : undefined;
    if (installed === undefined) continue;
    await mkdir(dirname(link), { recursive: true });
    await symlink(installed.directory, link, 'junction');
  }
}

async function readManifestOf(directory: string): Promise<PluginManifest> {
  if (!(await readdir(directory)).includes('plugin.json')) {
    throw unusable('there is no plugin.json at its top: does "files" in package.json name it?');
  }
  try {
    return await readManifest(directory);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw unusable(error.message.replaceAll(join(directory, '/'), ''));
  }
}

async function readPackageFile(directory: string): Promise<PackageFile> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => undefined);
  if (text === undefined) throw unusable('there is no package.json at its top.');
  try {
    const value = JSON.parse(text) as Partial<PackageFile> | null;
    if (typeof value?.name === 'string') return { ...value, name: value.name };
  } catch (error) {
    throw unusable(`package.json is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  throw unusable('package.json has no name.');
}

/** The packages that its code cannot do without, with their ranges. */
function needsOf({ dependencies, peerDependencies, peerDependenciesMeta }: PackageFile): [string, string][] {
  const optional = new Set(Object.entries({ ...(peerDependenciesMeta as object) }).flatMap(([name, meta]) => (isOptional(meta) ? [name] : [])));
  const peers = rangesIn(peerDependencies).filter(([name]) => !optional.has(name));
  return [...new Map([...peers, ...rangesIn(dependencies)])].filter(([name]) => name !== CONTRACT);
}

function rangesIn(dependencies: unknown): [string, string][] {
  return Object.entries({ ...(dependencies as object) }).map(([name, range]) => [name, String(range)]);
}

function isOptional(meta: unknown): boolean {
  return typeof meta === 'object' && meta !== null && 'optional' in meta && meta.optional === true;
}

/** What to do about a package that is neither in the archive nor among the server's own. */
async function missing(directory: string, name: string, range: string, nodeModules: readonly string[]): Promise<string[]> {
  if (!PACKAGE_NAME.test(name)) return [`package.json names the dependency ${JSON.stringify(name)}, which is no name of a package`];
  if ((await versionOf(join(directory, 'node_modules', name))) !== undefined) return [];
  const installed = await findInstalled(name, nodeModules);
  const cure = `name it in "bundleDependencies", so that npm pack puts it into the archive`;
  if (installed === undefined) return [`it needs ${name}, which is neither in it nor installed with the server: ${cure}`];
  if (validRange(range) !== null && satisfies(installed.version, range, { includePrerelease: true })) return [];
  return [`it needs ${name} ${range}, and the server has ${installed.version}: ${cure}`];
}

async function findInstalled(name: string, nodeModules: readonly string[]): Promise<{ directory: string; version: string } | undefined> {
  for (const parent of nodeModules) {
    const directory = join(parent, name);
    const version = await versionOf(directory);
    if (version !== undefined) return { directory, version };
  }
  return undefined;
}

/** The version of the package that lies in a folder; undefined when there is none. */
async function versionOf(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}');
  try {
    const { version } = JSON.parse(text) as { version?: unknown };
    return typeof version === 'string' ? version : undefined;
  } catch {
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then((entry) => entry.isFile(), () => false);
}
