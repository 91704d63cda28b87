import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Router from '@koa/router';

const icon = readFileSync(join(import.meta.dirname, 'favicon.svg'), 'utf8');

/** In the head of the kernel's own pages. */
export const ICON_LINK = '<link rel="icon" type="image/svg+xml" href="/favicon.svg">';

/** Adds GET /favicon.svg, and the address that browsers ask of a page that names no icon. */
export function registerFavicon(router: Router): void {
  router.get('/favicon.svg', (ctx) => {
    ctx.set('Cache-Control', 'public, max-age=86400');
    ctx.type = 'image/svg+xml';
    ctx.body = icon;
  });
  router.get('/favicon.ico', (ctx) => {
    ctx.status = 301;
    ctx.redirect('/favicon.svg');
  });
}
