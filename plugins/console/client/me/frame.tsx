import type { ComponentChildren, JSX } from 'preact';
import { Icon } from '../ui/icons.tsx';
import { PageHead } from '../ui/parts.tsx';
import { Link, location } from '../ui/router.tsx';
import { features } from './features.ts';
import { sections } from './sections.ts';
import { texts } from './texts.ts';

interface FrameProps {
  title: string;
  actions?: ComponentChildren;
  back?: ComponentChildren;
  children: ComponentChildren;
}

/** A page of a member, with the bar that a thumb reaches. */
export function Frame({ title, actions, back, children }: FrameProps): JSX.Element {
  return (
    <div class="me">
      <PageHead title={title} back={back}>
        {actions}
      </PageHead>
      {children}
      <ThumbBar />
    </div>
  );
}

function ThumbBar(): JSX.Element {
  const { path } = location.value;
  const shown = sections.filter(({ short, plugin }) => short !== undefined && (plugin === undefined || features.value?.has(plugin) === true));
  return (
    <nav class="thumb-bar" aria-label={texts.quick}>
      {shown.map((section) => (
        <Link key={section.path} to={section.path} aria-current={section.path === path ? 'page' : undefined}>
          <Icon name={section.icon} size={22} />
          {section.short}
        </Link>
      ))}
    </nav>
  );
}
