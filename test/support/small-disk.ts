import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A disk of its own, small enough to be filled; undefined where this process may not mount one. */
export class SmallDisk {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async mount(megabytes: number): Promise<SmallDisk | undefined> {
    const path = await mkdtemp(join(tmpdir(), 'musclemap-disk-'));
    try {
      await run('mount', ['-t', 'tmpfs', '-o', `size=${String(megabytes)}m,mode=755`, 'musclemap-test', path]);
      return new SmallDisk(path);
    } catch {
      await rm(path, { recursive: true, force: true });
      return undefined;
    }
  }

  /** Takes all but so many bytes. */
  async fill(left: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    await writeFile(join(this.path, 'filler'), Buffer.alloc(Math.max(0, bavail * bsize - left)));
  }

  async makeRoom(): Promise<void> {
    await rm(join(this.path, 'filler'));
  }

  async unmount(): Promise<void> {
    await run('umount', [this.path]);
    await rm(this.path, { recursive: true, force: true });
  }
}
