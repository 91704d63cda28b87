import cors from '@koa/cors';
import type Router from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';
import type { Config } from '../config/config.ts';
import { API_HEADERS } from './security-headers.ts';

/** Assembles Koa: security headers, CORS when origins are configured, the pages at the root, then the dispatcher. */
export function createApplication(
  config: Pick<Config, 'trustProxy' | 'corsOrigins'>,
  operations: Router,
  dispatch: (ctx: Context) => Promise<void>,
): Koa {
  const app = new Koa({ proxy: config.trustProxy > 0, maxIpsCount: config.trustProxy });
  app.silent = true;
  const { corsOrigins } = config;
  if (corsOrigins.length > 0) app.use(createCors(corsOrigins));
  app.use((ctx, next) => {
    if (isApiPath(ctx.path)) return dispatch(ctx);
    ctx.set(API_HEADERS);
    return next();
  });
  app.use(operations.routes());
  app.use(dispatch);
  return app;
}

/** The API's description is a page like /docs: it stands beside the routes that it describes. */
function isApiPath(path: string): boolean {
  return path.startsWith('/api/') && path !== '/api/openapi.json';
}

function createCors(origins: readonly string[]): Middleware {
  return cors({
    origin: (ctx) => {
      const origin = ctx.get('Origin');
      return origins.includes('*') || origins.includes(origin) ? origin : '';
    },
    allowMethods: 'GET,POST,PUT,PATCH,DELETE',
    allowHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'X-Request-Id', 'If-None-Match'],
    exposeHeaders: ['ETag', 'Location', 'Idempotency-Replayed', 'X-Request-Id', 'Retry-After', 'RateLimit-Remaining'],
    maxAge: 600,
    keepHeadersOnError: true,
  });
}
