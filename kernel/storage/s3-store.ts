import { createReadStream } from 'node:fs';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import aws4 from 'aws4';
import type { S3Location } from '../config/storage-location.ts';
import type { ByteRange, ByteSource, ObjectStore } from './object-store.ts';
import type { Spool } from './spool.ts';

const IDLE_LIMIT_MS = 30_000;
const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 100;
const LARGEST = 5 * 1024 ** 3;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const LONGEST_ERROR = 500;

/** What S3 answered that it should not have. */
export class StorageError extends Error {
  override name = 'StorageError';
}

interface Question {
  method: 'GET' | 'PUT' | 'DELETE';
  name: string;
  headers?: Record<string, string>;
  /** Of a PUT: the file to send. */
  file?: { path: string; size: number; sha256: string };
}

/** Keeps objects in a bucket of S3, or of what speaks its protocol. */
export class S3Store implements ObjectStore {
  readonly #location: S3Location;
  readonly #spool: Spool;

  constructor(location: S3Location, spool: Spool) {
    this.#location = location;
    this.#spool = spool;
  }

  /** S3 wants to know size and checksum first, so a file of this machine comes in between. */
  async write(name: string, bytes: ByteSource): Promise<number> {
    const file = await this.#spool.receive(bytes, LARGEST);
    try {
      const answer = await this.#ask({ method: 'PUT', name, file }, [200]);
      answer.resume();
      return file.size;
    } finally {
      await file.remove();
    }
  }

  async read(name: string, range?: ByteRange): Promise<Readable> {
    const headers = range === undefined ? {} : { Range: `bytes=${String(range.start)}-${String(range.end)}` };
    const answer = await this.#ask({ method: 'GET', name, headers }, [range === undefined ? 200 : 206]);
    if (range === undefined || answer.headers['content-range']?.startsWith(`bytes ${String(range.start)}-${String(range.end)}/`)) return answer;
    answer.destroy();
    throw new StorageError(`S3 answered another part of ${name} than was asked for: ${answer.headers['content-range'] ?? 'none'}`);
  }

  async remove(name: string): Promise<void> {
    const answer = await this.#ask({ method: 'DELETE', name }, [200, 204, 404]);
    answer.resume();
  }

  /** Asks until it is answered with one of `expected`; what may pass by itself is asked again. */
  async #ask(question: Question, expected: readonly number[]): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const isLast = attempt === ATTEMPTS;
      try {
        const answer = await this.#send(question);
        const { statusCode = 0 } = answer;
        if (expected.includes(statusCode)) return answer;
        const reason = (await text(answer)).slice(0, LONGEST_ERROR);
        const error = new StorageError(`S3 answered ${String(statusCode)} to ${question.method} ${question.name}: ${reason}`);
        if (isLast || (statusCode < 500 && statusCode !== 429)) throw error;
      } catch (error) {
        if (isLast || error instanceof StorageError) throw error;
      }
      await delay(FIRST_PAUSE_MS * 4 ** (attempt - 1));
    }
  }

  async #send(question: Question): Promise<IncomingMessage> {
    const { file } = question;
    const request = this.#open(question);
    request.setTimeout(IDLE_LIMIT_MS, () => {
      request.destroy(new Error(`S3 was silent for ${String(IDLE_LIMIT_MS)} ms.`));
    });
    const answer = new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve).once('error', reject);
    });
    if (file === undefined) request.end();
    else {
      // A refusal may come before all of the file is sent: the answer says why, the broken pipe does not.
      pipeline(createReadStream(file.path), request).catch((error: unknown) => {
        request.destroy(error instanceof Error ? error : undefined);
      });
    }
    return answer;
  }

  #open({ method, name, headers = {}, file }: Question): ReturnType<typeof requestHttp> {
    const { region, bucket, prefix, endpoint, isPathStyle, accessKeyId, secretAccessKey } = this.#location;
    const { protocol, host, hostname, port } = new URL(endpoint);
    const server = isPathStyle ? { host, hostname } : { host: `${bucket}.${host}`, hostname: `${bucket}.${hostname}` };
    const path = `${isPathStyle ? `/${bucket}` : ''}/${prefix}${name}`;
    const signed = aws4.sign(
      {
        ...{ service: 's3', region, method, path },
        headers: {
          ...headers,
          Host: server.host,
          'X-Amz-Content-Sha256': file?.sha256 ?? EMPTY_SHA256,
          ...(file && { 'Content-Length': String(file.size), 'Content-Type': 'application/octet-stream' }),
        },
      },
      { accessKeyId, secretAccessKey },
    );
    const send = protocol === 'https:' ? requestHttps : requestHttp;
    return send({ method, path, hostname: server.hostname, port, headers: signed.headers ?? {} });
  }
}
