import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { Empty, PageHead } from '../ui/parts.tsx';
import { Panels } from '../ui/panels/panels.tsx';

/** What people reported and what machines were not sure of. */
export default function ModerationPage(): JSX.Element {
  return (
    <>
      <PageHead title={texts.moderation.title} />
      <p class="lead">{texts.moderation.intro}</p>
      <Panels page="moderation" empty={<Empty>{texts.moderation.noPanels}</Empty>} />
    </>
  );
}
