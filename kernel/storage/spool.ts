import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError } from '../http/errors.ts';
import type { ByteSource } from './object-store.ts';

/** What has arrived, as a file of this machine for a while. */
export interface SpooledFile {
  path: string;
  size: number;
  /** SHA-256 in hex. */
  sha256: string;
  /** Takes the file away. */
  remove: () => Promise<void>;
}

/** Longer than anything is worked on; what is older was left by a process that died. */
const OLDEST_MS = 3_600_000;

/** A folder for files that are on their way somewhere, so that memory does not hold them. */
export class Spool {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Writes down what arrives. @throws ApiError PAYLOAD_TOO_LARGE beyond `maxBytes`; nothing is left behind then. */
  async receive(bytes: ByteSource, maxBytes: number): Promise<SpooledFile> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const path = join(this.#directory, randomUUID());
    const remove = (): Promise<void> => rm(path, { force: true });
    try {
      return { path, ...(await writeHashed(path, bytes, maxBytes)), remove };
    } catch (error) {
      await remove();
      throw error;
    }
  }

  /** Takes away what died with another process. */
  async sweep(now = Date.now()): Promise<void> {
    const names = await readdir(this.#directory).catch(() => []);
    for (const name of names) {
      const path = join(this.#directory, name);
      const file = await stat(path).catch(() => undefined);
      if (file !== undefined && now - file.mtimeMs > OLDEST_MS) await rm(path, { force: true });
    }
  }
}

async function writeHashed(path: string, bytes: ByteSource, maxBytes: number): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const chunk of bytes) {
      size += chunk.length;
      if (size > maxBytes) throw new ApiError('PAYLOAD_TOO_LARGE', `A file is larger than ${String(maxBytes)} bytes.`);
      hash.update(chunk);
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex') };
}
