import { definePlugin } from 'musclemap';
import { bundleSites } from './bundle.ts';

/** What is shown where; each has its entry, as client/console.tsx. */
const SITES = [
  { entry: 'console', path: '/console', title: 'Console', setup: 'setup' },
  { entry: 'me', path: '/me', title: 'My training' },
] as const;

const bundled = await bundleSites(SITES);

export default definePlugin({
  apply(kernel) {
    kernel.hooks.pages.tap('console', (pages) => {
      for (const { entry, ...page } of SITES) pages.add({ ...page, files: bundled.get(entry) ?? {} });
    });
  },
});
