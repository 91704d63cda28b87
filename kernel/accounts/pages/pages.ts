import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Router from '@koa/router';
import { ICON_LINK } from '../../http/favicon.ts';
import { PAGE_HEADERS } from '../../http/security-headers.ts';

interface Field {
  name: string;
  label: string;
  type: 'text' | 'email' | 'password';
  autocomplete: string;
}

interface Page {
  title: string;
  text: string;
  /** The route that the form is sent to, with the token of the link. */
  route: string;
  fields: readonly Field[];
  button: string;
  done: string;
}

const newPassword = (name: string): Field => ({ name, label: 'Password, at least 8 characters', type: 'password', autocomplete: 'new-password' });

/** Where the links of mails and of the first start lead: each does one thing, with the token that stands behind its #. */
const PAGES: Record<string, Page> = {
  'confirm-email': {
    title: 'Confirm your e-mail address',
    text: 'One press, and the address is confirmed.',
    ...{ route: '/api/auth/email/confirm', fields: [], button: 'Confirm', done: 'Thank you. The address is confirmed.' },
  },
  'undo-email': {
    title: 'Take your e-mail address back',
    text: 'Your account uses this address again, and every device is signed out. Choose a new password after that.',
    ...{ route: '/api/auth/email/undo', fields: [], button: 'Take it back', done: 'The address is yours again, and every device is signed out.' },
  },
  'undo-passkey': {
    title: 'Take the passkey away',
    text: 'Nobody can sign in with it any more, recovery codes count no more, and every device is signed out. Choose a new password after that.',
    ...{ route: '/api/auth/passkey/undo', fields: [], button: 'Take it away', done: 'The passkey is gone, and every device is signed out.' },
  },
  'reset-password': {
    title: 'Choose a new password',
    text: 'Every device is signed out, and you sign in with the new password.',
    ...{ route: '/api/auth/password-reset/confirm', fields: [newPassword('newPassword')], button: 'Set the password', done: 'Done. Sign in with the new password.' },
  },
  setup: {
    title: 'Make the first administrator',
    text: 'This account may do everything on this server.',
    route: '/api/auth/setup',
    fields: [
      { name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'email' },
      { name: 'username', label: 'Name: 3 to 30 letters, digits and _', type: 'text', autocomplete: 'username' },
      newPassword('password'),
    ],
    ...{ button: 'Make the account', done: 'Welcome. The account is made; sign in with it.' },
  },
};

const script = readFileSync(join(import.meta.dirname, 'page.js'), 'utf8');

/** Adds GET /account/… */
export function registerAccountPages(router: Router): void {
  router.get('/account/page.js', (ctx) => {
    ctx.set('Cache-Control', 'no-cache');
    ctx.type = 'text/javascript';
    ctx.body = script;
  });
  for (const [name, page] of Object.entries(PAGES)) {
    const html = toHtml(page);
    router.get(`/account/${name}`, (ctx) => {
      ctx.set(PAGE_HEADERS);
      ctx.set('Cache-Control', 'no-store');
      ctx.type = 'text/html';
      ctx.body = html;
    });
  }
}

function toHtml({ title, text, route, fields, button, done }: Page): string {
  const inputs = fields.map(
    ({ name, label, type, autocomplete }) =>
      `<label>${label}<input name="${name}" type="${type}" autocomplete="${autocomplete}" required></label>`,
  );
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title} – MuscleMap</title>
    ${ICON_LINK}
    <style>
      body { font: 1rem/1.5 system-ui, sans-serif; max-width: 30rem; margin: 3rem auto; padding: 0 1rem; color: #1a1a1a; background: #fff }
      label { display: block; margin: 1rem 0 }
      input { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .5rem; border: 1px solid #666; border-radius: .25rem }
      button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: .25rem; background: #14508c; color: #fff }
    </style>
  </head>
  <body>
    <main>
      <h1>${title}</h1>
      <p>${text}</p>
      <form data-route="${route}" data-done="${done}">
        ${inputs.join('\n        ')}
        <button>${button}</button>
      </form>
      <p role="status"></p>
    </main>
    <script src="/account/page.js"></script>
  </body>
</html>`;
}
