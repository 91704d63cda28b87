import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import getRawBody from 'raw-body';
import { ApiError, invalid } from './errors.ts';

const DEFAULT_LIMIT = 1024 * 1024;
/** More than any request needs, and far less than what overflows the stack of whoever walks through it. */
const DEEPEST = 100;
const UNSTORABLE = 'holds a character that no text may hold';
/** What JSON can escape and PostgreSQL cannot store: NUL and halves of surrogate pairs. */
const SUSPICIOUS_ESCAPE = /\\u(0000|d[89a-f])/i;

/** The bytes of a request's body, up to `limit`. */
export async function readBody(request: IncomingMessage, limit: number = DEFAULT_LIMIT): Promise<Buffer> {
  refuseEncoding(request);
  try {
    return await getRawBody(request, { limit, length: request.headers['content-length'] ?? null });
  } catch (error) {
    const type: unknown = error instanceof Error && 'type' in error ? error.type : undefined;
    throw type === 'entity.too.large' ? tooLarge(limit, error) : unreadable();
  }
}

/**
 * A request's body as it arrives, in chunks of bytes. Reading beyond `limit` fails with PAYLOAD_TOO_LARGE, and a client
 * that hangs up with VALIDATION_ERROR. Once it is destroyed, what was not read is thrown away, so that the answer reaches a
 * client that is still sending.
 */
export function streamBody(request: IncomingMessage, limit: number = DEFAULT_LIMIT): Readable {
  refuseEncoding(request);
  if (Number(request.headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  const body = Readable.from(boundedChunks(request, limit), { objectMode: false });
  return body.once('close', () => request.resume());
}

async function* boundedChunks(request: IncomingMessage, limit: number): AsyncGenerator<Buffer> {
  let size = 0;
  // A reader that stops early must not take the connection with it: the answer still has to go out.
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  try {
    for (;;) {
      const next = await chunks.next().catch(() => {
        throw unreadable();
      });
      if (next.done === true) return;
      size += next.value.length;
      if (size > limit) throw tooLarge(limit);
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

function refuseEncoding(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw new ApiError('UNSUPPORTED_MEDIA_TYPE', `A body with Content-Encoding ${encoding} is not read; send it plain.`);
}

function tooLarge(limit: number, cause?: unknown): ApiError {
  const message = `The request body is larger than ${String(limit)} bytes.`;
  return new ApiError('PAYLOAD_TOO_LARGE', message, { headers: { Connection: 'close' }, cause });
}

function unreadable(): ApiError {
  return invalid('/body', 'could not be read to its end');
}

/** The JSON value of a request's body; undefined when it is empty. */
export async function readJson(request: IncomingMessage, limit?: number): Promise<unknown> {
  const bytes = await readBody(request, limit);
  if (bytes.length === 0) return undefined;
  if (!/^application\/([a-z0-9.+-]+\+)?json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw new ApiError('UNSUPPORTED_MEDIA_TYPE');
  }
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid('/body', `is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (isDeeper(value, DEEPEST)) throw invalid('/body', `is nested deeper than ${String(DEEPEST)} levels`);
  if (SUSPICIOUS_ESCAPE.test(text) || text.includes('\0')) refuseUnstorableText(value, '/body');
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}

/** @throws ApiError VALIDATION_ERROR for a text that holds NUL or half a surrogate pair. */
export function refuseUnstorableText(value: unknown, path: string): void {
  if (typeof value === 'string') {
    if (!isStorable(value)) throw invalid(path, UNSTORABLE);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      if (!isStorable(key)) throw invalid(path, UNSTORABLE);
      if (typeof item !== 'string') refuseUnstorableText(item, `${path}/${key}`);
      else if (!isStorable(item)) throw invalid(`${path}/${key}`, UNSTORABLE);
    }
  }
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0');
}
