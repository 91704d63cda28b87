import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, buildSync, transform, transformSync, version } from 'esbuild';

/** @type {import('esbuild').TransformOptions} */
const OPTIONS = {
  ...{ loader: 'ts', format: 'esm', target: `node${process.versions.node}`, charset: 'utf8' },
  ...{ sourcemap: 'inline', sourcesContent: false },
  // The settings of a plugin's author are for their editor: what runs is what the language means.
  tsconfigRaw: { compilerOptions: { target: 'esnext', useDefineForClassFields: true } },
};
/** @type {import('esbuild').BuildOptions} */
const BUNDLE = { bundle: true, write: false, format: 'esm', platform: 'node', target: OPTIONS.target, charset: 'utf8' };
const SETTINGS = JSON.stringify([version, OPTIONS, BUNDLE]);
const ROOT = new URL('../../', import.meta.url);
const STORE = fileURLToPath(new URL('node_modules/.cache/musclemap-typescript/', ROOT));
const KEPT_MS = 30 * 24 * 60 * 60_000;

let hasSwept = false;
/** By folder: whether its modules are this package's, or of a plugin that brings a package of its own. */
const ours = new Map();

/** Node's hook: a module of this package names others by their paths, so that nobody has to search for them. */
export function resolve(specifier, context, next) {
  if (specifier.startsWith('.') && specifier.endsWith('.ts') && context.parentURL?.startsWith(ROOT.href)) {
    const url = new URL(specifier, context.parentURL);
    if (isOurs(new URL('.', url).href) && existsSync(url)) return { url: url.href, format: 'module', shortCircuit: true };
  }
  return next(specifier, context);
}

function isOurs(folder) {
  if (folder === ROOT.href) return true;
  if (!folder.startsWith(ROOT.href) || folder.endsWith('/node_modules/')) return false;
  if (!ours.has(folder)) ours.set(folder, !existsSync(new URL('package.json', folder)) && isOurs(new URL('..', folder).href));
  return ours.get(folder);
}

/**
 * Node's hook: a module of TypeScript is compiled, or taken from where it was kept the last time; one of a library is read as it is, but
 * for the library that consists of hundreds.
 */
export async function load(url, context, next) {
  const library = bundleOf(url);
  if (library !== undefined) return moduleOf(library.kept() ?? library.keep(textOf(await build(library.options))));
  if (isOfLibrary(url, context)) return moduleOf(readFileSync(fileURLToPath(url)));
  const source = sourceOf(url, context);
  if (source === undefined) return next(url, context);
  return moduleOf(source.kept() ?? source.keep((await transform(source.text, source.options)).code));
}

/** The same for the hooks that work within the thread. */
export function loadNow(url, context, next) {
  const library = bundleOf(url);
  if (library !== undefined) return moduleOf(library.kept() ?? library.keep(textOf(buildSync(library.options))));
  if (isOfLibrary(url, context)) return moduleOf(readFileSync(fileURLToPath(url)));
  const source = sourceOf(url, context);
  if (source === undefined) return next(url, context);
  return moduleOf(source.kept() ?? source.keep(transformSync(source.text, source.options).code));
}

/** tsx would look through each for imports to change, which is for libraries that are written in TypeScript or half in CommonJS. */
function isOfLibrary(url, { format }) {
  return format === 'module' && /^file:.*\/node_modules\/.*\.m?js$/.test(url);
}

/** typebox is 680 modules, as many as all others that a start loads together: they are made into one, and that is kept. */
function bundleOf(url) {
  const [, folder] = /^(file:.*\/node_modules\/typebox\/)build\/(?:[a-z]+\/)?index\.mjs$/.exec(url) ?? [];
  if (folder === undefined) return undefined;
  const file = fileURLToPath(url);
  return { options: { ...BUNDLE, entryPoints: [file] }, ...keptAs(file, readFileSync(new URL('package.json', folder), 'utf8')) };
}

function textOf({ outputFiles: [{ text }] }) {
  return text;
}

function moduleOf(source) {
  return { format: 'module', source, shortCircuit: true };
}

function sourceOf(url, { format }) {
  if (!/^file:.*\.ts($|[?#])/.test(url) || format === 'commonjs') return undefined;
  const file = fileURLToPath(url);
  const text = readFileSync(file, 'utf8');
  return { text, options: { ...OPTIONS, sourcefile: file }, ...keptAs(file, text) };
}

/** Where the outcome of a file of that content is kept. */
function keptAs(file, content) {
  const place = join(STORE, createHash('sha256').update(JSON.stringify([SETTINGS, file, content])).digest('hex'));
  return { kept: () => read(place), keep: (code) => keep(place, code) };
}

function read(place) {
  try {
    return readFileSync(place, 'utf8');
  } catch {
    return undefined;
  }
}

/** Several processes may keep the same at once, and the folder may be one that cannot be written: then nothing is kept. */
function keep(place, code) {
  try {
    mkdirSync(STORE, { recursive: true });
    const unfinished = `${place}.${String(process.pid)}`;
    writeFileSync(unfinished, code);
    renameSync(unfinished, place);
    if (!hasSwept) sweep();
  } catch {
    // It is compiled again the next time.
  }
  return code;
}

function sweep() {
  hasSwept = true;
  const oldest = Date.now() - KEPT_MS;
  for (const name of readdirSync(STORE)) {
    const file = join(STORE, name);
    if (statSync(file).mtimeMs < oldest) rmSync(file, { force: true });
  }
}
