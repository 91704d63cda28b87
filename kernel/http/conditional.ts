import type { Context } from 'koa';

/** Whether an If-None-Match names a version. */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(`"${etag}"`) || known.includes('*');
}

/**
 * Sets the ETag and answers 304 to a client that has this version. Unlike Koa's `fresh` it does so also when the request says
 * `Cache-Control: no-cache`, which fetch() adds to every If-None-Match.
 */
export function answerConditionally(ctx: Context, etag: string): void {
  ctx.etag = etag;
  if (isKnown(ctx.req.headers['if-none-match'], etag)) ctx.status = 304;
}
