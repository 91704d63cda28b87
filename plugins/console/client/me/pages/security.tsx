import type { JSX } from 'preact';
import { texts } from '../../texts.ts';
import { Security } from '../../ui/security/security.tsx';
import { Frame } from '../frame.tsx';

export default function SecurityPage(): JSX.Element {
  return (
    <Frame title={texts.security.title}>
      <Security />
    </Frame>
  );
}
