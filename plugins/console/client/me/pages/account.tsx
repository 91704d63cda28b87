import type { JSX } from 'preact';
import { Frame } from '../frame.tsx';
import { texts } from '../texts.ts';
import { Access } from './account/access.tsx';
import { Devices } from './account/devices.tsx';
import { Leaving } from './account/leaving.tsx';
import { OwnData } from './account/own-data.tsx';
import { Privacy } from './account/privacy.tsx';
import { Profile } from './account/profile.tsx';

/** What a member may change of their account, and the way out of it. */
export default function AccountPage(): JSX.Element {
  return (
    <Frame title={texts.account.title}>
      <div class="grid">
        <Profile />
        <Access />
      </div>
      <div class="grid">
        <Privacy />
        <Devices />
      </div>
      <div class="grid">
        <OwnData />
        <Leaving />
      </div>
    </Frame>
  );
}
