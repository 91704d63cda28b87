import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { BackupError, END_OF_DATA } from './format.ts';

const NEWLINE = 10;

/** The lines of a backup, one after the other, each with its newline; a whole one fits into memory, all of them need not. */
export class BackupLines {
  readonly #lines: AsyncGenerator<Buffer, void>;

  constructor(file: string) {
    this.#lines = splitLines(file);
  }

  /** @throws BackupError at the end of the file: a backup says itself when it ends. */
  async next(): Promise<Buffer> {
    const line = await this.#lines.next().catch((error: unknown) => {
      throw new BackupError(`The file cannot be read to its end: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    });
    if (line.done === true) throw new BackupError('The file ends before the backup does.');
    return line.value;
  }

  /** The lines up to the end of what an entry has announced. */
  async *data(): AsyncGenerator<Buffer> {
    for (;;) {
      const line = await this.next();
      if (line.length === END_OF_DATA.length + 1 && line.toString('latin1') === `${END_OF_DATA}\n`) return;
      yield line;
    }
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }
}

async function* splitLines(file: string): AsyncGenerator<Buffer, void> {
  const source = createReadStream(file);
  const text = createGunzip();
  source.once('error', (error) => text.destroy(error));
  source.pipe(text);
  let rest: Buffer[] = [];
  try {
    for await (const chunk of text as AsyncIterable<Buffer>) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
        yield Buffer.concat([...rest, chunk.subarray(start, end + 1)]);
        rest = [];
        start = end + 1;
      }
      if (start < chunk.length) rest.push(chunk.subarray(start));
    }
  } finally {
    source.destroy();
    text.destroy();
  }
}
