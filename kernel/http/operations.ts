import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import Router from '@koa/router';
import type { Knex } from 'knex';
import type { Context, Next } from 'koa';
import { answerConditionally } from './conditional.ts';
import { ICON_LINK, registerFavicon } from './favicon.ts';
import { hashRequest } from './idempotency.ts';
import { describeApi } from './openapi.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { RouteTable } from './route-table.ts';
import { DOCS_HEADERS } from './security-headers.ts';

export interface OperationsServices {
  knex: Knex;
  version: string;
  metrics: Metrics;
  routes(): RouteTable;
  /** Whether the server takes requests: false while it starts and while it stops. */
  isAccepting(): boolean;
}

const READY_LIMIT_MS = 2_000;
const ASSETS = new Map([
  ['swagger-ui.css', 'text/css'],
  ['swagger-ui-bundle.js', 'text/javascript'],
]);

/** What stands outside /api: /health, /ready, /metrics, /docs, and the API's own description. */
export function createOperations(services: OperationsServices): Router {
  const router = new Router();
  const describe = createDescription(services);
  router.get('/', (ctx) => {
    ctx.redirect('/docs');
  });
  router.get('/health', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: 'ok', version: services.version };
  });
  router.get('/ready', async (ctx) => {
    const isReady = services.isAccepting() && (await answers(services.knex));
    ctx.set('Cache-Control', 'no-store');
    ctx.status = isReady ? 200 : 503;
    ctx.body = { status: isReady ? 'ready' : 'unavailable' };
  });
  router.get('/metrics', async (ctx) => {
    ctx.type = services.metrics.registry.contentType;
    ctx.body = await services.metrics.expose();
  });
  router.get('/api/openapi.json', (ctx) => {
    const { text, etag } = describe();
    ctx.type = 'application/json';
    ctx.set('Cache-Control', 'no-cache');
    ctx.body = text;
    answerConditionally(ctx, etag);
  });
  router.get('/docs', sendDocs);
  router.get('/docs/init.js', (ctx) => {
    ctx.type = 'text/javascript';
    // Groups are drawn when they are opened, and schemas within their route: all at once takes a browser seconds.
    ctx.body = `SwaggerUIBundle({
  url: '/api/openapi.json', dom_id: '#docs', deepLinking: true, filter: true,
  docExpansion: 'none', defaultModelsExpandDepth: -1, syntaxHighlight: { activated: false },
});`;
  });
  router.get('/docs/:asset', sendDocsAsset);
  registerFavicon(router);
  return router;
}

/** The document is made once per route table. */
function createDescription(services: OperationsServices): () => { text: string; etag: string } {
  const made = new WeakMap<RouteTable, { text: string; etag: string }>();
  return () => {
    const table = services.routes();
    let description = made.get(table);
    if (description === undefined) {
      const text = JSON.stringify(describeApi(table.routes, services.version));
      description = { text, etag: hashRequest(text) };
      made.set(table, description);
    }
    return description;
  };
}

async function answers(knex: Knex): Promise<boolean> {
  try {
    await knex.raw('SELECT 1').timeout(READY_LIMIT_MS);
    return true;
  } catch {
    return false;
  }
}

function sendDocs(ctx: Context): void {
  ctx.set(DOCS_HEADERS);
  ctx.type = 'text/html';
  ctx.body = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>MuscleMap API</title>
    ${ICON_LINK}
    <link rel="stylesheet" href="/docs/swagger-ui.css">
  </head>
  <body>
    <main id="docs"></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/init.js"></script>
  </body>
</html>`;
}

const assetFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

async function sendDocsAsset(ctx: Context, next: Next): Promise<void> {
  const name = ctx.path.slice('/docs/'.length);
  const type = ASSETS.get(name);
  if (type === undefined) {
    await next();
    return;
  }
  ctx.set(DOCS_HEADERS);
  ctx.set('Cache-Control', 'public, max-age=86400');
  ctx.type = type;
  ctx.body = await readFile(join(assetFolder, name));
}
