import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Answer } from './answer.ts';
import { isKnown } from './conditional.ts';
import { errorBody } from './error-answer.ts';
import type { ApiError } from './errors.ts';
import { addHeaders, type Exchange } from './exchange.ts';
import { hashRequest } from './idempotency.ts';
import type { RawReply } from './route.ts';
import type { CompiledRoute } from './route-table.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

export function send(exchange: Exchange, route: CompiledRoute, { status, headers, text }: Answer): void {
  const { ctx, head } = exchange;
  // A route's own headers come first: what the kernel says of the same name stands.
  for (const name in headers) ctx.set(name, headers[name] ?? '');
  const { cacheSeconds } = route.options;
  head.push('Cache-Control', cacheSeconds ? `public, max-age=${String(cacheSeconds)}` : 'no-store');
  if (status === 204) {
    finish(exchange, 204);
    return;
  }
  if (cacheSeconds) {
    const etag = hashRequest(text);
    head.push('ETag', `"${etag}"`);
    if (isKnown(ctx.req.headers['if-none-match'], etag)) {
      finish(exchange, 304);
      return;
    }
  }
  finishJson(exchange, status, text);
}

/** Answers in the one shape that every error has. @throws Error before anything is sent, when its headers or details cannot be. */
export function sendError(exchange: Exchange, error: ApiError): void {
  const text = JSON.stringify(errorBody(error, exchange.requestId));
  for (const [name, value] of Object.entries(error.headers)) {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  }
  addHeaders(exchange, error.headers);
  if (error.code === 'UNAUTHORIZED') exchange.head.push('WWW-Authenticate', 'Bearer');
  finishJson(exchange, error.status, text);
}

/** Of a stream, Koa takes care. */
export function sendRaw({ ctx, head }: Exchange, { body, type, options }: RawReply): void {
  for (let n = 0; n < head.length; n += 2) ctx.set(head[n] ?? '', head[n + 1] ?? '');
  ctx.status = options.status ?? 200;
  ctx.set('Cache-Control', 'no-store');
  ctx.set(options.headers ?? {});
  ctx.body = body;
  ctx.type = type;
}

function finishJson(exchange: Exchange, status: number, text: string): void {
  exchange.head.push('Content-Type', JSON_TYPE, 'Content-Length', String(Buffer.byteLength(text)));
  finish(exchange, status, text);
}

/** The whole head at once. Koa would set and check each header by itself, which costs more than finding and running a route. */
function finish({ ctx, head }: Exchange, status: number, text?: string): void {
  ctx.respond = false;
  ctx.res.writeHead(status, head);
  ctx.res.end(text);
}
