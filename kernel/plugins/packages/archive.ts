import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { Parser, type ReadEntry } from 'tar';
import { ApiError } from '../../http/errors.ts';

/** How much an archive may hold. A plugin is some files of text; what it bundles from npm is counted as well. */
export const ARCHIVE_LIMITS = { packedBytes: 32 * 1024 ** 2, bytes: 128 * 1024 ** 2, fileBytes: 32 * 1024 ** 2, entries: 5_000, pathLength: 240 };

const FILES = new Set(['File', 'OldFile', 'ContiguousFile']);
const FOLDERS = new Set(['Directory', 'GNUDumpDir']);
const UNUSABLE_NAME = /[\u0000-\u001f\u007f\\:]/;
/** What the disk says of a name that is taken by something else, or that it does not take. */
const UNUSABLE_PLACE = new Set(['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG']);
/** Of what is packed once more: the parser would unpack that as well, past the limits. */
const PACKED = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

/** Why an archive is no plugin. */
export function unusable(problem: string): ApiError {
  return new ApiError('UNPROCESSABLE', `The archive cannot be used: ${problem}`);
}

/**
 * Unpacks what `npm pack` has made into an empty folder, without the folder that everything in it lies in. Only files and folders
 * come out of it, with rights of our own and nowhere else, and nothing is run. @throws ApiError UNPROCESSABLE naming the entry.
 */
export async function unpackArchive(packed: Readable, directory: string): Promise<void> {
  const bytes = createGunzip();
  packed.once('error', (error) => bytes.destroy(error));
  packed.pipe(bytes);
  const folders = new Set<string>();
  try {
    for await (const { path, place, content } of readEntries(bytes)) {
      await write(join(directory, place), content, folders).catch((error: unknown) => {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        throw UNUSABLE_PLACE.has(code) ? unusable(`${path} is in it twice, or its name is too long.`) : error;
      });
    }
  } catch (error) {
    throw isOfArchive(error) ? unusable(`it is not a .tgz as npm pack makes it (${error.message}).`) : error;
  } finally {
    packed.destroy();
    bytes.destroy();
  }
}

/** Never over a file that is there: an archive names each once. */
async function write(path: string, content: Buffer | undefined, folders: Set<string>): Promise<void> {
  const folder = content === undefined ? path : dirname(path);
  if (!folders.has(folder)) await mkdir(folder, { recursive: true });
  folders.add(folder);
  if (content !== undefined) await writeFile(path, content, { flag: 'wx', mode: 0o644 });
}

/** Whether zlib or the parser of tar says that the bytes are not what they read. */
function isOfArchive(error: unknown): error is Error {
  return error instanceof Error && (('code' in error && /^(Z_|TAR_)/.test(String(error.code))) || 'tarCode' in error);
}

/** A file, or a folder, which has no content. */
interface UnpackedEntry {
  /** As the archive says. */
  path: string;
  /** Below the folder that holds all. */
  place: string;
  content: Buffer | undefined;
}

async function* readEntries(bytes: AsyncIterable<Buffer>): AsyncGenerator<UnpackedEntry> {
  const reader = new EntryReader();
  let size = 0;
  for await (const chunk of bytes) {
    if (size === 0 && PACKED.some((magic) => chunk.subarray(0, magic.length).equals(magic))) throw unusable('it is packed twice.');
    size += chunk.length;
    if (size > ARCHIVE_LIMITS.bytes) throw unusable(`it holds more than ${inMiB(ARCHIVE_LIMITS.bytes)}.`);
    yield* reader.read(chunk);
    // What comes after the end is nobody's, and the parser would gather it.
    if (reader.isOver) break;
  }
  yield* reader.end();
}

function inMiB(bytes: number): string {
  return `${String(bytes / 1024 ** 2)} MiB`;
}

/** Gives the entries of a tar as its bytes come. All that the parser does is done by the time that `read` returns. */
class EntryReader {
  readonly #parser = new Parser({ strict: true });
  #whole: UnpackedEntry[] = [];
  #failure: Error | undefined;
  #count = 0;
  #top: string | undefined;
  #isOver = false;

  constructor() {
    this.#parser.on('entry', (entry: ReadEntry) => {
      this.#take(entry);
    });
    this.#parser.on('ignoredEntry', ({ path, type }: ReadEntry) => {
      this.#failure ??= unusable(`${path} is a ${type}.`);
    });
    this.#parser.on('error', (error: Error) => {
      this.#failure ??= error;
    });
    this.#parser.on('eof', () => {
      this.#isOver = true;
    });
  }

  /** Whether the archive has ended, whatever else the file holds. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The entries that have come to their end. @throws ApiError for one that may not be there. */
  read(chunk: Buffer): UnpackedEntry[] {
    this.#parser.write(chunk);
    if (this.#failure !== undefined) throw this.#failure;
    return this.#whole.splice(0);
  }

  end(): UnpackedEntry[] {
    this.#parser.end();
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#count === 0) throw unusable('there is nothing in it.');
    return this.#whole.splice(0);
  }

  #take(entry: ReadEntry): void {
    const chunks: Buffer[] = [];
    try {
      const place = this.#failure === undefined ? this.#placeOf(entry) : '';
      const { path, type } = entry;
      entry.on('end', () => {
        if (place !== '') this.#whole.push({ path, place, content: FOLDERS.has(type) ? undefined : Buffer.concat(chunks) });
      });
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
    entry.on('data', (chunk) => {
      if (this.#failure === undefined) chunks.push(chunk);
    });
  }

  /** Where an entry goes: nowhere for the folder that holds all. @throws ApiError for what has no place there. */
  #placeOf({ path, type, size }: ReadEntry): string {
    this.#count += 1;
    if (this.#count > ARCHIVE_LIMITS.entries) throw unusable(`it holds more than ${String(ARCHIVE_LIMITS.entries)} files.`);
    if (!FILES.has(type) && !FOLDERS.has(type)) throw unusable(`${path} is a ${type}; only files and folders may be in it.`);
    if (size > ARCHIVE_LIMITS.fileBytes) throw unusable(`${path} is larger than ${inMiB(ARCHIVE_LIMITS.fileBytes)}.`);
    const parts = path.split('/').filter((part) => part !== '' && part !== '.');
    if (path.startsWith('/') || parts.includes('..')) throw unusable(`${path} leaves its folder.`);
    if (UNUSABLE_NAME.test(path)) throw unusable(`${JSON.stringify(path)} is a name that not every machine takes.`);
    if (path.length > ARCHIVE_LIMITS.pathLength) throw unusable(`${path.slice(0, 60)}… has too long a name.`);
    const [top, ...rest] = parts;
    this.#top ??= top;
    if (top !== this.#top) throw unusable(`${path} lies beside the folder ${this.#top ?? ''}, which holds the rest.`);
    return rest.join('/');
  }
}
