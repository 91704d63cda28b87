import type { Route } from './ui/router.tsx';
import { startSite, type NavigationItem } from './ui/shell.tsx';
import { texts } from './texts.ts';

const names = texts.console;

const routes: readonly Route[] = [
  { path: '/', title: names.home, needs: 'overview.read', ahead: ['/admin/overview', '/admin/plugins', '/admin/jobs', '/admin/credits/verify', '/admin/panels'], load: () => import('./pages/home.tsx') },
  { path: '/plugins', title: names.plugins, needs: 'admin', ahead: ['/admin/plugins'], load: () => import('./pages/plugins.tsx') },
  { path: '/plugins/:id', title: names.plugins, needs: 'admin', load: () => import('./pages/plugin.tsx') },
  { path: '/members', title: names.members, needs: 'admin', load: () => import('./pages/members.tsx') },
  { path: '/members/import', title: names.members, needs: 'admin', load: () => import('./pages/members-import.tsx') },
  { path: '/members/:id', title: names.members, needs: 'admin', load: () => import('./pages/member.tsx') },
  { path: '/credits', title: names.credits, needs: 'billing.read', load: () => import('./pages/credits.tsx') },
  { path: '/moderation', title: names.moderation, needs: 'moderator', ahead: ['/admin/panels'], load: () => import('./pages/moderation.tsx') },
  { path: '/jobs', title: names.jobs, needs: 'admin', ahead: ['/admin/jobs'], load: () => import('./pages/jobs.tsx') },
  { path: '/audit', title: names.audit, needs: 'admin', load: () => import('./pages/audit.tsx') },
  { path: '/security', title: texts.security.title, load: () => import('./pages/security.tsx') },
  { path: '/settings', title: names.settings, needs: 'admin', load: () => import('./pages/settings.tsx') },
];

/** For who is nobody yet. */
const open: readonly Route[] = [{ path: '/setup', title: texts.setup.title, load: () => import('./pages/setup.tsx') }];

const navigation: readonly NavigationItem[] = [
  { path: '/', title: names.home, icon: 'home', needs: 'overview.read' },
  { path: '/plugins', title: names.plugins, icon: 'plugins', needs: 'admin' },
  { path: '/members', title: names.members, icon: 'members', needs: 'admin' },
  { path: '/credits', title: names.credits, icon: 'credits', needs: 'billing.read' },
  { path: '/moderation', title: names.moderation, icon: 'shield', needs: 'moderator' },
  { path: '/jobs', title: names.jobs, icon: 'jobs', needs: 'admin' },
  { path: '/audit', title: names.audit, icon: 'audit', needs: 'admin' },
  { path: '/settings', title: names.settings, icon: 'settings', needs: 'admin' },
];

startSite({ base: '/console', name: names.name, routes, open, navigation: () => navigation });
