import type { Composition } from '../composition.ts';
import { KERNEL_HOOKS } from '../activation.ts';

/** What a plugin brings, as lines that can be compared: by kind, sorted. */
export interface Effects {
  scopes: string[];
  /** The keys of its configuration. */
  config: string[];
  /** As `GET /api/hello (none)`, with who may call it. */
  routes: string[];
  /** Where they begin, as `/console`. */
  pages: string[];
  /** Hooks of the kernel and of other plugins that it taps. */
  hooks: string[];
  /** Hooks that it offers to others. */
  offers: string[];
  /** Events that it subscribes to. */
  events: string[];
  /** With their schedule, as `sweep (0 3 * * *)`. */
  jobs: string[];
  commands: string[];
  permissions: string[];
  actions: string[];
  panels: string[];
}

export const EFFECTS = [
  ...['scopes', 'config', 'routes', 'pages', 'panels', 'hooks', 'offers'],
  ...['events', 'jobs', 'commands', 'permissions', 'actions'],
] as (keyof Effects)[];

/** Nothing of any kind. */
export function noEffects(): Effects {
  return {
    ...{ scopes: [], config: [], routes: [], pages: [], panels: [], hooks: [], offers: [] },
    ...{ events: [], jobs: [], commands: [], permissions: [], actions: [] },
  };
}

/** What a plugin brings to a composition; nothing when it is not part of it. */
export function effectsOf(composition: Composition, id: string): Effects {
  const activation = composition.activations.get(id);
  const manifest = activation?.found?.manifest;
  const taps = [...(activation?.taps ?? [])].filter(([, hook]) => hook.taps.length > 0).map(([name]) => name);
  const owned = <Item extends { owner: string }>(items: Iterable<Item>): Item[] => [...items].filter(({ owner }) => owner === id);
  const effects: Effects = {
    scopes: [...(manifest?.scopes ?? [])],
    config: Object.keys(manifest?.config?.properties ?? {}),
    routes: owned(composition.routes.routes).map(({ name, options }) => `${name} (${describeAuth(options.auth)})`),
    pages: owned(composition.pages.all).map(({ path }) => path),
    hooks: taps.filter((name) => KERNEL_HOOKS[name as keyof typeof KERNEL_HOOKS] !== 'registration'),
    offers: [...(activation?.offered.keys() ?? [])],
    events: [...composition.subscriptions].filter(([, list]) => owned(list).length > 0).map(([event]) => event),
    jobs: owned(composition.jobs.values()).map(({ name, options }) => (options.cron === undefined ? name : `${name} (${options.cron})`)),
    commands: owned(composition.commands).map(({ usage }) => usage),
    permissions: owned(composition.permissions.values()).map((permission) => permission.id),
    actions: owned(composition.creditActions.values()).map((action) => action.id),
    panels: owned(composition.panels).map(({ panel }) => `${panel.id} (${panel.kind})`),
  };
  for (const kind of EFFECTS) effects[kind].sort();
  return effects;
}

/** Who may call a route, in a word. */
export function describeAuth(auth: string | { permission: string } | undefined): string {
  return typeof auth === 'object' ? auth.permission : (auth ?? 'user');
}
