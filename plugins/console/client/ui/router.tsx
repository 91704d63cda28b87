import { signal } from '@preact/signals';
import type { ComponentChildren, ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { ErrorBox, Loading } from './parts.tsx';

/** What a page is given: the open parts of its address. */
export interface PageProps {
  params: Readonly<Record<string, string>>;
}

export interface Route {
  /** Below the base, as `/members/:id`. */
  path: string;
  title: string;
  /** The role or permission without which it is not shown. */
  needs?: string;
  /** What it asks for first, without /api: for an administrator that begins before the page is there. */
  ahead?: readonly string[];
  load(): Promise<{ default: ComponentType<PageProps> }>;
}

/** Where the browser is, below the base. */
export const location = signal({ path: '/', query: new URLSearchParams() });

let base = '';

/** From now on the router follows the browser's address below `at`, as `/console`. */
export function startRouter(at: string): void {
  base = at;
  const follow = (): void => {
    const path = window.location.pathname.slice(base.length).replace(/\/$/, '');
    location.value = { path: path === '' ? '/' : path, query: new URLSearchParams(window.location.search) };
  };
  addEventListener('popstate', follow);
  follow();
}

export function hrefOf(path: string): string {
  return path === '/' ? base : base + path;
}

/** Goes to an address below the base; `replace` leaves no entry in the history. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  const target = hrefOf(to);
  if (options.replace === true) history.replaceState(null, '', target);
  else history.pushState(null, '', target);
  dispatchEvent(new PopStateEvent('popstate'));
}

/** Changes parameters of the address, which stays the same page. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const query = new URLSearchParams(location.value.query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  navigate(location.value.path + (search === '' ? '' : `?${search}`), { replace: true });
}

interface LinkProps {
  to: string;
  class?: string;
  'aria-current'?: 'page' | undefined;
  children?: ComponentChildren;
}

export function Link({ to, ...rest }: LinkProps): JSX.Element {
  return (
    <a
      {...rest}
      href={hrefOf(to)}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        navigate(to);
      }}
    />
  );
}

/** The route of an address, with its parameters. */
export function matchRoute(routes: readonly Route[], path: string): { route: Route; params: Record<string, string> } | undefined {
  for (const route of routes) {
    const [wanted, given] = [route.path.split('/'), path.split('/')];
    if (wanted.length !== given.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((part, index) => {
      const here = given[index] ?? '';
      if (!part.startsWith(':')) return part === here;
      params[part.slice(1)] = decodeURIComponent(here);
      return here !== '';
    });
    if (fits) return { route, params };
  }
  return undefined;
}

type Loaded = { component: ComponentType<PageProps> } | { error: unknown };
const loaded = new Map<Route, Loaded>();

/** Shows the page of a route, which is loaded when it is first needed. */
export function RoutedPage({ route, params }: { route: Route; params: Record<string, string> }): JSX.Element {
  const [, refresh] = useState(0);
  const state = loaded.get(route);
  useEffect(() => {
    if (loaded.has(route)) return;
    const done = (result: Loaded): void => {
      loaded.set(route, result);
      refresh((count) => count + 1);
    };
    route.load().then(
      ({ default: component }) => {
        done({ component });
      },
      (error: unknown) => {
        done({ error });
      },
    );
  }, [route]);
  if (state === undefined) return <Loading />;
  if ('error' in state) {
    return (
      <ErrorBox
        message={texts.errors.pageNotLoaded}
        retry={() => {
          window.location.reload();
        }}
      />
    );
  }
  const Page = state.component;
  return <Page key={JSON.stringify(params)} params={params} />;
}
