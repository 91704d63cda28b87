import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { ByteRange } from '../storage/object-store.ts';
import { isKnown } from './conditional.ts';
import { ApiError } from './errors.ts';
import { RawReply } from './route.ts';

/** A file to be sent to a browser. */
export interface ServedFile {
  /** Its media type. */
  type: string;
  /** In bytes. */
  size: number;
  /** What changes when the bytes do: letters, digits, `-` and `_`. */
  etag: string;
  /** What it is saved as; without a name it is shown inline. */
  downloadAs?: string;
  /** Opens the file, or the part that is asked for. */
  open(range?: ByteRange): Promise<Readable>;
}

/**
 * Sends a file that a stranger may have made: as what it is said to be and nothing else, without scripts, kept by nobody but the one
 * who asked. Answers 206 to `Range`, 304 to `If-None-Match`, and 416 to a part that the file does not have.
 *
 * @example
 * routes.get('/logo', { summary: 'The logo', produces: 'image/png' }, async ({ headers }) => {
 *   const { size, open } = await findLogo();
 *   return fileReply(headers, { type: 'image/png', size, etag: id, open });
 * });
 */
export async function fileReply(request: IncomingHttpHeaders, file: ServedFile): Promise<RawReply> {
  const headers = headersOf(file);
  if (isKnown(request['if-none-match'], file.etag)) return new RawReply('', file.type, { status: 304, headers });
  const range = rangeOf(request, file);
  if (range === undefined) {
    return new RawReply(await file.open(), file.type, { headers: { ...headers, 'Content-Length': String(file.size) } });
  }
  const { start, end } = range;
  return new RawReply(await file.open(range), file.type, {
    status: 206,
    headers: { ...headers, 'Content-Length': String(end - start + 1), 'Content-Range': `bytes ${String(start)}-${String(end)}/${String(file.size)}` },
  });
}

function headersOf({ etag, downloadAs }: ServedFile): Record<string, string> {
  return {
    ETag: `"${etag}"`,
    'Accept-Ranges': 'bytes',
    'Cache-Control': 'private, no-cache',
    'Content-Disposition': downloadAs === undefined ? 'inline' : attachment(downloadAs),
    'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
    'X-Content-Type-Options': 'nosniff',
  };
}

/** The name twice: for who reads ASCII only, and as it is. */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const whole = encodeURIComponent(name.replace(/\p{Surrogate}/gu, '_')).replace(/['()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}

/** The part that is asked for; undefined for the whole, which several parts at once are answered with too. */
function rangeOf({ range, 'if-range': condition }: IncomingHttpHeaders, { size, etag }: ServedFile): ByteRange | undefined {
  if (condition !== undefined && condition !== `"${etag}"`) return undefined;
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(range ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  // An end before the start is no range at all, and nothing to refuse.
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (start > end) throw new ApiError('RANGE_NOT_SATISFIABLE', undefined, { headers: { 'Content-Range': `bytes */${String(size)}` } });
  return { start, end };
}
