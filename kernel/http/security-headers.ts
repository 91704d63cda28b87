import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

const API_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] };
/** Swagger UI sets styles on its elements. */
const DOCS_POLICY = {
  defaultSrc: ["'self'"],
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:'],
  frameAncestors: ["'none'"],
};

/** The security headers of every answer, worked out once: they are the same for all of them. */
export const API_HEADERS = helmetHeaders(API_POLICY);
export const DOCS_HEADERS = helmetHeaders(DOCS_POLICY);
/** Of a page that is one form: its own script and icon, nothing from elsewhere, and it sends nothing but through its script. */
export const PAGE_HEADERS = helmetHeaders({
  ...{ defaultSrc: ["'none'"], scriptSrc: ["'self'"], connectSrc: ["'self'"], styleSrc: ["'unsafe-inline'"] },
  ...{ imgSrc: ["'self'"], frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
});
/** Of the pages of plugins: everything comes from this server, nothing is inline. */
export const SITE_HEADERS = helmetHeaders({
  ...{ defaultSrc: ["'none'"], scriptSrc: ["'self'"], styleSrc: ["'self'"], connectSrc: ["'self'"], fontSrc: ["'self'"] },
  ...{ imgSrc: ["'self'", 'data:', 'blob:'], manifestSrc: ["'self'"] },
  ...{ frameAncestors: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"] },
});

function helmetHeaders(directives: Record<string, string[]>): Readonly<Record<string, string>> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  const apply = helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    xFrameOptions: { action: 'deny' },
    referrerPolicy: { policy: 'no-referrer' },
  });
  apply(request, response, () => undefined);
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}
