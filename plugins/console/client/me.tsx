import { texts } from './me/texts.ts';
import { features } from './me/features.ts';
import { Join, JoinLink } from './me/join.tsx';
import type { Route } from './ui/router.tsx';
import { startSite, type NavigationItem } from './ui/shell.tsx';
import { sections } from './me/sections.ts';
import { texts as siteTexts } from './texts.ts';

const routes: readonly Route[] = [
  { path: '/', title: texts.home.title, load: () => import('./me/pages/home.tsx') },
  { path: '/muscles', title: texts.muscles.title, load: () => import('./me/pages/muscles.tsx') },
  { path: '/log', title: texts.log.title, load: () => import('./me/pages/log.tsx') },
  { path: '/history', title: texts.history.title, load: () => import('./me/pages/history.tsx') },
  { path: '/history/import', title: texts.imports.title, load: () => import('./me/pages/import.tsx') },
  { path: '/history/:id', title: texts.history.title, load: () => import('./me/pages/workout.tsx') },
  { path: '/plan', title: texts.plan.title, load: () => import('./me/pages/plan.tsx') },
  { path: '/credits', title: texts.credits.title, load: () => import('./me/pages/credits.tsx') },
  { path: '/account', title: texts.account.title, load: () => import('./me/pages/account.tsx') },
  { path: '/security', title: siteTexts.security.title, load: () => import('./me/pages/security.tsx') },
  { path: '/messages', title: texts.messages.title, load: () => import('./me/pages/messages.tsx') },
  { path: '/messages/:id', title: texts.messages.title, load: () => import('./me/pages/conversation.tsx') },
];

/** For who is nobody yet. */
const open: readonly Route[] = [{ path: '/join', title: texts.name, load: () => Promise.resolve({ default: Join }) }];

/** What belongs to a plugin is there while that plugin is. */
const navigation = (): NavigationItem[] => sections.filter(({ plugin }) => plugin === undefined || features.value?.has(plugin) === true);

startSite({ base: '/me', name: texts.name, routes, navigation, entrance: JoinLink, open });
