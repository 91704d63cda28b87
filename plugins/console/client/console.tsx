import type { Route } from './ui/router.tsx';
import { startSite, type NavigationItem } from './ui/shell.tsx';
import { texts } from './texts.ts';

const routes: readonly Route[] = [
  { path: '/', title: texts.plugins.title, needs: 'admin', load: () => import('./pages/plugins.tsx') },
  { path: '/plugins', title: texts.plugins.title, needs: 'admin', load: () => import('./pages/plugins.tsx') },
  { path: '/plugins/:id', title: texts.plugins.title, needs: 'admin', load: () => import('./pages/plugin.tsx') },
];

const navigation: readonly NavigationItem[] = [{ path: '/plugins', title: texts.console.plugins, icon: 'plugins', needs: 'admin' }];

startSite({ base: '/console', name: texts.console.name, routes, navigation: () => navigation });
