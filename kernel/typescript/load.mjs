import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform, transformSync, version } from 'esbuild';

/** @type {import('esbuild').TransformOptions} */
const OPTIONS = {
  ...{ loader: 'ts', format: 'esm', target: `node${process.versions.node}`, charset: 'utf8' },
  ...{ sourcemap: 'inline', sourcesContent: false },
  // The settings of a plugin's author are for their editor: what runs is what the language means.
  tsconfigRaw: { compilerOptions: { target: 'esnext', useDefineForClassFields: true } },
};
const SETTINGS = JSON.stringify([version, OPTIONS]);
const STORE = fileURLToPath(new URL('../../node_modules/.cache/musclemap-typescript/', import.meta.url));
const KEPT_MS = 30 * 24 * 60 * 60_000;

let hasSwept = false;

/** Node's hook: a module of TypeScript is compiled, or taken from where it was kept the last time; others are `next`'s. */
export async function load(url, context, next) {
  const source = sourceOf(url, context);
  if (source === undefined) return next(url, context);
  return moduleOf(source.kept() ?? source.keep(await transform(source.text, source.options)));
}

/** The same for the hooks that work within the thread. */
export function loadNow(url, context, next) {
  const source = sourceOf(url, context);
  if (source === undefined) return next(url, context);
  return moduleOf(source.kept() ?? source.keep(transformSync(source.text, source.options)));
}

function moduleOf(source) {
  return { format: 'module', source, shortCircuit: true };
}

function sourceOf(url, { format }) {
  if (!/^file:.*\.ts($|[?#])/.test(url) || format === 'commonjs') return undefined;
  const file = fileURLToPath(url);
  const text = readFileSync(file, 'utf8');
  const place = join(STORE, createHash('sha256').update(JSON.stringify([SETTINGS, file, text])).digest('hex'));
  return { text, options: { ...OPTIONS, sourcefile: file }, kept: () => read(place), keep: ({ code }) => keep(place, code) };
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
