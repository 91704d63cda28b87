import { TextDecoder } from 'node:util';

/**
 * Text that arrives in chunks, of which the beginning can be looked at before it is consumed. Line ends are always
 * `\n`.
 */
export class TextStream {
  readonly #chunks: AsyncGenerator<string>;
  /** What has arrived and was not taken yet. */
  text = '';

  constructor(source: AsyncIterable<Uint8Array | string>) {
    this.#chunks = unifyLineEnds(decode(source));
  }

  /** Waits for more text; false at the end. */
  async more(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.text += next.value;
      if (next.value !== '') return true;
    }
  }

  /** Everything that was not taken yet. */
  async *rest(): AsyncGenerator<string> {
    yield this.text;
    this.text = '';
    yield* this.#chunks;
  }

  /** Lets go of the source before its end. */
  async close(): Promise<void> {
    await this.#chunks.return(undefined);
  }
}

async function* decode(source: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  let start = Buffer.alloc(0);
  for await (const chunk of source) {
    let bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    if (!decoder) {
      start = Buffer.concat([start, bytes]);
      if (start.length < 2) continue;
      decoder = new TextDecoder(encodingOf(start));
      bytes = start;
    }
    yield decoder.decode(bytes, { stream: true });
  }
  yield decoder ? decoder.decode() : start.toString();
}

/**
 * Spreadsheets save "Unicode text" as UTF-16 with a byte order mark, which the decoder takes away; all else is UTF-8.
 */
function encodingOf(start: Buffer): string {
  const mark = start.readUInt16BE(0);
  if (mark === 0xfffe) return 'utf-16le';
  return mark === 0xfeff ? 'utf-16be' : 'utf-8';
}

async function* unifyLineEnds(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const chunk of chunks) {
    const text = held + chunk;
    held = text.endsWith('\r') ? '\r' : '';
    yield text.slice(0, text.length - held.length).replace(/\r\n?/g, '\n');
  }
  if (held) yield '\n';
}
