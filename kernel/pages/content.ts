import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

export type Encoding = 'br' | 'gzip' | 'identity';

const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.webmanifest', '.xml']);
/** Below that a compressed answer saves no packet. */
const WORTHWHILE_BYTES = 1_000;

const COMPRESS = {
  br: (bytes: Buffer) => promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
  gzip: (bytes: Buffer) => promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION }),
};

/** A file in memory, compressed at most once for each encoding: when a browser first asks, and outside of the event loop. */
export class PageFileContent {
  readonly bytes: Buffer;
  readonly extension: string;
  readonly hash: string;
  readonly isImmutable: boolean;
  readonly #compressed = new Map<Encoding, Promise<Buffer>>();

  constructor(file: { bytes: Buffer; extension: string; hash: string; isImmutable: boolean }) {
    this.bytes = file.bytes;
    this.extension = file.extension;
    this.hash = file.hash;
    this.isImmutable = file.isImmutable;
  }

  /** The encodings worth offering, the best first. */
  get encodings(): Encoding[] {
    const isWorthwhile = this.bytes.length >= WORTHWHILE_BYTES && COMPRESSIBLE.has(this.extension);
    return isWorthwhile ? ['br', 'gzip', 'identity'] : ['identity'];
  }

  encoded(encoding: Encoding): Promise<Buffer> {
    if (encoding === 'identity') return Promise.resolve(this.bytes);
    const known = this.#compressed.get(encoding);
    if (known !== undefined) return known;
    const compressed = COMPRESS[encoding](this.bytes);
    this.#compressed.set(encoding, compressed);
    return compressed;
  }
}
