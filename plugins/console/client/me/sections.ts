import type { NavigationItem } from '../ui/shell.tsx';
import { texts } from './texts.ts';

export interface Section extends NavigationItem {
  /** The plugin that it needs; none for what the kernel brings. */
  plugin?: string;
  /** In the bar at the bottom of a phone, under this shorter word. */
  short?: string;
}

export const sections: readonly Section[] = [
  { path: '/', title: texts.home.title, short: texts.home.short, icon: 'home' },
  { path: '/log', title: texts.log.title, short: texts.log.short, icon: 'plus', plugin: 'fitness' },
  { path: '/muscles', title: texts.muscles.title, short: texts.muscles.short, icon: 'members', plugin: 'fitness' },
  { path: '/history', title: texts.history.title, short: texts.history.short, icon: 'jobs', plugin: 'fitness' },
  { path: '/plan', title: texts.plan.title, icon: 'bulb', plugin: 'fitness' },
  { path: '/credits', title: texts.credits.title, icon: 'credits' },
  { path: '/messages', title: texts.messages.title, short: texts.messages.short, icon: 'audit', plugin: 'messaging' },
  { path: '/account', title: texts.account.title, icon: 'settings' },
];
