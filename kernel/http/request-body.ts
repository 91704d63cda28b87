import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { Spool } from '../storage/spool.ts';
import { readBody, readJson, refuseUnstorableText, streamBody } from './body.ts';
import { isMultipart, readMultipart, type UploadedFile } from './multipart.ts';
import type { CompiledRoute } from './route-table.ts';

/** What a request brings beside its address and headers, as its route wants it. */
export interface RequestBody {
  body: unknown;
  rawBody: Buffer | Readable | undefined;
  /** Of a route that takes forms. */
  files: readonly UploadedFile[] | undefined;
}

export interface ReadBody extends RequestBody {
  /** Called once the request is answered. */
  release: (() => Promise<void> | undefined) | undefined;
}

/** Of a route that takes none: what is sent all the same stays unread. */
export const NO_BODY: ReadBody = { body: undefined, rawBody: undefined, files: undefined, release: undefined };

/** Reads a request's body and checks it. */
export async function readRequestBody(request: IncomingMessage, route: CompiledRoute, spool: Spool): Promise<ReadBody> {
  const { rawBody, bodyLimit, multipart } = route.options;
  const nothing: ReadBody = { ...NO_BODY, files: multipart && [] };
  if (rawBody === 'stream') {
    const stream = streamBody(request, bodyLimit);
    return { ...nothing, rawBody: stream, release: () => void stream.destroy() };
  }
  if (rawBody === true) return { ...nothing, rawBody: await readBody(request, bodyLimit) };
  if (multipart !== undefined && isMultipart(request.headers)) {
    const { fields, files, release } = await readMultipart(request, multipart, spool);
    try {
      return { ...nothing, body: checkFields(route, fields), files, release };
    } catch (error) {
      await release();
      throw error;
    }
  }
  if (route.validateBody === undefined) return nothing;
  const body = (await readJson(request, bodyLimit)) ?? {};
  route.validateBody(body);
  return { ...nothing, body };
}

function checkFields(route: CompiledRoute, fields: Record<string, string>): unknown {
  refuseUnstorableText(fields, '/body');
  route.validateFields?.(fields);
  return route.validateFields === undefined ? undefined : fields;
}

/** What of a body makes a request another one. */
export function identityOf({ body, rawBody, files = [] }: RequestBody): unknown[] {
  const bytes = Buffer.isBuffer(rawBody) ? rawBody.toString('base64') : undefined;
  if (files.length === 0) return [body ?? bytes];
  return [body ?? bytes, files.map(({ field, name, sha256 }) => [field, name, sha256])];
}
