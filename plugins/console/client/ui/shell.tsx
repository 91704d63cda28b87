import { render, type ComponentChildren, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from '../texts.ts';
import { asProblem, getAhead } from './api.ts';
import { Questions } from './dialog.tsx';
import { Icon, type IconName } from './icons.tsx';
import { isLive } from './live.ts';
import { Empty, ErrorBox, Loading } from './parts.tsx';
import { Link, location, matchRoute, RoutedPage, startRouter, type Route } from './router.tsx';
import { loadServerName, serverName } from './server-name.ts';
import { enter, isAdministrator, may, session, signOut, startSession } from './session.ts';
import { SignIn } from './sign-in.tsx';
import { chooseTheme, theme, type Theme } from './theme.ts';
import { Toasts } from './toasts.tsx';

export interface Site {
  /** Where it is served, as `/console`. */
  base: string;
  name: string;
  routes: readonly Route[];
  navigation: () => readonly NavigationItem[];
  /** Below the sign-in. */
  entrance?: () => ComponentChildren;
  /** Pages that need nobody to be signed in. */
  open?: readonly Route[];
}

export interface NavigationItem {
  path: string;
  title: string;
  icon: IconName;
  needs?: string;
}

/** Shows a site in the document. */
export function startSite(site: Site): void {
  startRouter(site.base);
  // While it is found out who is signed in, the page is on its way; what fails here is told when it is shown.
  const route = matchRoute(site.routes, location.value.path)?.route;
  route?.load().catch(() => undefined);
  startSession();
  if (route?.ahead !== undefined) askAhead(route.ahead).catch(() => undefined);
  // Without the name there is still the site.
  loadServerName().catch(() => undefined);
  const entering = enter();
  render(<SiteFrame site={site} entering={entering} />, document.getElementById('root') ?? document.body);
}

async function askAhead(paths: readonly string[]): Promise<void> {
  if (await isAdministrator()) for (const path of paths) getAhead(path);
}

function SiteFrame({ site, entering }: { site: Site; entering: Promise<void> }): JSX.Element {
  const [failure, setFailure] = useState<string>();
  const follow = (entry: Promise<void>): void => {
    setFailure(undefined);
    entry.catch((error: unknown) => {
      setFailure(asProblem(error).message);
    });
  };
  useEffect(() => {
    follow(entering);
  }, []);
  return (
    <>
      <Content site={site} failure={failure} retry={() => { follow(enter()); }} />
      <Toasts />
      <Questions />
    </>
  );
}

function Content({ site, failure, retry }: { site: Site; failure: string | undefined; retry: () => void }): JSX.Element {
  const open = matchRoute(site.open ?? [], location.value.path);
  if (open !== undefined) return <RoutedPage {...open} />;
  if (failure !== undefined) {
    return (
      <main class="gate">
        <ErrorBox message={failure} retry={retry} />
      </main>
    );
  }
  if (session.value === undefined) {
    return (
      <main class="gate">
        <Loading />
      </main>
    );
  }
  if (session.value === null) return <SignIn title={site.name}>{site.entrance?.()}</SignIn>;
  return <SignedIn site={site} />;
}

function SignedIn({ site }: { site: Site }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  const { path } = location.value;
  useEffect(() => {
    setOpen(false);
    window.scrollTo(0, 0);
  }, [path]);
  return (
    <div class="shell">
      <a
        class="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById('content')?.focus();
        }}
      >
        {texts.shell.skip}
      </a>
      <header class="top">
        <button
          type="button"
          class="icon-button menu-button"
          aria-expanded={isOpen}
          aria-controls="navigation"
          aria-label={isOpen ? texts.shell.closeMenu : texts.shell.openMenu}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          <Icon name={isOpen ? 'close' : 'menu'} />
        </button>
        <span class="brand">{serverName.value ?? site.name}</span>
      </header>
      <aside class={`side ${isOpen ? 'open' : ''}`} id="navigation" aria-label={texts.shell.side}>
        <p class="brand">{serverName.value ?? site.name}</p>
        <Navigation site={site} />
        <Account />
      </aside>
      <main id="content" tabIndex={-1}>
        <CurrentPage site={site} />
      </main>
    </div>
  );
}

function Navigation({ site }: { site: Site }): JSX.Element {
  const { path } = location.value;
  return (
    <nav aria-label={texts.shell.navigation}>
      <ul>
        {site
          .navigation()
          .filter(({ needs }) => may(needs))
          .map((item) => {
            const isHere = item.path === path || (item.path !== '/' && path.startsWith(`${item.path}/`));
            return (
              <li key={item.path}>
                <Link to={item.path} aria-current={isHere ? 'page' : undefined}>
                  <Icon name={item.icon} />
                  {item.title}
                </Link>
              </li>
            );
          })}
      </ul>
    </nav>
  );
}

const THEMES: readonly (readonly [Theme, IconName])[] = [
  ['system', 'device'],
  ['light', 'sun'],
  ['dark', 'moon'],
];

function Account(): JSX.Element {
  const me = session.value?.me;
  return (
    <div class="account">
      <div class="themes" role="group" aria-label={texts.shell.theme}>
        {THEMES.map(([name, icon]) => (
          <button
            key={name}
            type="button"
            class="icon-button"
            aria-label={texts.shell.themes[name]}
            title={texts.shell.themes[name]}
            aria-pressed={theme.value === name}
            onClick={() => {
              chooseTheme(name);
            }}
          >
            <Icon name={icon} size={18} />
          </button>
        ))}
        {isLive.value && <span class="live">{texts.shell.live}</span>}
      </div>
      <p class="account-name">{me?.displayName ?? me?.username}</p>
      <Link to="/security" class="button quiet">
        <Icon name="key" size={18} />
        <span>{texts.shell.security}</span>
      </Link>
      <button type="button" class="button quiet" onClick={() => void signOut()}>
        <Icon name="out" size={18} />
        <span>{texts.shell.signOut}</span>
      </button>
    </div>
  );
}

function CurrentPage({ site }: { site: Site }): JSX.Element {
  const found = matchRoute(site.routes, location.value.path);
  if (found === undefined) return <Empty>{texts.shell.noPage}</Empty>;
  if (!may(found.route.needs)) return <Empty>{texts.shell.notAllowed}</Empty>;
  return <RoutedPage key={found.route.path} {...found} />;
}
