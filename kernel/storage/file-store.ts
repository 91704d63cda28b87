import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import type { ByteRange, ByteSource, ObjectStore } from './object-store.ts';

/** Keeps objects as files below a folder, readable by the server's own account only. */
export class FileStore implements ObjectStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Under its name there is never a part of a file: it is renamed once all of it is on the disk. */
  async write(name: string, bytes: ByteSource): Promise<number> {
    const path = this.#pathOf(name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const part = partOf(path);
    try {
      const size = await writeDurably(part, bytes);
      await rename(part, path);
      await syncDirectory(dirname(path));
      return size;
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable> {
    const file = await open(this.#pathOf(name), 'r');
    return file.createReadStream(range);
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    await Promise.all([rm(path, { force: true }), rm(partOf(path), { force: true })]);
  }

  #pathOf(name: string): string {
    return join(this.#directory, name);
  }
}

function partOf(path: string): string {
  return `${path}.part`;
}

async function writeDurably(path: string, bytes: ByteSource): Promise<number> {
  const file = await open(path, 'w', 0o600);
  try {
    let size = 0;
    for await (const chunk of bytes) {
      await file.writeFile(chunk);
      size += chunk.length;
    }
    await file.sync();
    return size;
  } finally {
    await file.close();
  }
}

/** Without it a power cut may take the new name along. Windows opens no folders, and needs none of it. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
