import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import type { BuildOptions, BuildResult, Metafile } from 'esbuild';
import type { PageFile } from 'musclemap';
import { toHtml } from './html.ts';

export interface Site {
  /** The file in client/ that it begins with, without its ending. */
  entry: string;
  path: string;
  title: string;
}

type Files = Record<string, PageFile>;

/** By the name of the file below the path of its site. */
type StoredSites = Record<string, Record<string, string>>;

const CLIENT = join(import.meta.dirname, 'client');
const require = createRequire(import.meta.url);
/** What is bundled besides the files of client/: another version makes another bundle. */
const PACKAGES = ['esbuild', 'preact', '@preact/signals'];

/** The files of each site, by its entry: read where the same ones have been bundled before, else bundled, which takes a moment. */
export async function bundleSites(sites: readonly Site[]): Promise<Map<string, Files>> {
  const store = join(dirname(require.resolve('esbuild/package.json')), '..', '.cache', 'musclemap-console');
  const kept = join(store, `${await hashSources(sites)}.json`);
  let bundled = await readStored(kept);
  if (bundled === undefined) {
    bundled = await bundle(sites);
    await keep(kept, bundled);
  }
  return new Map(Object.entries(bundled).map(([entry, files]) => [entry, toPageFiles(files)]));
}

function toPageFiles(files: Record<string, string>): Files {
  return Object.fromEntries(Object.entries(files).map(([name, content]) => [name, { content, isImmutable: name !== 'index.html' }]));
}

async function readStored(path: string): Promise<StoredSites | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as StoredSites;
  } catch {
    return undefined;
  }
}

/** Where nothing can be kept, the next start bundles again. */
async function keep(path: string, bundled: StoredSites): Promise<void> {
  const part = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(part, JSON.stringify(bundled));
    await rename(part, path);
  } catch {
    return;
  }
}

async function hashSources(sites: readonly Site[]): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(sites));
  for (const name of PACKAGES) hash.update(await readFile(packageFile(name)));
  const names = await readdir(CLIENT, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const own = [join(import.meta.dirname, 'bundle.ts'), join(import.meta.dirname, 'html.ts')];
  for (const file of [...own, ...files.sort()]) hash.update(`\n${relative(CLIENT, file)}\n`).update(await readFile(file));
  return hash.digest('hex').slice(0, 32);
}

function packageFile(name: string): string {
  const main = require.resolve(name);
  return join(main.slice(0, main.lastIndexOf(join('node_modules', name)) + join('node_modules', name).length), 'package.json');
}

async function bundle(sites: readonly Site[]): Promise<StoredSites> {
  const { build } = await import('esbuild');
  const common: BuildOptions & { metafile: true; write: false } = {
    ...{ absWorkingDir: CLIENT, outdir: CLIENT, write: false, bundle: true, metafile: true, minify: true, legalComments: 'none' },
    ...{ target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', loader: { '.svg': 'copy' } },
    ...{ entryNames: '[name]-[hash]', chunkNames: 'parts/[name]-[hash]', assetNames: '[name]-[hash]', logLevel: 'silent' },
  };
  const results = await Promise.all([
    build({ ...common, entryPoints: [...sites.map(({ entry }) => `${entry}.tsx`), 'styles/main.css', 'icon.svg'], format: 'esm', splitting: true }),
    // A classic script, which no page waits for others to run.
    build({ ...common, entryPoints: ['early.ts'], format: 'iife' }),
  ]);
  return Object.fromEntries(sites.map((site) => [site.entry, filesOf(site, results)]));
}

function filesOf(site: Site, results: readonly BuildResult[]): Record<string, string> {
  const outputs = Object.assign({}, ...results.map(({ metafile }) => metafile?.outputs)) as Metafile['outputs'];
  const texts = new Map(results.flatMap(({ outputFiles = [] }) => outputFiles).map((file) => [relative(CLIENT, file.path), file.text]));
  const find = (entryPoint: string): string => {
    const found = Object.entries(outputs).find(([, output]) => output.entryPoint === entryPoint || entryPoint in output.inputs);
    if (found === undefined) throw new TypeError(`Nothing was made of ${entryPoint}.`);
    return found[0];
  };
  const script = Object.entries(outputs).find(([, output]) => output.entryPoint === `${site.entry}.tsx`)?.[0] ?? find(site.entry);
  const [early, style, icon] = [find('early.ts'), find('styles/main.css'), find('icon.svg')];
  const names = new Set([early, style, icon, ...reachable(outputs, script, true)]);
  const files = Object.fromEntries([...names].map((name) => [name, texts.get(name) ?? '']));
  const preloaded = [...reachable(outputs, script, false)].filter((name) => name !== script);
  return { ...files, 'index.html': toHtml(site, { script, style, early, icon, preloaded }) };
}

/** A script with all that it imports; with `later`, also what it imports when it is needed. */
function reachable(outputs: Metafile['outputs'], script: string, later: boolean): Set<string> {
  const found = new Set([script]);
  for (const name of found) {
    for (const { path, kind } of outputs[name]?.imports ?? []) {
      if (kind === 'import-statement' || (later && kind === 'dynamic-import')) found.add(path);
    }
  }
  return found;
}
