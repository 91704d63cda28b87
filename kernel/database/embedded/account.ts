import { createHash } from 'node:crypto';
import { chown, cp, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Whom the server runs as when this process is root, which PostgreSQL refuses to be: `nobody`, who owns nothing else. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };
/** Where root keeps the data of a project that `nobody` cannot reach, below a home of mode 0700 for instance. */
const REACHABLE = '/var/lib/musclemap';

/** The account that the server runs as; empty for this process's own. */
export interface Account {
  uid?: number;
  gid?: number;
}

export function serverAccount(): Account {
  return process.getuid?.() === 0 ? UNPRIVILEGED : {};
}

/** The folder itself, or a place of its own that the server's account can reach; a note in the folder says which. */
export async function reachableFolder(directory: string, account: Account): Promise<string> {
  await mkdir(directory, { recursive: true, mode: 0o755 });
  if (account.uid === undefined || (await isReachable(directory))) return directory;
  const elsewhere = join(REACHABLE, createHash('sha256').update(directory).digest('hex').slice(0, 16));
  await mkdir(elsewhere, { recursive: true, mode: 0o755 });
  await writeFile(join(directory, 'LOCATION'), `${elsewhere}\n`);
  return elsewhere;
}

/** The server's binaries, copied beside its data when its account cannot read them where they are. */
export async function reachableBinaries(binaries: string, folder: string, account: Account): Promise<string> {
  if (account.uid === undefined || (await isReachable(binaries))) return binaries;
  const version = createHash('sha256').update(binaries).digest('hex').slice(0, 8);
  const copy = join(folder, `server-${version}`);
  const done = join(copy, 'COMPLETE');
  const isComplete = await readFile(done).then(
    () => true,
    () => false,
  );
  if (!isComplete) {
    await cp(binaries, copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(done, '');
  }
  return copy;
}

/** Makes a folder that only the server's account can enter. */
export async function makePrivateFolder(path: string, account: Account): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  await give(path, account);
}

/** Makes the server's account the owner of a file or folder. */
export async function give(path: string, { uid, gid }: Account): Promise<void> {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid);
}

/** Whether everybody may pass through every folder down to this one. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
