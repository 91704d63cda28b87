/**
 * A mail to one person. Its texts may hold `{name}` for each value that is sent with it; text and HTML are made from the
 * same paragraphs, and values are escaped.
 *
 * @example
 * const WELCOME: MailTemplate = {
 *   subject: 'Welcome to {gym}',
 *   paragraphs: ['Good to have you, {displayName}.', 'Your locker is number {locker}.'],
 *   action: { label: 'See the classes', path: '/classes' },
 * };
 */
export interface MailTemplate {
  subject: string;
  paragraphs: readonly string[];
  /** A link below the first paragraph; the path is taken from where the server is reached. */
  action?: { label: string; path: string };
}

/** What takes the place of `{name}` in the texts of a template. */
export type MailValues = Readonly<Record<string, string | number>>;

export interface RenderedMail {
  subject: string;
  text: string;
  html: string;
}

/** @throws TypeError when a value is missing: a mail with a gap is not sent. */
export function renderMail(template: MailTemplate, values: MailValues, baseUrl: string): RenderedMail {
  const fill = (text: string, encode: (value: string) => string): string =>
    text.replace(/\{(\w+)\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new TypeError(`The mail "${template.subject}" has no value for {${name}}.`);
      return encode(String(value));
    });
  const subject = fill(template.subject, oneLine).slice(0, 200);
  const link = template.action && {
    label: template.action.label,
    url: baseUrl + fill(template.action.path, encodeURIComponent),
  };
  const [first = '', ...rest] = template.paragraphs.map((paragraph) => fill(paragraph, oneLine));
  const text = [first, ...(link ? [`${link.label}: ${link.url}`] : []), ...rest].join('\n\n');
  return { subject, text: `${text}\n`, html: toHtml(subject, [first, ...rest], link) };
}

function toHtml(subject: string, [first = '', ...rest]: string[], link: { label: string; url: string } | undefined): string {
  const paragraph = (content: string): string => `<p style="margin:0 0 16px">${content}</p>`;
  const button = link && paragraph(`<a href="${escapeHtml(link.url)}">${escapeHtml(link.label)}</a>`);
  const parts = [paragraph(escapeHtml(first)), ...(button === undefined ? [] : [button]), ...rest.map((text) => paragraph(escapeHtml(text)))];
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font:16px/1.5 sans-serif;color:#1a1a1a;max-width:560px;margin:24px auto;padding:0 16px">
${parts.join('\n')}
</body></html>`;
}

/** A line break in a value could start a header, or a paragraph that looks like ours. */
function oneLine(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' ');
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');
}
