import type { Site } from './bundle.ts';

/** The document of a site: it loads its own script and style, and nothing is inline. */
export function toHtml({ path, title }: Site, files: { script: string; style: string; early: string; icon: string; preloaded: readonly string[] }): string {
  const preloads = files.preloaded.map((name) => `\n    <link rel="modulepreload" href="${path}/${name}">`);
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${title} – MuscleMap</title>
    <link rel="icon" type="image/svg+xml" href="${path}/${files.icon}">
    <script src="${path}/${files.early}"></script>
    <link rel="stylesheet" href="${path}/${files.style}">${preloads.join('')}
    <script type="module" src="${path}/${files.script}"></script>
  </head>
  <body>
    <div id="root"></div>
    <noscript>This page needs JavaScript.</noscript>
  </body>
</html>
`;
}
