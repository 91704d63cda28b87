import type { Context } from 'koa';
import { answerConditionally } from '../http/conditional.ts';
import { SITE_HEADERS } from '../http/security-headers.ts';
import type { PageFileContent } from './content.ts';

const FOR_GOOD = 'public, max-age=31536000, immutable';
const HOST = /^[\w.-]+(:\d{1,5})?$|^\[[\da-fA-F:]+\](:\d{1,5})?$/;

/** Answers with a file of a page, in the best encoding that the browser takes. */
export async function sendPageFile(ctx: Context, file: PageFileContent): Promise<void> {
  ctx.set(SITE_HEADERS);
  ctx.set('Content-Security-Policy', allowSocket(SITE_HEADERS['content-security-policy'] ?? '', ctx.host));
  ctx.set('Cache-Control', file.isImmutable ? FOR_GOOD : 'no-cache');
  if (file.encodings.length > 1) ctx.vary('Accept-Encoding');
  const encoding = file.encodings.find((candidate) => ctx.acceptsEncodings(candidate) === candidate) ?? 'identity';
  if (encoding !== 'identity') ctx.set('Content-Encoding', encoding);
  ctx.body = await file.encoded(encoding);
  ctx.type = file.extension;
  answerConditionally(ctx, `${file.hash}-${encoding}`);
}

/** Not every browser takes 'self' for a WebSocket too. */
function allowSocket(policy: string, host: string): string {
  return HOST.test(host) ? policy.replace("connect-src 'self'", `connect-src 'self' ws://${host} wss://${host}`) : policy;
}
