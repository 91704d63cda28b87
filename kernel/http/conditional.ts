import type { Context } from 'koa';

/**
 * Sets the ETag and answers 304 to a client that has this version. Unlike Koa's `fresh` it does so also when the request says
 * `Cache-Control: no-cache`, which fetch() adds to every If-None-Match.
 */
export function answerConditionally(ctx: Context, etag: string): void {
  ctx.etag = etag;
  const known = ctx.get('If-None-Match').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(`"${etag}"`) || known.includes('*')) ctx.status = 304;
}
