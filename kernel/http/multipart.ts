import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import type { Spool, SpooledFile } from '../storage/spool.ts';
import { streamBody } from './body.ts';
import { ApiError, invalid } from './errors.ts';
import { asFullDisk } from './full-disk.ts';

/** How many files a request may bring, and how large each may be. */
export interface MultipartOptions {
  files: number;
  /** In bytes. */
  fileBytes: number;
}

/** A file that came with a request. It is gone once the request is answered. */
export interface UploadedFile {
  /** The name of the form's field. */
  field: string;
  /** What the sender calls it, without the folders; anything can stand in it. */
  name: string;
  /** What the sender says it is; nothing to rely on. */
  claimedType: string;
  /** Where it lies on this machine. */
  path: string;
  /** In bytes. */
  size: number;
  /** SHA-256 in hex. */
  sha256: string;
}

export interface MultipartForm {
  fields: Record<string, string>;
  files: UploadedFile[];
  /** Takes the files away. */
  release: () => Promise<void>;
}

const FIELDS = 50;
const FIELD_BYTES = 64 * 1024;
/** Of boundaries and headers, for each part. */
const PART_OVERHEAD = 16 * 1024;

export function isMultipart(headers: IncomingHttpHeaders): boolean {
  return /^multipart\/form-data\s*;/i.test(headers['content-type'] ?? '');
}

/**
 * Reads a form, its files onto the disk as they arrive.
 *
 * @throws ApiError PAYLOAD_TOO_LARGE for a file that is too large, VALIDATION_ERROR for a form that is not one or breaks off.
 */
export async function readMultipart(request: IncomingMessage, options: MultipartOptions, spool: Spool): Promise<MultipartForm> {
  const most = options.files * options.fileBytes + FIELDS * FIELD_BYTES + (options.files + FIELDS) * PART_OVERHEAD;
  const reader = new FormReader(createParser(request.headers, options), options, spool);
  return reader.read(streamBody(request, most));
}

function createParser(headers: IncomingHttpHeaders, { files }: MultipartOptions): BusboyInstance {
  try {
    return new Busboy({
      headers: { ...headers, 'content-type': headers['content-type'] ?? '' },
      limits: { files, fields: FIELDS, fieldSize: FIELD_BYTES, headerPairs: 20, headerSize: PART_OVERHEAD },
    });
  } catch (error) {
    throw invalid('/body', `is not multipart/form-data: ${error instanceof Error ? error.message : String(error)}`);
  }
}

class FormReader {
  readonly #parser: BusboyInstance;
  readonly #options: MultipartOptions;
  readonly #spool: Spool;
  readonly #fields = new Map<string, string>();
  readonly #arriving: Promise<UploadedFile & SpooledFile>[] = [];
  readonly #open = new Set<Readable>();

  constructor(parser: BusboyInstance, options: MultipartOptions, spool: Spool) {
    this.#parser = parser;
    this.#options = options;
    this.#spool = spool;
  }

  async read(body: Readable): Promise<MultipartForm> {
    try {
      await this.#parse(body);
      const files = await Promise.all(this.#arriving);
      const release = async (): Promise<void> => {
        for (const file of files) await file.remove();
      };
      return { fields: Object.fromEntries(this.#fields), files: files.map(({ remove: _remove, ...file }) => file), release };
    } catch (error) {
      await this.#abandon(body, error);
      throw error instanceof ApiError ? error : asFullDisk(error) ?? invalid('/body', `is not multipart/form-data: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  async #parse(body: Readable): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const refuse = (path: string, problem: string) => (): void => {
        reject(invalid(path, problem));
      };
      this.#parser
        .on('file', (field, stream, name, _encoding, type) => {
          this.#receive({ field, name, claimedType: type }, stream).catch(reject);
        })
        .on('field', (field, value, _nameTruncated, isTruncated) => {
          if (isTruncated) reject(invalid(`/body/${field}`, `is longer than ${String(FIELD_BYTES)} bytes`));
          else if (this.#fields.has(field)) reject(invalid(`/body/${field}`, 'is there twice'));
          else this.#fields.set(field, value);
        })
        .once('filesLimit', refuse('/files', `are more than ${String(this.#options.files)}`))
        .once('fieldsLimit', refuse('/body', `has more than ${String(FIELDS)} fields`))
        .once('error', reject)
        .once('finish', resolve);
      body.once('error', reject);
      body.pipe(this.#parser);
    });
  }

  async #receive(said: Pick<UploadedFile, 'field' | 'name' | 'claimedType'>, stream: Readable): Promise<void> {
    this.#open.add(stream);
    // It may break off before anybody reads it; who then does is told.
    stream.on('error', () => undefined);
    const arriving = this.#spool.receive(stream, this.#options.fileBytes).then((file) => ({ ...said, ...file }));
    this.#arriving.push(arriving);
    await arriving;
    this.#open.delete(stream);
  }

  /** Lets go of everything: what is still arriving fails, and what has arrived is taken away. */
  async #abandon(body: Readable, error: unknown): Promise<void> {
    body.unpipe(this.#parser);
    body.destroy();
    // The parser goes on with what it holds; nobody listens any more.
    this.#parser.on('error', () => undefined);
    for (const stream of this.#open) stream.destroy(error instanceof Error ? error : new Error('The form broke off.'));
    for (const file of await Promise.allSettled(this.#arriving)) {
      if (file.status === 'fulfilled') await file.value.remove();
    }
  }
}
