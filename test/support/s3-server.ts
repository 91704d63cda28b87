import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SignatureV4 } from '@smithy/signature-v4';

const KEY = { accessKeyId: 'test-key', secretAccessKey: 'test/secret+of=S3' };

type Data = string | ArrayBuffer | ArrayBufferView;

interface Running {
  update(data: Uint8Array): unknown;
  digest(): Buffer;
}

/** The hash that the signer is given: SHA-256, keyed or not. */
class Sha256 {
  readonly #secret: Data | undefined;
  #hash: Running;

  constructor(secret?: Data) {
    this.#secret = secret;
    this.#hash = this.#begin();
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  reset(): void {
    this.#hash = this.#begin();
  }

  #begin(): Running {
    const secret = this.#secret;
    if (secret === undefined) return createHash('sha256');
    return createHmac('sha256', typeof secret === 'string' ? secret : bytesOf(secret));
  }
}

/**
 * A bucket that keeps its objects in memory and answers as S3 does. Every request must be signed as the signer of Amazon's own SDK
 * signs it, and every body must have the checksum and the length that its headers name.
 */
export class S3Server {
  readonly objects = new Map<string, Buffer>();
  readonly bucket: string;
  readonly #server: Server;
  /** How many of the next requests are answered 503. */
  outages = 0;
  asked = 0;

  constructor(bucket: string) {
    this.bucket = bucket;
    this.#server = createServer((request, response) => {
      void this.#answer(request).then(({ status, headers = {}, body = '' }) => response.writeHead(status, headers).end(body));
    });
  }

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** As STORAGE_URL; with another secret when one is given. */
  url(path = '', secret = KEY.secretAccessKey): string {
    const { port } = this.#server.address() as AddressInfo;
    return `s3://${KEY.accessKeyId}:${encodeURIComponent(secret)}@${this.bucket}${path}?region=eu-central-1&endpoint=http://127.0.0.1:${String(port)}`;
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; headers?: Record<string, string>; body?: string | Buffer }> {
    this.asked += 1;
    const body = await buffer(request);
    if (this.outages > 0) {
      this.outages -= 1;
      return { status: 503, body: '<Error><Code>SlowDown</Code></Error>' };
    }
    const wrong = await this.#problemOf(request, body);
    if (wrong !== undefined) return { status: 403, body: `<Error><Code>${wrong}</Code></Error>` };
    const { url = '', method, headers } = request;
    if (method === 'PUT') {
      this.objects.set(url, body);
      return { status: 200 };
    }
    if (method === 'DELETE') {
      this.objects.delete(url);
      return { status: 204 };
    }
    const object = this.objects.get(url);
    if (object === undefined) return { status: 404, body: '<Error><Code>NoSuchKey</Code></Error>' };
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (start === undefined || end === undefined) return { status: 200, body: object };
    return {
      status: 206,
      headers: { 'Content-Range': `bytes ${start}-${end}/${String(object.length)}` },
      body: object.subarray(Number(start), Number(end) + 1),
    };
  }

  async #problemOf({ method = '', url = '', headers }: IncomingMessage, body: Buffer): Promise<string | undefined> {
    if (!url.startsWith(`/${this.bucket}/`)) return 'NoSuchBucket';
    if (headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) return 'XAmzContentSHA256Mismatch';
    if (method === 'PUT' && headers['content-length'] !== String(body.length)) return 'MissingContentLength';
    const [, region = '', names = ''] = /Credential=[^/]+\/\d+\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
    const signed = names.split(';').filter((name) => name !== 'x-amz-date');
    if (!['host', 'x-amz-content-sha256'].every((name) => signed.includes(name))) return 'AccessDenied';
    const signer = new SignatureV4({ credentials: KEY, region, service: 's3', sha256: Sha256, uriEscapePath: false });
    const [hostname = '', port] = (headers.host ?? '').split(':');
    const expected = await signer.sign(
      { method, protocol: 'http:', hostname, port: Number(port), path: url, query: {}, headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])) },
      { signingDate: dateOf(String(headers['x-amz-date'])) },
    );
    return expected.headers.authorization === headers.authorization ? undefined : 'SignatureDoesNotMatch';
  }
}

function bytesOf(data: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(data) ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data);
}

/** `20260101T120000Z` as a date. */
function dateOf(text: string): Date {
  return new Date(text.replace(/^(\d{4})(\d\d)(\d\dT\d\d)(\d\d)/, '$1-$2-$3:$4:'));
}
