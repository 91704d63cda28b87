import { createHash, randomUUID } from 'node:crypto';
import { cp, mkdir, readFile, readdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { FoundPlugin } from '../discovery.ts';
import { readManifest } from '../manifest.ts';

/** What each folder held when this process first loaded it. */
const loadedFolders = new Map<string, string>();

/** The digest of what a folder held when this process first loaded it; undefined when it has not. */
export function digestWhenLoaded(directory: string): string | undefined {
  return loadedFolders.get(directory);
}

const IGNORED = new Set(['node_modules', '.git']);

/** Where folders are filled before they get their names; no plugin can be called that. */
const UNFINISHED = '.new';
/** Longer than filling one takes: what is older was left by a process that died. */
const OLDEST_UNFINISHED_MS = 3_600_000;

/**
 * The versions of plugins that ran or were uploaded, side by side under the home of the server: where a rollback finds its code,
 * and what makes an upgraded plugin a new module instead of the one that Node already has.
 */
export class PluginStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Keeps a copy of the plugin's folder as it is now and answers where. Never changed afterwards. */
  async keep(found: FoundPlugin): Promise<FoundPlugin & { digest: string }> {
    const { id, version } = found.manifest;
    const own = this.#digestOf(found);
    if (own !== undefined) return { ...found, digest: own };
    const digest = await digestFolder(found.directory);
    const directory = this.folderOf(id, version, digest);
    if (!(await exists(directory))) await this.fill((staging) => copyPlugin(found.directory, staging), () => directory);
    return { ...found, directory, digest };
  }

  /**
   * The code to import: the folder itself, or a copy when this process has loaded the folder with another content, since
   * Node loads a file once.
   */
  async fresh(found: FoundPlugin): Promise<FoundPlugin> {
    if (this.#digestOf(found) !== undefined) return found;
    const digest = await digestFolder(found.directory);
    const known = loadedFolders.get(found.directory);
    loadedFolders.set(found.directory, known ?? digest);
    return known === undefined || known === digest ? found : this.keep(found);
  }

  /** A version that is here, the newest copy of it unless one is named; undefined when there is none. */
  async find(id: string, version: string, digest?: string): Promise<FoundPlugin | undefined> {
    const parent = join(this.#directory, id);
    const names = await readdir(parent).catch(() => []);
    const copies = names.filter((name) => name.startsWith(`${version}+`) && DIGEST.test(name) && (digest === undefined || name.endsWith(`+${digest}`)));
    const aged = await Promise.all(copies.map(async (name) => ({ directory: join(parent, name), at: (await stat(join(parent, name))).mtimeMs })));
    const newest = aged.sort((a, b) => a.at - b.at).at(-1);
    if (newest === undefined) return undefined;
    return { manifest: await readManifest(newest.directory), directory: newest.directory, isBundled: false, isConfined: true };
  }

  /** Where a version of a plugin lies, or would. */
  folderOf(id: string, version: string, digest: string): string {
    return join(this.#directory, id, `${version}+${digest}`);
  }

  /** Fills a folder aside and gives it its name when that is done, so that under a name there is never a part of a plugin. */
  async fill<T>(work: (staging: string) => Promise<T>, nameFor: (result: T) => string): Promise<T> {
    const staging = join(this.#directory, UNFINISHED, randomUUID());
    await mkdir(staging, { recursive: true });
    try {
      const result = await work(staging);
      const directory = nameFor(result);
      await mkdir(dirname(directory), { recursive: true });
      await rename(staging, directory).catch(async (error: unknown) => {
        // Another process was faster.
        if (!(await exists(directory))) throw error;
      });
      return result;
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  /** A text about a plugin's code, as an error's stack, with the folder that was written in place of the copy that ran. */
  withOriginalPaths(text: string, { manifest, directory }: FoundPlugin): string {
    const [first = '', ...others] = text.split(join(this.#directory, manifest.id) + sep);
    return first + others.map((part) => directory + part.replace(/^[^\\/:\s]*/, '')).join('');
  }

  /** Forgets the plugins that nobody knows any more, and what died while it was filled. */
  async sweep(known: ReadonlySet<string>): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    const unknown = names.filter((name) => name !== UNFINISHED && !known.has(name)).map((name) => join(this.#directory, name));
    const unfinished = await readdir(join(this.#directory, UNFINISHED)).catch(() => []);
    const left = unfinished.map((name) => join(this.#directory, UNFINISHED, name));
    const ages = await Promise.all(left.map((path) => stat(path).then(({ mtimeMs }) => Date.now() - mtimeMs, () => 0)));
    const dead = left.filter((_, index) => (ages[index] ?? 0) > OLDEST_UNFINISHED_MS);
    for (const path of [...unknown, ...dead]) await rm(path, { recursive: true, force: true });
  }

  /** Of a folder of this store. */
  #digestOf({ manifest, directory }: FoundPlugin): string | undefined {
    return dirname(directory) === join(this.#directory, manifest.id) ? DIGEST.exec(basename(directory))?.[1] : undefined;
  }
}

const DIGEST = /\+([0-9a-f]{16})$/;

async function copyPlugin(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true, filter: (path) => !IGNORED.has(relative(from, path).split(/[\\/]/)[0] ?? '') });
  const packages = await nearestPackages(from);
  if (packages !== undefined) await symlink(packages, join(to, 'node_modules'), 'junction');
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

/** Whether something is there. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
