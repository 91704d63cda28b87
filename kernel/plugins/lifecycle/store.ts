import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { FoundPlugin } from '../discovery.ts';
import { readManifest } from '../manifest.ts';

/** What each folder held when this process first loaded it. */
const loadedFolders = new Map<string, string>();

const IGNORED = new Set(['node_modules', '.git']);

/**
 * The versions of plugins that ran, kept side by side under the home of the server: where a rollback finds its code, and
 * what makes an upgraded plugin a new module instead of the one that Node already has.
 */
export class PluginStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Keeps a copy of the plugin's folder as it is now and answers where. Never changed afterwards. */
  async keep(found: FoundPlugin): Promise<FoundPlugin & { digest: string }> {
    const digest = await digestFolder(found.directory);
    const directory = this.#folderOf(found.manifest.id, found.manifest.version, digest);
    if (!(await exists(directory))) await this.#copy(found.directory, directory);
    return { ...found, directory, digest };
  }

  /**
   * The code to import: the folder itself, or a copy when this process has loaded the folder with another content, since
   * Node loads a file once.
   */
  async fresh(found: FoundPlugin): Promise<FoundPlugin> {
    const digest = await digestFolder(found.directory);
    const known = loadedFolders.get(found.directory);
    loadedFolders.set(found.directory, known ?? digest);
    return known === undefined || known === digest ? found : this.keep(found);
  }

  /** A version that ran here before; undefined when its copy is not here. */
  async find(id: string, version: string, digest?: string): Promise<FoundPlugin | undefined> {
    const names = await readdir(join(this.#directory, id)).catch(() => []);
    const wanted = digest === undefined ? `${version}+` : `${version}+${digest}`;
    const name = names.filter((candidate) => candidate.startsWith(wanted)).sort().at(-1);
    if (name === undefined) return undefined;
    const directory = join(this.#directory, id, name);
    return { manifest: await readManifest(directory), directory, isBundled: false, isConfined: true };
  }

  /** A text about a plugin's code, as an error's stack, with the folder that was written in place of the copy that ran. */
  withOriginalPaths(text: string, { manifest, directory }: FoundPlugin): string {
    const [first = '', ...others] = text.split(join(this.#directory, manifest.id) + sep);
    return first + others.map((part) => directory + part.replace(/^[^\\/:\s]*/, '')).join('');
  }

  /** Forgets every version of a plugin. */
  async forget(id: string): Promise<void> {
    await rm(join(this.#directory, id), { recursive: true, force: true });
  }

  #folderOf(id: string, version: string, digest: string): string {
    return join(this.#directory, id, `${version}+${digest}`);
  }

  async #copy(from: string, to: string): Promise<void> {
    const staging = `${to}.${String(process.pid)}.${String(Math.random()).slice(2)}.new`;
    await mkdir(dirname(to), { recursive: true });
    await cp(from, staging, { recursive: true, filter: (path) => !IGNORED.has(relative(from, path).split(/[\\/]/)[0] ?? '') });
    const packages = await nearestPackages(from);
    if (packages !== undefined) await symlink(packages, join(staging, 'node_modules'), 'junction');
    await rename(staging, to).catch(async (error: unknown) => {
      await rm(staging, { recursive: true, force: true });
      if (!(await exists(to))) throw error;
    });
  }
}

/** The packages that the code of a folder finds. */
async function nearestPackages(folder: string): Promise<string | undefined> {
  for (let parent = folder; ; parent = dirname(parent)) {
    const packages = join(parent, 'node_modules');
    if (await exists(packages)) return packages;
    if (parent === dirname(parent)) return undefined;
  }
}

/** SHA-256 of the names and contents of a folder's files, shortened. */
export async function digestFolder(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  const kept = files.filter(isOfPlugin).sort();
  for (const path of kept) hash.update(`${path}\0`).update(await readFile(join(directory, path))).update('\0');
  return hash.digest('hex').slice(0, 16);
}

/** Whether a path within a plugin's folder belongs to the plugin, as opposed to what was installed beside it. */
export function isOfPlugin(path: string): boolean {
  return !path.split(/[\\/]/).some((part) => IGNORED.has(part));
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
