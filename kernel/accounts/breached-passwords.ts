import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

const HASH_LENGTH = 40;
/** More than a line is long: a hash, a colon, and how often it was seen. */
const WINDOW_BYTES = 128;

/**
 * Passwords known from breaches, by a file that the operator brings: their SHA-1 in hexadecimal, in order, one a line, and whatever
 * follows a colon, as haveibeenpwned.com gives them out. It is searched where it lies: no password and no part of one goes elsewhere.
 */
export class BreachedPasswords {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** @throws Error when the file cannot be read, or holds something else. */
  async check(): Promise<void> {
    await this.has('');
  }

  async has(password: string): Promise<boolean> {
    const wanted = createHash('sha1').update(password, 'utf8').digest('hex').toUpperCase();
    const file = await open(this.#path, 'r');
    try {
      let [low, high] = [0, (await file.stat()).size];
      while (low < high) {
        const line = await readLine(file, Math.floor((low + high) / 2));
        if (line.hash === wanted) return true;
        if (wanted < line.hash) high = line.start;
        else low = line.end;
      }
      return false;
    } finally {
      await file.close();
    }
  }
}

/** The line that a byte belongs to. */
async function readLine(file: FileHandle, at: number): Promise<{ hash: string; start: number; end: number }> {
  const from = Math.max(0, at - WINDOW_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(2 * WINDOW_BYTES), 0, 2 * WINDOW_BYTES, from);
  const text = buffer.toString('latin1', 0, bytesRead);
  const start = at === 0 ? 0 : text.lastIndexOf('\n', at - from - 1) + 1;
  const newline = text.indexOf('\n', start);
  const end = newline === -1 ? bytesRead : newline + 1;
  const hash = text.slice(start, start + HASH_LENGTH).toUpperCase();
  if (!/^[0-9A-F]{40}[\s:]?/.test(text.slice(start, end).toUpperCase())) throw new Error(`the line at byte ${String(from + start)} is no SHA-1`);
  return { hash, start: from + start, end: from + end };
}
