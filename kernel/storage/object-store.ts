import type { Readable } from 'node:stream';

/** A part of a file: both ends belong to it, counted from 0. */
export interface ByteRange {
  start: number;
  end: number;
}

/** Bytes as they come: a stream, a generator, what `sharp` makes. */
export type ByteSource = AsyncIterable<Uint8Array>;

/** Where the bytes of objects lie. Their names are of letters, digits, `-` and `/`. */
export interface ObjectStore {
  /** Keeps an object, all of it or nothing, and answers its size. */
  write(name: string, bytes: ByteSource): Promise<number>;
  /** Opens an object to read. @throws Error when it is not there. */
  read(name: string, range?: ByteRange): Promise<Readable>;
  /** Takes an object away, and whatever writing it left behind; one that is not there as well. */
  remove(name: string): Promise<void>;
}
