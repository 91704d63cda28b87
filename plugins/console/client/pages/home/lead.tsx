import type { ComponentChildren, JSX } from 'preact';
import { Figure, type Tone } from '../../ui/parts.tsx';
import { Link } from '../../ui/router.tsx';
import { may } from '../../ui/session.ts';

interface LeadProps {
  to: string;
  /** Who may open what it leads to; administrators unless said. */
  needs?: string;
  label: string;
  value: ComponentChildren;
  note?: ComponentChildren;
  tone?: Tone;
}

/** A figure that leads to what it counts, for who may see that. */
export function Lead({ to, needs = 'admin', label, value, note, tone }: LeadProps): JSX.Element {
  const figure = <Figure label={label} value={value} note={note} {...(tone && { tone })} />;
  return may(needs) ? <Link to={to}>{figure}</Link> : figure;
}
