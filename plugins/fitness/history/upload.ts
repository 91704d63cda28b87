/** A file that arrives: the beginning of it, and what follows when there is more. */
export interface Upload {
  start: Buffer;
  /** Undefined when `start` is the whole file. */
  rest: AsyncIterable<Buffer> | undefined;
}

const PIECE = 256 * 1024;

/** Reads until the file ends or is longer than `most`. */
export async function beginUpload(body: AsyncIterable<Buffer>, most: number): Promise<Upload> {
  const chunks = body[Symbol.asyncIterator]();
  const held: Buffer[] = [];
  let size = 0;
  while (size <= most) {
    const next = await chunks.next();
    if (next.done === true) return { start: Buffer.concat(held), rest: undefined };
    held.push(next.value);
    size += next.value.length;
  }
  return { start: Buffer.concat(held), rest: { [Symbol.asyncIterator]: () => chunks } };
}

/** The whole file in pieces of a size that a table likes, however small the network's packets were. */
export async function* piecesOf({ start, rest = empty() }: Upload): AsyncGenerator<Buffer> {
  yield* slices(start);
  let held: Buffer[] = [];
  let size = 0;
  for await (const chunk of rest) {
    held.push(chunk);
    size += chunk.length;
    if (size < PIECE) continue;
    yield Buffer.concat(held);
    held = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(held);
}

function* slices(bytes: Buffer): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += PIECE) yield bytes.subarray(from, from + PIECE);
}

async function* empty(): AsyncGenerator<Buffer> {
  // The whole file was the start.
}
