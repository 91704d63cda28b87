import type { JSX } from 'preact';
import { texts } from '../texts.ts';
import { PageHead } from '../ui/parts.tsx';
import { Security } from '../ui/security/security.tsx';

export default function SecurityPage(): JSX.Element {
  return (
    <>
      <PageHead title={texts.security.title} />
      <Security />
    </>
  );
}
